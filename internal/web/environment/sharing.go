package environment

import (
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/grant"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// people are the rows of the sharing tab.
type people struct {
	list []ops.SharingRow
	rows grant.Sheet // one for each of the list
	next *string     // where the list goes on
}

func (p *page) sharing() (templ.Component, error) {
	if p.people == nil {
		rows, err := p.sharingPage(p.URL.Query().Get("cursor"))
		if err != nil {
			return nil, err
		}
		p.people = &people{}
		p.people.add(rows)
	}
	return p.sharingBody(), nil
}

func (p *page) sharingPage(cursor string) (ops.Page[ops.SharingRow], error) {
	return site.Ask(p.Request, ops.EnvironmentSharing, ops.EnvironmentSharingInput{OfEnvironment: p.target(), Paging: ops.Paging{Cursor: cursor}})
}

func (l *people) add(page ops.Page[ops.SharingRow]) {
	l.list, l.next = append(l.list, page.Items...), page.Next
	for _, v := range page.Items {
		now := grant.Of(v.Level, v.Until)
		row := grant.Row{ID: v.Collaborator.ID, Label: called(v), Was: now, Want: now, Cut: v.Status == string(holm.StatusActive)}
		if v.CollaborationUntil != nil {
			row.Ends = *v.CollaborationUntil
		}
		l.rows = append(l.rows, row)
	}
}

func called(v ops.SharingRow) string {
	if v.Name != "" {
		return v.Name
	}
	return v.Collaborator.Email
}

// posted gives everybody that the posted form has shown, as it is now: what
// somebody had opened with "Show more" too.
func (p *page) posted() (*people, error) {
	missing := 0
	for name := range p.PostForm {
		if strings.HasPrefix(name, wasField) {
			missing++
		}
	}
	l, cursor := &people{}, p.PostForm.Get("cursor")
	for {
		rows, err := p.sharingPage(cursor)
		if err != nil {
			return nil, err
		}
		l.add(rows)
		for _, v := range rows.Items {
			if p.PostForm.Has(wasField + v.Collaborator.ID) {
				missing--
			}
		}
		if rows.Next == nil || missing <= 0 {
			return l, nil
		}
		cursor = *rows.Next
	}
}

// wasField begins the names of the fields that say what a form was made from.
const wasField = "was."

// edit reads the posted form into the page.
func (p *page) edit() (e grant.Edit, err error) {
	if err := p.ParseForm(); err != nil {
		return e, holm.Invalid("level", "The form could not be read.")
	}
	l, err := p.posted()
	if err != nil {
		return e, err
	}
	p.people = l
	return l.rows.Read(p.PostForm), nil
}

// share saves the rows that were changed, all or none. What cannot be saved
// stays chosen on the page.
func share(r *site.Request) error {
	p, err := open(r, sharing)
	if err != nil {
		return err
	}
	e, err := p.edit()
	if err != nil {
		return again(r, sharing, err)
	}
	err = e.Problem()
	if err == nil && len(e.Changes) == 0 {
		return r.See(p.path(sharingPath))
	}
	if err == nil {
		err = p.save(e.Changes)
	}
	if err != nil {
		p.people.rows.Blame(err, time.Now())
		return p.tell(err)
	}
	r.Tell(topic, "Saved: "+e.Changes.In(p.env.Name))
	return r.See(p.path(sharingPath))
}

func (p *page) save(changes grant.Sheet) error {
	in := ops.EnvironmentShareInput{OfEnvironment: p.target()}
	for _, c := range changes {
		in.Body.Collaborators = append(in.Body.Collaborators, ops.PersonShare{Collaborator: c.ID, Level: c.Want.Name(), Until: c.Want.End(),
			Was: &ops.Held{Level: c.Was.Name(), Until: c.Was.End()}})
	}
	_, err := site.Ask(p.Request, ops.EnvironmentShare, in)
	return err
}

// previewShare says what a save would change.
func previewShare(r *site.Request) error {
	p, err := open(r, sharing)
	if err != nil {
		return err
	}
	e, err := p.edit()
	if err != nil {
		return err
	}
	words := e.Changes.In(p.env.Name)
	if e.Err != nil {
		words = site.Sentence(e.Err)
	}
	return r.Part(http.StatusOK, said(words))
}
