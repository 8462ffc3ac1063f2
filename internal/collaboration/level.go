package collaboration

import (
	"slices"
	"strconv"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

// levels finds what people mean by a level, each asked of the store once.
type levels struct {
	s     *dispatch.Scope
	known map[string]named
}

// named is a level with its meaning.
type named struct {
	holm.Level
	means access.Level
}

func levelsOf(s *dispatch.Scope) *levels { return &levels{s, map[string]named{}} }

// find reads a level that was given in a field: a preset, inherit, or one of
// the account's own by name or id.
func (l *levels) find(field, text string) (named, error) {
	if n, ok := l.known[text]; ok {
		return n, nil
	}
	n := named{Level: holm.Level(text), means: access.Preset(holm.Level(text))}
	if !n.Valid() && n.Level != holm.LevelInherit {
		own, err := l.s.Tx.Level(l.s.Account.ID, text)
		if err != nil && holm.CodeOf(err) == holm.CodeNotFound {
			return n, holm.Invalid(field, "The level is none, limited or full, or one of the account's own; there is no %q here.", text)
		}
		if err != nil {
			return n, err
		}
		n = named{own.ID, meaning(own)}
	}
	l.known[text] = n
	return n, nil
}

// wide reads a level for all environments: "" where it gives nothing.
func (l *levels) wide(text string) (named, error) {
	n, err := l.find("all_environments", text)
	if n.Level == holm.LevelNone || n.Level == holm.LevelInherit {
		n.Level = ""
	}
	return n, err
}

func meaning(l holm.CustomLevel) access.Level {
	return access.Custom(l.Name, access.ParseSet(strings.Join(l.Permissions, " ")))
}

func levelView(l holm.CustomLevel) ops.LevelView {
	return ops.LevelView{ID: string(l.ID), Name: l.Name, Permissions: l.Permissions, Used: l.Used, CreatedAt: &l.CreatedAt, Version: levelVersion(l)}
}

func levelVersion(l holm.CustomLevel) string {
	return versionOf(ops.LevelBody{Name: l.Name, Permissions: l.Permissions})
}

func (f *feature) listLevels(s *dispatch.Scope, _ *ops.LevelListInput) (page ops.Page[ops.LevelView], err error) {
	page.Items = []ops.LevelView{}
	for _, preset := range []holm.Level{holm.LevelNone, holm.LevelLimited, holm.LevelFull} {
		v := ops.LevelView{ID: string(preset), Name: string(preset), Preset: true, Permissions: permissionNames(access.Preset(preset).Gives)}
		page.Items = append(page.Items, v)
	}
	list, err := s.Tx.Levels(s.Account.ID)
	for _, l := range list {
		page.Items = append(page.Items, levelView(l))
	}
	return page, err
}

func permissionNames(set access.Set) []string {
	names := []string{}
	for _, p := range set.List() {
		names = append(names, string(p))
	}
	return names
}

// permissions checks what a level is to give.
func permissions(list []string) ([]string, error) {
	grantable := access.Grantable()
	var set access.Set
	for _, name := range list {
		p := access.Permission(name)
		switch row, known := access.Lookup(p); {
		case slices.Contains(grantable, p):
			set |= access.SetOf(p)
		case !known || row.Scope != access.ScopeEnvironment:
			return nil, holm.Invalid("permissions", "There is no permission %q about environments; the list is in docs/permissions.md.", name)
		default:
			return nil, holm.Invalid("permissions", "%s is the owner's alone and in no level.", name)
		}
	}
	return permissionNames(access.Custom("", set).Gives), nil
}

func checkedLevel(name string, list []string) (holm.CustomLevel, error) {
	if err := holm.CheckLevelName(name); err != nil {
		return holm.CustomLevel{}, err
	}
	gives, err := permissions(list)
	return holm.CustomLevel{Name: name, Permissions: gives}, err
}

func (f *feature) createLevel(s *dispatch.Scope, in *ops.LevelCreateInput) (v ops.LevelView, err error) {
	s.About(in.Body.Name)
	l, err := checkedLevel(in.Body.Name, in.Body.Permissions)
	if err != nil {
		return v, err
	}
	if err := levelLooks(s, l.Name); err != nil {
		return v, err
	}
	l.Account = s.Account.ID
	if l, err = s.Tx.CreateLevel(l); err != nil {
		return v, err
	}
	s.CollaboratorsChanged(s.Account.ID)
	return levelView(l), nil
}

// levelLooks refuses a name that can be taken for another level's. One that
// another has is the store's to refuse.
func levelLooks(s *dispatch.Scope, name string) error {
	list, err := s.Tx.Levels(s.Account.ID)
	if err != nil {
		return err
	}
	names := []string{}
	for _, l := range list {
		if holm.NameKey(l.Name) != holm.NameKey(name) {
			names = append(names, l.Name)
		}
	}
	return holm.CheckLook("level", name, names)
}

// groupLooks is levelLooks for groups.
func groupLooks(s *dispatch.Scope, name string) error {
	list, err := s.Tx.Groups(s.Account.ID)
	if err != nil {
		return err
	}
	names := []string{}
	for _, g := range list {
		if holm.NameKey(g.Name) != holm.NameKey(name) {
			names = append(names, g.Name)
		}
	}
	return holm.CheckLook("group", name, names)
}

// ownLevel finds the level that an operation is about.
func ownLevel(s *dispatch.Scope, name string) (holm.CustomLevel, error) {
	if holm.Level(name).Valid() {
		return holm.CustomLevel{}, holm.Errorf(holm.CodeConflict, "%s is a preset, which nobody changes; create a level of your own.", name)
	}
	return s.Tx.Level(s.Account.ID, name)
}

func (f *feature) updateLevel(s *dispatch.Scope, in *ops.LevelUpdateInput) (v ops.LevelView, err error) {
	was, err := ownLevel(s, in.Level)
	if err != nil {
		return v, err
	}
	s.About(was.Name)
	if err := levelClash(was, in.Body.Was); err != nil {
		return v, err
	}
	l, err := checkedLevel(in.Body.Name, in.Body.Permissions)
	if err != nil {
		return v, err
	}
	if l.Name != was.Name {
		if err := levelLooks(s, l.Name); err != nil {
			return v, err
		}
	}
	was.Name, was.Permissions, l.Permissions = l.Name, l.Permissions, was.Permissions
	s.Note("was_permissions", l.Permissions)
	if err := s.Tx.UpdateLevel(was); err != nil {
		return v, err
	}
	users, err := s.Tx.LevelUsers(was.ID)
	s.AccessChanged(users...)
	s.CollaboratorsChanged(s.Account.ID)
	return levelView(was), err
}

func (f *feature) deleteLevel(s *dispatch.Scope, in *ops.LevelDeleteInput) (none ops.None, err error) {
	l, err := ownLevel(s, in.Level)
	if err != nil {
		return none, err
	}
	s.About(l.Name)
	if err := current(in.Version, levelVersion(l), "the level "+l.Name); err != nil {
		return none, err
	}
	if l.Used > 0 {
		times := "once"
		if l.Used > 1 {
			times = strconv.Itoa(l.Used) + " times"
		}
		return none, holm.Errorf(holm.CodeConflict, "The level %s is given %s; give another there first.", l.Name, times)
	}
	s.CollaboratorsChanged(s.Account.ID)
	return none, s.Tx.DropLevel(l.ID)
}
