package access

import (
	"math/bits"
	"strings"

	"github.com/holmhq/holm"
)

// Set is a set of environment permissions, a bit for each row of the table.
type Set uint64

// SetOf makes a set. Permissions that are not about environments are left out.
func SetOf(list ...Permission) (s Set) {
	for _, p := range list {
		s |= index[p].bit
	}
	return s
}

// Has says whether p is in the set.
func (s Set) Has(p Permission) bool { return s&index[p].bit != 0 }

// Len counts the permissions of the set.
func (s Set) Len() int { return bits.OnesCount64(uint64(s)) }

// List gives the permissions of the set in table order.
func (s Set) List() []Permission {
	list := make([]Permission, 0, s.Len())
	for i := range table {
		if s&(1<<i) != 0 {
			list = append(list, table[i].Permission)
		}
	}
	return list
}

// String writes the set the way it is kept: names with a space between.
func (s Set) String() string {
	var b strings.Builder
	for i, p := range s.List() {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(p))
	}
	return b.String()
}

// ParseSet reads what String wrote. Names that it does not know are left out:
// they give nothing.
func ParseSet(text string) (s Set) {
	for len(text) > 0 {
		word, rest, _ := strings.Cut(text, " ")
		s |= index[Permission(word)].bit
		text = rest
	}
	return s
}

// Grantable are the environment permissions that somebody other than the owner
// may have, in table order: what a custom level is made of. Deleting, cloning,
// transferring and sharing are never among them.
func Grantable() []Permission { return grantable.List() }

// Level is a level with its meaning: a preset, or a custom one of an account.
// A level that gives anything gives environment.see too; one that gives
// nothing hides the environment.
type Level struct {
	Name  string // as people read it: "limited", "Deploy only"
	Gives Set
}

// Custom makes a level of one's own. What only owners may do is left out, and
// who may do anything sees the environment.
func Custom(name string, gives Set) Level {
	return Level{Name: name, Gives: gives&grantable | index[EnvironmentSee].bit}
}

// Preset gives the meaning of a preset level; any other gives nothing.
func Preset(l holm.Level) Level {
	switch l {
	case holm.LevelFull:
		return Level{Name: string(l), Gives: presetFull}
	case holm.LevelLimited:
		return Level{Name: string(l), Gives: presetLimited}
	case holm.LevelNone, holm.LevelInherit, "":
		return Level{Name: string(holm.LevelNone)}
	}
	return Level{Name: string(l)}
}

// Alone is a single permission as a level, for what is given on request.
func Alone(p Permission) Level { return Custom(string(p), SetOf(p)) }

// What is derived from the table once.
var (
	index                                = map[Permission]entry{}
	grantable, presetFull, presetLimited Set
)

// entry is a row with its bit, 0 where the row is not about environments.
type entry struct {
	row *Row
	bit Set
}

func init() { derive() }

// derive makes from the table what is looked up.
func derive() {
	clear(index)
	grantable, presetFull, presetLimited = 0, 0, 0
	for i := range table {
		r := &table[i]
		e := entry{row: r}
		if r.Scope == ScopeEnvironment {
			e.bit = 1 << i
			if r.Upper != No {
				presetFull |= e.bit
				grantable |= e.bit
			}
			if r.Lower != No {
				presetLimited |= e.bit
			}
		}
		index[r.Permission] = e
	}
	for _, r := range []*Row{&publicRow, &selfRow, &operatorRow} {
		index[r.Permission] = entry{row: r}
	}
}
