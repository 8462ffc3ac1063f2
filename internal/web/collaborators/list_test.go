package collaborators_test

import (
	"bufio"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/internal/web/webtest"
	"github.com/holmhq/holm/ops"
)

// join has somebody who is invited accept.
func join(t *testing.T, h *webtest.House, p *webtest.Person) {
	t.Helper()
	p.Post("/invitations/" + h.Token(p.Email)).At("/environments")
}

func TestInviting(t *testing.T) {
	h := webtest.New(t, func(o *site.Options) { o.Outbox = true })
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, true)
	shop := h.Environment(ana, "shop")
	h.Visitor().Get("/collaborators").At("/sign-in?next=%2Fcollaborators")
	ana.Get("/collaborators").Says(200, "Nobody yet", "Invite somebody", `href="/operator/outbox"`, "shop", "What the levels allow", "SSH/SFTP access")
	ana.Get("/collaborators?environment=shop").Says(200, `value="limited" checked`, "<details class=\"disclosure\" open>")
	ana.Post("/collaborators", "email", "not an address", "role", "admin", "until", "2999-12-31", "level."+shop.ID, "full").
		Says(422, "not plain ASCII", `value="not an address"`, "autofocus", `value="admin" selected`, `value="2999-12-31"`, `value="full" checked`, "<details class=\"disclosure\" open>")
	ana.Post("/collaborators", "email", "bob@example.org", "until", "2001-01-01").Says(422, "must be in the future")
	ana.Post("/collaborators", "email", "bob@example.org", "until", "soon").Says(422, "is not a day")
	ana.Post("/collaborators", "email", "ana@example.org").Says(409, "own address", `value="ana@example.org"`)
	ana.Post("/collaborators", "email", " bob@example.org", "role", "admin", "until", "2999-12-31", "level."+shop.ID, "full").At("/collaborators").
		Says(200, "Invited bob@example.org.", "The link works until", "The mail is in the outbox", "pending", "link ends")
	ana.Get("/collaborators").Says(200, "bob@example.org", "Resend", "Revoke", "The link that was mailed does not work any more.").Silent("Invited bob@example.org.")
	bob := h.User("bob@example.org", "Bob", holm.AccountFull, false)
	join(t, h, bob)
	ana.Get("/collaborators").Says(200, "Bob", "active", "Suspend", "until").Silent("Resend")
	bob.Get("/collaborators").Says(200, "Accounts you work with", "ana@example.org", "admin, 1 shared", "/account#collaborations")
}

func TestRoleResendRevoke(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	bob := h.Invite(ana, "bob@example.org", "viewer")
	first := h.Token("bob@example.org")
	ana.Post("/collaborators/"+bob.ID+"/role", "role", "admin").At("/collaborators").Says(200, "bob@example.org is admin now.", `value="admin" selected`, ">Undo<", `name="role" value="viewer"`)
	ana.Post("/collaborators/"+bob.ID+"/role", "role", "viewer", "undo", "yes").At("/collaborators").Says(200, "bob@example.org is viewer now.").Silent(">Undo<")
	ana.Post("/collaborators/"+bob.ID+"/role", "role", "viewer").Says(200).Silent(">Undo<")
	ana.Post("/collaborators/"+bob.ID+"/role", "role", "admin", "from", "person").Says(200, ">Undo<", `name="from" value="person"`)
	ana.Post("/collaborators/"+bob.ID+"/role", "role", "king").Says(422, "The role is viewer or admin.", "bob@example.org")
	ana.Post("/collaborators/"+bob.ID+"/role", "role", "king", "from", "person").Says(422, "The role is viewer or admin.", "Recent activity")
	ana.Post("/collaborators/"+bob.ID+"/resend", "from", "person").At("/collaborators/"+bob.ID).Says(200, "Sent bob@example.org a new link")
	h.Visitor().Get("/invitations/" + first).Says(410)
	ana.Get("/collaborators/"+bob.ID+"/remove").Says(200, "Revoke the invitation of bob@example.org?", "Cancel")
	ana.Post("/collaborators/"+bob.ID+"/remove").At("/collaborators").Says(200, "Revoked the invitation", "Nobody yet")
	ana.Post("/collaborators/"+bob.ID+"/resend").Says(409, "has no open invitation")
	ana.Get("/collaborators?show=all").Says(200, "removed", "Invite again", "Hide those who left")
}

func TestSuspendReactivateRemove(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	bob := h.User("bob@example.org", "Bob", holm.AccountFull, false)
	h.Environment(ana, "shop")
	c := h.Invite(ana, "bob@example.org", "", ops.Share{Environment: "shop", Level: "full"})
	join(t, h, bob)
	at := "/collaborators/" + c.ID
	ana.Get("/collaborators").Says(200, "Suspend Bob?", "They see nothing of 1 environment any more", "Remove Bob?", "stay yours")
	ana.Get(at+"/suspend").Says(200, "Suspend Bob?")
	ana.Post(at+"/suspend").At("/collaborators").Says(200, "Suspended bob@example.org.", "suspended", "Reactivate")
	ana.Get(at+"/reactivate").Says(200, "Reactivate Bob?")
	ana.Post(at+"/reactivate").At("/collaborators").Says(200, "bob@example.org is active again")
	ana.Post(at+"/remove").At("/collaborators").Says(200, "Removed bob@example.org.", "Nobody yet")
	ana.Get("/collaborators?show=all").Says(200, "Bob", "bob@example.org", "removed").Silent("never seen")
	ana.Post(at+"/suspend").Says(409, "only active collaborators can be suspended")
	ana.Get(at).Says(200, "not a collaborator any more", "Invite again").Silent("Save")
}

func TestOthersSeeNothing(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	eve := h.User("eve@example.org", "Eve", holm.AccountFull, false)
	shop := h.Environment(ana, "shop")
	c := h.Invite(ana, "bob@example.org", "")
	missing := eve.Get("/collaborators/col_none").Says(404)
	for _, path := range []string{"", "/suspend", "/remove", "/person"} {
		got := eve.Get("/collaborators/" + c.ID + path).Says(404)
		if path == "" && strings.ReplaceAll(got.Body, c.ID, "") != strings.ReplaceAll(missing.Body, "col_none", "") && len(got.Body) != len(missing.Body) {
			t.Error("what may not be seen answers unlike what does not exist")
		}
	}
	for _, path := range []string{"", "/role", "/resend", "/suspend", "/reactivate", "/remove", "/preview"} {
		eve.Post("/collaborators/"+c.ID+path, "role", "admin", "was."+shop.ID, "none", "level."+shop.ID, "full").Says(404)
	}
	eve.Post("/collaborators", "email", "x@example.org", "level."+shop.ID, "full").At("/collaborators")
	if got := webtest.Ask(eve, ops.CollaboratorList, ops.CollaboratorListInput{OfAccount: ops.OfAccount{Account: "me"}}).Items[0].Shared; got != 0 {
		t.Error("somebody shared what is not theirs")
	}
}

func TestCollaboratorAccountsGetAnExplanation(t *testing.T) {
	h := webtest.New(t)
	bob := h.User("bob@example.org", "Bob", holm.AccountCollaborator, false)
	for _, path := range []string{"/collaborators", "/collaborators/people"} {
		bob.Get(path).Says(200, "You work in other people&#39;s environments", "can make it a full account").Silent("Invite somebody", "Nobody yet", "Show those who left")
	}
	h.User("ana@example.org", "Ana", holm.AccountFull, false).Get("/collaborators/people").Says(200, "Nobody yet")
}

func TestThePageIsToldOfChanges(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	stream := ana.Open(ctx, "/collaborators/live")
	defer stream.Body.Close()
	if got := stream.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("the stream is %s", got)
	}
	h.Invite(ana, "bob@example.org", "")
	lines := bufio.NewScanner(stream.Body)
	for lines.Scan() {
		if lines.Text() == "data: collaborators" {
			ana.Get("/collaborators/people").Says(200, `id="people"`, "bob@example.org").Silent("<html")
			return
		}
	}
	t.Fatal("the page was not told")
}

// An invitation gives groups, all environments and own levels at once, says
// before what that comes to, and the invited person sees it before they accept.
func TestInvitingWithAccess(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	fay := h.User("fay@example.org", "Fay", holm.AccountFull, false)
	h.Environment(ana, "blog")
	h.Environment(ana, "shop")
	level := ops.LevelCreateInput{OfAccount: ops.OfAccount{Account: "me"}, Body: ops.LevelBody{Name: "Logs only", Permissions: []string{"logs.view"}}}
	webtest.Ask(ana, ops.LevelCreate, level)
	group := ops.GroupCreateInput{OfAccount: ops.OfAccount{Account: "me"}}
	group.Body.Name, group.Body.Environments = "Developers", []ops.Share{{Environment: "shop", Level: "full"}}
	g := webtest.Ask(ana, ops.GroupCreate, group)
	page := ana.Get("/collaborators").Says(200, "Groups they will be in", "It has Full on shop.", "Level on all environments", "Logs only")
	if strings.Contains(page.Body, "<details class=\"disclosure\" open") {
		t.Error("the form begins with all of it")
	}
	form := []string{"email", "fay@example.org", "role", "viewer", "group", g.ID, "all", "Logs only", "until", "2999-12-31"}
	ana.Post("/collaborators/ahead", "email", "", "all", "limited").Says(200, "Write the address")
	ana.Post("/collaborators/ahead", form...).Says(200, "fay@example.org gains Logs only on blog; gains Full on shop.", "All of it ends at the end of 31 December 2999.")
	ana.Post("/collaborators/ahead", "email", "ana@example.org", "all", "limited").Says(200, "the owner")
	ana.Post("/collaborators", append(form, "ahead", "yes")...).Says(200, "fay@example.org gains Logs only on blog", `value="`+g.ID+`" checked`)
	if len(webtest.Ask(ana, ops.CollaboratorList, ops.CollaboratorListInput{OfAccount: ops.OfAccount{Account: "me"}}).Items) != 0 {
		t.Fatal("looking ahead has invited somebody")
	}
	ana.Post("/collaborators", form...).At("/collaborators").Says(200, "Invited fay@example.org.")
	fay.Get("/invitations/"+h.Token(fay.Email)).Says(200, "All environments", "present and future", "Logs only", "What the group <strong>Developers</strong> has")
	fay.Get("/environments/shop").Says(404)
	fay.Post("/invitations/"+h.Token(fay.Email)).At("/environments").Says(200, "blog", "shop", "Logs only", "Full")
	for _, kind := range []holm.LetterKind{holm.LetterGroupJoined, holm.LetterWideChanged} {
		if l := h.Letter(kind, fay.Email); l.Actor != ana.Email {
			t.Errorf("%s names %s", kind, l.Actor)
		}
	}
	// What was chosen stays chosen when the invitation is refused.
	ana.Post("/collaborators", "email", "ana@example.org", "group", g.ID, "all", "full").Says(409, `value="`+g.ID+`" checked`, `value="full" checked`, "<details class=\"disclosure\" open")
}

// A single permission that was given on request is called what it is, on every
// page that speaks of it.
func TestPermissionsAreCalledByTheirNames(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	bob := h.User("bob@example.org", "Bob", holm.AccountFull, false)
	h.Environment(ana, "shop")
	h.Invite(ana, "bob@example.org", "")
	join(t, h, bob)
	share := ops.EnvironmentShareInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}
	share.Body.Collaborators = []ops.PersonShare{{Collaborator: "bob@example.org", Level: "limited"}}
	webtest.Ask(ana, ops.EnvironmentShare, share)
	ask := ops.AccessRequestInput{OfEnvironment: share.OfEnvironment}
	ask.Body.Permission, ask.Body.Minutes, ask.Body.Reason = "access.ssh", 60, "The shop is down"
	asked := webtest.Ask(bob, ops.AccessRequest, ask)
	answer := ops.AccessAnswerInput{OfAccount: ops.OfAccount{Account: "me"}, Request: asked.ID}
	answer.Body.Approve = true
	webtest.Ask(ana, ops.AccessAnswer, answer)
	person := "/collaborators/" + webtest.Ask(ana, ops.CollaboratorList, ops.CollaboratorListInput{OfAccount: ops.OfAccount{Account: "me"}}).Items[0].ID
	for _, path := range []string{person, "/environments/shop/sharing", "/audit", "/requests", "/requests/" + asked.ID} {
		ana.Get(path).Says(200).Silent("access.ssh")
	}
	ana.Get(person).Says(200, "Limited + SSH/SFTP access")
	ana.Get("/audit").Says(200, "SSH/SFTP access")
	bob.Get("/environments/shop").Says(200, "SSH/SFTP access").Silent("access.ssh")
	bob.Get("/environments/shop/why?operation=node.shell").Says(200, "level SSH/SFTP access on request", "You have SSH/SFTP access in this environment on request")
}
