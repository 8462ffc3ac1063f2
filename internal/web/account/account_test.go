package account_test

import (
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/internal/web/webtest"
	"github.com/holmhq/holm/ops"
)

func TestNameAndPassword(t *testing.T) {
	h := webtest.New(t, func(o *site.Options) { o.SignUpOpen = true })
	h.Visitor().Get("/account").At("/sign-in?next=%2Faccount")
	ana := h.Visitor()
	h.User("first@example.org", "", holm.AccountFull, true)
	ana.SignsUp("ana@example.org", "Ana", "a long password")
	ana.Get("/account").Says(200, `value="Ana"`, "0 of 1000 environments used")
	ana.Get("/account/sessions").Says(200, "This one")
	ana.Post("/account/name", "name", "Ana Example").At("/account").Says(200, "Saved.", `value="Ana Example"`)
	long := strings.Repeat("x", 101)
	ana.Post("/account/name", "name", long).Says(422, `value="`+long+`"`, "autofocus")
	ana.Post("/account/password", "current_password", "wrong", "password", "another long one").Says(422, "The current password is wrong.").Silent("another long one")
	ana.Post("/account/password", "current_password", "a long password", "password", "short").Says(422, "at least 10 characters")
	ana.Post("/account/password", "current_password", "a long password").Says(422, "Write a new password")
	other := h.Visitor()
	other.Post("/sign-in", "email", "ana@example.org", "password", "a long password").At("/environments")
	ana.Post("/account/password", "current_password", "a long password", "password", "another long one").Says(200, "The new password is set.")
	other.Get("/account").At("/sign-in?next=%2Faccount")
	ana.Get("/account/security").At("/account/security").Says(200).Silent("The new password is set.")
}

func TestSessionsCanBeEnded(t *testing.T) {
	h := webtest.New(t, func(o *site.Options) { o.SignUpOpen = true })
	h.User("first@example.org", "", holm.AccountFull, true)
	ana, other := h.Visitor(), h.Visitor()
	ana.SignsUp("ana@example.org", "", "a long password")
	other.Post("/sign-in", "email", "ana@example.org", "password", "a long password")
	body := ana.Get("/account/sessions").Says(200, "Where you are signed in", "Sign out").Body
	_, rest, _ := strings.Cut(body, `action="/account/sessions/ses_`)
	id, _, _ := strings.Cut(rest, "/")
	id = "ses_" + id
	ana.Post("/account/sessions/"+id+"/end").Says(200, "That session is ended.").Silent(id)
	other.Get("/account").At("/sign-in?next=%2Faccount")
	ana.Post("/account/sessions/" + id + "/end").Says(404)
	other.Post("/sign-in", "email", "ana@example.org", "password", "a long password").At("/environments")
	ana.Get("/account/sessions").Says(200, "End all others")
	ana.Post("/account/sessions/others/end").At("/account/sessions").Says(200, "You are signed out everywhere but here.").Silent("End all others")
	other.Get("/account").At("/sign-in?next=%2Faccount")
}

func TestLeaving(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	bob := h.User("bob@example.org", "Bob", holm.AccountCollaborator, false)
	bob.Get("/account").Says(200, "None", "owns none")
	h.Environment(ana, "shop")
	h.Invite(ana, "bob@example.org", "admin", ops.Share{Environment: "shop", Level: "full"})
	bob.Post("/invitations/" + h.Token("bob@example.org")).At("/environments")
	page := bob.Get("/account").Says(200, "ana@example.org", "admin", "active", "Leave the account of ana@example.org?", "stay with ana@example.org")
	_, rest, _ := strings.Cut(page.Body, `href="/account/collaborations/`)
	id, _, _ := strings.Cut(rest, "/")
	bob.Get("/account/collaborations").Says(200, `id="collaborations"`).Silent("<html")
	bob.Get("/account/collaborations/"+id+"/leave").Says(200, "Cancel", "invited again")
	bob.Get("/account/collaborations/none/leave").Says(404)
	bob.Post("/account/collaborations/"+id+"/leave").Says(200, "You left that account.")
	bob.Post("/account/collaborations/" + id + "/leave").Says(404)
	h.Letter(holm.LetterLeft, "ana@example.org")
}
