package entry_test

import (
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/internal/web/webtest"
	"github.com/holmhq/holm/ops"
)

func TestInvitationOfSomebodyNew(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	h.Environment(ana, "shop")
	h.Invite(ana, "bob@example.org", "admin", ops.Share{Environment: "shop", Level: "limited"})
	link := "/invitations/" + h.Token("bob@example.org")
	bob := h.Visitor()
	bob.Get(link).Says(200, "Ana invites you", "ana@example.org", "bob@example.org", "Admin", "may create environments", "shop", "Limited", "once, until", "Accept and sign in", "Decline")
	bob.Post(link, "name", "Bob", "password", "short").Says(422, "at least 10 characters", `value="Bob"`)
	bob.Post(link, "name", "Bob", "password", password).At("/environments")
	if bob.Cookie(site.Cookie) == "" {
		t.Error("the new person is not signed in")
	}
	if got := h.Letter(holm.LetterInvitationAccepted, "ana@example.org").Actor; got != "bob@example.org" {
		t.Errorf("the owner's mail names %q", got)
	}
	h.Visitor().Get(link).Says(410, "This link is over", "replaced by a newer one")
	h.Visitor().Post(link, "password", password).Says(410, "This link is over")
}

func TestInvitationOfSomebodyKnown(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "", holm.AccountFull, false)
	bob := h.User("Bob@example.org", "Bob", holm.AccountFull, false)
	eve := h.User("eve@example.org", "Eve", holm.AccountFull, false)
	h.Invite(ana, "bob@example.org", "")
	link := "/invitations/" + h.Token("bob@example.org")
	h.Visitor().Get(link).Says(200, "ana@example.org invites you", "Viewer", "None yet", "Sign in to answer", "next=%2Finvitations%2F").Silent(`name="password"`)
	h.Visitor().Post(link, "password", password).Says(401, "has a login")
	eve.Get(link).Says(200, "you are signed in as eve@example.org", "Sign out").Silent("Accept", "Decline")
	eve.Post(link).Says(409, "you are signed in as eve@example.org")
	eve.Post("/sign-out", "next", link).At(link).Says(200, "Sign in to answer")
	bob.Get(link).Says(200, "Accept", "Decline").Silent(`name="password"`)
	bob.Post(link).At("/environments")
	bob.Get(link).Says(410, "Your environments")
}

func TestInvitationDeclined(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	h.Invite(ana, "bob@example.org", "")
	link := "/invitations/" + h.Token("bob@example.org")
	bob := h.Visitor()
	bob.Get(link+"/decline").Says(200, "Decline the invitation?", "Ana is told")
	bob.Post(link+"/decline").Says(200, "You declined")
	h.Letter(holm.LetterInvitationDeclined, "ana@example.org")
	bob.Post(link+"/decline").Says(410, "This link is over")
	bob.Get("/invitations/nonsense").Says(410, "This link is over")
}
