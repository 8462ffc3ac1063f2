// Package enginetest holds every engine to the contract of package engine: one
// suite, run against each driver.
//
// It must not know how a driver works; what only some can be asked (a real
// kernel, a real network) is in Subject.
package enginetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

// Subject is the engine to try.
type Subject struct {
	// New gives an engine over the same world each time it is called, as when
	// the control plane starts again.
	New func(t *testing.T) engine.Engine
	// Kill ends a node as the machine would, behind the engine's back.
	Kill func(t *testing.T, id holm.EnvironmentID, node holm.NodeID)
	// Limits reads the limits of a running node from the kernel. Engines with
	// Limits have real nodes: more is tried with them.
	Limits func(t *testing.T, id holm.EnvironmentID, node holm.NodeID) engine.Limits
	// HostAddress is an address of the machine that nodes must not reach.
	HostAddress string
	// Programs are the paths of ours on the machine that run in nodes.
	Programs []string
}

func (s Subject) real() bool { return s.Limits != nil }

// Run tries everything.
func Run(t *testing.T, s Subject) {
	tests := []struct {
		name string
		run  func(*testing.T, Subject)
		real bool // needs real nodes
	}{
		{"check", check, false},
		{"apply twice", applyTwice, false},
		{"stop and start", stopAndStart, false},
		{"restart when the count grows", restartCount, false},
		{"variables wait for the next start", variablesWait, false},
		{"node no longer wanted", nodeRemoved, false},
		{"remove unknown", removeUnknown, false},
		{"refusals", refusals, false},
		{"control plane starts again", newControlPlane, false},
		{"cancelled", cancelled, false},
		{"concurrent", concurrent, false},
		{"killed node comes back", killedNode, false},
		{"watch ends with its context", watchEnds, false},
		{"exec", execTests, false},
		{"usage", usage, false},
		{"limits in the kernel", limitsInKernel, true},
		{"limits under load", limitsUnderLoad, true},
		{"terminal size", terminalSize, true},
		{"failing service", failingService, true},
		{"isolation", isolation, true},
		{"attacks from inside", attack, true},
		{"programs while processes start", programsUnderExec, true},
		{"a node that lies", lyingNode, true},
		{"bombs", bombs, true},
		{"names and environment variables", namesAndVariables, true},
		{"balancer loses no request", balancerLoad, true},
	}
	for _, test := range tests {
		if test.real && !s.real() {
			continue
		}
		t.Run(test.name, func(t *testing.T) { test.run(t, s) })
	}
}

// small is enough for every node of the suite.
var small = engine.Limits{MemoryBytes: 128 << 20, Cores: 0.5, Pids: 64}

// serial numbers environments, so that tests do not meet.
var serial atomic.Int64

// world is one environment of a test.
type world struct {
	t *testing.T
	e engine.Engine
	w engine.Environment
}

// newWorld makes an environment with these nodes and removes it after the
// test. Nodes get their ids and slots here.
func newWorld(t *testing.T, s Subject, nodes ...engine.Node) *world {
	t.Helper()
	number := int(serial.Add(1))
	w := &world{t: t, e: s.New(t), w: engine.Environment{
		ID: holm.EnvironmentID(fmt.Sprintf("env_test%d", number)), Name: fmt.Sprintf("test%d", number), Subnet: number,
	}}
	for i, n := range nodes {
		w.w.Nodes = append(w.w.Nodes, w.complete(n, i+1))
	}
	t.Cleanup(func() {
		if err := w.e.Remove(context.Background(), w.w.ID); err != nil {
			t.Errorf("removing the environment: %v", err)
		}
	})
	return w
}

// complete fills in what a test does not care about.
func (w *world) complete(n engine.Node, slot int) engine.Node {
	n.Slot = slot
	n.ID = holm.NodeID(w.w.Subnet*100 + slot)
	n.Hostname = fmt.Sprintf("node%d", n.ID)
	if n.Role == "" {
		n.Role = holm.LayerApp
	}
	if n.Stack == "" {
		n.Stack = "static"
	}
	if n.Limits == (engine.Limits{}) {
		n.Limits = small
	}
	return n
}

func (w *world) apply() {
	w.t.Helper()
	if err := w.e.Apply(w.t.Context(), w.w); err != nil {
		w.t.Fatalf("Apply: %v", err)
	}
}

// observe gives what node number i of the test does.
func (w *world) observe(i int) engine.Observed {
	w.t.Helper()
	all, err := w.e.Observe(w.t.Context(), w.w.ID)
	if err != nil {
		w.t.Fatalf("Observe: %v", err)
	}
	for _, o := range all {
		if o.Node == w.w.Nodes[i].ID {
			return o
		}
	}
	w.t.Fatalf("node %d is not observed", w.w.Nodes[i].ID)
	return engine.Observed{}
}

// await waits until node number i is in a state.
func (w *world) await(i int, state holm.State) engine.Observed {
	w.t.Helper()
	var o engine.Observed
	eventually(w.t, func() (bool, string) {
		o = w.observe(i)
		return o.State == state, fmt.Sprintf("node %d is %s (%s), not %s", o.Node, o.State, o.Reason, state)
	})
	return o
}

// patience is how long anything may take on a busy machine.
const patience = 30 * time.Second

// eventually asks again and again until the answer is yes.
func eventually(t *testing.T, ask func() (ok bool, otherwise string)) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, otherwise := ask()
		if ok {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("after %s: %s", patience, otherwise)
		case <-tick.C:
		}
	}
}

func code(err error) holm.Code {
	if err == nil {
		return ""
	}
	return holm.CodeOf(err)
}
