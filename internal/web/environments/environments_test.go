package environments_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/webtest"
	"github.com/holmhq/holm/ops"
)

// accept has a user take the invitation to their address.
func accept(h *webtest.House, p *webtest.Person) {
	in := ops.InvitationAcceptInput{Token: holm.NewSecret(h.Token(p.Email))}
	webtest.Ask(p, ops.InvitationAccept, in)
}

func TestTheEmptyListTeaches(t *testing.T) {
	h := webtest.New(t)
	h.Visitor().Get("/environments").At("/sign-in?next=%2Fenvironments")
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	page := ana.Get("/environments").Says(200, ">Your environments</h2>", "An environment runs one application", `href="/environments/new"`, "A static site", "A Node.js application", "A Python application")
	if n := strings.Count(page.Body, `Add new environment`); n != 1 {
		t.Errorf("%d buttons to begin with, want 1", n)
	}
}

func TestWhoMayNotOwnIsToldWhy(t *testing.T) {
	h := webtest.New(t)
	bob := h.User("bob@example.org", "Bob", holm.AccountCollaborator, false)
	bob.Get("/environments").Says(200, `aria-disabled="true"`, "Your own account is a collaborator account, which cannot own environments.").Silent(`href="/environments/new"`)
}

func TestSectionsByOwner(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	cyd := h.User("cyd@example.org", "Cyd", holm.AccountFull, false)
	dan := h.User("dan@example.org", "Dan", holm.AccountFull, false)
	for _, name := range []string{"shop", "blog", "secret-plans"} {
		h.Environment(ana, name)
	}
	h.Environment(cyd, "cyds-shop")
	bob := h.User("bob@example.org", "Bob", holm.AccountCollaborator, false)
	h.Invite(ana, bob.Email, "viewer", ops.Share{Environment: "shop", Level: "limited"}, ops.Share{Environment: "blog", Level: "full"})
	accept(h, bob)
	h.Invite(dan, bob.Email, "admin")
	accept(h, bob)
	h.Invite(cyd, bob.Email, "viewer")
	accept(h, bob)

	page := bob.Get("/environments").Says(200, ">Environments owned by ana@example.org</h2>", ">Environments owned by dan@example.org</h2>",
		`href="/environments/shop"`, `href="/environments/blog"`, "http://shop.holm.localhost/", ">Limited</span>", ">Full</span>", "you are viewer", "you are admin")
	page.Silent("secret-plans", "cyd") // not shared, and an account with nothing for a viewer
	anas, dans := strings.Index(page.Body, "owned by ana"), strings.Index(page.Body, "owned by dan")
	if add := strings.Index(page.Body, `href="/environments/new?account=`); add < dans || dans < anas {
		t.Errorf("the button to create stands at %d; Dan's section begins at %d", add, dans)
	}
	if strings.Count(page.Body, `href="/environments/new?account=`) != 1 {
		t.Error("only the account where Bob is admin has the button")
	}
	ana.Get("/environments").Says(200, "secret-plans", ">Owner</span>").Silent("cyds-shop")
}

func TestFiltersAndOrdersAreInTheAddress(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	for _, name := range []string{"shop", "zebra", "blog"} {
		h.Environment(ana, name)
	}
	order := func(path string, names ...string) {
		t.Helper()
		page, at := ana.Get(path).Says(200), -1
		for _, name := range names {
			next := strings.Index(page.Body, `href="/environments/`+name+`"`)
			if next < at || next < 0 {
				t.Errorf("%s: %s is not where it should be", path, name)
			}
			at = next
		}
	}
	order("/environments", "blog", "shop", "zebra")
	order("/environments?sort=created", "blog", "zebra", "shop")
	order("/environments?sort=nonsense", "blog", "shop", "zebra")
	webtest.Ask(ana, ops.EnvironmentStop, ops.EnvironmentStopInput{OfEnvironment: ops.OfEnvironment{Environment: "blog"}})
	order("/environments?sort=state", "blog", "shop", "zebra")
	ana.Get("/environments?state=stopping").Says(200, "/environments/blog").Silent("/environments/shop")
	ana.Get("/environments?stack=static").Says(200, "/environments/shop")
	ana.Get("/environments?stack=redis").Says(200, "Nothing fits").Silent("/environments/shop")
	ana.Get("/environments?q=zeb").Says(200, "/environments/zebra", `value="zeb"`).Silent("/environments/shop")
	ana.Get("/environments?level=full").Says(200, "Nothing fits").Silent("/environments/shop")
	ana.Get("/environments?level=owner&state=creating").Says(200, "/environments/shop").Silent("/environments/blog")
}

func TestManyEnvironmentsComeInPages(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	for i := range 120 {
		h.Environment(ana, fmt.Sprintf("site-%03d", i))
	}
	for _, order := range []string{"", "sort=created", "sort=state", "level=owner"} {
		seen := map[string]bool{}
		path := "/environments?" + order
		for range 3 {
			page := ana.Get(path).Says(200)
			for i := range 120 {
				name := fmt.Sprintf("site-%03d", i)
				if strings.Contains(page.Body, `href="/environments/`+name+`"`) {
					if seen[name] {
						t.Fatalf("%s came twice in order %q", name, order)
					}
					seen[name] = true
				}
			}
			_, rest, more := strings.Cut(page.Body, `class="table-more"><a class="button" href="`)
			if !more {
				break
			}
			path, _, _ = strings.Cut(rest, `"`)
			path = strings.ReplaceAll(path, "&amp;", "&")
		}
		if len(seen) != 120 {
			t.Errorf("order %q: %d of 120 were shown", order, len(seen))
		}
	}
	// A live refresh keeps what the page has grown to.
	page := ana.Get("/environments?shown=own:100").Says(200, "site-099", `value="own:100"`, ">120</span>").Silent("/environments/site-100")
	if strings.Count(page.Body, `<li class="env"`) != 100 {
		t.Errorf("%d rows, want 100", strings.Count(page.Body, `<li class="env"`))
	}
}

func TestManyOwnersComeInPages(t *testing.T) {
	h := webtest.New(t)
	bob := h.User("bob@example.org", "Bob", holm.AccountCollaborator, false)
	for i := range 6 {
		owner := h.User(fmt.Sprintf("p%d@example.org", i), "", holm.AccountFull, false)
		var shares []ops.Share
		for j := range 60 {
			name := fmt.Sprintf("e-%d-%02d", i, j)
			h.Environment(owner, name)
			shares = append(shares, ops.Share{Environment: name, Level: "limited"})
		}
		h.Invite(owner, bob.Email, "viewer", shares...)
		accept(h, bob)
	}
	page := bob.Get("/environments").Says(200, "owned by p5@example.org", "Show them", ">60</span>")
	if rows := strings.Count(page.Body, `<li class="env"`); rows != 200 {
		t.Errorf("%d rows, want 50 of each of the first four", rows)
	}
	_, rest, _ := strings.Cut(page.Body[strings.Index(page.Body, "owned by p5@example.org"):], `class="table-more"><a class="button" href="`)
	path, _, _ := strings.Cut(rest, `"`)
	bob.Get(strings.ReplaceAll(path, "&amp;", "&")).Says(200, "/environments/e-5-49", "Show more").Silent("/environments/e-4-00", "/environments/e-5-50")
	bob.Get("/environments?q=e-5-5").Says(200, "/environments/e-5-50").Silent("Show them", "owned by p4@example.org")
	bob.Get("/environments?q=e-").Says(200, "owned by p5@example.org", "Show them", ">1+</span>")
}

func TestClosedSectionsStayClosed(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	ana.Get("/environments").Says(200, `<details class="owner-fold" open`)
	ana.SetCookie("folded", "own.acc_other")
	ana.Get("/environments").Silent(`<details class="owner-fold" open`)
}

func TestASuspendedCollaborationSaysSo(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	h.Environment(ana, "shop")
	bob := h.User("bob@example.org", "Bob", holm.AccountCollaborator, false)
	h.Invite(ana, bob.Email, "admin", ops.Share{Environment: "shop", Level: "full"})
	accept(h, bob)
	in := ops.CollaboratorUpdateInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: bob.Email}}
	in.Body.Status = "suspended"
	webtest.Ask(ana, ops.CollaboratorUpdate, in)
	bob.Get("/environments").Says(200, "ana@example.org has suspended your collaboration").Silent("/environments/shop", "/environments/new?account=")
}

func TestWhoWorksForOthersSeesTheirsFirst(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	h.Environment(ana, "shop")
	bob := h.User("bob@example.org", "Bob", holm.AccountCollaborator, false)
	until := time.Now().UTC().AddDate(0, 0, 7)
	h.Invite(ana, "bob@example.org", "viewer", ops.Share{Environment: "shop", Level: "limited", Until: &until})
	webtest.Ask(bob, ops.InvitationAccept, ops.InvitationAcceptInput{Token: holm.NewSecret(h.Token("bob@example.org"))})

	page := bob.Get("/environments").Says(200, "ana@example.org gave you ", "<strong>Limited</strong>", "in shop until ", "You may not, and can ask for", "ends <time", "in 7 days", "You own none. ")
	page.Silent("Your environments</h2>", "Add new environment", `href="/audit"`, `href="/collaborators"`)
	if strings.Index(page.Body, "gave you") > strings.Index(page.Body, "You own none.") {
		t.Error("what they lack comes before what they came for")
	}
	ana.Get("/environments").Says(200, "Your environments</h2>", `href="/audit"`, `href="/collaborators"`).Silent("gave you")
}
