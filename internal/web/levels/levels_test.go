package levels_test

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/webtest"
	"github.com/holmhq/holm/ops"
)

// scene is an owner with two environments and a collaborator who has nothing.
func scene(t *testing.T) (h *webtest.House, ana, bob *webtest.Person) {
	t.Helper()
	h = webtest.New(t)
	ana = h.User("ana@example.org", "Ana", holm.AccountFull, false)
	bob = h.User("bob@example.org", "Bob", holm.AccountFull, false)
	h.Environment(ana, "blog")
	h.Environment(ana, "shop")
	h.Invite(ana, "bob@example.org", "")
	bob.Post("/invitations/" + h.Token(bob.Email)).At("/environments")
	return h, ana, bob
}

func levelID(ana *webtest.Person, name string) string {
	list := webtest.Ask(ana, ops.LevelList, ops.LevelListInput{OfAccount: ops.OfAccount{Account: "me"}}).Items
	return list[slices.IndexFunc(list, func(v ops.LevelView) bool { return v.Name == name })].ID
}

func groupNamed(ana *webtest.Person, name string) ops.GroupView {
	list := webtest.Ask(ana, ops.GroupList, ops.GroupListInput{OfAccount: ops.OfAccount{Account: "me"}}).Items
	return list[slices.IndexFunc(list, func(v ops.GroupView) bool { return v.Name == name })]
}

var hidden = regexp.MustCompile(`name="(was[.-][^"]+)" value="([^"]*)"`)

func fields(a webtest.Answer) (pairs []string) {
	for _, m := range hidden.FindAllStringSubmatch(a.Body, -1) {
		pairs = append(pairs, m[1], html.UnescapeString(m[2]))
	}
	return pairs
}

func TestALevelOfOnesOwn(t *testing.T) {
	_, ana, bob := scene(t)
	ana.Get("/levels").Says(200, "Limited", "Full", "What each level allows")
	ana.Get("/levels/new?from=limited").Says(200, "Read, search and follow the logs.", `value="logs.view" checked`, "The owner&#39;s alone.")
	ana.Post("/levels", "name", "", "permission", "logs.view").Says(422, "Give the level a name")
	ana.Post("/levels", "name", "Logs only", "permission", "logs.view").At("/levels").Says(200, "Made the level Logs only", "to nobody")
	ana.Post("/levels", "name", "logs only", "permission", "logs.view").Says(409, "There is a level called logs only")
	at := "/levels/" + levelID(ana, "Logs only")
	in := ops.EnvironmentShareInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}
	in.Body.Collaborators = []ops.PersonShare{{Collaborator: "bob@example.org", Level: "Logs only"}}
	webtest.Ask(ana, ops.EnvironmentShare, in)

	ana.Get(at).Says(200, "Given once", "Bob", "shop", "Give another level there first.")
	ana.Post(at+"/preview", "name", "Logs only", "permission", "usage.view", "permission", "environment.stop").Says(200, "Bob gains resource usage and stopping, and loses logs, on shop.")
	bob.Get("/environments/shop").Says(200, "Logs only")
	ana.Post(at, "name", "Usage", "permission", "usage.view", "permission", "environment.stop").At(at).Says(200, "Saved: Bob gains resource usage and stopping, and loses logs, on shop.")
	ana.Post(at, "name", "Usage", "permission", "environment.delete").Says(422, "is the owner")
	ana.Post(at+"/delete").Says(409, "The level Usage is given once; give another there first.")

	in.Body.Collaborators[0].Level = "inherit"
	webtest.Ask(ana, ops.EnvironmentShare, in)
	ana.Get(at+"/delete").Says(200, "Delete the level Usage?")
	ana.Post(at+"/delete").At("/levels").Says(200, "Deleted the level Usage.")
	ana.Get(at).Says(404)
	bob.Get(at).Says(404)
}

func TestAGroup(t *testing.T) {
	_, ana, bob := scene(t)
	ana.Post("/groups", "name", "").Says(422, "Give the group a name")
	ana.Get("/groups").Says(200, "No group yet")
	ana.Post("/groups", "name", "Developers").Says(200, "Made the group Developers")
	g := groupNamed(ana, "Developers")
	at := "/groups/" + g.ID
	page := ana.Get(at).Says(200, "bob@example.org", "blog", "shop", "All, present and future")
	bobID := regexp.MustCompile(`name="was-member\.([^"]+)"`).FindStringSubmatch(page.Body)[1]
	form := append(fields(page), "level.all", "limited", "member."+bobID, "on")
	ana.Post(at+"/preview", form...).Says(200, "Bob gains Limited on blog and shop.")
	bob.Get("/environments/shop").Says(404)
	ana.Post(at, form...).At(at).Says(200, "Saved: Bob gains Limited on blog and shop.")
	bob.Get("/environments/shop").Says(200, "Limited")

	// A level in one environment counts there instead.
	page = ana.Get(at)
	shop := regexp.MustCompile(`id="share-([^"]+)"`).FindAllStringSubmatch(page.Body, -1)[1][1]
	form = append(fields(page), "level.all", "limited", "member."+bobID, "on", "level."+shop, "full", "until."+shop, "2999-12-31")
	ana.Post(at, form...).At(at).Says(200, "Saved: Bob gains SSH, cloudlet limits, adding nodes, variables and 8 more on shop until the end of 31 December 2999.")
	ana.Get("/environments/shop/sharing").Says(200, "Inherited: Full through the group Developers until the end of 31 December 2999.", "None hides it.")
	ana.Get("/collaborators/"+bobID).Says(200, "Inherited: Limited on all environments through the group Developers.")

	ana.Post(at+"/name", "name", "Team").At(at).Says(200, "The group is called Team now.")
	ana.Get("/groups").Says(200, "Team", "Limited on all environments; shop (Full)", "Bob")
	ana.Get(at+"/delete").Says(200, "Bob no longer sees blog and shop.")
	// Who is not ticked goes out.
	page = ana.Get(at)
	ana.Post(at, append(fields(page), "level.all", "limited", "level."+shop, "full", "until."+shop, "2999-12-31")...).At(at).Says(200, "Saved: Bob no longer sees blog and shop.")
	bob.Get("/environments/shop").Says(404)
	ana.Post(at+"/delete").At("/groups").Says(200, "Deleted the group Team.")
	bob.Get(at).Says(404)
}

// A stale form changes nobody whom somebody else has changed meanwhile.
func TestAStaleGroupForm(t *testing.T) {
	_, ana, bob := scene(t)
	ana.Post("/groups", "name", "Developers")
	at := "/groups/" + groupNamed(ana, "Developers").ID
	stale := fields(ana.Get(at))
	bobID := ""
	for _, f := range stale {
		if id, ok := strings.CutPrefix(f, "was-member."); ok {
			bobID = id
		}
	}
	ana.Post(at, append(fields(ana.Get(at)), "member."+bobID, "on", "level.all", "limited")...).At(at)
	ana.Post(at, append(slices.Clone(stale), "level.all", "full")...).Says(409, "Nothing is saved yet")
	ana.Post(at, stale...).At(at).Says(200, "Nothing was changed.")
	bob.Get("/environments/shop").Says(200, "Limited")
}

// The second of two who change a level is told what the first did; what they
// chose stays chosen, and is saved when they say so again.
func TestAStaleLevelForm(t *testing.T) {
	_, ana, _ := scene(t)
	ana.Post("/levels", "name", "Logs only", "permission", "logs.view")
	at := "/levels/" + levelID(ana, "Logs only")
	stale := fields(ana.Get(at))
	ana.Post(at, append(fields(ana.Get(at)), "name", "Watching", "permission", "logs.view", "permission", "access.ssh")...).At(at).Says(200)
	draft := append(stale, "name", "Logs only", "permission", "logs.view", "permission", "usage.view")
	ana.Post(at+"/preview", draft...).Says(200, "the level is called Watching now")
	answer := ana.Post(at, draft...)
	answer.Says(409, "Nothing was saved", "the level is called Watching now", "it gives “SSH/SFTP access” now",
		`value="usage.view" checked`, `data-was="no"`, `data-was="yes"`, `data-was="Watching"`)
	ana.Get(at).Says(200, `value="access.ssh" checked`)
	ana.Post(at, append(fields(answer), "name", "Logs only", "permission", "logs.view", "permission", "usage.view")...).At(at).Says(200)
	ana.Get(at).Says(200, `value="usage.view" checked`, `value="Logs only"`).Silent(`value="access.ssh" checked`)

	// A question that was asked about another level than there is now deletes
	// nothing.
	question := regexp.MustCompile(`name="version" value="([^"]+)"`).FindStringSubmatch(ana.Get(at + "/delete").Body)[1]
	ana.Post(at, append(fields(ana.Get(at)), "name", "Logs only", "permission", "access.ftp")...).At(at)
	ana.Post(at+"/delete", "version", question).Says(409, "Nothing was deleted, because somebody changed the level Logs only meanwhile.")
	ana.Get(at).Says(200)
}

// The same for who is in a group, and for its name.
func TestAStaleGroupFormKeepsTheDraft(t *testing.T) {
	_, ana, bob := scene(t)
	ana.Post("/groups", "name", "Developers")
	at := "/groups/" + groupNamed(ana, "Developers").ID
	stale := fields(ana.Get(at))
	bobID := regexp.MustCompile(`name="was-member\.([^"]+)"`).FindStringSubmatch(ana.Get(at).Body)[1]
	ana.Post(at, append(fields(ana.Get(at)), "member."+bobID, "on", "member-until."+bobID, "2999-12-31", "level.all", "limited")...).At(at).Says(200)
	draft := append(slices.Clone(stale), "member."+bobID, "on", "level.all", "limited")
	answer := ana.Post(at, draft...)
	answer.Says(409, "Nothing is saved yet", "Meanwhile somebody changed this: they are in it until the end of 31 December 2999 now; on this page they were not in it. Save again to have them in it.")
	if m := groupNamed(ana, "Developers").Members; len(m) != 1 || m[0].Until == nil {
		t.Errorf("saved %v", m)
	}
	ana.Post(at, append(fields(answer), "member."+bobID, "on", "level.all", "limited")...).At(at).Says(200, "Saved")
	if m := groupNamed(ana, "Developers").Members; len(m) != 1 || m[0].Until != nil {
		t.Errorf("saved %v", m)
	}
	bob.Get("/environments/shop").Says(200, "Limited")

	ana.Post(at+"/name", "was-name", "Developers", "name", "Team").At(at)
	ana.Post(at+"/name", "was-name", "Developers", "name", "Crew").Says(409, "the group is called Team now", `value="Crew"`)
	question := regexp.MustCompile(`name="version" value="([^"]+)"`).FindStringSubmatch(ana.Get(at + "/delete").Body)[1]
	ana.Post(at, append(fields(ana.Get(at)), "level.all", "limited")...).At(at)
	ana.Post(at+"/delete", "version", question).Says(409, "Nothing was deleted")
}

// A group of an account with many environments is shown by pages that say how
// many there are, and a page that is saved changes nothing of the others.
func TestAGroupOfManyEnvironments(t *testing.T) {
	h, ana, bob := scene(t)
	for i := range 203 {
		h.Environment(ana, fmt.Sprintf("e%03d", i))
	}
	ana.Post("/groups", "name", "Developers")
	at := "/groups/" + groupNamed(ana, "Developers").ID
	first := ana.Get(at).Says(200, "It has a level of its own in 0 of 205 environments. 200 of them shown", "More environments", "blog", "e198", "Nobody is in it.").Silent(">e199<", ">shop<")
	bobID := regexp.MustCompile(`name="was-member\.([^"]+)"`).FindStringSubmatch(first.Body)[1]
	ids := regexp.MustCompile(`id="share-([^"]+)"`).FindAllStringSubmatch(first.Body, -1)
	ana.Post(at, append(fields(first), "member."+bobID, "on", "level."+ids[0][1], "limited")...).At(at).Says(200, "Saved: Bob gains Limited on blog.", "1 person is in it.")
	more := html.UnescapeString(regexp.MustCompile(`href="([^"]+)"[^>]*><span>More environments`).FindStringSubmatch(first.Body)[1])
	second := ana.Get(more).Says(200, "shop", ">e199<", "All environments").Silent(">e198<", "More environments")
	cursor := regexp.MustCompile(`name="cursor" value="([^"]+)"`).FindStringSubmatch(second.Body)[1]
	ids = regexp.MustCompile(`id="share-([^"]+)"`).FindAllStringSubmatch(second.Body, -1)
	ana.Post(at, append(fields(second), "cursor", cursor, "member."+bobID, "on", "level."+ids[len(ids)-1][1], "full")...).Says(200, "Saved: Bob gains Full on shop.", "in 2 of 205 environments")
	ana.Get(at+"?q=sho").Says(200, "shop", "1 of them shown").Silent(">e100<")
	ana.Get(at+"?q=zzz").Says(200, "No environment has “zzz” in its name")
	bob.Get("/environments/blog").Says(200, "Limited")
	bob.Get("/environments/shop").Says(200, "Full")
}
