package environment_test

import (
	"bufio"
	"context"
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
	s.ana.Get("/environments/shop/sharing").Says(200, "bob@example.org", "fay@example.org", "new@example.org", "pending", `name="level-`+s.id("bob@example.org")+`" value="limited" checked`,
		`name="was-`+s.id("new@example.org")+`" value="none"`, `href="/collaborators?environment=shop#invite"`, "can make code run inside that node").Silent("sid@example.org")
	s.House.Environment(s.sid, "other")
	s.sid.Get("/environments/other/sharing").Says(200, "You work here alone")
}

func TestOneSaveForSeveralPeople(t *testing.T) {
	s := newScene(t)
	s.Invite(s.ana, "new@example.org", "viewer")
	bob, fay, one := s.id("bob@example.org"), s.id("fay@example.org"), s.id("new@example.org")
	day := time.Now().UTC().AddDate(0, 0, 10).Format(time.DateOnly)
	s.ana.Post("/environments/shop/sharing", "was-"+bob, "limited", "level-"+bob, "full", "was-"+fay, "full", "level-"+fay, "full", "was-"+one, "none", "level-"+one, "limited", "until-"+one, day).
		At("/environments/shop/sharing").Says(200, "Saved:", "bob@example.org has Full", "new@example.org has Limited until the end of "+day, `value="`+day+`"`).Silent("fay@example.org has")
	if n := s.Letters(holm.LetterLevelChanged); n != 1 {
		t.Errorf("%d letters of a changed level, want Bob's alone", n)
	}
	s.bob.Get("/environments/shop").Says(200, ">Full</span>")
	// What is not changed is not saved.
	s.ana.Post("/environments/shop/sharing", "was-"+bob, "full", "level-"+bob, "full").At("/environments/shop/sharing").Says(200).Silent("Saved")
}

func TestASecondEditorIsTold(t *testing.T) {
	s := newScene(t)
	bob, fay := s.id("bob@example.org"), s.id("fay@example.org")
	s.ana.Post("/environments/shop/sharing", "was-"+bob, "limited", "level-"+bob, "full").Says(200)
	s.ana.Post("/environments/shop/sharing", "was-"+bob, "limited", "level-"+bob, "none", "was-"+fay, "full", "level-"+fay, "none").
		Says(409, "Nothing was saved", "bob@example.org has Full now, not Limited")
	s.bob.Get("/environments/shop").Says(200)
	s.fay.Get("/environments/shop").Says(200)
}

func TestWhatSharingRefuses(t *testing.T) {
	s := newScene(t)
	bob, fay := s.id("bob@example.org"), s.id("fay@example.org")
	s.ana.Post("/environments/shop/sharing", "was-"+bob, "limited", "level-"+bob, "owner").Says(422, "none, limited or full")
	s.ana.Post("/environments/shop/sharing", "was-"+bob, "limited", "level-"+bob, "limited", "until-"+bob, "tomorrow").Says(422, "is not a date")
	s.ana.Post("/environments/shop/sharing", "was-"+fay, "full", "level-"+fay, "none", "was-"+bob, "limited", "level-"+bob, "limited", "until-"+bob, "2020-01-01").Says(422, "in the future")
	s.fay.Get("/environments/shop").Says(200) // all or nothing
	s.fay.Post("/environments/shop/sharing", "was-"+bob, "limited", "level-"+bob, "none").Says(403)
	s.sid.Post("/environments/shop/sharing", "was-"+bob, "limited", "level-"+bob, "none").Says(404)
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
	ctx, cancel := context.WithCancel(context.Background())
	response := p.Open(ctx, "/environments/shop/live")
	t.Cleanup(func() { cancel(); response.Body.Close() })
	stream := bufio.NewReader(response.Body)
	if got := next(t, stream); got != "following" {
		t.Fatalf("first %q", got)
	}
	return stream
}

func TestThePageFollowsAndLeaves(t *testing.T) {
	s := newScene(t)
	live := s.follow(t, s.bob)
	s.becomes(t, holm.StateRunning, "")
	if got := next(t, live); got != "changed" {
		t.Errorf("after a new state: %q", got)
	}
	bob := s.id("bob@example.org")
	s.ana.Post("/environments/shop/sharing", "was-"+bob, "limited", "level-"+bob, "full").Says(200)
	if got := next(t, live); got != "changed" {
		t.Errorf("after a new level: %q", got)
	}
	s.bob.Get("/environments/shop").Says(200, `/cloudlets"`)
	s.ana.Post("/environments/shop/sharing", "was-"+bob, "full", "level-"+bob, "none").Says(200)
	got := next(t, live)
	for got == "changed" { // the level's own event may come first
		got = next(t, live)
	}
	if got != "gone" {
		t.Errorf("after the end of the right: %q", got)
	}
	s.bob.Get("/environments/shop?left=shared").Says(404, "no longer shared with you")
	s.bob.Get("/environments/shop").Says(404).Silent("shop is")
}

func TestAccessThatEndsByItself(t *testing.T) {
	s := newScene(t)
	until := time.Now().Add(72 * time.Hour)
	tim := s.collaborator("tim@example.org", "limited", &until)
	tim.Get("/environments/shop").Says(200, "ends ", "data-relative")
	tim.Get("/environments").Says(200, "ends ")
}
