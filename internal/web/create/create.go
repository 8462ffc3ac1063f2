// Package create is the page that makes an environment: for whom, its name,
// and a picture of its layers on which they are added and sized.
//
// It asks the door. It must not know whether a name is taken before creating
// says so: anything else would tell people of environments they cannot see.
package create

import (
	"net/http"
	"net/url"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// Path is where the page is; no environment may be called "new".
const Path = "/environments/new"

// Mount adds the page to a site.
func Mount(s *site.Site) {
	s.Handle("GET "+Path, show)
	s.Handle("POST "+Path, create)
}

// page is the form and what it comes to.
type page struct {
	form       form
	accounts   []account
	limits     ops.LimitsView
	picks      []pick
	baseDomain string
	failed     error
}

// account is one the person may create on, or their own with the reason why
// they may not.
type account struct {
	id, label string
	refused   string
}

// show answers with the form. All of it may be in the address, which is how
// examples fill it, how the sums follow while one changes it, and how it is
// found again by whoever comes back to it.
func show(r *site.Request) error {
	p, err := open(r, r.URL.Query())
	if err != nil {
		return err
	}
	return p.answer(r, http.StatusOK)
}

func open(r *site.Request, values url.Values) (*page, error) {
	p := &page{baseDomain: r.Site.BaseDomain}
	stacks, err := site.Ask(r, ops.StackList, ops.StackListInput{})
	if err != nil {
		return nil, err
	}
	if err := p.findAccounts(r); err != nil {
		return nil, err
	}
	p.form = read(values, stacks.Items)
	p.form.account = p.choose(p.form.account)
	p.limits, err = site.Ask(r, ops.AccountLimits, ops.AccountLimitsInput{OfAccount: ops.OfAccount{Account: p.form.account}})
	p.picks = picksOf(stacks.Items, p.form)
	return p, err
}

// findAccounts lists the person's own account and those where they are admin.
func (p *page) findAccounts(r *site.Request) error {
	own := account{id: r.User.Account.ID, label: "You (" + r.User.Email + ")"}
	if holm.LimitsOf(holm.AccountType(r.User.Account.Type)).Environments == 0 {
		own.refused = "Your own account is a " + r.User.Account.Type + " account, which cannot own environments. An operator of this installation can change that."
	}
	p.accounts = append(p.accounts, own)
	others, err := site.Ask(r, ops.CollaborationList, ops.CollaborationListInput{})
	for _, c := range others.Items {
		if c.Create {
			p.accounts = append(p.accounts, account{id: c.Account.ID, label: c.Account.Email})
		}
	}
	return err
}

// choose gives the wanted account if the person may create there, else the
// first that is possible, else their own.
func (p *page) choose(wanted string) string {
	chosen := ""
	for _, a := range p.accounts {
		if a.refused != "" {
			continue
		}
		if a.id == wanted {
			return wanted
		}
		if chosen == "" {
			chosen = a.id
		}
	}
	if chosen == "" {
		return p.accounts[0].id
	}
	return chosen
}

// impossible is why the person may create nowhere, "" when they may.
func (p *page) impossible() string {
	for _, a := range p.accounts {
		if a.refused == "" {
			return ""
		}
	}
	return p.accounts[0].refused
}

func (p *page) answer(r *site.Request, status int) error {
	crumbs := []part.Crumb{{Label: "Environments", Href: "/environments"}, {Label: "New"}}
	frame := layout.Page{Title: "New environment", Current: layout.Environments, Crumbs: crumbs}
	if reason := p.impossible(); reason != "" {
		problem := layout.Problem{Status: http.StatusForbidden, Title: "You cannot create an environment", Text: reason}
		return r.FrameStatus(problem.Status, frame, layout.Trouble(problem))
	}
	return r.FrameStatus(status, frame, p.body())
}

// create makes the environment and leads to its page, where it is seen
// coming up.
func create(r *site.Request) error {
	if err := r.ParseForm(); err != nil {
		return holm.Invalid("name", "The form could not be read.")
	}
	p, err := open(r, r.PostForm)
	if err != nil {
		return err
	}
	in := ops.EnvironmentCreateInput{OfAccount: ops.OfAccount{Account: r.PostForm.Get("account")}}
	if in.Account == "" {
		in.Account = p.form.account
	}
	in.Body.Name, in.Body.Alias, in.Body.Layers = p.form.name, p.form.alias, p.form.layers()
	e, err := site.Ask(r, ops.EnvironmentCreate, in)
	switch holm.CodeOf(err) {
	case holm.CodeInvalid, holm.CodeConflict, holm.CodeQuota, holm.CodeTooMany, holm.CodeUnavailable:
		p.failed = err
		return p.answer(r, site.Status(err))
	}
	if err != nil {
		return err
	}
	return r.See("/environments/" + e.Name)
}
