package collaboration

import (
	"maps"
	"slices"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

// previewInvite tells what an invitation would give once it is accepted.
func (f *feature) previewInvite(s *dispatch.Scope, in *ops.InvitationPreviewInput) (v ops.PreviewView, err error) {
	c, err := f.invitee(s, in.Body)
	if err != nil {
		return v, err
	}
	if c.Status == holm.StatusPending && !givesAccess(in.Body) {
		return look(s).v, nil // it changes nothing
	}
	// Nothing is left of what an earlier collaboration had.
	invited := holm.Collaborator{Account: c.Account, Email: c.Email, Status: holm.StatusPending}
	plan, err := planFor(s, invited, in.Body.Environments)
	if err != nil {
		return v, err
	}
	l := levelsOf(s)
	wide, err := wideInvited(s, l, in.Body)
	if err != nil {
		return v, err
	}
	groups, environments, err := groupsAhead(s, l, in.Body.Groups)
	if err != nil {
		return v, err
	}
	direct := map[holm.EnvironmentID]access.Gift{}
	for _, x := range plan {
		environments[x.e.ID] = x.e
		if x.now.Level != holm.LevelInherit {
			direct[x.e.ID] = access.Gift{Level: x.means, Through: access.Direct, End: x.now.Until}
		}
	}
	sides, err := invitedSides(s, invited, environments, wide, groups)
	if err != nil {
		return v, err
	}
	for i := range sides {
		x := &sides[i]
		x.then = nil
		if gift, ok := direct[x.e.ID]; ok {
			x.then = append(x.then, gift)
		}
		for _, g := range groups {
			x.then = append(x.then, g.gifts(x.e.ID, time.Time{})...)
		}
		if wide.Level.Gives != 0 {
			x.then = append(x.then, wide)
		}
	}
	a := look(s)
	err = a.add(c, sides, false)
	return a.v, err
}

func wideInvited(s *dispatch.Scope, l *levels, b ops.InviteBody) (gift access.Gift, err error) {
	gift = access.Gift{Through: access.Wide}
	if b.AllEnvironments == "" {
		return gift, nil
	}
	var level holm.Level
	if err := setWide(s, l, &level, &gift.End, b.AllEnvironments, b.AllEnvironmentsUntil); err != nil {
		return gift, err
	}
	gift.Level, err = l.wideOf(level)
	return gift, err
}

// groupsAhead gives what the named groups have, and every environment that one
// of them names.
func groupsAhead(s *dispatch.Scope, l *levels, names []string) (list []given, environments map[holm.EnvironmentID]holm.Environment, err error) {
	environments = map[holm.EnvironmentID]holm.Environment{}
	groups, err := groupsNamed(s, names)
	for _, g := range groups {
		has, named, err := groupHas(s, l, g)
		if err != nil {
			return nil, nil, err
		}
		maps.Copy(environments, named)
		list = append(list, has)
	}
	return list, environments, err
}

// invitedSides gives the environments that the invitation reaches: those that
// are named, and all of the account where something is given on all.
func invitedSides(s *dispatch.Scope, invited holm.Collaborator, named map[holm.EnvironmentID]holm.Environment, wide access.Gift, groups []given) (sides []side, err error) {
	if wide.Level.Gives != 0 || slices.ContainsFunc(groups, func(g given) bool { return g.all.Level.Gives != 0 }) {
		return everywhere(s, invited)
	}
	for _, e := range named {
		sides = append(sides, side{e: e})
	}
	sortSides(sides)
	return sides, nil
}
