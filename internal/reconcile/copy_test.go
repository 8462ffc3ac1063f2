package reconcile

import (
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/internal/engine/simulated"
)

// without is an engine without any optional ability.
type without struct{ engine.Engine }

// TestEngineThatCannotCopy: a clone is refused with a sentence, never made
// empty; a node that is added to a layer comes as new ones do.
func TestEngineThatCannotCopy(t *testing.T) {
	r := New(Options{Engine: without{simulated.New(simulated.Options{})}})
	clone := engine.Copying{Source: "env_a", Target: engine.Environment{ID: "env_b"}, Nodes: map[holm.NodeID]holm.NodeID{2: 1}}
	if _, err := r.filesFor(t.Context(), clone); holm.CodeOf(err) != holm.CodeConflict || !strings.Contains(err.Error(), "cannot copy files") {
		t.Errorf("a clone: %v", err)
	}
	grown := engine.Copying{Source: "env_a", Target: engine.Environment{ID: "env_a"}, Nodes: map[holm.NodeID]holm.NodeID{2: 1}}
	if _, err := r.filesFor(t.Context(), grown); err != nil {
		t.Errorf("a node more: %v", err)
	}
	clone.Nodes = nil
	if _, err := r.filesFor(t.Context(), clone); err != nil {
		t.Errorf("a clone of nothing: %v", err)
	}
}
