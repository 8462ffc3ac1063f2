package collaborators

import (
	"net/http"
	"time"

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
	if all := holm.Level(r.PostFormValue("all")); all.Valid() && e.Err == nil {
		s.rows.SetAll(all)
		return s.show(r, http.StatusOK)
	}
	err = e.Problem()
	if err == nil && len(e.Changes) == 0 {
		r.Tell("sharing", "Nothing was changed.")
		return r.See(s.address(s.cursor))
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
	r.Tell("sharing", "Saved: "+e.Changes.Of(s.called()))
	return r.See(s.address(s.cursor))
}

func (s sharing) save(r *site.Request, changes grant.Sheet) error {
	in := ops.CollaboratorShareInput{}
	in.Account, in.Collaborator = me, s.ID
	for _, c := range changes {
		in.Body.Environments = append(in.Body.Environments, ops.Share{Environment: c.ID, Level: c.Want.Name(), Until: c.Want.End(),
			Was: &ops.Held{Level: c.Was.Name(), Until: c.Was.End()}})
	}
	_, err := site.Ask(r, ops.CollaboratorShare, in)
	return err
}

// preview says what a save would change.
func preview(r *site.Request) error {
	s, err := loadSharing(r)
	if err != nil {
		return err
	}
	e := s.rows.Read(r.PostForm)
	if e.Err != nil {
		return r.Part(http.StatusOK, said(site.Sentence(e.Err)))
	}
	return r.Part(http.StatusOK, said(e.Changes.Of(s.called())))
}
