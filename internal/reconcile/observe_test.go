package reconcile

import (
	"errors"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

// TestPendingLimit: a node that has outgrown its new limit serves as before.
// It is not called broken, says what it waits for, and is not done.
func TestPendingLimit(t *testing.T) {
	e := holm.Environment{Wanted: holm.StateRunning, State: holm.StateUpdating}
	nodes := []holm.Node{{ID: 1, State: holm.StateRunning}}
	grown := errors.Join(holm.Wrap(holm.CodeConflict, engine.ErrInUse, "Node 1 uses 300 MiB."), nil)
	if v := judge(e, nodes, plan{}, grown); v.state != holm.StateUpdating || v.reason != "Node 1 uses 300 MiB." || v.done {
		t.Errorf("a node that uses more than its new limit: %+v", v)
	}
	if v := judge(e, nodes, plan{}, holm.Errorf(holm.CodeConflict, "Another conflict.")); v.state != holm.StateBroken {
		t.Errorf("another conflict: %+v", v)
	}
	nodes[0] = holm.Node{ID: 1, State: holm.StateBroken, Reason: "It ended."}
	if v := judge(e, nodes, plan{}, grown); v.state != holm.StateBroken {
		t.Errorf("a broken node beside it: %+v", v)
	}
}

// TestUseIsBounded: what is measured is what runs, everything in its turn.
func TestUseIsBounded(t *testing.T) {
	var u use
	run, rest := []engine.Observed{{Node: 1, State: holm.StateRunning}}, []engine.Observed{{Node: 1, State: holm.StateStopped}}
	for i := range measureMost + 10 {
		u.follow(holm.EnvironmentID(rune(i+1000)), run)
	}
	seen := map[holm.EnvironmentID]int{}
	for range 3 {
		list := u.next()
		if len(list) != measureMost {
			t.Fatalf("%d at once", len(list))
		}
		for _, id := range list {
			seen[id]++
		}
	}
	if len(seen) != measureMost+10 {
		t.Errorf("of %d environments %d had their turn", measureMost+10, len(seen))
	}
	for id := range seen {
		u.follow(id, rest)
		u.keep(id, map[holm.NodeID]int64{1: 5})
	}
	if len(u.next()) != 0 || len(u.known) != 0 {
		t.Error("what does not run is measured")
	}
}
