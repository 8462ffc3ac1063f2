package environments_test

import (
	"bufio"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/webtest"
	"github.com/holmhq/holm/ops"
)

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

func follow(t *testing.T, p *webtest.Person, path string) *bufio.Reader {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	response := p.Open(ctx, path)
	t.Cleanup(func() { cancel(); response.Body.Close() })
	if response.StatusCode != 200 {
		t.Fatalf("status %d", response.StatusCode)
	}
	stream := bufio.NewReader(response.Body)
	if got := next(t, stream); got != "following" {
		t.Fatalf("first %q", got)
	}
	return stream
}

func TestTheListFollows(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	bob := h.User("bob@example.org", "Bob", holm.AccountCollaborator, false)
	h.Environment(ana, "shop")
	h.Environment(ana, "hidden")
	h.Invite(ana, bob.Email, "viewer", ops.Share{Environment: "shop", Level: "limited"})
	accept(h, bob)

	list := follow(t, bob, "/live/environments")
	// What Bob may not see must not even make his list refresh.
	webtest.Ask(ana, ops.EnvironmentStop, ops.EnvironmentStopInput{OfEnvironment: ops.OfEnvironment{Environment: "hidden"}})
	webtest.Ask(ana, ops.EnvironmentStop, ops.EnvironmentStopInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}})
	if got := next(t, list); got != "changed" {
		t.Errorf("the list heard %q", got)
	}
	bob.Get("/environments").Says(200, "/environments/shop")

	in := ops.CollaboratorShareInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: bob.Email}}
	in.Body.Environments = []ops.Share{{Environment: "shop", Level: "none"}}
	webtest.Ask(ana, ops.CollaboratorShare, in)
	if got := next(t, list); got != "changed" {
		t.Errorf("the list heard %q", got)
	}
	bob.Get("/environments").Says(200).Silent("/environments/shop", "owned by ana")

	webtest.Ask(bob, ops.SessionDelete, ops.SessionDeleteInput{Session: "current"})
	rest, err := io.ReadAll(list)
	if err != nil || !strings.Contains(string(rest), "event: gone") {
		t.Errorf("after signing out the stream said %q, %v", rest, err)
	}
}
