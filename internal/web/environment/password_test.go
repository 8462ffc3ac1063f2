package environment_test

import (
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/webtest"
	"github.com/holmhq/holm/ops"
)

// TestResettingAPassword offers it where a server has a password, says first
// what happens, and keeps it from those who may not.
func TestResettingAPassword(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	bob := h.User("bob@example.org", "Bob", holm.AccountCollaborator, false)
	h.Environment(ana, "shop")
	add := ops.LayerAddInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}
	add.Body = ops.LayerInput{Stack: "database", Nodes: 1, Cloudlets: 2}
	e := webtest.Ask(ana, ops.LayerAdd, add)
	h.Invite(ana, "bob@example.org", "", ops.Share{Environment: "shop", Level: "limited"})
	bob.Post("/invitations/" + h.Token("bob@example.org"))
	var database, app string
	for _, l := range e.Layers {
		if l.Role == "database" {
			database = "/environments/shop/layers/" + l.ID + "/password"
		} else {
			app = "/environments/shop/layers/" + l.ID + "/password"
		}
	}
	ana.Get("/environments/shop").Says(200, `href="`+database+`"`).Silent(app)
	bob.Get("/environments/shop").Says(200, "Reset password", "operation=layer.reset_password").Silent(database)
	ana.Get(database).Says(200, "Set a new password of root?", "mailed to the owner and to those who have full access", "stops working at once")
	bob.Get(database).Says(200, "ana@example.org can change that").Silent("Set a new password")
	bob.Post(database).Says(403, "You may not reset a node password", "Why?")
	ana.Post(database).At("/environments/shop").Says(200, "A new password of root is being set")
	ana.Post(app).Says(409, "has no password")
}
