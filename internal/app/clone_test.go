package app

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/environment"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// TestCloneNeedsAnEngineThatCopies: without one a clone is refused before
// anything of it is written.
func TestCloneNeedsAnEngineThatCopies(t *testing.T) {
	w := newWorld(t)
	door := dispatch.New(dispatch.Options{Store: w.store, Clock: w.clock, Log: slog.New(slog.DiscardHandler)})
	environment.Bind(door, environment.Options{URL: func(string) string { return "" }, Subnets: 100})
	in := ops.EnvironmentCloneInput{OfEnvironment: ops.OfEnvironment{Environment: string(w.shop.ID)}}
	in.Body.Name = "shop-copy"
	_, err := dispatch.Call(context.Background(), door, w.people["owner"], ops.EnvironmentClone, in)
	if holm.CodeOf(err) != holm.CodeConflict || !strings.Contains(err.Error(), "cannot copy files") {
		t.Errorf("a clone: %v", err)
	}
	w.write(func(tx *store.Tx) error {
		if _, err := tx.Environment("shop-copy"); err != store.ErrNone {
			t.Errorf("what is left of it: %v", err)
		}
		return nil
	})
}
