package collaborators_test

import (
	"context"
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/webtest"
	"github.com/holmhq/holm/ops"
)

// TestViewAs: the owner sees what the person sees, can change nothing, finds
// nothing else, and is themselves again after Stop.
func TestViewAs(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, true)
	bob := h.User("bob@example.org", "Bob", holm.AccountFull, false)
	carl := h.User("carl@example.org", "Carl", holm.AccountFull, false)
	h.Environment(ana, "shop")
	h.Environment(ana, "unshared")
	h.Environment(bob, "bobs-own")
	h.Environment(carl, "carls-own")
	member := h.Invite(ana, "bob@example.org", "", ops.Share{Environment: "shop", Level: "limited"})
	bob.Post("/invitations/" + h.Token("bob@example.org"))
	h.Invite(carl, "bob@example.org", "", ops.Share{Environment: "carls-own", Level: "full"})
	bob.Post("/invitations/" + h.Token("bob@example.org"))

	path := "/collaborators/" + member.ID
	ana.Get(path).Says(200, "View as Bob", "Beginning and end are in the audit log")
	page := ana.Post(path+"/view").At("/environments").Says(200, "You look as bob@example.org", `action="/view/end"`, "Environments owned by ana@example.org", `href="/environments/shop"`).
		Silent("unshared", "bobs-own", "carl", "Your environments", `href="/operator"`, `href="/collaborators"`, `href="/audit"`, `href="/account"><`)
	stream := ana.OpenOf(context.Background(), page)
	defer stream.Body.Close()
	ana.Get("/environments/shop").Says(200, "You look as bob@example.org", "operation=environment.delete", `id="ask-more"`)
	ana.Get("/environments/shop/why?operation=environment.delete").Says(200, "You may not do this", "bob@example.org")
	ana.Get("/environments/shop/audit").Says(200).Silent("invited")
	for _, hidden := range []string{"/environments/unshared", "/environments/bobs-own", "/environments/carls-own", "/environments/nothing"} {
		ana.Get(hidden).Says(404, "You look as")
	}
	for _, other := range []string{"/account", "/account/sessions", "/account/tokens", "/account/security", "/collaborators", path, "/audit", "/review", "/environments/new", "/requests"} {
		ana.Get(other).Says(403, "Stop looking to do this as yourself", `action="/view/end"`).Silent("bobs-own", "carl")
	}
	for _, other := range []string{"/operator", "/operator/outbox"} { // as anybody who does not run the installation
		ana.Get(other).Says(404)
	}
	for _, form := range []string{"/environments/shop/stop", "/environments/shop/ask", "/environments/shop/alias", path + "/role", path + "/view", "/account/tokens", "/account/password"} {
		if a := ana.Post(form, "alias", "x", "role", "admin", "name", "token", "want", "level full", "minutes", "60", "reason", "x"); a.Status < 400 {
			t.Errorf("%s: %d at %s", form, a.Status, a.Path)
		}
	}
	if e := webtest.Ask(bob, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}); e.Alias != "" || e.State == "stopping" || e.State == "stopped" {
		t.Errorf("something was changed: %+v", e)
	}
	ana.Post("/view/end").At(path).Says(200, "You see the dashboard as yourself again").Silent("You look as")
	hears(t, stream.Body, "event: gone")
	ana.Get("/account/tokens").Says(200)
	ana.Get("/audit?operation=view.").Says(200, "began to look as", "stopped looking as")

	ana.Post(path + "/view")
	ana.Post("/sign-out").At("/sign-in")
}

// hears reads a stream until it says something.
func hears(t *testing.T, body interface{ Read([]byte) (int, error) }, text string) {
	t.Helper()
	var all []byte
	buffer := make([]byte, 4096)
	for {
		n, err := body.Read(buffer)
		all = append(all, buffer[:n]...)
		if strings.Contains(string(all), text) {
			return
		}
		if err != nil {
			t.Fatalf("the stream ended without %q: %v\n%s", text, err, all)
		}
	}
}
