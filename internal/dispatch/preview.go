package dispatch

import (
	"cmp"
	"slices"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/ops"
)

// OpenSession is something that somebody has open in an environment.
type OpenSession struct {
	Environment holm.Environment
	Operation   *ops.Operation
	Road        holm.Road
}

// WouldCut lists what a person has open and would lose if they stood to
// environments as the given facts say. It decides as the cut does.
func (s *Scope) WouldCut(user holm.UserID, facts map[holm.EnvironmentID]access.Facts) (list []OpenSession) {
	if user == "" {
		return nil
	}
	for _, o := range s.door.sessions.of(user) {
		f, changed := facts[o.Environment.ID]
		if !changed || o.caller.View != "" {
			continue
		}
		f.Reading = o.op.Kind == ops.Read
		if !access.Decide(o.op.Permission, f).Allowed {
			list = append(list, OpenSession{Environment: o.Environment, Operation: o.op, Road: o.caller.Road})
		}
	}
	slices.SortFunc(list, func(a, b OpenSession) int {
		return cmp.Or(cmp.Compare(a.Environment.Name, b.Environment.Name), cmp.Compare(a.Operation.Name, b.Operation.Name))
	})
	return list
}
