package collaborators

import (
	"net/http"
	"time"

	"github.com/a-h/templ"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/grant"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// share saves the changed levels, all or none.
func share(r *site.Request) error {
	s, err := loadSharing(r)
	if err != nil {
		return err
	}
	e := s.rows.Read(r.PostForm)
	if all := r.PostFormValue("all"); s.levels.Has(all) && e.Err == nil {
		s.rows.SetAll(holm.Level(all))
		return s.show(r, http.StatusOK)
	}
	err = e.Problem()
	if err == nil && len(e.Changes) == 0 {
		r.Tell("sharing", "Nothing was changed.")
		return r.See(s.address(s.cursor))
	}
	var means ops.PreviewView
	if err == nil {
		means, err = s.ahead(r, e.Changes)
	}
	if err == nil {
		err = s.save(r, e.Changes)
	}
	if err != nil {
		if holm.CodeOf(err) == holm.CodeUnauthorized {
			return err
		}
		s.rows.Blame(err, time.Now())
		s.failed = err
		return s.show(r, site.Status(err))
	}
	r.Tell("sharing", grant.Told(means, "", e.Changes))
	return r.See(s.address(s.cursor))
}

// wanted are the changes as the door takes them.
func wanted(changes grant.Sheet) (list []ops.Share) {
	for _, c := range changes {
		list = append(list, ops.Share{Environment: c.ID, Level: c.Want.Name(), Until: c.Want.End(), Was: c.Was.Held()})
	}
	return list
}

func (s sharing) save(r *site.Request, changes grant.Sheet) error {
	in := ops.CollaboratorShareInput{}
	in.Account, in.Collaborator, in.Body.Environments = me, s.ID, wanted(changes)
	_, err := site.Ask(r, ops.CollaboratorShare, in)
	return err
}

// ahead asks what saving would change.
func (s sharing) ahead(r *site.Request, changes grant.Sheet) (ops.PreviewView, error) {
	in := ops.CollaboratorPreviewInput{}
	in.Account, in.Collaborator, in.Body.Environments = me, s.ID, wanted(changes)
	return site.Ask(r, ops.CollaboratorPreview, in)
}

// preview says what a save would change.
func preview(r *site.Request) error {
	s, err := loadSharing(r)
	if err != nil {
		return err
	}
	e := s.rows.Read(r.PostForm)
	if err := e.Problem(); err != nil {
		return r.Part(http.StatusOK, grant.AheadFailed(site.Sentence(err)))
	}
	if len(e.Changes) == 0 {
		return r.Part(http.StatusOK, templ.NopComponent)
	}
	v, err := s.ahead(r, e.Changes)
	return foreseen(r, v, err, e.Changes.Ends())
}

// foreseen answers with what a preview found, or why there is none.
func foreseen(r *site.Request, v ops.PreviewView, err error, more string) error {
	if code := holm.CodeOf(err); err != nil && (code == holm.CodeInvalid || code == holm.CodeConflict) {
		return r.Part(http.StatusOK, grant.AheadFailed(site.Sentence(err)))
	}
	if err != nil {
		return err
	}
	return r.Part(http.StatusOK, grant.Ahead(v, "", more))
}
