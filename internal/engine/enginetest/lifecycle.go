package enginetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

func check(t *testing.T, s Subject) {
	if err := s.New(t).Check(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func applyTwice(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true})
	w.apply()
	first := w.await(0, holm.StateRunning)
	if first.Address == "" || first.Port == 0 {
		t.Errorf("the node has address %q and port %d", first.Address, first.Port)
	}
	w.apply()
	if again := w.observe(0); !again.Since.Equal(first.Since) || again.State != holm.StateRunning {
		t.Errorf("the second Apply changed the node: %+v, then %+v", first, again)
	}
}

func stopAndStart(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true}, engine.Node{Running: false})
	w.apply()
	w.await(0, holm.StateRunning)
	if o := w.observe(1); o.State != holm.StateStopped {
		t.Errorf("a node that is not to run is %s", o.State)
	}
	w.w.Nodes[0].Running, w.w.Nodes[1].Running = false, true
	w.apply()
	w.await(1, holm.StateRunning)
	if o := w.observe(0); o.State != holm.StateStopped || o.Reason != "" {
		t.Errorf("a stopped node is %s (%s)", o.State, o.Reason)
	}
	w.w.Nodes[0].Running = true
	w.apply()
	w.await(0, holm.StateRunning)
}

func restartCount(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true, Restarts: 4})
	w.apply()
	first := w.await(0, holm.StateRunning)
	if first.Restarts != 4 {
		t.Errorf("the node obeys %d restarts, not 4", first.Restarts)
	}
	w.w.Nodes[0].Restarts = 5
	w.apply()
	second := w.await(0, holm.StateRunning)
	if second.Restarts != 5 || !second.Since.After(first.Since) {
		t.Errorf("the node was not restarted: %+v, then %+v", first, second)
	}
	w.apply()
	if third := w.observe(0); !third.Since.Equal(second.Since) {
		t.Error("the node was restarted again without being asked to")
	}
}

func nodeRemoved(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true}, engine.Node{Running: true})
	w.apply()
	w.await(1, holm.StateRunning)
	w.w.Nodes = w.w.Nodes[:1]
	w.apply()
	all, err := w.e.Observe(t.Context(), w.w.ID)
	if err != nil || len(all) != 1 {
		t.Errorf("after removing one of two nodes there are %d (%v)", len(all), err)
	}
	if err := w.e.Remove(t.Context(), w.w.ID); err != nil {
		t.Fatalf("Remove: %v", err)
	}
	if all, err := w.e.Observe(t.Context(), w.w.ID); err != nil || len(all) != 0 {
		t.Errorf("after Remove there are %d nodes (%v)", len(all), err)
	}
}

func removeUnknown(t *testing.T, s Subject) {
	e := s.New(t)
	if err := e.Remove(t.Context(), "env_unknown"); err != nil {
		t.Errorf("Remove: %v", err)
	}
	if all, err := e.Observe(t.Context(), "env_unknown"); err != nil || len(all) != 0 {
		t.Errorf("Observe: %v, %v", all, err)
	}
	if _, err := e.Exec(t.Context(), "env_unknown", 1, engine.Command{Args: []string{"true"}}); code(err) != holm.CodeNotFound {
		t.Errorf("Exec: %v, not %s", err, holm.CodeNotFound)
	}
}

func refusals(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{})
	w.w.Nodes[0].Stack = "no-such-stack"
	if err := w.e.Apply(t.Context(), w.w); code(err) != holm.CodeInvalid {
		t.Errorf("unknown stack: %v", err)
	}
	w.w.Nodes[0].Stack, w.w.Nodes[0].Slot = "static", 61
	if err := w.e.Apply(t.Context(), w.w); code(err) != holm.CodeInvalid {
		t.Errorf("slot 61: %v", err)
	}
	w.w.Nodes[0].Slot = 1
	w.apply()
	moved := w.w
	moved.Subnet++
	if err := w.e.Apply(t.Context(), moved); code(err) != holm.CodeConflict {
		t.Errorf("another subnet: %v", err)
	}
}

func newControlPlane(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true}, engine.Node{Running: false})
	w.apply()
	before := w.await(0, holm.StateRunning)
	w.e = s.New(t)
	if after := w.observe(0); after != before {
		t.Errorf("a new control plane sees %+v, not %+v", after, before)
	}
	w.apply()
	if after := w.observe(0); !after.Since.Equal(before.Since) {
		t.Error("a new control plane restarted the node")
	}
}

func cancelled(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true}, engine.Node{Running: true}, engine.Node{Running: true})
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.e.Apply(gone, w.w); !errors.Is(err, context.Canceled) {
		t.Errorf("Apply with a cancelled context: %v", err)
	}
	// Cut it at several places, always with a new control plane.
	for _, after := range []time.Duration{time.Millisecond, 10 * time.Millisecond, 40 * time.Millisecond, 120 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		if err := w.e.Apply(ctx, w.w); err != nil && ctx.Err() == nil {
			t.Errorf("Apply: %v", err)
		}
		cancel()
		w.e = s.New(t)
		w.w.Nodes[1].Restarts++
	}
	w.apply()
	for i := range w.w.Nodes {
		w.await(i, holm.StateRunning)
	}
}

func concurrent(t *testing.T, s Subject) {
	worlds := []*world{
		newWorld(t, s, engine.Node{Running: true}),
		newWorld(t, s, engine.Node{Running: true}),
		newWorld(t, s, engine.Node{Running: true}),
	}
	e := s.New(t)
	failures := make(chan error, 100)
	var all sync.WaitGroup
	for _, w := range worlds {
		w.e = e
		for range 3 {
			all.Go(func() { failures <- e.Apply(t.Context(), w.w) })
			all.Go(func() {
				_, err := e.Observe(t.Context(), w.w.ID)
				failures <- err
			})
		}
	}
	all.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			t.Error(err)
		}
	}
	for _, w := range worlds {
		w.await(0, holm.StateRunning)
	}
}

func killedNode(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true})
	changes := w.e.Watch(t.Context())
	w.apply()
	before := w.await(0, holm.StateRunning)
	s.Kill(t, w.w.ID, w.w.Nodes[0].ID)
	awaitChange(t, changes, w.w.ID, func() (bool, string) {
		o := w.observe(0)
		return o.State != holm.StateRunning, fmt.Sprintf("the killed node is %s", o.State)
	})
	w.apply()
	if after := w.await(0, holm.StateRunning); !after.Since.After(before.Since) {
		t.Errorf("the node did not start again: %+v", after)
	}
}

// awaitChange waits for news of an environment that make the answer yes.
func awaitChange(t *testing.T, changes <-chan holm.EnvironmentID, id holm.EnvironmentID, ask func() (bool, string)) {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case changed := <-changes:
			if changed != id {
				continue
			}
			if ok, _ := ask(); ok {
				return
			}
		case <-deadline:
			_, otherwise := ask()
			t.Fatalf("no news of %s: %s", id, otherwise)
		}
	}
}

func watchEnds(t *testing.T, s Subject) {
	ctx, cancel := context.WithCancel(t.Context())
	changes := s.New(t).Watch(ctx)
	cancel()
	eventually(t, func() (bool, string) {
		select {
		case _, open := <-changes:
			return !open, "the channel is open"
		default:
			return false, "the channel is open"
		}
	})
}

func usage(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true})
	sizer, ok := w.e.(engine.Sizer)
	if !ok {
		t.Skip("the engine cannot tell usage")
	}
	w.apply()
	w.await(0, holm.StateRunning)
	u, err := sizer.Usage(t.Context(), w.w.ID, w.w.Nodes[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if u.MemoryBytes <= 0 || u.MemoryBytes > small.MemoryBytes || u.Pids < 1 || u.Time.IsZero() {
		t.Errorf("usage %+v cannot be", u)
	}
	if _, err := sizer.Usage(t.Context(), w.w.ID, 1); code(err) != holm.CodeNotFound {
		t.Errorf("usage of an unknown node: %v", err)
	}
}
