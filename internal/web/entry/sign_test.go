package entry_test

import (
	"context"
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/internal/web/webtest"
)

const password = "a long password"

// register makes a user with a password, by the set-up link.
func register(t *testing.T, h *webtest.House, email string) *webtest.Person {
	t.Helper()
	token, err := h.Account.SetupLink(context.Background(), h.Door)
	if err != nil || token == "" {
		t.Fatalf("no set-up link: %v", err)
	}
	p := h.Visitor()
	p.Post("/setup/"+token, "email", email, "name", "Ana", "password", password).At("/environments")
	return p
}

func TestSetUpMakesTheFirstUser(t *testing.T) {
	h := webtest.New(t)
	token, err := h.Account.SetupLink(context.Background(), h.Door)
	if err != nil {
		t.Fatal(err)
	}
	p := h.Visitor()
	p.Get("/setup/"+token).Says(200, "Set up Holm", "You are the first one here")
	p.Get("/setup/garbage").Says(410, "This link is over", "printed a new one").Silent("<form")
	p.Post("/setup/"+token, "email", "ana@example.org", "name", "Ana", "password", "short").
		Says(422, "at least 10 characters", `value="ana@example.org"`, `value="Ana"`, "autofocus")
	p.Post("/setup/"+token, "email", "not an address", "password", password).Says(422, "not plain ASCII")
	p.Post("/setup/"+token, "email", "ana@example.org", "name", "Ana", "password", password).At("/environments")
	if p.Cookie(site.Cookie) == "" {
		t.Error("the first user is not signed in")
	}
	h.Visitor().Get("/setup/"+token).Says(410, "This link is over").Silent("<form")
	h.Visitor().Post("/setup/"+token, "email", "eve@example.org", "password", password).Says(410, "This link is over", "Sign in")
}

func TestSignInKeepsTheAddressAndTheWay(t *testing.T) {
	h := webtest.New(t)
	register(t, h, "ana@example.org")
	p := h.Visitor()
	p.Get("/sign-in?next=/audit").Says(200, `name="next" value="/audit"`).Silent("/sign-up")
	p.Post("/sign-in", "email", "ana@example.org", "password", "wrong", "next", "/audit").
		Says(401, "The e-mail address or the password is wrong.", `value="ana@example.org"`, `value="/audit"`).Silent("wrong\"")
	p.Post("/sign-in", "email", "nobody@example.org", "password", "wrong").Says(401, "The e-mail address or the password is wrong.")
	p.Post("/sign-in", "email", "ana@example.org", "password", password, "next", "//example.org").At("/environments")
	p.Get("/sign-in").At("/environments")
}

func TestSignOutEndsTheSession(t *testing.T) {
	h := webtest.New(t)
	p := register(t, h, "ana@example.org")
	stolen := h.Visitor()
	stolen.SetCookie(site.Cookie, p.Cookie(site.Cookie))
	p.Post("/sign-out").At("/sign-in").Says(200, "Sign in")
	if p.Cookie(site.Cookie) != "" {
		t.Error("the cookie stays")
	}
	stolen.Get("/sign-in").At("/sign-in")
	p.Post("/sign-out", "next", "/sign-in?email=bob%40example.org").Says(200, `value="bob@example.org"`)
}

func TestSignUpOnlyWhereItIsOpen(t *testing.T) {
	closed := webtest.New(t)
	closed.Visitor().Get("/sign-up").Says(404)
	open := webtest.New(t, func(o *site.Options) { o.SignUpOpen = true })
	register(t, open, "ana@example.org")
	p := open.Visitor()
	p.Get("/sign-in").Says(200, `href="/sign-up"`)
	p.Get("/sign-up").Says(200, "Make an account")
	p.Post("/sign-up", "email", "not an address").Says(422, `value="not an address"`)
	taken := p.Post("/sign-up", "email", "ana@example.org").Says(200, "Look at your mail")
	free := p.Post("/sign-up", "email", "bob@example.org").Says(200, "Look at your mail")
	if strings.ReplaceAll(main(taken.Body), "ana@", "bob@") != main(free.Body) {
		t.Error("a taken address is told apart")
	}
	if l := open.Letter(holm.LetterSignUpTaken, "ana@example.org"); l.Path != "/sign-in" {
		t.Errorf("the mail leads to %s", l.Path)
	}
	link := open.Letter(holm.LetterSignUp, "bob@example.org").Path
	p.Get(link).Says(200, "Make the account", "bob@example.org")
	p.Get(link).Says(200, "Make the account") // looking uses nothing up
	p.Post(link, "name", "Bob", "password", "short").Says(422, "at least 10 characters", `value="Bob"`)
	p.Post(link, "name", "Bob", "password", password).At("/environments")
	p.Get(link).Says(409, "You are signed in as bob@example.org")
	open.Visitor().Get(link).Says(410, "This link is over")
	open.Visitor().Post(link, "password", password).Says(410, "This link is over")
}

func TestForgottenPasswordGivesNothingAway(t *testing.T) {
	h := webtest.New(t, func(o *site.Options) { o.Outbox = true })
	ana := register(t, h, "ana@example.org")
	p := h.Visitor()
	p.Get("/password").Says(200, "Forgot your password?")
	p.Post("/password", "email", "not an address").Says(422, "not plain ASCII", `value="not an address"`)
	known := p.Post("/password", "email", "ana@example.org").Says(200, "If <strong>ana@example.org</strong> has a login here", "outbox")
	unknown := p.Post("/password", "email", "bob@example.org").Says(200)
	strip := func(body, email string) string {
		_, main, _ := strings.Cut(body, "<main")
		return strings.ReplaceAll(main, email, "")
	}
	if strip(known.Body, "ana@example.org") != strip(unknown.Body, "bob@example.org") {
		t.Error("the answers differ")
	}
	link := h.Letter(holm.LetterPasswordReset, "ana@example.org").Path
	p.Get(link).Says(200, "Set a new password")
	p.Post(link, "password", "short").Says(422, "at least 10 characters")
	p.Post(link, "password", "another long one").At("/sign-in?done=password").Says(200, "The new password is set.")
	p.Post(link, "password", "another long one").Says(410, "This link is over")
	ana.Get("/sign-in").At("/sign-in")
	p.Post("/sign-in", "email", "ana@example.org", "password", "another long one").At("/environments")
}

func TestOtherSitesCannotPost(t *testing.T) {
	h := webtest.New(t)
	ana := register(t, h, "ana@example.org")
	if got := ana.PostFrom("https://evil.example", "/sign-out").Status; got != 403 {
		t.Errorf("another site signed somebody out: %d", got)
	}
	ana.Get("/sign-in").At("/environments")
}

// main is the main part of a page.
func main(body string) string {
	_, body, _ = strings.Cut(body, "<main")
	return body
}
