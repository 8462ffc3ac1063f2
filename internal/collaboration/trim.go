package collaboration

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// trimming is what would be left of somebody's access to an environment when
// what they did not use goes.
type trimming struct {
	had, keep access.Set
	level     string // that gives what is kept
	fresh     bool   // there is none yet
	until     time.Time
}

// trimmed finds what to keep: what was used, and what leaves no record. What
// was given on request stays as it is, and becomes nothing lasting.
func trimmed(s *dispatch.Scope, c holm.Collaborator, e holm.Environment, gifts []access.Gift, uses map[used]store.Use, own []access.Level) trimming {
	lasting := slices.DeleteFunc(slices.Clone(gifts), func(g access.Gift) bool { return g.Through == access.OnRequest })
	stands := access.Stand(lasting, s.Now())
	t := trimming{had: stands.Gives, keep: stands.Gives &^ counted, until: stands.End}
	for _, p := range (stands.Gives & counted).List() {
		if uses[used{e.ID, p}].Times > 0 {
			t.keep |= access.SetOf(p)
		}
	}
	taken := map[string]bool{}
	for _, l := range append([]access.Level{access.Preset(holm.LevelLimited), access.Preset(holm.LevelFull)}, own...) {
		if l.Gives == t.keep && t.level == "" {
			t.level = l.Name
		}
		taken[holm.NameKey(l.Name)] = true
	}
	if t.level == "" {
		t.level, t.fresh = freeName(c, e, taken), true
	}
	return t
}

// freeName names a level after whom it is made for: "bob in shop".
func freeName(c holm.Collaborator, e holm.Environment, taken map[string]bool) string {
	local, _, _ := strings.Cut(c.Email, "@")
	local = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.' || r == '-' || r == '_' {
			return r
		}
		return -1
	}, local)
	if runes := []rune(local); len(runes) > 20 {
		local = string(runes[:20])
	}
	name := strings.TrimSpace(local + " in " + e.Name)
	if runes := []rune(name); len(runes) > 50 {
		name = strings.TrimSpace(string(runes[:50]))
	}
	for n := 2; taken[holm.NameKey(name)]; n++ {
		name = strings.TrimSuffix(name, " "+strconv.Itoa(n-1)) + " " + strconv.Itoa(n)
	}
	return name
}

// ownLevels are the account's own levels with what they mean.
func ownLevels(s *dispatch.Scope) (list []access.Level, err error) {
	own, err := s.Tx.Levels(s.Account.ID)
	for _, l := range own {
		list = append(list, meaning(l))
	}
	return list, err
}

// trim takes away what somebody did not use in an environment.
func (f *feature) trim(s *dispatch.Scope, in *ops.AccessTrimInput) (v ops.ReviewEnvironment, err error) {
	c, err := s.Tx.Collaborator(s.Account.ID, in.Collaborator)
	if err != nil {
		return v, err
	}
	s.About(c.Email)
	e, err := s.Tx.OwnEnvironment(s.Account.ID, in.Body.Environment)
	if err != nil {
		if holm.CodeOf(err) == holm.CodeNotFound {
			err = holm.Invalid("environment", "There is no environment %q on this account.", in.Body.Environment)
		}
		return v, err
	}
	s.Note("environment", e.Name)
	since, err := sinceDays(s, in.Body.Days)
	if err != nil {
		return v, err
	}
	uses, err := usesOf(s, c, since)
	if err != nil {
		return v, err
	}
	own, err := ownLevels(s)
	if err != nil {
		return v, err
	}
	gifts, err := s.Tx.GiftsOf(c.ID, e.ID)
	if err != nil {
		return v, err
	}
	t := trimmed(s, c, e, gifts, uses, own)
	lost := permissionNames(t.had &^ t.keep)
	if len(in.Body.Loses) > 0 && !sameNames(in.Body.Loses, lost) {
		return v, holm.Errorf(holm.CodeConflict, "Nothing was changed: what %s uses or has in %s is not what you saw any more. Look at it again.", c.Email, e.Name)
	}
	if len(lost) > 0 {
		if err := f.trimTo(s, c, e, t); err != nil {
			return v, err
		}
	}
	s.CollaboratorsChanged(s.Account.ID)
	if gifts, err = s.Tx.GiftsOf(c.ID, e.ID); err != nil {
		return v, err
	}
	own, err = ownLevels(s)
	return reviewed(s, c, e, gifts, uses, own), err
}

// trimTo gives the smaller level, which is made first where there is none.
func (f *feature) trimTo(s *dispatch.Scope, c holm.Collaborator, e holm.Environment, t trimming) error {
	if t.fresh {
		l, err := checkedLevel(t.level, permissionNames(t.keep))
		if err != nil {
			return err
		}
		l.Account = s.Account.ID
		if _, err := s.Tx.CreateLevel(l); err != nil {
			return err
		}
		s.Note("level_made", t.level)
	}
	share := ops.Share{Environment: string(e.ID), Level: t.level}
	if !t.until.IsZero() {
		share.Until = &t.until
	}
	return f.save(s, c, []ops.Share{share})
}

func sameNames(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}
