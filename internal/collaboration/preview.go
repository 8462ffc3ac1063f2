package collaboration

import (
	"slices"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

// lookBack is how far a preview looks for what somebody did.
const lookBack = 90 * 24 * time.Hour

// preview tells what a save would change. It makes the same plan as the save
// and asks the same function about both sides of it.
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
	v = ops.PreviewView{Changes: []ops.PreviewChange{}, Sessions: []ops.PreviewSession{}, Refused: []ops.PreviewRefused{}}
	after := map[holm.EnvironmentID]access.Facts{}
	lost := map[holm.EnvironmentID]ops.PreviewChange{}
	for _, x := range plan {
		if x.nothing() {
			continue
		}
		gifts, err := s.Tx.GiftsOf(c.ID, x.e.ID)
		if err != nil {
			return v, err
		}
		then := x.gifts(gifts)
		now, next := access.Stand(gifts, s.Now()), access.Stand(then, s.Now())
		change := ops.PreviewChange{Environment: ops.EnvironmentName{ID: string(x.e.ID), Name: x.e.Name, Alias: x.e.Alias}, Was: now.Name, Now: next.Name,
			Until: ops.TimeOrNull(next.End), Gained: permissionNames(next.Gives &^ now.Gives), Lost: permissionNames(now.Gives &^ next.Gives)}
		v.Changes = append(v.Changes, change)
		if len(change.Lost) > 0 {
			lost[x.e.ID] = change
			after[x.e.ID] = s.FactsOfMember(c, then)
		}
	}
	for _, o := range s.WouldCut(c.User, after) {
		v.Sessions = append(v.Sessions, ops.PreviewSession{Environment: lost[o.Environment.ID].Environment, Operation: o.Operation.Name, Road: string(o.Road), Permission: string(o.Operation.Permission)})
	}
	if len(lost) == 0 || c.User == "" {
		return v, nil
	}
	uses, err := s.Tx.Uses(s.Account.ID, c.User, s.Now().Add(-lookBack))
	for _, u := range uses {
		op, change := ops.Lookup(u.Operation), lost[u.Environment]
		if op != nil && slices.Contains(change.Lost, string(op.Permission)) {
			v.Refused = append(v.Refused, ops.PreviewRefused{Environment: change.Environment, Operation: op.Name, Permission: string(op.Permission), Times: u.Times, Last: u.Last})
		}
	}
	return v, err
}

// gifts gives what the collaborator would have been given after the change.
func (x *change) gifts(now []access.Gift) []access.Gift {
	var then []access.Gift
	if x.now.Level != holm.LevelInherit {
		then = append(then, access.Gift{Level: x.means, Through: access.Direct, End: x.now.Until})
	}
	for _, g := range now {
		if g.Through != access.Direct {
			then = append(then, g)
		}
	}
	return then
}
