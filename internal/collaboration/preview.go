package collaboration

import (
	"slices"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

const (
	// lookBack is how far a preview looks for what somebody did.
	lookBack = 90 * 24 * time.Hour
	// previewMost is how many changes a preview names; the others are counted.
	previewMost = 1000
)

// side is what one person was given in one environment, before and after.
type side struct {
	e         holm.Environment
	now, then []access.Gift
}

// ahead gathers what a save would change. Whoever fills it makes the same plan
// as the save; both sides of it are asked of the function that decides.
type ahead struct {
	s *dispatch.Scope
	v ops.PreviewView
}

func look(s *dispatch.Scope) *ahead {
	return &ahead{s, ops.PreviewView{Changes: []ops.PreviewChange{}, Sessions: []ops.PreviewSession{}, Refused: []ops.PreviewRefused{}}}
}

// add compares the sides of one person. Those that come to the same are left
// out unless all is wanted.
func (a *ahead) add(c holm.Collaborator, sides []side, all bool) error {
	person := ops.PreviewPerson{ID: string(c.ID), Email: c.Email, Name: c.Name}
	after := map[holm.EnvironmentID]access.Facts{}
	lost := map[holm.EnvironmentID]ops.PreviewChange{}
	for _, x := range sides {
		was, now := access.Stand(x.now, a.s.Now()), access.Stand(x.then, a.s.Now())
		if !all && was.Gives == now.Gives && was.Name == now.Name && was.End.Equal(now.End) {
			continue
		}
		change := ops.PreviewChange{Person: person, Environment: ops.EnvironmentName{ID: string(x.e.ID), Name: x.e.Name, Alias: x.e.Alias}, Was: was.Name, Now: now.Name,
			Until: ops.TimeOrNull(now.End), Gained: permissionNames(now.Gives &^ was.Gives), Lost: permissionNames(was.Gives &^ now.Gives)}
		if len(a.v.Changes) < previewMost {
			a.v.Changes = append(a.v.Changes, change)
		} else {
			a.v.More++
		}
		if len(change.Lost) > 0 {
			lost[x.e.ID] = change
			after[x.e.ID] = a.s.FactsOfMember(c, x.then)
		}
	}
	for _, o := range a.s.WouldCut(c.User, after) {
		a.v.Sessions = append(a.v.Sessions, ops.PreviewSession{Person: person, Environment: lost[o.Environment.ID].Environment, Operation: o.Operation.Name, Road: string(o.Road), Permission: string(o.Operation.Permission)})
	}
	if len(lost) == 0 || c.User == "" {
		return nil
	}
	uses, err := a.s.Tx.Uses(a.s.Account.ID, c.User, a.s.Now().Add(-lookBack))
	for _, u := range uses {
		op, change := ops.Lookup(u.Operation), lost[u.Environment]
		if op != nil && slices.Contains(change.Lost, string(op.Permission)) {
			a.v.Refused = append(a.v.Refused, ops.PreviewRefused{Person: person, Environment: change.Environment, Operation: op.Name, Permission: string(op.Permission), Times: u.Times, Last: u.Last})
		}
	}
	return err
}

// preview tells what a save of a person's levels would change.
func (f *feature) preview(s *dispatch.Scope, in *ops.CollaboratorPreviewInput) (v ops.PreviewView, err error) {
	c, err := s.Tx.Collaborator(s.Account.ID, in.Collaborator)
	if err != nil {
		return v, err
	}
	s.About(c.Email)
	plan, err := planFor(s, c, in.Body.Environments)
	if err != nil {
		return v, err
	}
	sides, err := sidesOf(s, plan)
	if err != nil {
		return v, err
	}
	if in.Body.AllEnvironments != nil {
		if err := wideClash(levelsOf(s), c, in.Body.AllEnvironmentsWas); err != nil {
			return v, err
		}
		if sides, err = widely(s, c, sides, *in.Body.AllEnvironments, in.Body.AllEnvironmentsUntil); err != nil {
			return v, err
		}
	}
	a := look(s)
	err = a.add(c, sides, in.Body.AllEnvironments == nil)
	return a.v, err
}

// widely adds another level on all environments to what would be changed.
func widely(s *dispatch.Scope, c holm.Collaborator, planned []side, level string, until *time.Time) ([]side, error) {
	then, l := c, levelsOf(s)
	if err := setWide(s, l, &then.Wide, &then.WideUntil, level, until); err != nil {
		return nil, err
	}
	means, err := l.wideOf(then.Wide)
	if err != nil {
		return nil, err
	}
	sides, err := everywhere(s, c)
	if err != nil {
		return nil, err
	}
	for i := range sides {
		sides[i].then = slices.Clone(sides[i].now)
	}
	for _, p := range planned {
		sides = slices.DeleteFunc(sides, func(x side) bool { return x.e.ID == p.e.ID })
		sides = append(sides, p)
	}
	for i := range sides {
		x := &sides[i]
		x.then = without(x.then, ownWide)
		if then.Wide != "" {
			x.then = append(x.then, access.Gift{Level: means, Through: access.Wide, End: then.WideUntil})
		}
	}
	sortSides(sides)
	return sides, nil
}

// sortSides puts environments in the order of their names.
func sortSides(sides []side) {
	slices.SortFunc(sides, func(a, b side) int { return strings.Compare(a.e.Name, b.e.Name) })
}

// ownWide says whether a gift is a person's own level on all environments.
func ownWide(g access.Gift) bool { return g.Through == access.Wide && g.Group == "" }

// sidesOf gives both sides of planned changes of levels.
func sidesOf(s *dispatch.Scope, plan []change) (sides []side, err error) {
	for _, x := range plan {
		if x.nothing() {
			continue
		}
		gifts, err := s.Tx.GiftsOf(x.c.ID, x.e.ID)
		if err != nil {
			return nil, err
		}
		sides = append(sides, side{x.e, gifts, x.gifts(s, gifts)})
	}
	return sides, nil
}

// gifts gives what the collaborator would have been given after the change.
func (x *change) gifts(s *dispatch.Scope, now []access.Gift) []access.Gift {
	var then []access.Gift
	if x.now.Level != holm.LevelInherit {
		then = append(then, access.Gift{Level: x.means, Through: access.Direct, End: x.now.Until})
	}
	return append(then, without(now, func(g access.Gift) bool {
		return g.Through == access.Direct || g.Through == access.OnRequest && x.ends(s)
	})...)
}

func without(gifts []access.Gift, drop func(access.Gift) bool) []access.Gift {
	return slices.DeleteFunc(slices.Clone(gifts), drop)
}

// everywhere gives what a collaborator was given in every environment of the
// account, but those that they are kept out of: there only a direct level
// changes anything.
func everywhere(s *dispatch.Scope, c holm.Collaborator) (sides []side, err error) {
	means, err := levelsOf(s).wideOf(c.Wide)
	if err != nil {
		return nil, err
	}
	seesAll := c
	seesAll.Wide, seesAll.WideUntil = holm.LevelFull, time.Time{}
	err = eachEffective(s, seesAll, func(v store.Visible) {
		gifts := without(v.Gifts, ownWide)
		if c.Wide != "" {
			gifts = append(gifts, access.Gift{Level: means, Through: access.Wide, End: c.WideUntil})
		}
		sides = append(sides, side{e: v.Environment, now: gifts})
	})
	return sides, err
}

// previewEnvironment tells what a save of an environment's sharing would
// change.
func (f *feature) previewEnvironment(s *dispatch.Scope, in *ops.EnvironmentPreviewInput) (v ops.PreviewView, err error) {
	if n := len(in.Body.Collaborators); n == 0 || n > most {
		return v, holm.Invalid("collaborators", "Name 1 to %d collaborators.", most)
	}
	plan, err := planIn(s, in.Body.Collaborators)
	if err != nil {
		return v, err
	}
	a := look(s)
	for i := range plan {
		sides, err := sidesOf(s, plan[i:i+1])
		if err != nil {
			return v, err
		}
		if err := a.add(plan[i].c, sides, true); err != nil {
			return v, err
		}
	}
	return a.v, nil
}

// previewLevel tells what changing a level of the account's own would change
// for everybody who has it.
func (f *feature) previewLevel(s *dispatch.Scope, in *ops.LevelPreviewInput) (v ops.PreviewView, err error) {
	own, err := ownLevel(s, in.Level)
	if err != nil {
		return v, err
	}
	s.About(own.Name)
	if err := levelClash(own, in.Body.Was); err != nil {
		return v, err
	}
	gives, err := permissions(in.Body.Permissions)
	if err != nil {
		return v, err
	}
	own.Permissions = gives
	means := meaning(own)
	a := look(s)
	err = eachOpen(s, func(c holm.Collaborator) error {
		var sides []side
		err := eachEffective(s, c, func(v store.Visible) {
			x, has := side{e: v.Environment, now: v.Gifts, then: slices.Clone(v.Gifts)}, false
			for i, g := range x.then {
				if g.Level.Name == own.Name && !(g.Through == access.OnRequest && g.Level == access.Alone(access.Permission(own.Name))) {
					x.then[i].Level, has = means, true
				}
			}
			if has {
				sides = append(sides, x)
			}
		})
		if err != nil || len(sides) == 0 {
			return err
		}
		return a.add(c, sides, false)
	})
	return a.v, err
}

// eachOpen goes through the open collaborators of the account.
func eachOpen(s *dispatch.Scope, visit func(holm.Collaborator) error) error {
	const page = 500
	for after := ""; ; {
		list, err := s.Tx.Collaborators(s.Account.ID, "", after, page)
		if err != nil {
			return err
		}
		for _, c := range list {
			if err := visit(c); err != nil {
				return err
			}
		}
		if len(list) < page {
			return nil
		}
		after = holm.EmailKey(list[page-1].Email)
	}
}
