package collaborators

import (
	"net/http"
	"net/url"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// list is the page of all collaborators.
type list struct {
	people   []person
	more     string // address of the next people
	all      bool   // those who left are shown too
	accounts []ops.CollaborationView
	invite   invitation
	told     string // what was just done
	undo     site.Undo
	factor   ops.AccountSecurityView
	failed   error // what could not be done to somebody of the list
	outbox   bool
	operator bool
	owns     bool // the account may own environments
}

func showList(r *site.Request) error {
	l, err := load(r)
	if err != nil {
		return err
	}
	l.told, l.undo = r.ToldUndo("people")
	l.invite.Email, l.invite.Role = r.FormValue("email"), r.FormValue("role")
	l.invite.choose(r.FormValue("environment"))
	return l.show(r, http.StatusOK)
}

// refreshPeople answers with the people alone, for a page that is kept live.
func refreshPeople(r *site.Request) error {
	l, err := loadPeople(r)
	if err != nil {
		return err
	}
	return r.Part(http.StatusOK, l.region())
}

func (l list) show(r *site.Request, status int) error {
	page := layout.Page{Title: "Collaborators", Current: layout.Collaborators, Crumbs: []part.Crumb{{Label: "Collaborators"}}, LiveURL: "/collaborators/live"}
	return r.FrameStatus(status, page, l.view())
}

// failed shows the list again with what could not be done.
func failed(r *site.Request, err error) error {
	switch holm.CodeOf(err) {
	case holm.CodeUnauthorized, holm.CodeNotFound, holm.CodeInternal:
		return err
	}
	l, problem := load(r)
	if problem != nil {
		return problem
	}
	l.failed = err
	return l.show(r, site.Status(err))
}

func load(r *site.Request) (list, error) {
	l, err := loadPeople(r)
	if err != nil {
		return l, err
	}
	accounts, err := site.Ask(r, ops.CollaborationList, ops.CollaborationListInput{})
	if err != nil {
		return l, err
	}
	l.accounts = accounts.Items
	if err := l.loadFactor(r); err != nil {
		return l, err
	}
	environments, err := site.Ask(r, ops.EnvironmentList, ops.EnvironmentListInput{Owner: me, Paging: ops.Paging{Limit: inviteMost + 1}})
	if err != nil {
		return l, err
	}
	l.invite = newInvitation(environments.Items)
	groups := ops.GroupListInput{}
	groups.Account = me
	named, err := site.Ask(r, ops.GroupList, groups)
	if err != nil {
		return l, err
	}
	l.invite.groups = named.Items
	l.invite.choices, err = levelsOf(r)
	return l, err
}

func loadPeople(r *site.Request) (l list, err error) {
	l = list{all: r.FormValue("show") == "all", outbox: r.Site.Outbox, operator: r.User.Operator}
	in := ops.CollaboratorListInput{Paging: ops.Paging{Cursor: r.FormValue("cursor")}}
	in.Account = me
	if l.all {
		in.Status = "all"
	}
	people, err := site.Ask(r, ops.CollaboratorList, in)
	for _, v := range people.Items {
		l.people = append(l.people, person{v})
	}
	if people.Next != nil {
		l.more = l.address("/collaborators", *people.Next)
	}
	if err == nil {
		l.owns, err = owns(r, len(l.people) > 0)
	}
	return l, err
}

// owns says whether the account has or may have anything to share.
func owns(r *site.Request, shares bool) (bool, error) {
	if shares || r.User.Account.Type != string(holm.AccountCollaborator) {
		return true, nil
	}
	page, err := site.Ask(r, ops.EnvironmentList, ops.EnvironmentListInput{Owner: me, Paging: ops.Paging{Limit: 1}})
	return len(page.Items) > 0, err
}

// address is a page of this list.
func (l list) address(path, cursor string) string {
	q := url.Values{}
	if l.all {
		q.Set("show", "all")
	}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
