package grant

import (
	"slices"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// Honest is what a level is and what it is not. It stands wherever somebody
// chooses one.
const Honest = "Whoever may deploy, edit configuration or use FTP can make code run inside that node. So Limited is a convenience inside a node and a hard wall around it: " +
	"what security rests on is that nodes are isolated from each other, and that secrets are kept out of nodes that need none."

// Levels are the levels that can be chosen: the presets, and the account's own.
type Levels struct {
	own []ops.LevelView
	// group leaves out what only people can be given: none.
	group bool
}

// LevelsOf takes the levels of an account as the door lists them.
func LevelsOf(list []ops.LevelView) Levels {
	return Levels{own: slices.DeleteFunc(slices.Clone(list), func(l ops.LevelView) bool { return l.Preset })}
}

// OfGroup gives the levels that a group, or all environments, can be given:
// nobody is kept out that way.
func (l Levels) OfGroup() Levels {
	l.group = true
	return l
}

// Presets are the levels that every account has.
func (l Levels) Presets() []part.Segment {
	nothing := []part.Segment{segment(holm.LevelInherit), segment(holm.LevelNone)}
	if l.group {
		nothing = []part.Segment{{Value: string(holm.LevelNone), Label: "Nothing"}}
	}
	return append(nothing, segment(holm.LevelLimited), segment(holm.LevelFull))
}

// All are all levels in one line.
func (l Levels) All(current ...string) []part.Segment {
	return append(l.Presets(), l.others(current...)...)
}

// Has says whether a level can be chosen.
func (l Levels) Has(name string) bool {
	return slices.ContainsFunc(l.All(), func(s part.Segment) bool { return s.Value == name })
}

// others are the account's own levels, and any that is there and on no list.
func (l Levels) others(current ...string) (list []part.Segment) {
	for _, v := range l.own {
		list = append(list, part.Segment{Value: v.Name, Label: v.Name})
	}
	presets := l.Presets()
	for _, name := range current {
		known := func(s part.Segment) bool { return s.Value == name }
		if name != "" && !slices.ContainsFunc(presets, known) && !slices.ContainsFunc(list, known) {
			list = append(list, part.Segment{Value: name, Label: site.LevelName(name)})
		}
	}
	return list
}

// inView is how many of the account's own levels stand beside the presets;
// with more, all are in a list.
const inView = 3

func segment(l holm.Level) part.Segment {
	return part.Segment{Value: string(l), Label: site.LevelName(string(l))}
}

// Legend is what the levels allow, a column for each.
func (l Levels) Legend() part.PermissionMatrix {
	m := part.PermissionMatrix{Caption: "What each level allows", Levels: []string{"Limited", "Full"}}
	for _, v := range l.own {
		m.Levels = append(m.Levels, v.Name)
	}
	group := part.MatrixGroup{}
	for _, r := range access.Table() {
		if r.Scope != access.ScopeEnvironment {
			continue
		}
		row := part.MatrixRow{Label: r.Label, Answers: []part.Answer{answer(r.Lower), answer(r.Upper)}}
		if !ops.Offers(r.Permission) {
			row.Label += " (later)"
		}
		for _, v := range l.own {
			has := part.No
			if slices.Contains(v.Permissions, string(r.Permission)) {
				has = part.Yes
			}
			if has == part.Yes && r.Permission == access.AuditView {
				has = "own rows"
			}
			row.Answers = append(row.Answers, has)
		}
		group.Rows = append(group.Rows, row)
	}
	m.Groups = []part.MatrixGroup{group}
	return m
}

func answer(c access.Cell) part.Answer {
	if c == access.OwnRows {
		return "own rows"
	}
	return part.Answer(c)
}
