package audit_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/ledger"
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
	_, rest, _ := strings.Cut(first.Body, `id="log-more"`)
	_, rest, _ = strings.Cut(rest, `<a class="button" href="`)
	older, _, _ := strings.Cut(rest, `"`)
	ana.Get(strings.ReplaceAll(older, "&amp;", "&")).Says(200, "invited p0@example.org").Silent("invited p54@example.org", ">Older<")
}

func TestTheLogAsAFile(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	bob := h.User("bob@example.org", "Bob", holm.AccountFull, false)
	h.Environment(ana, "shop")
	h.Invite(ana, "bob@example.org", "")
	h.Visitor().Get("/audit/export?format=csv").At("/sign-in?next=%2Faudit%2Fexport%3Fformat%3Dcsv")
	ana.Get("/audit").Says(200, `href="/audit/export?format=csv"`)
	ana.Get("/audit?result=refused").Says(200, `href="/audit/export?format=jsonl&amp;result=refused"`)
	ana.Get("/audit/export?format=csv").Says(200, "number,time,who", "created shop")
	ana.Get("/audit/export?format=csv&operation=collaborator.").Says(200, "invited bob@example.org").Silent("created shop")
	ana.Get("/audit/export?format=exe").Says(422, "The format is json, csv or jsonl")
	bob.Get("/audit/export?format=jsonl").Says(200).Silent("shop")
	file := ana.Get("/audit/export?format=jsonl").Says(200, `{"account":"acc_`, `{"checkpoint":"`).Body
	if _, err := ledger.Verify(strings.NewReader(file), ledger.Expected{}); err != nil {
		t.Error(err)
	}
	if _, err := ledger.Verify(strings.NewReader(strings.Replace(file, "created", "deleted", 1)), ledger.Expected{}); err != nil {
		t.Error("a word that is in no row was replaced, and something is wrong:", err)
	}
	if _, err := ledger.Verify(strings.NewReader(strings.Replace(file, "shop", "blog", 1)), ledger.Expected{}); err == nil {
		t.Error("a forged file passes")
	}
}

func TestNewEntriesAreAnnounced(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	h.Environment(ana, "shop")
	ana.Get("/audit").Says(200, `data-topics="audit"`, `hx-get="/audit/news?after=1"`, "announced here")
	ana.Get("/audit/news?after=1").Says(200, "announced here")
	h.Environment(ana, "blog")
	ana.Get("/audit/news?after=1").Says(200, "Show 1 new entry")
	h.Invite(ana, "bob@example.org", "")
	ana.Get("/audit/news?after=1").Says(200, "Show 2 new entries")
	ana.Get("/audit/news?after=1&operation=collaborator.").Says(200, "Show 1 new entry", `href="/audit?operation=collaborator."`)
}

func TestEveryEntryHasItsProof(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	bob := h.User("bob@example.org", "Bob", holm.AccountFull, false)
	for _, name := range []string{"shop", "blog", "wiki"} {
		h.Environment(ana, name)
	}
	ana.Get("/audit").Says(200, `href="/audit/proof/2"`, "leaf hash")
	ana.Get("/audit/proof/2").Says(200, "Proof of entry 2", "In a checkpoint of 3 rows", "public key", "holm.example.org+", "holm audit verify audit.jsonl")
	for _, none := range []string{"4", "0", "-1", "x"} {
		ana.Get("/audit/proof/" + none).Says(404)
	}
	bob.Get("/audit/proof/2").Says(404)
}
