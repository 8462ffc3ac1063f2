package entry

import (
	"net/http"
	"net/url"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

func showSignIn(r *site.Request) error {
	if r.Caller.SignedIn() {
		return r.See(r.Next())
	}
	return signInCard(r, form{Next: r.Next(), Email: r.FormValue("email")})
}

func signIn(r *site.Request) error {
	f := form{Next: r.Next(), Email: r.PostFormValue("email")}
	in := ops.SessionCreateInput{}
	in.Body.Email, in.Body.Password = f.Email, holm.NewSecret(r.PostFormValue("password"))
	session, err := site.Ask(r, ops.SessionCreate, in)
	return signedIn(r, session, err, f.Next, func(err error) error {
		f.Err = err
		return signInCard(r, f)
	})
}

func nextQuery(next string) string { return url.Values{"next": {next}}.Encode() }

func begunSession(s ops.SignedUp) *ops.SessionCreated { return s.Session }

func signInCard(r *site.Request, f form) error {
	lead := ""
	if r.FormValue("done") == "password" {
		lead = "The new password is set. Sign in with it."
	}
	begun, err := site.Ask(r, ops.SessionBegin, ops.SessionBeginInput{})
	if err != nil {
		return err
	}
	return show(r, f, layout.CardProps{Title: "Sign in", Lead: lead}, signInForm(f, r.Site.SignUpOpen, begun))
}

// signOut ends the session, and leads back to the page that asked for it.
func signOut(r *site.Request) error {
	if r.Caller.SignedIn() {
		if err := r.StopViewing(); err != nil {
			return err
		}
		if _, err := site.Ask(r, ops.SessionDelete, ops.SessionDeleteInput{Session: "current"}); err != nil {
			return err
		}
	}
	r.Forget()
	// What the browser has kept of pages goes too. Cookies stay out of it:
	// browsers would take those of every host of the domain.
	r.W.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	if r.FormValue("next") == "" {
		return r.See("/sign-in")
	}
	return r.See(r.Next())
}

func showSetup(r *site.Request) error {
	if r.Caller.SignedIn() {
		return r.See("/environments")
	}
	return setupCard(r, form{Action: setupPath(r), Err: r.Site.Setup(r.Context(), holm.NewSecret(r.PathValue("token")))})
}

func setUp(r *site.Request) error {
	return register(r, setupPath(r), holm.NewSecret(r.PathValue("token")), setupCard)
}

func setupPath(r *site.Request) string { return "/setup/" + url.PathEscape(r.PathValue("token")) }

func setupCard(r *site.Request, f form) error {
	return show(r, f, layout.CardProps{Title: "Set up Holm", Lead: "You are the first one here. This login runs the installation and has a full account of its own."},
		registerForm(f, "Set up"))
}

func showSignUp(r *site.Request) error {
	if r.Caller.SignedIn() {
		return r.See("/environments")
	}
	return signUpCard(r, form{Email: r.FormValue("email")})
}

// signUp has a link mailed. The answer is the same whether the address has a
// login or not.
func signUp(r *site.Request) error {
	f := form{Email: r.PostFormValue("email")}
	in := ops.UserSignUpInput{}
	in.Body.Email = f.Email
	if _, err := site.Ask(r, ops.UserSignUp, in); err != nil {
		f.Err = err
		return signUpCard(r, f)
	}
	return r.Card(http.StatusOK, layout.CardProps{Title: "Look at your mail"}, signUpDone(f.Email, r.Site.Outbox))
}

func signUpCard(r *site.Request, f form) error {
	return show(r, f, layout.CardProps{Title: "Make an account", Lead: "It is a full account: you own environments and share them with whom you choose. Write your address; a link to go on is mailed to it."},
		signUpForm(f))
}

func showSignUpLink(r *site.Request) error { return signUpLinkCard(r, form{}) }

func followSignUp(r *site.Request) error {
	f := form{Name: r.PostFormValue("name")}
	in := ops.UserSignUpInput{}
	in.Body.Token, in.Body.Name, in.Body.Password = holm.NewSecret(r.PathValue("token")), f.Name, holm.NewSecret(r.PostFormValue("password"))
	if r.Caller.SignedIn() {
		return signUpLinkCard(r, f)
	}
	if _, err := site.SignIn(r, ops.UserSignUp, in, begunSession); err != nil {
		f.Err = err
		return signUpLinkCard(r, f)
	}
	return r.See("/environments")
}

// signUpLinkCard is the form behind a mailed link. A link never makes anybody
// somebody else.
func signUpLinkCard(r *site.Request, f form) error {
	if r.Caller.SignedIn() {
		return r.Trouble(layout.Problem{Status: http.StatusConflict, Title: "You are signed in", Text: "You are signed in as " + r.User.Email + "; sign out, then open the link again.", Back: "/environments", Label: "Your environments"})
	}
	email, err := r.Site.SignUpLink(r.Context(), holm.NewSecret(r.PathValue("token")))
	if err != nil {
		f.Err = err
	}
	f.Action, f.Email = "/sign-up/"+url.PathEscape(r.PathValue("token")), email
	return show(r, f, layout.CardProps{Title: "Make the account", Lead: "For " + email + ", which you sign in with from now on."}, signUpLinkForm(f))
}

// register makes a user and signs them in, or shows the form again.
func register(r *site.Request, action string, token holm.Secret, again func(*site.Request, form) error) error {
	f := form{Action: action, Email: r.PostFormValue("email"), Name: r.PostFormValue("name")}
	in := ops.UserSignUpInput{}
	in.Body.Email, in.Body.Name, in.Body.Password, in.Body.SetupToken = f.Email, f.Name, holm.NewSecret(r.PostFormValue("password")), token
	if _, err := site.SignIn(r, ops.UserSignUp, in, begunSession); err != nil {
		f.Err = err
		return again(r, f)
	}
	return r.See("/environments")
}
