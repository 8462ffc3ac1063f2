// Package entry is the way in: the first user's set-up, signing in and up, a
// forgotten password, and the page that an invitation's link opens.
//
// It must not know what people find once they are in.
package entry

import (
	"net/http"

	"github.com/a-h/templ"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/site"
)

// Mount adds the pages.
func Mount(s *site.Site) {
	s.Open("GET /setup/{token}", showSetup)
	s.Open("POST /setup/{token}", setUp)
	s.Open("GET /sign-in", showSignIn)
	s.Open("POST /sign-in", signIn)
	s.Open("POST /sign-in/step", takeStep)
	s.Open("POST /sign-in/passkey", withPasskey)
	s.Open("POST /sign-in/passkey/ask", askPasskey)
	s.Open("GET /sign-in/provider", toProvider)
	s.Open("GET /sign-in/provider/back", fromProvider)
	s.Open("POST "+layout.SignOutPath, signOut)
	if s.SignUpOpen {
		s.Open("GET /sign-up", showSignUp)
		s.Open("POST /sign-up", signUp)
		s.Open("GET /sign-up/{token}", showSignUpLink)
		s.Open("POST /sign-up/{token}", followSignUp)
	}
	s.Open("GET /password", showForgot)
	s.Open("POST /password", forgot)
	s.Open("GET /password/{token}", showReset)
	s.Open("POST /password/{token}", reset)
	s.Open("GET /invitations/{token}", showInvitation)
	s.Open("POST /invitations/{token}", accept)
	s.Open("GET /invitations/{token}/decline", askDecline)
	s.Open("POST /invitations/{token}/decline", decline)
}

// form is what a person wrote, to be shown again with what was wrong. A
// password is never shown again.
type form struct {
	Action string
	Next   string
	Email  string
	Name   string
	Err    error
}

// focus says whether a field takes the focus: the first that is wrong, or the
// first at all when none is.
func (f form) focus(field string, first bool) bool {
	if f.Err == nil || len(holm.AsError(f.Err).Fields) == 0 {
		return first
	}
	return holm.AsError(f.Err).Fields[0].Name == field
}

// show gives a form its page. A link that is over is told by its own page.
func show(r *site.Request, f form, c layout.CardProps, body templ.Component) error {
	if f.Err == nil {
		return r.Card(http.StatusOK, c, body)
	}
	if holm.CodeOf(f.Err) == holm.CodeGone {
		return over(r, f.Err)
	}
	return r.Card(site.Status(f.Err), c, body)
}

// over is the page of a link that does not work any more.
func over(r *site.Request, err error) error {
	p := layout.Problem{Status: site.Status(err), Title: "This link is over", Text: site.Sentence(err), Back: "/sign-in", Label: "Sign in"}
	if r.Caller.SignedIn() {
		p.Back, p.Label = "/environments", "Your environments"
	}
	return r.Trouble(p)
}
