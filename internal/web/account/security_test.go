package account_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/internal/web/webtest"
	"github.com/holmhq/holm/ops"
)

// ana signs up, as somebody who is not the first.
func ana(t *testing.T) (*webtest.House, *webtest.Person) {
	h := webtest.New(t, func(o *site.Options) { o.SignUpOpen = true })
	h.User("first@example.org", "", holm.AccountFull, true)
	p := h.Visitor()
	p.SignsUp("ana@example.org", "", "a long password")
	return h, p
}

// one finds what a pattern's group matches in a page.
func one(t *testing.T, body, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("nothing is like %s", pattern)
	}
	return m[1]
}

func code(t *testing.T, secret string, after time.Duration) string {
	t.Helper()
	text, err := totp.GenerateCode(secret, time.Now().Add(after))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTheOneTimeCodeStepByStep(t *testing.T) {
	h, p := ana(t)
	p.Get("/account/security").Says(200, "One-time code", "Set up").Silent("Recovery codes")
	page := p.Post("/account/totp").Says(200, "<svg", "Scan the picture")
	secret := one(t, page.Body, `name="secret" value="([A-Z2-7]+)"`)
	p.Post("/account/totp/confirm", "secret", secret, "code", "000000", "current_password", "a long password").Says(422, "This code is wrong", secret)
	p.Post("/account/totp/confirm", "secret", secret, "code", code(t, secret, 0), "current_password", "wrong").Says(422, "The current password is wrong")
	page = p.Post("/account/totp/confirm", "secret", secret, "code", code(t, secret, 0), "current_password", "a long password").Says(200, "The one-time code is on.", "Your recovery codes").Silent(secret)
	recovery := one(t, page.Body, `<li><code>([0-9a-z-]{19})</code>`)
	p.Get("/account/security").Says(200, "10 codes are left", "Turn it off").Silent(recovery)

	other := h.Visitor()
	page = other.Post("/sign-in", "email", "ana@example.org", "password", "a long password", "next", "/account").Says(200, "One more step", `autocomplete="one-time-code"`)
	other.Get("/account").At("/sign-in?next=%2Faccount")
	step := one(t, page.Body, `name="step_token" value="([^"]+)"`)
	other.Post("/sign-in/step", "kind", "code", "step_token", step, "code", "000000", "next", "/account").Says(401, "This code is wrong", "One more step")
	other.Post("/sign-in/step", "kind", "code", "step_token", step, "code", code(t, secret, 30*time.Second), "next", "/account").At("/account").Says(200)

	third := h.Visitor()
	page = third.Post("/sign-in", "email", "ana@example.org", "password", "a long password").Says(200, "One more step")
	step = one(t, page.Body, `name="step_token" value="([^"]+)"`)
	third.Post("/sign-in/step", "kind", "recovery_code", "step_token", step, "recovery_code", recovery, "next", "//evil.example").At("/environments")
	third.Post("/sign-in/step", "kind", "recovery_code", "step_token", "made-up", "recovery_code", recovery).Says(401, "begin again")
	p.Get("/account/security").Says(200, "9 codes are left")

	p.Post("/account/totp/off", "current_password", "a long password").At("/account/security").Says(200, "The one-time code is off.", "Set up")
	h.Visitor().Post("/sign-in", "email", "ana@example.org", "password", "a long password").At("/environments")
}

func TestATokenIsShownOnce(t *testing.T) {
	h, p := ana(t)
	_ = h
	p.Post("/account/tokens", "name", "", "days", "30").Says(422, "Say what the token is for")
	p.Post("/account/tokens", "name", "CI", "days", "999").Says(422, "1 to 366 days", `value="CI"`)
	page := p.Post("/account/tokens", "name", "CI", "days", "30", "permission", "deploy.git").Says(200, "Your new token", "Deploy code: git repo, See environment with nodes and addresses, everywhere")
	token := one(t, page.Body, `(holm_pat_[A-Za-z0-9_-]+)`)
	p.Get("/account/tokens").Says(200, "CI", "…"+token[len(token)-4:]).Silent(token)
	id := one(t, page.Body, `action="/account/tokens/([^"]+)/revoke"`)
	p.Post("/account/tokens/"+id+"/revoke").At("/account/tokens").Says(200, "The token is revoked", "None yet")
	p.Post("/account/tokens/" + id + "/revoke").Says(404)
}

// An access token in the place of a session's cookie opens nothing.
func TestATokenIsNoCookie(t *testing.T) {
	h, p := ana(t)
	page := p.Post("/account/tokens", "name", "CI", "days", "30")
	other := h.Visitor()
	other.SetCookie(site.Cookie, one(t, page.Body, `(holm_pat_[A-Za-z0-9_-]+)`))
	other.Get("/account").At("/sign-in?next=%2Faccount")
}

func TestThePasskeyQuestionIsAsked(t *testing.T) {
	_, p := ana(t)
	p.Get("/account/security").Says(200, `data-passkey-origin="http://localhost:8080"`, "Add a passkey")
	p.Post("/account/passkeys/ask").Says(200, `"challenge"`, `"residentKey":"required"`, `"id":"localhost"`)
	p.Post("/account/passkeys", "current_password", "a long password", "state", "made-up", "credential", `{"id":"x"}`).Says(409, "too long ago")
}

// What a person cannot do because the account asks for a second factor is
// told to them, with the way to set it up.
func TestTheOwnerRequiresASecondFactor(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	bob := h.User("bob@example.org", "Bob", holm.AccountCollaborator, false)
	h.Environment(ana, "shop")
	h.Invite(ana, "bob@example.org", "viewer", ops.Share{Environment: "shop", Level: "full"})
	bob.Post("/invitations/" + h.Token("bob@example.org")).At("/environments")
	ana.Get("/collaborators").Says(200, "Require it of collaborators", "no second factor", "1 person who is active has none")
	ana.Post("/collaborators/factor", "required", "yes").At("/collaborators").Says(200, "Collaborators need a second factor from now on", "Require it no more")
	bob.Get("/environments").Says(200, "second factor", "/account/security").Silent(">shop<")
	bob.Get("/environments/shop").Says(403, "one-time code")
	if !strings.Contains(h.Letter(holm.LetterFactorWanted, "bob@example.org").Path, "/account/security") {
		t.Error("the letter leads elsewhere")
	}
	ana.Post("/collaborators/factor", "required", "no").At("/collaborators")
	bob.Get("/environments/shop").Says(200)
}
