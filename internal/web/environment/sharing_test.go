package environment_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/webtest"
	"github.com/holmhq/holm/ops"
)

// id gives a collaborator's id.
func (s *scene) id(email string) string {
	return webtest.Ask(s.ana, ops.CollaboratorShow, ops.CollaboratorShowInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: email}}).ID
}

func TestSharingHasARowForEachPerson(t *testing.T) {
	s := newScene(t)
	s.Invite(s.ana, "new@example.org", "admin")
	s.ana.Get("/environments/shop/sharing").Says(200, "bob@example.org", "fay@example.org", "new@example.org", "pending", `name="level.`+s.id("bob@example.org")+`" value="limited" checked`,
		`name="was.`+s.id("new@example.org")+`" value="inherit"`, `href="/collaborators?environment=shop#invite"`, "can make code run inside that node").Silent("sid@example.org")
	s.House.Environment(s.sid, "other")
	s.sid.Get("/environments/other/sharing").Says(200, "You work here alone")
}

func TestOneSaveForSeveralPeople(t *testing.T) {
	s := newScene(t)
	s.Invite(s.ana, "new@example.org", "viewer")
	bob, fay, one := s.id("bob@example.org"), s.id("fay@example.org"), s.id("new@example.org")
	last := time.Now().UTC().AddDate(0, 0, 10)
	day := last.Format(time.DateOnly)
	form := []string{"was." + bob, "limited", "level." + bob, "full", "was." + fay, "full", "level." + fay, "full", "was." + one, "inherit", "level." + one, "limited", "until." + one, day}
	means := "bob@example.org gains SSH, cloudlet limits, adding nodes, variables and 8 more. new@example.org gains Limited until the end of " + last.Format("2 January 2006") + "."
	s.ana.Post("/environments/shop/sharing/preview", form...).Says(200, means).Silent("<html", "fay@example.org")
	s.bob.Get("/environments/shop").Says(200, ">Limited</span>")
	s.ana.Post("/environments/shop/sharing", form...).At("/environments/shop/sharing").Says(200, "Saved: "+means, `value="`+day+`"`).Silent("fay@example.org gains")
	if n := s.Letters(holm.LetterLevelChanged); n != 1 {
		t.Errorf("%d letters of a changed level, want Bob's alone", n)
	}
	s.bob.Get("/environments/shop").Says(200, ">Full</span>")
	// What is not changed is not saved.
	s.ana.Post("/environments/shop/sharing", "was."+bob, "full", "level."+bob, "full").At("/environments/shop/sharing").Says(200).Silent("Saved")
}

func TestASecondEditorIsTold(t *testing.T) {
	s := newScene(t)
	bob, fay := s.id("bob@example.org"), s.id("fay@example.org")
	s.ana.Post("/environments/shop/sharing", "was."+bob, "limited", "level."+bob, "full").Says(200)
	answer := s.ana.Post("/environments/shop/sharing", "was."+bob, "limited", "level."+bob, "none", "was."+fay, "full", "level."+fay, "none")
	answer.Says(409, "Nothing is saved yet", "Meanwhile somebody set this to Full; on this page it was Limited. Save again to set None.")
	s.bob.Get("/environments/shop").Says(200)
	s.fay.Get("/environments/shop").Says(200)
	// What was chosen for Fay stands there still, and can be saved as it is.
	chosen(t, answer, fay, "none", "full")
	chosen(t, answer, bob, "none", "full")
	s.ana.Post("/environments/shop/sharing", "was."+bob, "full", "level."+bob, "none", "was."+fay, "full", "level."+fay, "none").
		Says(200, "Saved: bob@example.org and fay@example.org no longer see shop.")
	// Both wanted the same: there is nothing to quarrel about.
	s.ana.Post("/environments/shop/sharing", "was."+bob, "full", "level."+bob, "none").At("/environments/shop/sharing").Says(200).Silent("Saved")
}

// chosen fails unless the page shows a choice that is not saved.
func chosen(t *testing.T, a webtest.Answer, id, level, stored string) {
	t.Helper()
	_, row, _ := strings.Cut(a.Body, `id="person-`+id+`"`)
	row, _, _ = strings.Cut(row, "</tr>")
	for _, want := range []string{`value="` + level + `" checked`, `data-was="` + stored + `"`} {
		if !strings.Contains(row, want) {
			t.Errorf("the row has no %s:\n%s", want, row)
		}
	}
}

func TestWhatSharingRefuses(t *testing.T) {
	s := newScene(t)
	bob, fay := s.id("bob@example.org"), s.id("fay@example.org")
	s.ana.Post("/environments/shop/sharing", "was."+bob, "limited", "level."+bob, "owner").Says(422, "none, limited or full")
	s.ana.Post("/environments/shop/sharing", "was."+bob, "limited", "level."+bob, "limited", "until."+bob, "tomorrow").Says(422, "is not a day")
	answer := s.ana.Post("/environments/shop/sharing", "was."+fay, "full", "level."+fay, "none", "was."+bob, "limited", "level."+bob, "limited", "until."+bob, "2020-01-01").
		Says(422, "in the future", "This day is over; choose a later one.", `value="2020-01-01"`, `min="`+time.Now().UTC().Format(time.DateOnly)+`"`)
	chosen(t, answer, fay, "none", "full")
	s.fay.Get("/environments/shop").Says(200) // all or nothing
	s.ana.Post("/environments/shop/sharing", "was.nobody", "limited", "level.nobody", "full", "was."+fay, "full", "level."+fay, "limited").Says(409, "not all there any more")
	s.fay.Post("/environments/shop/sharing", "was."+bob, "limited", "level."+bob, "none").Says(403)
	s.fay.Post("/environments/shop/sharing/preview", "was."+bob, "limited", "level."+bob, "none").Says(403)
	s.sid.Post("/environments/shop/sharing", "was."+bob, "limited", "level."+bob, "none").Says(404)
	s.sid.Post("/environments/shop/sharing/preview", "was."+bob, "limited", "level."+bob, "none").Says(404)
}

func TestTheCollaborationsEndIsSaid(t *testing.T) {
	s := newScene(t)
	end := time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC)
	in := ops.CollaboratorInviteInput{}
	in.Account, in.Body.Email, in.Body.Until, in.Body.Environments = "me", "tim@example.org", &end, []ops.Share{{Environment: "shop", Level: "limited"}}
	tim := webtest.Ask(s.ana, ops.CollaboratorInvite, in).ID
	said := "The collaboration ends at the end of 31 December 2998, and"
	s.ana.Get("/environments/shop/sharing").Says(200, said+" this with it.")
	s.ana.Post("/environments/shop/sharing/preview", "was."+tim, "limited", "level."+tim, "full").Says(200, said+" the access with it.")
	s.ana.Post("/environments/shop/sharing/preview", "was."+tim, "limited", "level."+tim, "full", "until."+tim, "2998-12-31").Says(200, "until the end of 31 December 2998.").Silent(said)
	s.ana.Get("/collaborators/"+tim).Says(200, "which is there until the end of 31 December 2998.", `"until-words"`)
}

func TestPressingAButtonKeepsTheTab(t *testing.T) {
	s := newScene(t)
	s.becomes(t, holm.StateRunning, "")
	s.ana.Get("/environments/shop/sharing").Says(200, `name="from" value="sharing"`, `id="power"`)
	s.ana.Get("/environments/shop").Silent(`name="from"`)
	s.ana.Post("/environments/shop/stop", "from", "sharing").At("/environments/shop/sharing").Says(200, "Stopping shop", `id="power"`)
	s.ana.Post("/environments/shop/start", "from", "settings").At("/environments/shop/settings").Says(200, "Starting shop")
	s.ana.Post("/environments/shop/layers/"+s.layer()+"/restart", "from", "audit").At("/environments/shop/audit").Says(200)
	s.ana.Post("/environments/shop/stop", "from", "//example.org").At("/environments/shop")
	s.ana.Post("/environments/shop/nodes/"+s.node()+"/restart", "from", "sharing").Says(409, "start it first", "Who may do what in shop")
}

// next reads the name of the stream's next message.
func next(t *testing.T, stream *bufio.Reader) string {
	t.Helper()
	for {
		line, err := stream.ReadString('\n')
		if err != nil {
			t.Fatalf("the stream ended: %v", err)
		}
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "event: "); ok {
			return name
		}
		if strings.HasPrefix(line, ": following") {
			return "following"
		}
	}
}

func (s *scene) follow(t *testing.T, p *webtest.Person) *bufio.Reader {
	t.Helper()
	return s.reads(t, func(ctx context.Context) *http.Response { return p.Open(ctx, "/environments/shop/live") })
}

func (s *scene) reads(t *testing.T, open func(ctx context.Context) *http.Response) *bufio.Reader {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	response := open(ctx)
	t.Cleanup(func() { cancel(); response.Body.Close() })
	stream := bufio.NewReader(response.Body)
	if got := next(t, stream); got != "following" {
		t.Fatalf("first %q", got)
	}
	return stream
}

// What happens between a page's answer and the opening of its stream is told
// once the stream is open.
func TestNothingIsMissedBeforeTheStreamOpens(t *testing.T) {
	s := newScene(t)
	page := s.bob.Get("/environments/shop")
	s.becomes(t, holm.StateRunning, "")
	live := s.reads(t, func(ctx context.Context) *http.Response { return s.bob.OpenOf(ctx, page) })
	if got := next(t, live); got != "changed" {
		t.Errorf("of what the page has missed: %q", got)
	}
}

func TestThePageFollowsAndLeaves(t *testing.T) {
	s := newScene(t)
	live := s.follow(t, s.bob)
	s.becomes(t, holm.StateRunning, "")
	if got := next(t, live); got != "changed" {
		t.Errorf("after a new state: %q", got)
	}
	bob := s.id("bob@example.org")
	s.ana.Post("/environments/shop/sharing", "was."+bob, "limited", "level."+bob, "full").Says(200)
	if got := next(t, live); got != "changed" {
		t.Errorf("after a new level: %q", got)
	}
	s.bob.Get("/environments/shop").Says(200, `/cloudlets"`)
	s.ana.Post("/environments/shop/sharing", "was."+bob, "full", "level."+bob, "none").Says(200)
	got := next(t, live)
	for got == "changed" { // the level's own event may come first
		got = next(t, live)
	}
	if got != "gone" {
		t.Errorf("after the end of the right: %q", got)
	}
	s.bob.Get("/environments/shop?left=shared").Says(404, "You no longer see shop", "ended or suspended")
	s.bob.Get("/environments/shop").Says(404).Silent("shop is")
}

func TestAccessThatEndsByItself(t *testing.T) {
	s := newScene(t)
	until := time.Now().Add(72 * time.Hour)
	tim := s.collaborator("tim@example.org", "limited", &until)
	tim.Get("/environments/shop").Says(200, `"until-words"`, "data-relative")
	tim.Get("/environments").Says(200, "until-words")
}
