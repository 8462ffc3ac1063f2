package audit_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/webtest"
)

func TestTheLogSaysWhoDidWhat(t *testing.T) {
	h := webtest.New(t)
	h.Visitor().Get("/audit?who=a").At("/sign-in?next=%2Faudit%3Fwho%3Da")
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	ana.Get("/audit").Says(200, "Nothing has happened yet")
	h.Environment(ana, "shop")
	h.Invite(ana, "bob@example.org", "admin")
	ana.Get("/audit").Says(200, "<strong>ana@example.org</strong>", "created shop", "invited bob@example.org", "By the dashboard", "192.0.2.1", "UTC", "Done", "<dd>admin</dd>")
}

func TestFiltersAreInTheAddress(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	bob := h.User("bob@example.org", "Bob", holm.AccountFull, false)
	h.Environment(ana, "shop")
	h.Environment(ana, "blog")
	ana.Get("/audit?operation=environment.create&environment=shop").
		Says(200, "created shop", "in shop", "environment create", `href="/audit?operation=environment.create"`).Silent("created blog")
	ana.Get("/audit?result=refused").Says(200, "Nothing fits these filters", "everything that did not go well")
	ana.Get("/audit?who=bob%40example.org").Says(200, "Nothing fits these filters", "by bob@example.org")
	ana.Get("/audit?since=2020-01-01T00:00").Says(200, "created shop")
	ana.Get("/audit?until=2020-01-01T00:00").Says(200, "Nothing fits these filters")
	ana.Get("/audit?since=yesterday").Says(422, "is not a time", `value="yesterday"`)
	// What one may not see is not there.
	bob.Get("/audit?environment=shop").Says(422, "There is no environment").Silent("created shop")
	bob.Get("/audit?environment=none").Says(422, "There is no environment")
}

func TestOlderRowsFollow(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	for i := range 55 {
		h.Invite(ana, fmt.Sprintf("p%d@example.org", i), "")
	}
	first := ana.Get("/audit?operation=collaborator.").Says(200, "invited p54@example.org", ">Older<").Silent("invited p0@example.org")
	_, rest, _ := strings.Cut(first.Body, `<a class="button" href="`)
	older, _, _ := strings.Cut(rest, `"`)
	ana.Get(strings.ReplaceAll(older, "&amp;", "&")).Says(200, "invited p0@example.org").Silent("invited p54@example.org", ">Older<")
}
