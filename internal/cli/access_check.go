package cli

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// accessCheck looks through an access file for what could not be done, so that
// nothing is changed, and nobody mailed, by a file that cannot be applied
// whole.
type accessCheck struct {
	file   accessFile
	now    accessNow
	faults []string
}

// checkAccess tells all that is wrong with a file at once.
func checkAccess(f accessFile, now accessNow) error {
	c := &accessCheck{file: f, now: now}
	for _, name := range slices.Sorted(maps.Keys(f.Levels)) {
		c.level(name, f.Levels[name])
	}
	seen := map[string]string{}
	for _, email := range slices.Sorted(maps.Keys(f.People)) {
		if other, twice := seen[holm.EmailKey(email)]; twice {
			c.fault("%s and %s are one person; name them once.", other, email)
		}
		seen[holm.EmailKey(email)] = email
		c.person(email, f.People[email])
	}
	for _, name := range slices.Sorted(maps.Keys(f.Groups)) {
		c.group(name, f.Groups[name])
	}
	if len(c.faults) == 0 {
		return nil
	}
	return holm.Errorf(holm.CodeInvalid, "The access file cannot be applied, and nothing was changed:\n  %s", strings.Join(c.faults, "\n  "))
}

func (c *accessCheck) fault(format string, args ...any) {
	c.faults = append(c.faults, holm.Errorf(holm.CodeInvalid, format, args...).Error())
}

func (c *accessCheck) level(name string, permissions []string) {
	if _, there := c.now.levels[name]; !there {
		if err := holm.CheckLevelName(name); err != nil {
			c.fault("level %s: %s", name, holm.AsError(err).Detail)
		}
	}
	for _, p := range permissions {
		if !slices.Contains(access.Grantable(), access.Permission(p)) {
			c.fault("level %s: there is no permission %q that a level can give; the list is in docs/permissions.md.", name, p)
		}
	}
}

func (c *accessCheck) person(email string, want accessOf) {
	p, there := c.now.people[holm.EmailKey(email)]
	if _, err := holm.ParseEmail(email); err != nil && !there {
		c.fault("%s: %s", email, holm.AsError(err).Detail)
	}
	if want.Role != "" && !holm.Role(want.Role).Valid() {
		c.fault("%s: the role is viewer or admin, not %q.", email, want.Role)
	}
	if end := endOf(want.Until); !there || !sameEnd(end, p.Until) {
		c.end(email, end)
	}
	c.gives(email, want.All, givenWide(p.AllEnvironments), want.Environments, givenLevels(p.Environments), true)
}

func (c *accessCheck) group(name string, want accessGroup) {
	g, there := c.now.groups[name]
	if !there {
		if err := holm.CheckGroupName(name); err != nil {
			c.fault("group %s: %s", name, holm.AsError(err).Detail)
		}
	}
	c.gives("group "+name, want.All, givenWide(g.AllEnvironments), want.Environments, givenLevels(g.Environments), false)
	were := map[string]*time.Time{}
	for _, m := range g.Members {
		were[holm.EmailKey(m.Collaborator.Email)] = m.Until
	}
	for _, email := range slices.Sorted(maps.Keys(want.Members)) {
		key, end := holm.EmailKey(email), endOf(want.Members[email])
		if _, there := c.now.people[key]; !there && !c.named(key) {
			c.fault("group %s: %s is no collaborator of this account; name them under people, and they are invited.", name, email)
		}
		if was, member := were[key]; !member || !sameEnd(was, end) {
			c.end("group "+name+", "+email, end)
		}
	}
}

// named says whether the file has a person.
func (c *accessCheck) named(key string) bool {
	for email := range c.file.People {
		if holm.EmailKey(email) == key {
			return true
		}
	}
	return false
}

// gives checks levels, where they differ from what is there.
func (c *accessCheck) gives(who string, all, wasAll *givenLevel, levels, were map[string]givenLevel, inherits bool) {
	if all != nil {
		c.known(who, "all_environments", all.Level, false)
		if wasAll == nil || !all.same(wasAll.Level, wasAll.Until) {
			c.end(who+", all_environments", all.Until)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(levels)) {
		g := levels[name]
		was, there := were[name]
		if !there && !c.now.owns[name] {
			c.fault("%s: there is no environment %q on this account.", who, name)
		}
		c.known(who, name, g.Level, inherits)
		if !there || !g.same(was.Level, was.Until) {
			c.end(who+", "+name, g.Until)
		}
	}
}

func (c *accessCheck) known(who, where, level string, inherits bool) {
	if holm.Level(level).Valid() || inherits && holm.Level(level) == holm.LevelInherit {
		return
	}
	for name := range c.file.Levels {
		if holm.NameKey(name) == holm.NameKey(level) {
			return
		}
	}
	for name, l := range c.now.levels {
		if holm.NameKey(name) == holm.NameKey(level) || l.ID == level {
			return
		}
	}
	c.fault("%s: %s has the level %q, which is none, limited, full or one of the account's own; there is none of that name.", who, where, level)
}

func (c *accessCheck) end(who string, end *time.Time) {
	if end != nil && !end.After(c.now.at) {
		c.fault("%s: the end %s is in the past.", who, end.UTC().Format(time.RFC3339))
	}
}

// stopped says how far an apply came: what the server refuses in the middle
// cannot be taken back, since people may have been told already.
func stopped(err error, done, all int, words string) error {
	e := *holm.AsError(err)
	if done == 0 {
		e.Detail += " Nothing was changed; it was the first step: " + words + "."
	} else {
		e.Detail += " It was the step: " + words + ". Of " + holm.Counted(all, "step") + " those before it (as told above) are done; mend the cause and apply the file again for the rest."
	}
	return &e
}
