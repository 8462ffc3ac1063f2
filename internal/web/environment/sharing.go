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

	levels grant.Levels
}

func (p *page) sharing() (templ.Component, error) {
	if p.people == nil {
		rows, err := p.sharingPage(p.URL.Query().Get("cursor"))
		if err != nil {
			return nil, err
		}
		p.people = &people{}
		p.people.add(rows)
		if err := p.levelsFor(p.people); err != nil {
			return nil, err
		}
	}
	return p.sharingBody(), nil
}

func (p *page) sharingPage(cursor string) (ops.Page[ops.SharingRow], error) {
	return site.Ask(p.Request, ops.EnvironmentSharing, ops.EnvironmentSharingInput{OfEnvironment: p.target(), Paging: ops.Paging{Cursor: cursor}})
}

// levelsFor adds the levels that the rows can be given.
func (p *page) levelsFor(l *people) error {
	in := ops.LevelListInput{}
	in.Account = "me" // whoever may share an environment owns it
	levels, err := site.Ask(p.Request, ops.LevelList, in)
	l.levels = grant.LevelsOf(levels.Items)
	for i := range l.rows {
		l.rows[i].Levels = l.levels
	}
	return err
}

func (l *people) add(page ops.Page[ops.SharingRow]) {
	l.list, l.next = append(l.list, page.Items...), page.Next
	for _, v := range page.Items {
		now := grant.Of(v.Level, v.Direct, v.Until)
		row := grant.Row{ID: v.Collaborator.ID, Label: called(v), Was: now, Want: now, Inherited: v.Inherited}
		for _, g := range v.From {
			if g.Through == "request" {
				row.Asked = append(row.Asked, g)
			}
		}
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
			return l, p.levelsFor(l)
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
	var means ops.PreviewView
	if err == nil {
		means, err = p.ahead(e.Changes)
	}
	if err == nil {
		err = p.save(e.Changes)
	}
	if err != nil {
		p.people.rows.Blame(err, time.Now())
		return p.tell(err)
	}
	r.Tell(topic, grant.Told(means, p.env.Name, e.Changes))
	return r.See(p.path(sharingPath))
}

// wanted are the changes as the door takes them.
func wanted(changes grant.Sheet) (list []ops.PersonShare) {
	for _, c := range changes {
		list = append(list, ops.PersonShare{Collaborator: c.ID, Level: c.Want.Name(), Until: c.Want.End(), Was: c.Was.Held()})
	}
	return list
}

func (p *page) save(changes grant.Sheet) error {
	in := ops.EnvironmentShareInput{OfEnvironment: p.target()}
	in.Body.Collaborators = wanted(changes)
	_, err := site.Ask(p.Request, ops.EnvironmentShare, in)
	return err
}

// ahead asks what saving would change.
func (p *page) ahead(changes grant.Sheet) (ops.PreviewView, error) {
	in := ops.EnvironmentPreviewInput{OfEnvironment: p.target()}
	in.Body.Collaborators = wanted(changes)
	return site.Ask(p.Request, ops.EnvironmentPreview, in)
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
	if err := e.Problem(); err != nil {
		return r.Part(http.StatusOK, grant.AheadFailed(site.Sentence(err)))
	}
	if len(e.Changes) == 0 {
		return r.Part(http.StatusOK, templ.NopComponent)
	}
	v, err := p.ahead(e.Changes)
	if holm.CodeOf(err) == holm.CodeInvalid || holm.CodeOf(err) == holm.CodeConflict {
		return r.Part(http.StatusOK, grant.AheadFailed(site.Sentence(err)))
	}
	if err != nil {
		return err
	}
	return r.Part(http.StatusOK, grant.Ahead(v, p.env.Name, e.Changes.Ends()))
}
