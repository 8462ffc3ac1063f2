package collaborators

import (
	"net/http"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/grant"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// mountStanding adds what changes a person's access as a whole: its end, and
// the level on all environments.
func mountStanding(s *site.Site) {
	s.Handle("POST /collaborators/{id}/end", setEnd)
	s.Handle("POST /collaborators/{id}/extend", extend)
	s.Handle("POST /collaborators/{id}/all", shareAll)
	s.Handle("POST /collaborators/{id}/all/preview", previewAll)
}

// allID is the row of the level on all environments.
const allID = "all"

// allRow is what the person has on all environments, as one row of a table.
func (s sharing) allRow() grant.Sheet {
	now := grant.Choice{Level: holm.LevelNone}
	if wide := s.AllEnvironments; wide != nil {
		now = grant.Of(wide.Level, true, wide.Until)
	}
	row := grant.Row{ID: allID, Label: "all environments", Was: now, Want: now, Levels: s.levels.OfGroup(), Said: true}
	if s.Until != nil {
		row.Ends = *s.Until
	}
	return grant.Sheet{row}
}

// setEnd changes when the collaboration ends by itself.
func setEnd(r *site.Request) error {
	p, err := find(r)
	if err != nil {
		return err
	}
	in := ops.CollaboratorUpdateInput{}
	in.Account, in.Collaborator = me, p.ID
	told := ""
	switch {
	case r.PostForm.Has("never"):
		in.Body.NoEnd, told = true, "The collaboration with "+p.called()+" has no end now."
	default:
		in.Body.Until, err = p.end(r)
		if err != nil {
			return failedPerson(r, err)
		}
		told = "The collaboration with " + p.called() + " ends at " + holm.UntilWords(*in.Body.Until) + "."
	}
	if _, err := site.Ask(r, ops.CollaboratorUpdate, in); err != nil {
		return failedPerson(r, err)
	}
	r.Tell("person", told+" A mail tells them.")
	return r.See(p.path())
}

// end is the end that the form gives: a day, or some days more.
func (p person) end(r *site.Request) (*time.Time, error) {
	if days := daysMore(r); days > 0 {
		end := later(p.Until, days)
		return &end, nil
	}
	end, err := grant.EndOf("until", r.PostFormValue("until"))
	if err == nil && end == nil {
		err = holm.Invalid("until", "Choose the last day of the collaboration.")
	}
	return end, err
}

// daysMore is by how many days a button extends, 0 for none.
func daysMore(r *site.Request) int {
	switch r.PostFormValue("more") {
	case "7":
		return 7
	case "30":
		return 30
	}
	return 0
}

// later is an end some days after one that there is, or after now.
func later(end *time.Time, days int) time.Time {
	from := time.Now().UTC()
	if end != nil && end.After(from) {
		from = end.UTC()
	}
	return from.AddDate(0, 0, days)
}

// extend gives what somebody has directly in one environment for longer.
func extend(r *site.Request) error {
	s, err := loadSharing(r)
	if err != nil {
		return err
	}
	id, days := r.PostFormValue("environment"), daysMore(r)
	for _, e := range s.Environments {
		if e.Environment.ID != id || e.Until == nil || days == 0 {
			continue
		}
		end := later(e.Until, days)
		in := ops.CollaboratorShareInput{}
		in.Account, in.Collaborator = me, s.ID
		in.Body.Environments = []ops.Share{{Environment: id, Level: e.Level, Until: &end, Was: &ops.Held{Level: e.Level, Until: e.Until}}}
		if _, err := site.Ask(r, ops.CollaboratorShare, in); err != nil {
			return failedPerson(r, err)
		}
		r.Tell("person", s.called()+" keeps "+site.LevelName(e.Level)+" on "+e.Environment.Name+" until "+holm.UntilWords(end)+".")
		return r.See(s.path() + "#effective")
	}
	return failedPerson(r, holm.Errorf(holm.CodeConflict, "There is no end to extend any more; look at what is there now."))
}

// wantedAll reads the form about all environments.
func wantedAll(r *site.Request) (s sharing, e grant.Edit, err error) {
	if s, err = loadSharing(r); err != nil {
		return s, e, err
	}
	s.all = s.allRow()
	e = s.all.Read(onlyAll(r.PostForm))
	return s, e, e.Problem()
}

func onlyAll(form url.Values) url.Values {
	part := url.Values{}
	for _, field := range []string{"was." + allID, "level." + allID, "until." + allID} {
		if form.Has(field) {
			part[field] = form[field]
		}
	}
	return part
}

func (s sharing) aheadAll(r *site.Request, row grant.Row) (ops.PreviewView, error) {
	c := row.Want
	level := c.Name()
	in := ops.CollaboratorPreviewInput{}
	in.Account, in.Collaborator, in.Body.AllEnvironments, in.Body.AllEnvironmentsUntil, in.Body.AllEnvironmentsWas = me, s.ID, &level, c.End(), row.Was.Held()
	return site.Ask(r, ops.CollaboratorPreview, in)
}

func previewAll(r *site.Request) error {
	s, e, err := wantedAll(r)
	if err == nil && len(e.Changes) == 0 {
		return r.Part(http.StatusOK, templ.NopComponent)
	}
	var v ops.PreviewView
	if err == nil {
		v, err = s.aheadAll(r, e.Changes[0])
	}
	return foreseen(r, v, err, e.Changes.Ends())
}

// shareAll saves the level on all environments, present and future.
func shareAll(r *site.Request) error {
	s, e, err := wantedAll(r)
	if err == nil && len(e.Changes) == 0 {
		return r.See(s.path())
	}
	var means ops.PreviewView
	if err == nil {
		want := e.Changes[0].Want
		means, err = s.aheadAll(r, e.Changes[0])
		if err == nil {
			level := want.Name()
			in := ops.CollaboratorUpdateInput{}
			in.Account, in.Collaborator, in.Body.AllEnvironments, in.Body.AllEnvironmentsUntil, in.Body.AllEnvironmentsWas = me, s.ID, &level, want.End(), e.Changes[0].Was.Held()
			_, err = site.Ask(r, ops.CollaboratorUpdate, in)
		}
	}
	switch code := holm.CodeOf(err); {
	case err == nil:
		r.Tell("person", grant.Told(means, "", e.Changes))
		return r.See(s.path())
	case code == holm.CodeInvalid || code == holm.CodeConflict:
		s.all.Blame(err, time.Now())
		s.undone = err
		return s.show(r, site.Status(err))
	}
	return err
}

// direct is the end of what the person has directly in an environment, where
// it counts and ends.
func direct(e ops.EffectiveView) *time.Time {
	for _, g := range e.From {
		if g.Through == "direct" {
			return g.Until
		}
	}
	return nil
}

func (s sharing) effectiveTable() part.Table {
	t := part.Table{ID: "effective-rows", Caption: "What " + s.Email + " has in each environment, and why",
		Columns: []part.Column{{Label: "Environment"}, {Label: "Level"}, {Label: "Until"}, {Label: "Because of", Wide: true}, {Label: "Actions", Quiet: true}},
		Empty:   part.Empty{Icon: part.IconEnvironments, Title: "Nothing", Text: "They see none of your environments."}}
	for i, e := range s.Effective {
		if i == perPage {
			break
		}
		t.Rows = append(t.Rows, part.Row{ID: "has-" + e.Environment.ID, Cells: []templ.Component{effectiveName(e), s.effectiveLevel(e), effectiveUntil(e), part.Text(grant.From(e.From)), s.extension(e)}})
	}
	return t
}
