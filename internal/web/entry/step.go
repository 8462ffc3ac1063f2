package entry

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// step is the second step of a sign-in.
type step struct {
	form
	token  string
	kinds  []string
	origin string // of the dashboard for passkeys
	kind   string // that was tried
}

func (s step) takes(kind string) bool { return slices.Contains(s.kinds, kind) }

// signedIn goes on after a sign-in: in, to the second step, or back to the
// form.
func signedIn(r *site.Request, session ops.SessionCreated, err error, next string, again func(error) error) error {
	if err == nil {
		r.Remember(session)
		return r.See(next)
	}
	second := holm.AsError(err).SecondFactor
	if second == nil {
		return again(err)
	}
	s := step{form: form{Next: next}, token: second.Token, kinds: second.Kinds}
	if r.URL.Path == "/sign-in/step" {
		s.Err, s.kind = err, r.PostFormValue("kind")
	}
	begun, err := site.Ask(r, ops.SessionBegin, ops.SessionBeginInput{})
	if err != nil {
		return err
	}
	s.origin = begun.PasskeyOrigin
	return show(r, s.form, layout.CardProps{Title: "One more step", Lead: s.lead()}, s.view())
}

func (s step) lead() string {
	switch {
	case s.takes("code") && s.takes("passkey"):
		return "The first step is right. Now use your authenticator or your passkey."
	case s.takes("passkey"):
		return "The first step is right. Now use your passkey."
	}
	return "The first step is right. Now the code of your authenticator."
}

// takeStep takes the second step.
func takeStep(r *site.Request) error {
	in := ops.SessionCreateInput{}
	in.Body.StepToken = holm.NewSecret(r.PostFormValue("step_token"))
	switch r.PostFormValue("kind") {
	case "passkey":
		in.Body.Passkey = passkeyAnswer(r)
	case "recovery_code":
		in.Body.RecoveryCode = holm.NewSecret(r.PostFormValue("recovery_code"))
	default:
		in.Body.Code = holm.NewSecret(r.PostFormValue("code"))
	}
	session, err := site.Ask(r, ops.SessionCreate, in)
	return signedIn(r, session, err, r.Next(), func(err error) error {
		return signInCard(r, form{Next: r.Next(), Err: err})
	})
}

// passkeyAnswer reads what the browser's device answered.
func passkeyAnswer(r *site.Request) *ops.PasskeyAnswer {
	a := &ops.PasskeyAnswer{State: r.PostFormValue("state"), Credential: map[string]any{}}
	_ = json.Unmarshal([]byte(r.PostFormValue("credential")), &a.Credential) // what is none is refused
	return a
}

// askPasskey gives the browser a challenge.
func askPasskey(r *site.Request) error {
	in := ops.SessionBeginInput{With: "passkey", StepToken: holm.NewSecret(r.PostFormValue("step_token"))}
	begun, err := site.Ask(r, ops.SessionBegin, in)
	return r.Answer(begun.Challenge, err)
}

// withPasskey signs in with a passkey alone.
func withPasskey(r *site.Request) error {
	in := ops.SessionCreateInput{}
	in.Body.Passkey = passkeyAnswer(r)
	session, err := site.Ask(r, ops.SessionCreate, in)
	return signedIn(r, session, err, r.Next(), func(err error) error {
		return signInCard(r, form{Next: r.Next(), Err: err})
	})
}

// The cookies of a round trip to the sign-in provider: what began in another
// browser, or was made up elsewhere, does not end here.
const (
	tripCookie = "holm_trip"
	nextCookie = "holm_next"
)

// toProvider leads to the sign-in provider, to sign in or to link a login.
func toProvider(r *site.Request) error {
	with := "provider"
	if r.FormValue("link") != "" {
		with = "link"
	}
	begun, err := site.Ask(r, ops.SessionBegin, ops.SessionBeginInput{With: with})
	if err != nil {
		return r.Trouble(layout.Problem{Status: site.Status(err), Title: "The sign-in provider", Text: site.Sentence(err), Back: "/sign-in", Label: "Sign in another way"})
	}
	r.Keep(tripCookie, with+" "+begun.Start.State)
	r.Keep(nextCookie, url.QueryEscape(r.Next()))
	http.Redirect(r.W, r.Request, begun.Start.URL, http.StatusSeeOther)
	return nil
}

// fromProvider is where the provider leads back to.
func fromProvider(r *site.Request) error {
	state := r.FormValue("state")
	kept := r.Kept(tripCookie)
	next, err := url.QueryUnescape(r.Kept(nextCookie))
	r.Drop(tripCookie)
	r.Drop(nextCookie)
	if err != nil || next == "" || r.FormValue("next") != "" {
		next = "/environments"
	}
	answer := ops.ProviderAnswer{State: state, Code: holm.NewSecret(r.FormValue("code"))}
	trouble := func(err error) error {
		return r.Trouble(layout.Problem{Status: site.Status(err), Title: "That did not work", Text: site.Sentence(err), Back: "/sign-in", Label: "Sign in"})
	}
	switch {
	case state == "" || r.FormValue("code") == "":
		return trouble(holm.Errorf(holm.CodeUnauthorized, "The sign-in provider did not let you in, or you turned back."))
	case kept == "provider "+state:
		in := ops.SessionCreateInput{}
		in.Body.Provider = &answer
		session, err := site.Ask(r, ops.SessionCreate, in)
		return signedIn(r, session, err, next, trouble)
	case kept == "link "+state && r.Caller.SignedIn():
		if _, err := site.Ask(r, ops.IdentityLink, ops.IdentityLinkInput{Body: answer}); err != nil {
			return trouble(err)
		}
		r.Tell("identities", "The login is linked. You can sign in with it from now on.")
		return r.See("/account/security#identities")
	}
	return trouble(holm.Errorf(holm.CodeUnauthorized, "This sign-in was begun in another browser; begin again here."))
}
