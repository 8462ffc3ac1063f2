package collaboration

import (
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// used is one permission of one person in one environment.
type used struct {
	user        holm.UserID
	environment holm.EnvironmentID
	permission  access.Permission
}

// review lists who can do what, with the last use of each permission.
func (f *feature) review(s *dispatch.Scope, in *ops.AccessReviewInput) (page ops.Page[ops.ReviewPerson], err error) {
	days := in.Days
	if days == 0 {
		days = 90
	}
	if days < 1 || days > 400 {
		return page, holm.Invalid("days", "The days are 1 to 400.")
	}
	uses, err := usesOf(s, s.Now().Add(-time.Duration(days)*24*time.Hour))
	if err != nil {
		return page, err
	}
	list, err := s.Tx.Collaborators(s.Account.ID, "", in.Cursor, in.Size()+1)
	page.Items = []ops.ReviewPerson{}
	for i, c := range list {
		if i == in.Size() {
			next := holm.EmailKey(list[i-1].Email)
			page.Next = &next
			break
		}
		p := ops.ReviewPerson{Collaborator: ops.Person{ID: string(c.ID), Email: c.Email}, Name: c.Name, Role: string(c.Role), Status: string(c.Status),
			Until: ops.TimeOrNull(c.Until), LastSeenAt: ops.TimeOrNull(c.LastSeenAt), Environments: []ops.ReviewEnvironment{}}
		err := eachEffective(s, c, func(v store.Visible) {
			p.Environments = append(p.Environments, reviewed(s, c, v, uses))
		})
		if err != nil {
			return page, err
		}
		page.Items = append(page.Items, p)
	}
	return page, err
}

func reviewed(s *dispatch.Scope, c holm.Collaborator, v store.Visible, uses map[used]store.Use) ops.ReviewEnvironment {
	e, stands := v.Environment, access.Stand(v.Gifts, s.Now())
	r := ops.ReviewEnvironment{Environment: ops.EnvironmentName{ID: string(e.ID), Name: e.Name, Alias: e.Alias}, Level: stands.Name,
		Until: ops.TimeOrNull(stands.End), From: giftViews(stands.From), Permissions: []ops.ReviewPermission{}}
	for _, p := range stands.Gives.List() {
		u := uses[used{c.User, e.ID, p}]
		r.Permissions = append(r.Permissions, ops.ReviewPermission{Permission: string(p), Times: u.Times, LastUsedAt: ops.TimeOrNull(u.Last)})
	}
	return r
}

// usesOf adds up by permission what the audit log has by operation.
func usesOf(s *dispatch.Scope, since time.Time) (map[used]store.Use, error) {
	list, err := s.Tx.Uses(s.Account.ID, "", since)
	uses := map[used]store.Use{}
	for _, u := range list {
		op := ops.Lookup(u.Operation)
		if op == nil {
			continue
		}
		key := used{u.User, u.Environment, op.Permission}
		sum := uses[key]
		sum.Times += u.Times
		if u.Last.After(sum.Last) {
			sum.Last = u.Last
		}
		uses[key] = sum
	}
	return uses, err
}
