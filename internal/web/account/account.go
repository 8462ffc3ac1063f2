// Package account is a person's own pages: name and the accounts of others
// that they work with, what they sign in with, where they are signed in, and
// their access tokens.
//
// It must not know of anybody but the person who asks.
package account

import (
	"net/http"
	"net/url"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// Mount adds the page.
func Mount(s *site.Site) {
	s.Handle("GET /account", show)
	s.Handle("POST /account/name", rename)
	s.Handle("GET /account/collaborations/{account}/leave", askLeave)
	s.Handle("POST /account/collaborations/{account}/leave", leave)
	s.Handle("GET /account/live", live)
	s.Handle("GET /account/collaborations", refresh)
	mountSecurity(s)
	mountTokens(s)
}

// profile is what the page shows.
type profile struct {
	user     ops.UserView
	name     string // as it was written
	sessions []ops.SessionView
	accounts []collaboration
	limits   ops.LimitsView
	told     map[string]string // by place
	failed   map[string]error
}

// collaboration is an account that the person works with.
type collaboration struct{ ops.CollaborationView }

func show(r *site.Request) error {
	p, err := load(r)
	if err != nil {
		return err
	}
	for _, place := range []string{"name", "collaborations"} {
		p.told[place] = r.Told(place)
	}
	return p.show(r, http.StatusOK)
}

func load(r *site.Request) (p profile, err error) {
	p = profile{user: r.User, name: r.User.Name, told: map[string]string{}, failed: map[string]error{}}
	if p.limits, err = site.Ask(r, ops.AccountLimits, ops.AccountLimitsInput{OfAccount: ops.OfAccount{Account: "me"}}); err != nil {
		return p, err
	}
	p.accounts, err = collaborations(r)
	return p, err
}

func collaborations(r *site.Request) (list []collaboration, err error) {
	page, err := site.Ask(r, ops.CollaborationList, ops.CollaborationListInput{})
	for _, c := range page.Items {
		list = append(list, collaboration{c})
	}
	return list, err
}

func (p profile) show(r *site.Request, status int) error {
	page := layout.Page{Title: "Account", Current: layout.Account, Crumbs: []part.Crumb{{Label: "Account"}}, LiveURL: "/account/live"}
	return r.FrameStatus(status, page, p.view())
}

// again shows the page with what went wrong at its place.
func again(r *site.Request, place string, failed error, change func(*profile)) error {
	switch holm.CodeOf(failed) {
	case holm.CodeUnauthorized, holm.CodeNotFound, holm.CodeInternal:
		return failed
	}
	p, err := load(r)
	if err != nil {
		return err
	}
	p.failed[place] = failed
	change(&p)
	return p.show(r, site.Status(failed))
}

func keep(*profile) {}

func rename(r *site.Request) error {
	name := r.PostFormValue("name")
	in := ops.UserUpdateInput{}
	in.Body.Name = &name
	if _, err := site.Ask(r, ops.UserUpdate, in); err != nil {
		return again(r, "name", err, func(p *profile) { p.name = name })
	}
	r.Tell("name", "Saved.")
	return r.See("/account")
}

func (c collaboration) path() string {
	return "/account/collaborations/" + url.PathEscape(c.Account.ID) + "/leave"
}

func (c collaboration) question() part.Confirm {
	return part.Confirm{ID: "leave-" + c.Account.ID, Title: "Leave the account of " + c.Account.Email + "?", Action: c.path(), Button: "Leave",
		Points: []string{
			"You lose access to every environment of that account at once; what you have open there is cut.",
			"Environments that you made there stay with " + c.Account.Email + ", who is told by mail.",
			"To come back you have to be invited again.",
		}}
}

// askLeave is the question on a page of its own, for people without a script.
func askLeave(r *site.Request) error {
	list, err := collaborations(r)
	if err != nil {
		return err
	}
	for _, c := range list {
		if c.Account.ID == r.PathValue("account") {
			question := c.question()
			question.Page, question.Back = true, "/account#collaborations"
			return r.FrameStatus(http.StatusOK, layout.Page{Title: question.Title, Current: layout.Account,
				Crumbs: []part.Crumb{{Label: "Account", Href: "/account"}, {Label: "Leave"}}}, part.Group(part.Head{Title: "Account"}, question))
		}
	}
	return holm.ErrNotFound()
}

func leave(r *site.Request) error {
	if _, err := site.Ask(r, ops.CollaborationLeave, ops.CollaborationLeaveInput{Account: r.PathValue("account")}); err != nil {
		return again(r, "collaborations", err, keep)
	}
	r.Tell("collaborations", "You left that account.")
	return r.See("/account#collaborations")
}
