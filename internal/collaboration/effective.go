package collaboration

import (
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// eachEffective goes through the environments that a collaborator sees, or
// could see once active, page by page.
func eachEffective(s *dispatch.Scope, c holm.Collaborator, visit func(store.Visible)) error {
	const page = 500
	for after := ""; ; {
		list, err := s.Tx.EffectiveOf(c, s.Account, after, page)
		if err != nil {
			return err
		}
		for _, v := range list {
			visit(v)
		}
		if len(list) < page {
			return nil
		}
		after = list[page-1].Environment.Name
	}
}

// wideView shows a level on all environments; nil where there is none.
func wideView(means access.Level, until time.Time) *ops.WideView {
	if means.Gives == 0 {
		return nil
	}
	return &ops.WideView{Level: means.Name, Until: ops.TimeOrNull(until)}
}

// wideOf reads what a stored level for all environments means.
func (l *levels) wideOf(level holm.Level) (access.Level, error) {
	if level == "" {
		return access.Preset(""), nil
	}
	n, err := l.find("all_environments", string(level))
	return n.means, err
}

// full shows a collaborator with everything given, read anew.
func full(s *dispatch.Scope, id holm.CollaboratorID) (v ops.CollaboratorView, err error) {
	c, err := s.Tx.Collaborator(s.Account.ID, string(id))
	if err != nil {
		return v, err
	}
	v = view(c)
	grants, err := s.Tx.GrantsOf(c.ID)
	if err != nil {
		return v, err
	}
	v.Environments = sharedViews(grants)
	means, err := levelsOf(s).wideOf(c.Wide)
	if err != nil {
		return v, err
	}
	v.AllEnvironments = wideView(means, c.WideUntil)
	members, groups, err := s.Tx.GroupsOf(c.ID)
	for i, m := range members {
		v.Groups = append(v.Groups, ops.MembershipView{Group: ops.Titled{ID: string(m.Group), Name: groups[i].Name}, Until: ops.TimeOrNull(m.Until)})
	}
	return v, err
}

func sharedViews(grants []store.Shared) []ops.SharedView {
	list := []ops.SharedView{}
	for _, g := range grants {
		list = append(list, sharedView(g.Grant.Environment, g.Name, g.Alias, g.Means, g.Grant.Until))
	}
	return list
}

func sharedView(e holm.EnvironmentID, name, alias string, means access.Level, until time.Time) ops.SharedView {
	return ops.SharedView{Environment: ops.EnvironmentName{ID: string(e), Name: name, Alias: alias}, Level: means.Name, Until: ops.TimeOrNull(until)}
}

func (f *feature) show(s *dispatch.Scope, in *ops.CollaboratorShowInput) (v ops.CollaboratorView, err error) {
	c, err := s.Tx.Collaborator(s.Account.ID, in.Collaborator)
	if err != nil {
		return v, err
	}
	if v, err = full(s, c.ID); err != nil {
		return v, err
	}
	return v, showEffective(s, c, &v)
}

// showEffective adds what counts in every environment that the collaborator
// sees, and to what was given directly what it stands before.
func showEffective(s *dispatch.Scope, c holm.Collaborator, v *ops.CollaboratorView) error {
	below := map[string][]access.Gift{}
	err := eachEffective(s, c, func(seen store.Visible) {
		stands, e := access.Stand(seen.Gifts, s.Now()), seen.Environment
		below[string(e.ID)] = inherited(seen.Gifts, s.Now())
		v.Effective = append(v.Effective, ops.EffectiveView{Environment: ops.EnvironmentName{ID: string(e.ID), Name: e.Name, Alias: e.Alias}, Level: stands.Name,
			Until: ops.TimeOrNull(stands.End), Permissions: permissionNames(stands.Gives), From: ops.GiftViews(stands.From)})
	})
	if err != nil {
		return err
	}
	for i := range v.Environments {
		e := &v.Environments[i]
		gifts, known := below[e.Environment.ID]
		if !known { // kept out of it, or given something that has ended
			all, err := s.Tx.GiftsOf(c.ID, holm.EnvironmentID(e.Environment.ID))
			if err != nil {
				return err
			}
			gifts = inherited(all, s.Now())
		}
		if len(gifts) > 0 {
			e.Inherited = ops.GiftViews(gifts)
		}
	}
	return nil
}

// inherited gives the gifts that would count if nothing were given directly;
// what was asked for is beside the order and left out.
func inherited(gifts []access.Gift, now time.Time) []access.Gift {
	var others []access.Gift
	for _, g := range gifts {
		if g.Through != access.Direct && g.Through != access.OnRequest {
			others = append(others, g)
		}
	}
	return access.Stand(others, now).From
}

// why explains a decision: to the caller about themselves, to the owner about
// anybody.
func (f *feature) why(s *dispatch.Scope, in *ops.AccessWhyInput) (v ops.AccessWhyView, err error) {
	op := ops.Lookup(in.Operation)
	if op == nil {
		return v, holm.Invalid("operation", "There is no operation %q; the list is in the reference.", in.Operation)
	}
	facts, person := s.Facts, s.User.Email
	asked, err := address(s, in.Person)
	if err != nil {
		return v, err
	}
	if asked != "" && holm.EmailKey(asked) != holm.EmailKey(person) {
		if !s.Facts.Owner {
			return v, &holm.Error{Code: holm.CodeForbidden, Detail: "Only the owner of an environment may ask about others.",
				Permission: "environment.share", Reason: "Only the owner of the environment may do this."}
		}
		person = asked
		if facts, err = s.FactsOf(asked, s.Environment); err != nil {
			return v, err
		}
	}
	facts.Reading = op.Kind == ops.Read
	d := s.Decide(op.Permission, facts)
	stands := access.Stand(facts.Gifts, s.Now())
	v = ops.AccessWhyView{Person: person, Operation: op.Name, Permission: string(op.Permission), Allowed: d.Allowed, Rule: d.Rule, Reason: d.Reason,
		GrantableBy: d.GrantableBy, Level: stands.Name, Status: string(facts.Status), From: ops.GiftViews(stands.From)}
	if facts.Owner {
		v.Level, v.Status = "owner", ""
	}
	return v, nil
}

// address gives the e-mail address of somebody who is named by it or by the id
// of their collaboration. Only the owner is told that an id is nobody's.
func address(s *dispatch.Scope, person string) (string, error) {
	if person == "" || strings.Contains(person, "@") {
		return person, nil
	}
	c, err := s.Tx.Collaborator(s.Account.ID, person)
	gone := holm.CodeOf(err) == holm.CodeNotFound
	if gone && s.Facts.Owner {
		return "", holm.Errorf(holm.CodeNotFound, "Nobody with the id %q works with you; give the e-mail address or the id of a collaborator.", person)
	}
	if gone {
		return person, nil
	}
	return c.Email, err
}
