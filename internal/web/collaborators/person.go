package collaborators

import (
	"net/http"
	"net/url"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/grant"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// perPage is how many environments one page of the sharing table has, and so
// how many levels one save may set.
const perPage = 200

// sharing is a person's page: who they are, every environment of the account
// with their level in it, and what they did lately.
type sharing struct {
	person
	rows     grant.Sheet
	all      grant.Sheet // the row about all environments where a form chose something
	levels   grant.Levels
	list     []ops.EnvironmentView // of the rows
	query    string                // narrows the environments by name
	cursor   string
	more     string // address of the next environments
	told     string // what was just done to the person
	undo     site.Undo
	saved    string // what was just shared
	failed   error  // what could not be shared
	undone   error  // what could not be done to the person
	activity []ops.AuditRow
	operator bool
}

func crumbs(p person) []part.Crumb {
	return []part.Crumb{{Label: "Collaborators", Href: "/collaborators"}, {Label: p.called(), Href: p.path()}}
}

func showPerson(r *site.Request) error {
	s, err := loadSharing(r)
	if err != nil {
		return err
	}
	s.told, s.undo = r.ToldUndo("person")
	s.saved = r.Told("sharing")
	return s.show(r, http.StatusOK)
}

// refreshPerson answers with the person alone, for a page that is kept live.
func refreshPerson(r *site.Request) error {
	s, err := loadSharing(r)
	if err != nil {
		return err
	}
	return r.Part(http.StatusOK, s.region())
}

func (s sharing) show(r *site.Request, status int) error {
	page := layout.Page{Title: s.called(), Current: layout.Collaborators, Crumbs: crumbs(s.person), LiveURL: "/collaborators/live"}
	return r.FrameStatus(status, page, s.view())
}

// failedPerson shows the person again with what could not be done.
func failedPerson(r *site.Request, err error) error {
	switch holm.CodeOf(err) {
	case holm.CodeUnauthorized, holm.CodeNotFound, holm.CodeInternal:
		return err
	}
	s, problem := loadSharing(r)
	if problem != nil {
		return problem
	}
	s.undone = err
	return s.show(r, site.Status(err))
}

func loadSharing(r *site.Request) (s sharing, err error) {
	if s.person, err = find(r); err != nil {
		return s, err
	}
	s.query, s.cursor, s.operator = r.FormValue("q"), r.FormValue("cursor"), r.User.Operator
	if s.levels, err = levelsOf(r); err != nil {
		return s, err
	}
	if err := s.loadRows(r); err != nil {
		return s, err
	}
	in := ops.AuditAccountInput{AuditFilter: ops.AuditFilter{Who: s.Email, Paging: ops.Paging{Limit: 8}}}
	in.Account = me
	activity, err := site.Ask(r, ops.AuditAccount, in)
	s.activity = activity.Items
	return s, err
}

func (s *sharing) loadRows(r *site.Request) error {
	page, err := site.Ask(r, ops.EnvironmentList, ops.EnvironmentListInput{Owner: me, Name: s.query, Paging: ops.Paging{Cursor: s.cursor, Limit: perPage}})
	if err != nil {
		return err
	}
	stored := map[string]grant.Choice{}
	inherited, asked := map[string][]ops.GiftView{}, map[string][]ops.GiftView{}
	for _, e := range s.Effective {
		for _, g := range e.From {
			if g.Through == "request" {
				asked[e.Environment.ID] = append(asked[e.Environment.ID], g)
			} else {
				inherited[e.Environment.ID] = append(inherited[e.Environment.ID], g)
			}
		}
	}
	for _, e := range s.Environments {
		stored[e.Environment.ID], inherited[e.Environment.ID] = grant.Of(e.Level, true, e.Until), e.Inherited
	}
	s.list = page.Items
	for _, e := range page.Items {
		row := grant.Row{ID: e.ID, Label: e.Name, Was: stored[e.ID], Want: stored[e.ID], Said: true, Levels: s.levels, Inherited: inherited[e.ID], Asked: asked[e.ID]}
		if s.Until != nil {
			row.Ends = *s.Until
		}
		s.rows = append(s.rows, row)
	}
	if page.Next != nil {
		s.more = s.address(*page.Next)
	}
	return nil
}

// address is a page of the person's environments.
func (s sharing) address(cursor string) string {
	q := url.Values{}
	if s.query != "" {
		q.Set("q", s.query)
	}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	if len(q) == 0 {
		return s.path()
	}
	return s.path() + "?" + q.Encode()
}

// whole says whether every environment is on the page, so that a script can
// narrow them without asking.
func (s sharing) whole() bool { return s.query == "" && s.cursor == "" && s.more == "" }
