package collaboration

import (
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// used is one permission in one environment.
type used struct {
	environment holm.EnvironmentID
	permission  access.Permission
}

// counted are the permissions whose use leaves a record: that somebody looked,
// or got a mail, does not.
var counted = countedSet()

func countedSet() (set access.Set) {
	for _, op := range ops.All() {
		if op.Built && (op.Kind == ops.Change || op.Kind == ops.Session && !op.Quiet) {
			set |= access.SetOf(op.Permission)
		}
	}
	return set &^ access.SetOf(access.EnvironmentSee)
}

func sinceDays(s *dispatch.Scope, days int) (time.Time, error) {
	if days == 0 {
		days = 90
	}
	if days < 1 || days > 400 {
		return time.Time{}, holm.Invalid("days", "The days are 1 to 400.")
	}
	return s.Now().Add(-time.Duration(days) * 24 * time.Hour), nil
}

// review lists who can do what, with the last use of each permission.
func (f *feature) review(s *dispatch.Scope, in *ops.AccessReviewInput) (page ops.Page[ops.ReviewPerson], err error) {
	since, err := sinceDays(s, in.Days)
	if err != nil {
		return page, err
	}
	own, err := ownLevels(s)
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
		uses, err := usesOf(s, c, since)
		if err != nil {
			return page, err
		}
		err = eachEffective(s, c, func(v store.Visible) {
			p.Environments = append(p.Environments, reviewed(s, c, v.Environment, v.Gifts, uses, own))
		})
		if err != nil {
			return page, err
		}
		page.Items = append(page.Items, p)
	}
	return page, err
}

func reviewed(s *dispatch.Scope, c holm.Collaborator, e holm.Environment, gifts []access.Gift, uses map[used]store.Use, own []access.Level) ops.ReviewEnvironment {
	stands := access.Stand(gifts, s.Now())
	r := ops.ReviewEnvironment{Environment: ops.EnvironmentName{ID: string(e.ID), Name: e.Name, Alias: e.Alias}, Level: stands.Name,
		Until: ops.TimeOrNull(stands.End), From: ops.GiftViews(stands.From), Permissions: []ops.ReviewPermission{}}
	for _, p := range stands.Gives.List() {
		u := uses[used{e.ID, p}]
		r.Permissions = append(r.Permissions, ops.ReviewPermission{Permission: string(p), Times: u.Times, LastUsedAt: ops.TimeOrNull(u.Last), Counted: counted.Has(p)})
	}
	if t := trimmed(s, c, e, gifts, uses, own); t.keep != t.had && c.User != "" {
		r.Trim = &ops.ReviewTrim{Level: t.level, New: t.fresh, Loses: permissionNames(t.had &^ t.keep)}
	}
	return r
}

// usesOf adds up by permission what a person did by operation.
func usesOf(s *dispatch.Scope, c holm.Collaborator, since time.Time) (map[used]store.Use, error) {
	uses := map[used]store.Use{}
	if c.User == "" {
		return uses, nil
	}
	list, err := s.Tx.Uses(s.Account.ID, c.User, since)
	for _, u := range list {
		op := ops.Lookup(u.Operation)
		if op == nil {
			continue
		}
		key := used{u.Environment, op.Permission}
		sum := uses[key]
		sum.Times += u.Times
		if u.Last.After(sum.Last) {
			sum.Last = u.Last
		}
		uses[key] = sum
	}
	return uses, err
}
