package collaborators_test

import (
	"html"
	"regexp"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/webtest"
	"github.com/holmhq/holm/ops"
)

// sharing is a house with an owner of three environments and a collaborator.
func sharing(t *testing.T) (h *webtest.House, ana, bob *webtest.Person, at string, ids map[string]string) {
	t.Helper()
	h = webtest.New(t)
	ana = h.User("ana@example.org", "Ana", holm.AccountFull, false)
	bob = h.User("bob@example.org", "Bob", holm.AccountFull, false)
	ids = map[string]string{}
	for _, name := range []string{"apple", "blog", "shop"} {
		ids[name] = h.Environment(ana, name).ID
	}
	c := h.Invite(ana, "bob@example.org", "", ops.Share{Environment: "blog", Level: "limited"})
	join(t, h, bob)
	return h, ana, bob, "/collaborators/" + c.ID, ids
}

var hidden = regexp.MustCompile(`name="(was\.[^"]+)" value="([^"]*)"`)

// fields are the hidden fields of a page's form: what the levels were.
func fields(a webtest.Answer) (pairs []string) {
	for _, m := range hidden.FindAllStringSubmatch(a.Body, -1) {
		pairs = append(pairs, m[1], html.UnescapeString(m[2]))
	}
	return pairs
}

func levels(ana *webtest.Person, at string) map[string]string {
	in := ops.CollaboratorShowInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: at[len("/collaborators/"):]}}
	m := map[string]string{}
	for _, e := range webtest.Ask(ana, ops.CollaboratorShow, in).Environments {
		m[e.Environment.Name] = e.Level
	}
	return m
}

func TestSeveralLevelsInOneSave(t *testing.T) {
	h, ana, bob, at, id := sharing(t)
	page := ana.Get(at).Says(200, "Bob", "bob@example.org", "active", "by you", "apple", "blog", "shop", "Set all shown to", "Save", "Discard", "hard wall around it", "accepted the invitation")
	before := h.Letters(holm.LetterShared)
	form := append(fields(page), "level."+id["apple"], "full", "until."+id["apple"], "2999-12-31", "level."+id["blog"], "none", "level."+id["shop"], "none")
	ana.Post(at+"/preview", form...).Says(200, "Bob gains Full on apple until the end of 31 December 2999; no longer sees blog; sees nothing of shop, as before.")
	if got := levels(ana, at); got["apple"] != "" || got["blog"] != "limited" {
		t.Errorf("looking ahead changed something: %v", got)
	}
	ana.Post(at, form...).At(at).Says(200, "Saved: Bob gains Full on apple", `value="2999-12-31"`)
	if got := levels(ana, at); len(got) != 3 || got["apple"] != "full" || got["blog"] != "none" || got["shop"] != "none" {
		t.Errorf("saved %v", got)
	}
	if got := h.Letters(holm.LetterShared) - before; got != 1 {
		t.Errorf("%d mails about one shared environment", got)
	}
	bob.Get("/audit").Says(200).Silent("shop")
	ana.Post(at, fields(ana.Get(at))...).At(at).Says(200, "Nothing was changed.")
}

func TestEditorsDoNotOverwriteEachOther(t *testing.T) {
	_, ana, _, at, id := sharing(t)
	stale := fields(ana.Get(at))
	ana.Post(at, append(fields(ana.Get(at)), "level."+id["shop"], "full")...).At(at)
	answer := ana.Post(at, append(stale, "level."+id["shop"], "limited", "level."+id["apple"], "limited", "level."+id["blog"], "limited")...)
	answer.Says(409, "Nothing is saved yet", "Meanwhile somebody set this to Full; on this page it was Inherit. Save again to set Limited.", `data-was="full"`, `data-was="inherit"`)
	if got := levels(ana, at); got["shop"] != "full" || got["apple"] != "" {
		t.Errorf("saved %v", got)
	}
	ana.Post(at, append(fields(answer), "level."+id["shop"], "limited", "level."+id["apple"], "limited", "level."+id["blog"], "limited")...).At(at).
		Says(200, "gains Limited on apple", "loses SSH, cloudlet limits, adding nodes, variables and", "on shop")
	if got := levels(ana, at); got["shop"] != "limited" || got["apple"] != "limited" || got["blog"] != "limited" {
		t.Errorf("saved %v", got)
	}
	// Both wanted the same: there is nothing to quarrel about.
	ana.Post(at, append(stale, "level."+id["shop"], "limited")...).At(at).Says(200, "Nothing was changed.")
}

func TestBadChoicesAreToldAndKept(t *testing.T) {
	_, ana, _, at, id := sharing(t)
	form := fields(ana.Get(at))
	ana.Post(at, append(form, "level."+id["shop"], "full", "until."+id["shop"], "2001-01-01")...).Says(422, "must be in the future", "This day is over; choose a later one.", `value="full" checked`)
	ana.Post(at, append(form, "level."+id["shop"], "full", "until."+id["shop"], "soon")...).Says(422, "is not a day", `value="soon"`, `value="full" checked`)
	ana.Post(at, append(form, "level."+id["shop"], "royal")...).Says(422, "The level is none, limited or full")
	ana.Post(at, append(form, "was.env_none", "none", "level.env_none", "full", "level."+id["shop"], "full")...).Says(409, "not all there any more")
	if got := levels(ana, at); len(got) != 1 {
		t.Errorf("saved %v", got)
	}
}

func TestSettingAllShownWithoutAScript(t *testing.T) {
	_, ana, _, at, id := sharing(t)
	ana.Get(at+"?q=sho").Says(200, "shop", "All environments").Silent("Level in blog", "data-narrows")
	ana.Get(at+"?q=zzz").Says(200, "No environment has “zzz” in its name")
	ana.Post(at, append(fields(ana.Get(at)), "all", "full")...).Says(200, `data-was="inherit"`, `data-was="limited"`)
	if got := levels(ana, at); len(got) != 1 || got["blog"] != "limited" {
		t.Errorf("choosing saved %v", got)
	}
	ana.Get(at+"/person").Says(200, `id="person"`).Silent("<html")
	_ = id
}

func TestOnAllEnvironments(t *testing.T) {
	_, ana, bob, at, _ := sharing(t)
	form := append(fields(ana.Get(at)), "level.all", "limited", "until.all", "2999-12-31")
	ana.Post(at+"/all/preview", form...).Says(200, "Bob gains Limited on apple and shop until the end of 31 December 2999.")
	bob.Get("/environments/shop").Says(404)
	page := ana.Post(at+"/all", form...).At(at).Says(200, "Saved: Bob gains Limited on apple and shop", "Inherited: Limited on all environments until the end of 31 December 2999.",
		"Limited, given directly", "Limited on all environments until the end of 31 December 2999")
	bob.Get("/environments/shop").Says(200, "Limited")
	// Of two who change it at once, the second is told.
	ana.Post(at+"/all", "was.all", "none", "level.all", "full").Says(409, "Meanwhile somebody set this to Limited until the end of 31 December 2999; on this page it was None.")
	ana.Post(at+"/all", append(fields(page), "level.all", "none")...).At(at).Says(200, "Saved: Bob no longer sees apple and shop.")
	bob.Get("/environments/shop").Says(404)
}

func TestTheEndOfACollaboration(t *testing.T) {
	_, ana, bob, at, id := sharing(t)
	ana.Get(at).Says(200, "It has no end of its own.")
	ana.Post(at+"/end", "until", "").Says(422, "Choose the last day")
	ana.Post(at+"/end", "until", "2001-01-01").Says(422, "must be in the future")
	ana.Post(at+"/end", "until", "2999-12-30").At(at).Says(200, "ends at the end of 30 December 2999", "7 days more")
	ana.Post(at+"/end", "more", "7").At(at).Says(200, "ends at the end of 6 January 3000")
	ana.Post(at+"/end", "never", "yes").At(at).Says(200, "has no end now")
	bob.Post(at+"/end", "never", "yes").Says(404)

	// What is given directly can be given for longer in one click.
	ana.Post(at, append(fields(ana.Get(at)), "level."+id["blog"], "limited", "until."+id["blog"], "2999-12-30")...).At(at)
	ana.Get(at).Says(200, "7 days more on blog")
	ana.Post(at+"/extend", "environment", id["blog"], "more", "7").At(at).Says(200, "Bob keeps Limited on blog until the end of 6 January 3000.")
	ana.Post(at+"/extend", "environment", id["shop"], "more", "7").Says(409, "There is no end to extend")
}
