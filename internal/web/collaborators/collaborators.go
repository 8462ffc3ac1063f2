// Package collaborators is where an owner invites people, sets their role,
// shares environments with them and ends all that.
//
// It must not decide anything: it asks the door and tells what it answers.
package collaborators

import (
	"context"
	"net/url"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// Mount adds the pages.
func Mount(s *site.Site) {
	s.Handle("GET /collaborators", showList)
	s.Handle("POST /collaborators", invite)
	s.Handle("POST /collaborators/ahead", previewInvite)
	s.Handle("POST /collaborators/factor", requireFactor)
	s.Handle("GET /collaborators/people", refreshPeople)
	s.Handle("GET /collaborators/live", live)
	s.Handle("GET /collaborators/{id}", showPerson)
	s.Handle("POST /collaborators/{id}", share)
	s.Handle("GET /collaborators/{id}/person", refreshPerson)
	s.Handle("POST /collaborators/{id}/preview", preview)
	s.Handle("POST /collaborators/{id}/role", setRole)
	s.Handle("POST /collaborators/{id}/glass", setGlass)
	s.Handle("POST /collaborators/{id}/view", lookAs)
	s.Handle("POST /collaborators/{id}/resend", resend)
	mountStanding(s)
	mountLeaving(s)
	for _, a := range []action{suspend, reactivate, remove} {
		s.Handle("GET /collaborators/{id}/"+a.verb, a.ask)
		s.Handle("POST /collaborators/{id}/"+a.verb, a.do)
	}
}

// me is the account that the pages are about: the person's own.
const me = "me"

// person is one collaborator as the pages show them.
type person struct{ ops.CollaboratorView }

func find(r *site.Request) (person, error) {
	in := ops.CollaboratorShowInput{}
	in.Account, in.Collaborator = me, r.PathValue("id")
	v, err := site.Ask(r, ops.CollaboratorShow, in)
	return person{v}, err
}

func (p person) path() string { return "/collaborators/" + url.PathEscape(p.ID) }

func (p person) called() string {
	if p.Name != "" {
		return p.Name
	}
	return p.Email
}

func (p person) is(status holm.Status) bool { return p.Status == string(status) }

// open says whether there is still something to change about the person.
func (p person) open() bool { return holm.Status(p.Status).Open() }

// again is the address that fills the invitation's form with this person.
func (p person) again() string {
	return "/collaborators?" + url.Values{"email": {p.Email}, "role": {p.Role}}.Encode()
}

// live tells the pages what to ask for again.
func live(r *site.Request) error {
	door := r.Site.Door
	return r.Live(func(ctx context.Context, after uint64) (*dispatch.Stream, error) {
		return door.FollowList(ctx, r.Caller, after)
	},
		func(e dispatch.Event) (name, data string, err error) {
			switch e.Type {
			case dispatch.EventCollaborators:
				return "changed", "collaborators", nil
			case dispatch.EventAccess:
				return "changed", "access", nil
			case dispatch.EventEnvironment, dispatch.EventRemoved:
				return "changed", "environments", nil
			case dispatch.EventReset:
				return "resync", "", nil
			}
			return "", "", nil
		})
}
