package entry

import (
	"net/http"
	"net/url"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

func showForgot(r *site.Request) error { return forgotCard(r, form{Email: r.FormValue("email")}) }

// forgot mails a link. The answer is the same whether the address has a login
// or not.
func forgot(r *site.Request) error {
	f := form{Email: r.PostFormValue("email")}
	in := ops.PasswordForgetInput{}
	in.Body.Email = f.Email
	if _, err := site.Ask(r, ops.PasswordForget, in); err != nil {
		f.Err = err
		return forgotCard(r, f)
	}
	return r.Card(http.StatusOK, layout.CardProps{Title: "Look at your mail"}, forgotDone(f.Email, r.Site.Outbox))
}

func forgotCard(r *site.Request, f form) error {
	return show(r, f, layout.CardProps{Title: "Forgot your password?", Lead: "Write your address; a link to set a new one is mailed to it."}, forgotForm(f))
}

func showReset(r *site.Request) error { return resetCard(r, form{Action: resetPath(r)}) }

func reset(r *site.Request) error {
	in := ops.PasswordResetInput{Token: holm.NewSecret(r.PathValue("token"))}
	in.Body.Password = holm.NewSecret(r.PostFormValue("password"))
	if _, err := site.Ask(r, ops.PasswordReset, in); err != nil {
		return resetCard(r, form{Action: resetPath(r), Err: err})
	}
	r.Forget() // the new password has ended every session
	return r.See("/sign-in?done=password")
}

func resetPath(r *site.Request) string { return "/password/" + url.PathEscape(r.PathValue("token")) }

func resetCard(r *site.Request, f form) error {
	return show(r, f, layout.CardProps{Title: "Set a new password", Lead: "Whoever is signed in with the old one is signed out, and your access tokens are revoked."}, resetForm(f))
}
