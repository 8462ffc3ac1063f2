package collaboration

import (
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

// given is what a group has: levels in single environments and on all.
type given struct {
	single map[holm.EnvironmentID]access.Gift
	all    access.Gift // gives nothing where there is none
}

func (g given) gifts(e holm.EnvironmentID, member time.Time) (list []access.Gift) {
	for _, gift := range []access.Gift{g.single[e], g.all} {
		if gift.Level.Gives != 0 {
			gift.End = access.Sooner(gift.End, member)
			list = append(list, gift)
		}
	}
	return list
}

// membership is one person's place in a group, before and after.
type membership struct {
	c            holm.Collaborator
	now, then    bool
	until, after time.Time
}

func (m *membership) changed() bool { return m.now != m.then || !m.until.Equal(m.after) }

// previewGroup tells what changing or deleting a group would change for
// everybody who is in it before or after.
func (f *feature) previewGroup(s *dispatch.Scope, in *ops.GroupPreviewInput) (v ops.PreviewView, err error) {
	g, err := s.Tx.Group(s.Account.ID, in.Group)
	if err != nil {
		return v, err
	}
	s.About(g.Name)
	l, save := levelsOf(s), &ops.GroupUpdateInput{}
	save.Body.Members, save.Body.Remove, save.Body.Environments, save.Body.AllEnvironments, save.Body.Was = in.Body.Members, in.Body.Remove, in.Body.Environments, in.Body.AllEnvironments, in.Body.Was
	if err := groupClash(s, l, g, save); err != nil {
		return v, err
	}
	now, environments, err := groupHas(s, l, g)
	if err != nil {
		return v, err
	}
	then, wide, err := groupWouldHave(s, l, g, now, environments, in)
	if err != nil {
		return v, err
	}
	people, err := membersAhead(s, g, in)
	if err != nil {
		return v, err
	}
	a := look(s)
	for _, m := range people {
		sides, err := groupSides(s, g, m, now, then, environments, wide || m.changed() && (now.all.Level.Gives|then.all.Level.Gives) != 0)
		if err != nil {
			return v, err
		}
		if err := a.add(m.c, sides, false); err != nil {
			return v, err
		}
	}
	return a.v, nil
}

func groupHas(s *dispatch.Scope, l *levels, g holm.Group) (has given, environments map[holm.EnvironmentID]holm.Environment, err error) {
	has, environments = given{single: map[holm.EnvironmentID]access.Gift{}}, map[holm.EnvironmentID]holm.Environment{}
	means, err := l.wideOf(g.Wide)
	if err != nil {
		return has, nil, err
	}
	has.all = access.Gift{Level: means, Through: access.Wide, Group: g.Name, End: g.WideUntil}
	grants, err := s.Tx.GroupGrants(g.ID)
	for _, x := range grants {
		id := x.Grant.Environment
		has.single[id] = access.Gift{Level: x.Means, Through: access.ByGroup, Group: g.Name, End: x.Grant.Until}
		environments[id] = holm.Environment{ID: id, Account: g.Account, Name: x.Name, Alias: x.Alias}
	}
	return has, environments, err
}

// groupWouldHave gives what the group would have, and whether that differs on
// all environments. Environments that come in are added to those known.
func groupWouldHave(s *dispatch.Scope, l *levels, g holm.Group, now given, environments map[holm.EnvironmentID]holm.Environment, in *ops.GroupPreviewInput) (then given, wide bool, err error) {
	b := in.Body
	then = given{single: map[holm.EnvironmentID]access.Gift{}, all: now.all}
	if b.Delete {
		then.all = access.Gift{}
		return then, now.all.Level.Gives != 0, nil
	}
	for e, gift := range now.single {
		then.single[e] = gift
	}
	seen := map[holm.EnvironmentID]bool{}
	for _, share := range b.Environments {
		e, n, err := target(s, l, share, seen)
		if err != nil {
			return then, false, err
		}
		environments[e.ID] = e
		then.single[e.ID] = access.Gift{Level: n.means, Through: access.ByGroup, Group: g.Name, End: deref(share.Until)}
	}
	if b.AllEnvironments == nil {
		return then, false, nil
	}
	was := g
	if err := setWide(s, l, &g.Wide, &g.WideUntil, *b.AllEnvironments, b.AllEnvironmentsUntil); err != nil {
		return then, false, err
	}
	means, err := l.wideOf(g.Wide)
	then.all.Level, then.all.End = means, g.WideUntil
	return then, was.Wide != g.Wide || !was.WideUntil.Equal(g.WideUntil), err
}

// membersAhead lists everybody who is in the group before or after.
func membersAhead(s *dispatch.Scope, g holm.Group, in *ops.GroupPreviewInput) (people []*membership, err error) {
	members, err := s.Tx.GroupMembers(g.ID)
	if err != nil {
		return nil, err
	}
	at := map[holm.CollaboratorID]*membership{}
	for _, m := range members {
		c, err := s.Tx.Collaborator(s.Account.ID, string(m.Collaborator))
		if err != nil {
			return nil, err
		}
		p := &membership{c: c, now: true, then: !in.Body.Delete, until: m.Until, after: m.Until}
		people, at[c.ID] = append(people, p), p
	}
	for _, name := range in.Body.Remove {
		c, err := s.Tx.Collaborator(s.Account.ID, name)
		if err != nil {
			return nil, holm.Invalid("remove", "%q is no collaborator of this account.", name)
		}
		if p := at[c.ID]; p != nil {
			p.then = false
		}
	}
	for _, m := range in.Body.Members {
		c, err := memberNamed(s, m.Collaborator)
		if err != nil {
			return nil, err
		}
		p := at[c.ID]
		if p == nil {
			p = &membership{c: c}
			people, at[c.ID] = append(people, p), p
		}
		p.then, p.after = true, deref(m.Until)
	}
	return people, nil
}

// groupSides gives both sides of one member: in the environments that the
// group names, and with all in every other too.
func groupSides(s *dispatch.Scope, g holm.Group, m *membership, now, then given, environments map[holm.EnvironmentID]holm.Environment, all bool) (sides []side, err error) {
	if all {
		if sides, err = everywhere(s, m.c); err != nil {
			return nil, err
		}
	} else {
		for id, e := range environments {
			if now.single[id] == then.single[id] && !m.changed() {
				continue
			}
			gifts, err := s.Tx.GiftsOf(m.c.ID, id)
			if err != nil {
				return nil, err
			}
			sides = append(sides, side{e: e, now: gifts})
		}
		sortSides(sides)
	}
	for i := range sides {
		x := &sides[i]
		x.then = without(x.now, func(gift access.Gift) bool {
			return gift.Group == g.Name && (gift.Through == access.ByGroup || gift.Through == access.Wide)
		})
		if m.then {
			x.then = append(x.then, then.gifts(x.e.ID, m.after)...)
		}
	}
	return sides, nil
}
