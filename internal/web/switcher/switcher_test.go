package switcher_test

import (
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/webtest"
	"github.com/holmhq/holm/ops"
)

func TestGoingAnywhereByName(t *testing.T) {
	h := webtest.New(t)
	h.Visitor().Get("/switch?q=a").At("/sign-in?next=%2Fswitch%3Fq%3Da")
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, true)
	bob := h.User("bob@example.org", "Bob", holm.AccountCollaborator, false)
	h.Environment(ana, "shop")
	h.Environment(ana, "blog")
	h.Invite(ana, "bob@example.org", "", ops.Share{Environment: "shop", Level: "limited"})
	bob.Post("/invitations/" + h.Token("bob@example.org"))
	ana.Get("/switch").Says(200, "shop", "blog", "Audit log", "Outbox", "<html")
	ana.Get("/switch?q=SHO").Says(200, `href="/environments/shop"`).Silent("/environments/blog")
	h.Environment(ana, "a-shop")
	if body := ana.Get("/switch?q=shop").Body; strings.Index(body, `href="/environments/shop"`) > strings.Index(body, `href="/environments/a-shop"`) {
		t.Error("the name itself is not the first answer")
	}
	ana.Get("/switch?q=bob").Says(200, "People", "Bob", "/collaborators/")
	ana.Get("/switch?q=invite").Says(200, "Invite somebody")
	ana.Get("/switch?q=zzz").Says(200, "Nothing here is called “zzz”")
	bob.Get("/switch?q=o").Says(200, "shop", "of ana@example.org").Silent("/environments/blog", "Outbox", "Invite somebody")
}
