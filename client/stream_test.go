package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

// streams is a server whose nth connection gives the nth answer; an answer
// that starts with a digit is a status. The last one stays.
func streams(t *testing.T, answers ...string) (*Client, *[]string, *[]time.Duration) {
	t.Helper()
	var asked []string
	var pauses []time.Duration
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := answers[min(len(asked), len(answers)-1)]
		asked = append(asked, r.Header.Get("Last-Event-ID"))
		if answer[0] >= '0' && answer[0] <= '9' {
			var status int
			fmt.Sscan(answer, &status)
			w.WriteHeader(status)
			return
		}
		w.Header().Set("Content-Type", "text/event-stream")
		io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	c := New(s.URL, "tok")
	c.pause = func(ctx context.Context, d time.Duration) error {
		pauses = append(pauses, d)
		return ctx.Err()
	}
	return c, &asked, &pauses
}

var follow = ops.EnvironmentEventsInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}

// collect follows to the end and tells the events as "id type".
func collect(ctx context.Context, c *Client) (got []string, last error) {
	for e, err := range c.Follow(ctx, ops.EnvironmentEvents.Operation, follow) {
		if err != nil {
			last = err
			continue
		}
		got = append(got, fmt.Sprintf("%d %s", e.ID, e.Type))
	}
	return got, last
}

func TestFollowGoesOnAfterTheLastEvent(t *testing.T) {
	c, asked, pauses := streams(t,
		": hello\nretry: 40\nid: 7\nevent: state\ndata: {\"id\":7,\ndata: \"type\":\"state\"}\n\nid: 8\ndata: {\"id\":8,\"type\":\"changed\"}\n\nid: 9\ndata: {\"cut",
		"503", "503",
		"id: 9\nevent: removed\ndata: {}\n\nid: 10\ndata: {}\n\n")
	got, err := collect(context.Background(), c)
	if want := []string{"7 state", "8 changed", "9 removed"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if want := []string{"", "8", "8", "8"}; !slices.Equal(*asked, want) {
		t.Errorf("asked after %q, want %q", *asked, want)
	}
	if want := []time.Duration{40e6, 80e6, 160e6}; !slices.Equal(*pauses, want) {
		t.Errorf("paused %v, want %v", *pauses, want)
	}
}

func TestFollowEnds(t *testing.T) {
	event := "id: 1\ndata: {\"type\":\"state\"}\n\n"
	for _, c := range []struct {
		name    string
		answers []string
		code    holm.Code
		asked   int
	}{
		{"the right goes", []string{event, "404"}, holm.CodeNotFound, 2},
		{"the session ends", []string{event, "401"}, holm.CodeUnauthorized, 2},
		{"never there", []string{"503"}, holm.CodeUnavailable, 1},
		{"gone for good", []string{event, "503"}, holm.CodeUnavailable, 1 + maxFailures},
		{"nonsense", []string{"data: nonsense\n\n"}, holm.CodeUnavailable, 1},
	} {
		client, asked, _ := streams(t, c.answers...)
		if _, err := collect(context.Background(), client); holm.CodeOf(err) != c.code || len(*asked) != c.asked {
			t.Errorf("%s: got %v after %d connections, want %s after %d", c.name, err, len(*asked), c.code, c.asked)
		}
	}
}

func TestFollowIsLeftAndInterrupted(t *testing.T) {
	c, asked, _ := streams(t, "data: {\"type\":\"state\"}\n\ndata: {\"type\":\"state\"}\n\n")
	for range c.Follow(context.Background(), ops.EnvironmentEvents.Operation, follow) {
		break
	}
	if len(*asked) != 1 {
		t.Errorf("connected %d times", len(*asked))
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var last error
	for _, err := range c.Follow(ctx, ops.EnvironmentEvents.Operation, follow) {
		last = err
		cancel()
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("got %v", last)
	}
}

func TestStreamOfAnotherKindIsRefused(t *testing.T) {
	c, _ := fake(t, 200, "text/html", "<html>")
	if _, err := collect(context.Background(), c); holm.CodeOf(err) != holm.CodeInvalid || !strings.Contains(err.Error(), "stream") {
		t.Errorf("got %v", err)
	}
}
