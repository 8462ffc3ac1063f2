package requests_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/webtest"
	"github.com/holmhq/holm/ops"
)

// people are an owner and a collaborator with limited access to shop.
func people(t *testing.T) (h *webtest.House, ana, bob *webtest.Person, member ops.CollaboratorView) {
	h = webtest.New(t)
	ana = h.User("ana@example.org", "Ana", holm.AccountFull, false)
	bob = h.User("bob@example.org", "Bob", holm.AccountCollaborator, false)
	h.Environment(ana, "shop")
	member = h.Invite(ana, "bob@example.org", "", ops.Share{Environment: "shop", Level: "limited"})
	bob.Post("/invitations/" + h.Token("bob@example.org"))
	return h, ana, bob, member
}

func asked(p *webtest.Person) []ops.AccessRequestView {
	return webtest.Ask(p, ops.AccessAsked, ops.AccessAskedInput{}).Items
}

// TestAskingAndApproving goes from the refused button to the approval by way
// of the mail.
func TestAskingAndApproving(t *testing.T) {
	h, ana, bob, _ := people(t)
	ana.Get("/environments").Silent(`href="/requests"`)
	bob.Get("/environments").Silent(`href="/requests"`)
	bob.Get("/environments/shop/why?operation=layer.add").Says(200, "You may not do this", "Ask ana@example.org for it", `value="permission scale.nodes" selected`).
		Silent("without asking")
	bob.Get("/environments/shop/why?operation=environment.delete").Says(200, "You may not do this").Silent("ask-form")
	bob.Post("/environments/shop/ask", "want", "permission scale.nodes", "minutes", "120", "reason", "", "how", "ask").Says(422, "Say why you need it", `value="permission scale.nodes" selected`)
	bob.Post("/environments/shop/ask", "want", "permission scale.nodes", "minutes", "120", "reason", "Sale on Friday", "how", "ask").At("/environments/shop").
		Says(200, "The owner gets a mail", "ana@example.org has not answered yet")
	bob.Get("/environments").Says(200, `href="/requests"`).Silent("waiting</span>")
	bob.Get("/requests").Says(200, "What you asked for", "Take it back", "Sale on Friday").Silent("Approve")

	l := h.Letter(holm.LetterAccessAsked, "ana@example.org")
	if l.Path != "/requests/"+asked(bob)[0].ID {
		t.Errorf("the mail links to %s", l.Path)
	}
	ana.Get("/environments").Says(200, `href="/requests"`, "waiting</span>")
	ana.Get(l.Path).Says(200, "bob@example.org asks for", "Sale on Friday", "2 hours", `value="120" selected`, ">Approve<", ">Decline<")
	ana.Post(l.Path, "approve", "yes", "minutes", "30", "answer", "Go on").At("/requests").Says(200, "Approved: bob@example.org has", "Approved, and there now", "End now")
	r := asked(bob)[0]
	if r.Status != "approved" || r.Until.Sub(*r.AnsweredAt).Minutes() != 30 || r.Answer != "Go on" {
		t.Errorf("the approved request is %+v", r)
	}
	bob.Get("/environments/shop").Says(200, "You have Add/remove servers", "in 30 min")
	bob.Get("/environments/shop/layers/new").Says(200, "add-layer-form")
	ana.Post(l.Path, "approve", "no", "running", "yes").Says(200, "Ended.")
	bob.Get("/environments/shop").Silent("You have Add/remove servers")
	ana.Post(l.Path, "approve", "yes").Says(409, "This request is over")
}

// TestDecliningAndTakingBack ends requests from both sides.
func TestDecliningAndTakingBack(t *testing.T) {
	h, ana, bob, _ := people(t)
	send := func(want string) string {
		bob.Post("/environments/shop/ask", "want", want, "minutes", "60", "reason", "Needed", "how", "ask").Says(200)
		return "/requests/" + asked(bob)[0].ID
	}
	path := send("level full")
	ana.Post(path, "approve", "no", "answer", "Not on a Friday").Says(200, "Declined.")
	if l := h.Letter(holm.LetterAccessAnswered, "bob@example.org"); l.Reason != "Not on a Friday" || !l.Until.IsZero() {
		t.Errorf("the mail is %+v", l)
	}
	bob.Get(path).Says(200, "Not on a Friday", "declined").Silent("Take it back")
	path = send("permission access.ssh")
	bob.Post(path+"/withdraw").At("/requests").Says(200, "Taken back: SSH/SFTP access in shop")
	bob.Post(path+"/withdraw").Says(409, "nothing to take back")
	ana.Post(path, "approve", "yes").Says(409)
	ana.Get("/audit?operation=access.").Says(200, "took the request for shop back")
}

// TestBreakingTheGlass is taken only where the owner lets the person, and the
// alarm is said before.
func TestBreakingTheGlass(t *testing.T) {
	h, ana, bob, member := people(t)
	take := func() webtest.Answer {
		return bob.Post("/environments/shop/ask", "want", "level full", "minutes", "60", "reason", "The shop is down", "how", "take")
	}
	take().Says(403, "the owner has not allowed it")
	ana.Get("/collaborators/"+member.ID).Says(200, "In an emergency", "Let them break the glass")
	ana.Post("/collaborators/"+member.ID+"/glass", "glass", "yes").At("/collaborators/"+member.ID).Says(200, "may take access in an emergency now", "Have them ask again")
	bob.Get("/environments/shop/ask").Says(200, "take it without asking", "gets an alarm by mail")
	take().At("/environments/shop").Says(200, "You have level full until")
	l := h.Letter(holm.LetterGlass, "ana@example.org")
	ana.Get(l.Path).Says(200, "bob@example.org took level full in shop", "End now", "The shop is down")
	ana.Post(l.Path, "approve", "no", "running", "yes").Says(200, "Ended.")
	ana.Post("/collaborators/"+member.ID+"/glass", "glass", "no").Says(200, "has to ask now")
	take().Says(403)
}

// TestOthersRequestsAreNotThere: neither the page nor a form tells of a
// request between other people.
func TestOthersRequestsAreNotThere(t *testing.T) {
	h, ana, bob, _ := people(t)
	bob.Post("/environments/shop/ask", "want", "level full", "minutes", "60", "reason", "Needed", "how", "ask")
	path := "/requests/" + asked(bob)[0].ID
	eve := h.User("eve@example.org", "Eve", holm.AccountFull, false)
	carl := h.User("carl@example.org", "Carl", holm.AccountCollaborator, false)
	h.Invite(ana, "carl@example.org", "admin", ops.Share{Environment: "shop", Level: "full"})
	carl.Post("/invitations/" + h.Token("carl@example.org"))
	for _, p := range []*webtest.Person{eve, carl} {
		for _, page := range []webtest.Answer{p.Get(path), p.Post(path, "approve", "yes"), p.Post(path + "/withdraw")} {
			page.Says(404).Silent("bob@example.org", "Needed")
		}
		p.Get("/requests").Says(200).Silent("bob@example.org", "Needed")
	}
	bob.Post(path, "approve", "yes").Says(404)
	bob.Get("/environments/shop").Silent("You have level full")
	h.Visitor().Get(path).At("/sign-in?next=" + url.QueryEscape(path))
}

// TestTheListIsLive: the owner's page hears of a request, the collaborator's
// environment of the answer.
func TestTheListIsLive(t *testing.T) {
	_, ana, bob, _ := people(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	owner := ana.OpenOf(ctx, ana.Get("/requests"))
	defer owner.Body.Close()
	bob.Post("/environments/shop/ask", "want", "level full", "minutes", "60", "reason", "Needed", "how", "ask")
	hears(t, owner.Body, "data: collaborators")
	other := bob.OpenOf(ctx, bob.Get("/environments/shop"))
	defer other.Body.Close()
	ana.Post("/requests/"+asked(bob)[0].ID, "approve", "yes")
	hears(t, other.Body, "data: environment")
}

// hears reads a stream until it says something.
func hears(t *testing.T, body interface{ Read([]byte) (int, error) }, text string) {
	t.Helper()
	var all strings.Builder
	buffer := make([]byte, 4096)
	for !strings.Contains(all.String(), text) {
		n, err := body.Read(buffer)
		all.Write(buffer[:n])
		if err != nil {
			t.Fatalf("the stream ended without %q: %v\n%s", text, err, all.String())
		}
	}
}
