package environment_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/web/webtest"
	"github.com/holmhq/holm/ops"
)

// scene is Ana's shop, with Bob who has limited access, Fay who has full, and
// Sid who has nothing to do with it.
type scene struct {
	*webtest.House
	ana, bob, fay, sid *webtest.Person
	shop               ops.EnvironmentView
}

func newScene(t *testing.T) *scene {
	s := &scene{House: webtest.New(t)}
	s.ana = s.User("ana@example.org", "Ana", holm.AccountFull, false)
	s.shop = s.House.Environment(s.ana, "shop")
	s.bob = s.collaborator("bob@example.org", "limited", nil)
	s.fay = s.collaborator("fay@example.org", "full", nil)
	s.sid = s.User("sid@example.org", "Sid", holm.AccountFull, false)
	return s
}

func (s *scene) collaborator(email, level string, until *time.Time) *webtest.Person {
	p := s.User(email, "", holm.AccountCollaborator, false)
	s.Invite(s.ana, email, "viewer", ops.Share{Environment: "shop", Level: level, Until: until})
	webtest.Ask(p, ops.InvitationAccept, ops.InvitationAcceptInput{Token: holm.NewSecret(s.Token(email))})
	return p
}

// becomes has the shop be in a state, as the reconciler would.
func (s *scene) becomes(t *testing.T, state holm.State, reason string) {
	t.Helper()
	err := s.Door.SystemChange(context.Background(), "test", func(x *dispatch.Scope) error {
		e, err := x.Tx.Environment("shop")
		if err != nil {
			return err
		}
		if err := x.Tx.SetNodeStates(e.ID, state); err != nil {
			return err
		}
		_, err = x.Tx.Observe(e.ID, e.Generation, e.Generation, state, reason)
		x.Changed(e)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (s *scene) node() string { return strconv.FormatInt(s.shop.Layers[0].Nodes[0].ID, 10) }

func (s *scene) layer() string { return s.shop.Layers[0].ID }

func TestTheOwnersPage(t *testing.T) {
	s := newScene(t)
	page := s.ana.Get("/environments/shop").Says(200, "<h1>shop</h1>", "creating", "Creating shop", "You may leave this page", "Static files 1", "node "+s.node(),
		`href="http://shop.holm.localhost/"`, ">Owner</span>", `action="/environments/shop/stop"`, `action="/environments/shop/layers/`+s.layer()+`/nodes"`,
		`href="/environments/shop/sharing"`, `href="/environments/shop/audit"`, `href="/environments/shop/settings"`, "1 node, up to 1 cloudlet = 128 MiB and 400 MHz.",
		`data-gone="/environments/shop?left=owner"`, `hx-sse:connect="/environments/shop/live"`)
	page.Silent(`aria-disabled="true"`)
	s.becomes(t, holm.StateRunning, "")
	s.ana.Get("/environments/"+s.shop.ID).Says(200, "running", `action="/environments/shop/nodes/`+s.node()+`/restart"`).Silent("Creating shop")
}

func TestABrokenEnvironmentSaysWhy(t *testing.T) {
	s := newScene(t)
	s.becomes(t, holm.StateBroken, "Node 1 does not answer on port 8080.")
	s.ana.Get("/environments/shop").Says(200, "It does not run as it should", "Node 1 does not answer on port 8080.", "Try again")
	s.ana.Post("/environments/shop/start").At("/environments/shop").Says(200, "Starting shop").Silent("does not answer")
}

func TestLimitedSeesWhatIsRefusedAndWhy(t *testing.T) {
	s := newScene(t)
	s.becomes(t, holm.StateRunning, "")
	page := s.bob.Get("/environments/shop").Says(200, ">Limited</span>", "owned by ana@example.org", `action="/environments/shop/stop"`, `aria-disabled="true"`,
		"Your access to this environment is limited. ana@example.org can change that.", "Only the owner of the environment may do this.",
		`href="/environments/shop/why?operation=environment.delete"`, `href="/environments/shop/why?operation=layer.scale"`, `href="/environments/shop/audit"`)
	page.Silent(`/cloudlets"`, `/nodes"`, "/environments/shop/sharing", "/environments/shop/settings")

	for _, try := range [][]string{
		{"/environments/shop/layers/" + s.layer() + "/nodes", "nodes", "2"},
		{"/environments/shop/layers/" + s.layer() + "/cloudlets", "cloudlets", "4"},
		{"/environments/shop/delete", "confirm", "shop"},
		{"/environments/shop/alias", "alias", "mine"},
	} {
		s.bob.Post(try[0], try[1:]...).Says(403, "You may not do that", ">Why?<", "<h1>shop</h1>", "running")
	}
	s.bob.Post("/environments/shop/sharing", "was.x", "none", "level.x", "full").Says(403)
	s.bob.Get("/environments/shop/sharing").Says(403)
	s.ana.Get("/environments/shop").Says(200, "1 node, up to 1 cloudlet")
	s.bob.Post("/environments/shop/stop").At("/environments/shop").Says(200, "Stopping shop")
	s.fay.Get("/environments/shop").Says(200, ">Full</span>", "/environments/shop/settings", `/cloudlets"`).Silent("/environments/shop/sharing")
}

func TestWhyShowsTheDecision(t *testing.T) {
	s := newScene(t)
	s.bob.Get("/environments/shop/why?operation=layer.scale").Says(200, "You may not do this", "Your access to this environment is limited.", "level limited", "scale.nodes", "<dd>ana@example.org</dd>")
	s.bob.Get("/environments/shop/why?operation=environment.delete").Says(200, "Nobody: it belongs to the owner alone.")
	s.ana.Get("/environments/shop/why?operation=environment.delete&person=bob@example.org").Says(200, "bob@example.org may not do this")
	s.ana.Get("/environments/shop/why?operation=environment.delete").Says(200, "You may do this", "You own it.")
	s.bob.Get("/environments/shop/why?operation=environment.delete&person=fay@example.org").Says(403)
	s.ana.Get("/environments/shop/why?operation=nothing").Says(422)
}

func TestStrangersSeeNothing(t *testing.T) {
	s := newScene(t)
	nothing := map[string]string{}
	for _, name := range []string{"shop", "nothing-here"} {
		for _, path := range []string{"", "/sharing", "/audit", "/settings", "/why?operation=environment.stop", "/live", "?left=shared"} {
			page := s.sid.Get("/environments/" + name + path).Says(404)
			nothing[name] += quiet(page.Body, name)
		}
		for _, path := range []string{"/start", "/stop", "/delete", "/nodes/" + s.node() + "/restart", "/layers/" + s.layer() + "/nodes", "/layers/" + s.layer() + "/cloudlets", "/layers/" + s.layer() + "/restart", "/alias", "/sharing"} {
			page := s.sid.Post("/environments/"+name+path, "nodes", "2", "confirm", name).Says(404)
			nothing[name] += quiet(page.Body, name)
		}
	}
	if nothing["shop"] != nothing["nothing-here"] {
		t.Error("what is there and what is not are told apart")
	}
	s.sid.Get("/environments/shop?left=shared").Says(404, "You no longer see shop").Silent("ana@example.org")
	s.House.Environment(s.sid, "other")
	// A child is only found through its own parent.
	s.sid.Post("/environments/other/nodes/" + s.node() + "/restart").Says(404)
	s.sid.Post("/environments/other/layers/"+s.layer()+"/nodes", "nodes", "3").Says(404)
}

// quiet takes out of a page what differs with every answer: the nonce, and
// the name that was asked for.
func quiet(body, name string) string {
	_, after, found := strings.Cut(body, `nonce="`)
	if nonce, _, ok := strings.Cut(after, `"`); found && ok {
		body = strings.ReplaceAll(body, nonce, "")
	}
	return strings.ReplaceAll(body, name, "")
}

func TestActions(t *testing.T) {
	s := newScene(t)
	s.becomes(t, holm.StateRunning, "")
	s.ana.Post("/environments/shop/nodes/"+s.node()+"/restart").At("/environments/shop").Says(200, "Restarting shop")
	s.ana.Post("/environments/shop/layers/"+s.layer()+"/restart").At("/environments/shop").Says(200, "Restarting shop")
	s.ana.Post("/environments/shop/layers/"+s.layer()+"/cloudlets", "cloudlets", "4").At("/environments/shop").Says(200, "up to 4 cloudlets = 512 MiB and 1.6 GHz")
	s.ana.Post("/environments/shop/layers/"+s.layer()+"/nodes", "nodes", "2").At("/environments/shop").Says(200, "3 nodes, up to 9 cloudlets", "Balancer 1")
	s.ana.Post("/environments/shop/layers/"+s.layer()+"/nodes", "nodes", "many").Says(422, "A layer has at least 1 node.")
	s.ana.Post("/environments/shop/layers/"+s.layer()+"/nodes", "nodes", "17").Says(409, "17 nodes are more than the 16")
	s.ana.Post("/environments/shop/nodes/first/restart").Says(404)
	s.ana.Post("/environments/shop/stop").Says(200, "Stopping shop", "start it first")
	s.ana.Post("/environments/shop/nodes/"+s.node()+"/restart").Says(409, "start it first")
}

func TestANodeIsRemovedAfterAsking(t *testing.T) {
	s := newScene(t)
	s.becomes(t, holm.StateRunning, "")
	s.ana.Post("/environments/shop/layers/"+s.layer()+"/nodes", "nodes", "3").Says(200)
	s.becomes(t, holm.StateRunning, "")
	nodes := func() []ops.NodeView {
		e := webtest.Ask(s.ana, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}})
		for _, l := range e.Layers {
			if l.Role == "app" {
				return l.Nodes
			}
		}
		return nil
	}
	last := strconv.FormatInt(nodes()[2].ID, 10)
	path := "/environments/shop/nodes/" + last + "/remove"
	s.ana.Get("/environments/shop").Says(200, `href="`+path+`"`).Silent(`action="` + path + `"`)
	s.ana.Get(path).Says(200, "Remove node "+last+"?", "only on it are erased", "2 nodes of app go on running", `action="`+path+`"`, "Cancel")
	s.bob.Get(path).Says(200, "Your access to this environment is limited.").Silent(`action="` + path + `"`)
	s.sid.Get(path).Says(404)
	s.ana.Get("/environments/shop/nodes/" + last + "0/remove").Says(404)
	s.ana.Post(path).At("/environments/shop")
	if left := nodes(); len(left) != 2 {
		t.Errorf("%d nodes are left, want 2", len(left))
	}
}

func TestANodeWithDataIsTyped(t *testing.T) {
	s := newScene(t)
	s.becomes(t, holm.StateRunning, "")
	s.ana.Post("/environments/shop/layers/new", "stack", "database 1", "nodes", "2", "cloudlets", "2").Says(200)
	s.becomes(t, holm.StateRunning, "")
	e := webtest.Ask(s.ana, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}})
	l := e.Layers[len(e.Layers)-1]
	last := strconv.FormatInt(l.Nodes[len(l.Nodes)-1].ID, 10)
	path := "/environments/shop/nodes/" + last + "/remove"
	s.ana.Get(path).Says(200, `data-type="`+last+`"`, "what only node "+last+" has is not copied there")
	s.ana.Post(path).Says(422, "repeat its number "+last)
	s.ana.Post(path, "confirm", last).At("/environments/shop")
}

func TestSettings(t *testing.T) {
	s := newScene(t)
	s.fay.Get("/environments/shop/settings").Says(200, `name="alias"`, "Only the owner of the environment may do this.").Silent(`name="confirm"`)
	s.fay.Post("/environments/shop/alias", "alias", "The shop").At("/environments/shop/settings").Says(200, "Saved.", `value="The shop"`)
	s.fay.Get("/environments/shop/settings").Says(200).Silent("Saved.")
	s.ana.Post("/environments/shop/alias", "alias", strings.Repeat("x", 101)).Says(422, "longer than 100", strings.Repeat("x", 101))
	s.ana.Get("/environments/shop/settings").Says(200, "Delete shop?", "nobody else can take the name", `data-type="shop"`)
	s.ana.Post("/environments/shop/delete", "confirm", "shp").Says(422, "repeat its name shop", "Delete shop?")
	s.ana.Post("/environments/shop/delete", "confirm", "shop").At("/deleted").Says(200, "Deleted shop.", "The shop", "Restore")
	s.ana.Get("/environments/shop").Says(404, "shop is deleted", `href="/deleted"`)
	s.bob.Get("/environments/shop").Says(404, "There is nothing here").Silent("deleted")
	s.bob.Get("/deleted").Says(200, "Nothing is deleted").Silent("shop")
	s.ana.Get("/environments").Says(200, "1 deleted environment", "can be restored")
}

func TestTheAuditTab(t *testing.T) {
	s := newScene(t)
	s.bob.Post("/environments/shop/stop").Says(200)
	s.bob.Post("/environments/shop/delete", "confirm", "shop").Says(403)
	s.ana.Get("/environments/shop/audit").Says(200, "created shop", "stopped shop", "bob@example.org", "by everybody")
	s.ana.Get("/environments/shop/audit?result=refused").Says(200, "tried to delete shop and was refused").Silent("created shop")
	s.bob.Get("/environments/shop/audit").Says(200, "stopped shop", "tried to delete shop and was refused", "The owner sees everybody").Silent("created shop")
}
