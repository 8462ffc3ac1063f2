package site_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
)

// gone is the connection of somebody who has left.
type gone struct {
	header  http.Header
	headers int
}

func (g *gone) Header() http.Header       { return g.header }
func (g *gone) WriteHeader(int)           { g.headers++ }
func (g *gone) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// TestWhoHasLeftIsToldNothing: an answer that broke off is not begun a second
// time with what went wrong.
func TestWhoHasLeftIsToldNothing(t *testing.T) {
	g := &gone{header: http.Header{}}
	s := site.New(site.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	r := &site.Request{Request: httptest.NewRequest(http.MethodGet, "/environments", nil), W: g, Site: s}
	if err := r.Part(http.StatusOK, part.Text("words")); err != nil || g.headers != 1 {
		t.Errorf("%v, begun %d times", err, g.headers)
	}
}
