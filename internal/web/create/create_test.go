package create_test

import (
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/webtest"
	"github.com/holmhq/holm/ops"
)

func TestTheFormBeginsWithWhatRuns(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	ana.Get("/environments/new").Says(200, `id="on-app" name="app" value="on" checked`, `id="on-balancer"`, "Static files 1", ".holm.localhost",
		"1 node, up to 2 cloudlets = 256 MiB and 800 MHz.", "0 + 1 of 1000", "0 + 1 of 48").Silent("For whom")
}

func TestTheSumsFollow(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	ana.Get("/environments/new?filled=1&app=on&app-nodes=2&app-cloudlets=2&balancer=on&name=shop").Says(200, "3 nodes, up to 5 cloudlets = 640 MiB and 2 GHz.", "Whether it is still free shows when you create it.")
	ana.Get("/environments/new?app=on&app-nodes=2").Says(200, "3 nodes, up to 5 cloudlets", "With the balancer that several app nodes need.")
	ana.Get("/environments/new?filled=1").Says(200, "Add at least one layer.")
	ana.Get("/environments/new?app=on&name=Shop!").Says(200, "only small letters a–z, digits and hyphens; &#39;S&#39; and &#39;!&#39; do not fit").Silent("Fits.")
	ana.Get("/environments/new?app=on&app-nodes=60").Says(200, "0 + 61 of 48, 13 too many")
}

func TestCreating(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	ana.Post("/environments/new", "filled", "1", "name", "shop", "alias", "The shop", "app", "on", "app-stack", "static@1", "app-nodes", "2", "app-cloudlets", "2", "balancer", "on", "balancer-cloudlets", "1").
		At("/environments/shop").Says(200, "Creating shop", "The shop", "3 nodes, up to 5 cloudlets")
	ana.Post("/environments/new", "filled", "1", "name", "shop", "app", "on").Says(409, "The name shop is taken on this installation", `value="shop"`, `aria-invalid="true"`)
	ana.Post("/environments/new", "filled", "1", "name", "www", "app", "on").Says(422, "a name the installation needs for itself")
	ana.Post("/environments/new", "filled", "1", "name", "empty").Says(422, "An environment needs at least one layer.")
	ana.Post("/environments/new", "filled", "1", "name", "big", "app", "on", "app-nodes", "17").Says(409, "17 nodes are more than the 16")
	ana.Post("/environments/new", "filled", "1", "name", "bad", "app", "on", "app-nodes", "-3").Says(422, "at least 1 node")
}

// What is typed must not tell of environments that one cannot see.
func TestTheFormIsNoOracle(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	sid := h.User("sid@example.org", "Sid", holm.AccountFull, false)
	h.Environment(ana, "shop")
	answer := func(name string) string {
		body := sid.Get("/environments/new?filled=1&app=on&name=" + name).Says(200).Body
		_, rest, _ := strings.Cut(body, `id="name-answer"`)
		said, _, _ := strings.Cut(rest, "</p>")
		return said
	}
	if taken, free := answer("shop"), answer("shoq"); taken != free || taken == "" {
		t.Errorf("a taken name says %q, a free one %q", taken, free)
	}
}

func TestForWhom(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	cyd := h.User("cyd@example.org", "Cyd", holm.AccountFull, false)
	bob := h.User("bob@example.org", "Bob", holm.AccountCollaborator, false)
	bob.Get("/environments/new").Says(403, "which cannot own environments")
	join := func(owner *webtest.Person, role string) {
		h.Invite(owner, bob.Email, role)
		webtest.Ask(bob, ops.InvitationAccept, ops.InvitationAcceptInput{Token: holm.NewSecret(h.Token(bob.Email))})
	}
	join(ana, "admin")
	join(cyd, "viewer")
	account := func(p *webtest.Person) string { return webtest.Ask(p, ops.UserShow, ops.UserShowInput{}).Account.ID }
	bob.Get("/environments/new").Says(200, "For whom", "ana@example.org", "Environments of ana@example.org", `value="`+account(ana)+`" checked`, `value="`+account(bob)+`" disabled`).Silent("cyd@example.org")
	bob.Post("/environments/new", "filled", "1", "account", account(cyd), "name", "one", "app", "on").Says(403)
	bob.Post("/environments/new", "filled", "1", "account", "acc_nobody", "name", "one", "app", "on").Says(404)
	bob.Post("/environments/new", "filled", "1", "account", account(ana), "name", "for-ana", "app", "on").At("/environments/for-ana").Says(200, "owned by ana@example.org", ">Full</span>")
	ana.Get("/environments").Says(200, "/environments/for-ana")
}
