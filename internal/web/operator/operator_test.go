package operator_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/internal/web/webtest"
)

func TestOnlyOperatorsKnowOfThesePages(t *testing.T) {
	h := webtest.New(t)
	bob := h.User("bob@example.org", "Bob", holm.AccountFull, false)
	for _, path := range []string{"/operator", "/operator/outbox", "/operator/outbox/mai_1", "/operator/outbox/mai_1/html", "/operator/status", "/operator/components", "/operator/users/bob@example.org/suspend"} {
		bob.Get(path).Says(404, "There is nothing here")
		h.Visitor().Get(path).At("/sign-in?next=" + strings.ReplaceAll(strings.ReplaceAll(path, "/", "%2F"), "@", "%40"))
	}
	for _, path := range []string{"/type", "/suspend", "/reactivate"} {
		bob.Post("/operator/users/bob@example.org"+path, "type", "full").Says(404)
	}
	bob.Get("/audit?result=forbidden").Says(200, "operator.users", "Refused")
}

func TestUsers(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, true)
	bob := h.User("bob@example.org", "Bob", holm.AccountCollaborator, false)
	ana.Get("/operator").Says(200, "ana@example.org", "bob@example.org", "You cannot suspend yourself", "Suspend Bob?", `value="collaborator" selected`, "Operator")
	ana.Get("/operator?email=bob").Says(200, "bob@example.org", "Everybody").Silent("Suspend Ana")
	ana.Get("/operator?email=nobody").Says(200, "No login has “nobody” in its address")
	at := "/operator/users/bob@example.org"
	ana.Post(at+"/type", "type", "full").At("/operator").Says(200, "bob@example.org has a full account now.")
	h.Environment(bob, "shop")
	ana.Post(at+"/type", "type", "collaborator").Says(409, "owns 1 environments")
	ana.Post(at+"/type", "type", "royal").Says(422, "full, trial or collaborator")
	ana.Get(at+"/suspend").Says(200, "Suspend Bob?", "Cancel")
	ana.Get("/operator/users/nobody@example.org/suspend").Says(404)
	ana.Post(at+"/suspend").At("/operator").Says(200, "is suspended and signed out everywhere", "Reactivate")
	bob.Get("/account").At("/sign-in?next=%2Faccount")
	ana.Post(at+"/reactivate").At("/operator").Says(200, "bob@example.org can sign in again.")
	ana.Post("/operator/users/ana@example.org/suspend").Says(409, "You cannot suspend yourself")
}

func TestTheOutboxGivesTheLink(t *testing.T) {
	h := webtest.New(t, func(o *site.Options) { o.Outbox = true })
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, true)
	ana.Get("/operator/outbox").Says(200, "No mail yet", "No mail server is set")
	h.Invite(ana, "bob@example.org", "")
	list := ana.Get("/operator/outbox").Says(200, "About invitation", "bob@example.org", "in the outbox")
	mail := regexp.MustCompile(`/operator/outbox/mai_[0-9a-f]+`).FindString(list.Body)
	link := h.URL + "/invitations/" + h.Token("bob@example.org")
	page := ana.Get(mail).Says(200, `<a href="`+link+`" target="_blank"`, ">"+link+"</code>", `sandbox="allow-popups allow-popups-to-escape-sandbox"`, "hand it to bob@example.org alone")
	if policy := page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-src 'self'") || !strings.Contains(policy, "script-src 'nonce-") {
		t.Errorf("the page's policy is %s", policy)
	}
	framed := ana.Get(mail+"/html").Says(200, `<base target="_blank">`, link)
	policy := framed.Header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "sandbox allow-popups", "frame-ancestors 'self'", "form-action 'none'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("the mail's policy lacks %s", part)
		}
	}
	if strings.Contains(policy, "allow-scripts") || strings.Contains(policy, "allow-same-origin") {
		t.Errorf("a mail may do too much: %s", policy)
	}
	ana.Get("/operator/outbox/mai_0/html").Says(404)
	ana.Get("/audit").Says(200, "read the mail", "bob@example.org")
	ana.Get("/operator").Says(200, "except by mails")
}

func TestStatusAndComponents(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, true)
	ana.Get("/operator/status").Says(200, "Holm test", "Database", "healthy", "not working", "There is none.", `href="/operator/components"`)
	ana.Get("/operator").Says(200, "Outbox", "Status").Silent("/operator/components")
	ana.Get("/operator/components").Says(200, "<html", "Components", "Buttons")
}

func TestLimits(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, true)
	bob := h.User("bob@example.org", "Bob", holm.AccountTrial, false)
	h.Environment(bob, "shop")
	at := "/operator/users/bob@example.org"
	ana.Get(at+"/limits").Says(200, "trial account that owns 1 environments", "A trial account has 4.", "Sign out everywhere")
	ana.Post(at+"/limits", "environments", "2", "nodes_per_layer", "").Says(200, "Saved.", `value="2"`)
	ana.Post(at+"/limits", "environments", "0").Says(409, "owns 1 environments and would be limited to 0")
	ana.Post(at+"/limits", "cloudlets_per_node", "0").Says(422, "can be 1 to 4096")
	ana.Post(at+"/limits", "cloudlets_per_node", "many").Says(422, "Write a whole number, or nothing")
	ana.Post(at+"/limits").Says(200, "Saved.").Silent(`value="2"`)
	ana.Get(at+"/sessions").Says(200, "Sign Bob out everywhere?")
	ana.Post(at+"/sessions").Says(200, "bob@example.org is signed out everywhere, and their access tokens are revoked.")
	bob.Get("/account").At("/sign-in?next=%2Faccount")
	for _, path := range []string{"/limits", "/sessions"} {
		cleo := h.User("cleo"+path[1:]+"@example.org", "Cleo", holm.AccountFull, false)
		cleo.Get(at + path).Says(404)
		cleo.Post(at+path, "environments", "9").Says(404)
	}
	ana.Get("/operator/users/nobody@example.org/limits").Says(404)
}
