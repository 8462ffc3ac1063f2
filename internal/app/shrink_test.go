package app

import (
	"context"
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// TestShrinkBelowUse: a limit below what a node was seen using is refused with
// the use; one that fits, or one that nothing is known about, is taken.
func TestShrinkBelowUse(t *testing.T) {
	w := newWorld(t)
	limit := func(cloudlets int) error {
		in := ops.LayerLimitInput{OfLayer: ops.OfLayer{Environment: string(w.shop.ID), Layer: string(w.layer.ID)}}
		in.Body.Cloudlets = cloudlets
		_, err := dispatch.Call(context.Background(), w.door, w.people["owner"], ops.LayerLimit, in)
		return err
	}
	must(t, limit(8))
	w.used = map[holm.NodeID]int64{w.layer.Nodes[0].ID: 300 << 20}
	err := limit(2)
	if holm.CodeOf(err) != holm.CodeInvalid || !strings.Contains(err.Error(), "300 MiB") || !strings.Contains(err.Error(), "at least 3") {
		t.Errorf("below the use: %v", err)
	}
	var layer holm.Layer
	w.write(func(tx *store.Tx) (err error) { layer, err = tx.Layer(w.shop.ID, string(w.layer.ID)); return err })
	if layer.Cloudlets != 8 {
		t.Errorf("the refused limit was written: %d", layer.Cloudlets)
	}
	must(t, limit(3))
	must(t, limit(9))
	w.used = nil
	must(t, limit(1))
}
