// Package simulated is an engine whose nodes exist only in memory: for tests
// of everything above engines, and to try the product with very many
// environments.
//
// It keeps the contract of package engine, and must not touch the machine.
package simulated

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/stacks"
)

// Options change how the simulation behaves. The zero value is fine.
type Options struct {
	Clock holm.Clock // default time.Now
	// Ready is how long a started node's service takes to answer; 0: at once.
	Ready time.Duration
	// Programs are what Exec can run, by name, beside the built-in few.
	Programs map[string]Program
}

// Engine implements engine.Engine and engine.Sizer in memory.
type Engine struct {
	o            Options
	mu           sync.Mutex
	environments map[holm.EnvironmentID]*environment
	watchers     map[*watcher]bool
}

var (
	_ engine.Engine = (*Engine)(nil)
	_ engine.Sizer  = (*Engine)(nil)
	_ engine.Gauge  = (*Engine)(nil)
)

// environment is kept small: a million of them should fit.
type environment struct {
	subnet int
	nodes  []node
}

type node struct {
	wanted    engine.Node
	started   time.Time // zero: it does not run
	changed   time.Time
	obeyed    int64  // the restart count its start obeys
	variables int64  // version of the variables it started with
	broken    string // why it does not run, empty when it may
	life      int    // grows with every start and end
}

// New makes an engine without environments.
func New(o Options) *Engine {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return &Engine{o: o, environments: map[holm.EnvironmentID]*environment{}, watchers: map[*watcher]bool{}}
}

// Check always succeeds: memory is there.
func (e *Engine) Check(context.Context) error { return nil }

// Apply takes the wanted state as the real one.
func (e *Engine) Apply(ctx context.Context, wanted engine.Environment) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if wanted.ID == "" {
		return holm.Invalid("environment", "The environment has no id.")
	}
	for _, n := range wanted.Nodes {
		if _, err := stacks.Get(n.Stack); err != nil {
			return err
		}
		if n.Slot < 1 || n.Slot > 60 {
			return holm.Invalid("slot", "Node %d needs a slot from 1 to 60, not %d.", n.ID, n.Slot)
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	old := e.environments[wanted.ID]
	if old != nil && old.subnet != wanted.Subnet {
		return holm.Errorf(holm.CodeConflict, "Environment %s has subnet %d for its life; it cannot get %d.", wanted.Name, old.subnet, wanted.Subnet)
	}
	fresh := &environment{subnet: wanted.Subnet, nodes: make([]node, 0, len(wanted.Nodes))}
	for _, n := range wanted.Nodes {
		fresh.nodes = append(fresh.nodes, e.bring(wanted.ID, old.find(n.ID), n))
	}
	e.environments[wanted.ID] = fresh
	return nil
}

// bring gives the node as it is once it obeys what is wanted.
func (e *Engine) bring(id holm.EnvironmentID, old *node, wanted engine.Node) node {
	n := node{}
	if old != nil {
		n = *old
	}
	now := e.o.Clock()
	switch {
	case wanted.Running && (n.started.IsZero() || wanted.Restarts > n.obeyed):
		n.started, n.changed, n.obeyed, n.broken = now, now, wanted.Restarts, ""
		n.variables = wanted.EnvVersion
		n.life++
		if e.o.Ready > 0 {
			time.AfterFunc(e.o.Ready, func() { e.tell(id) })
		}
	case !wanted.Running && !n.started.IsZero():
		n.started, n.changed, n.broken = time.Time{}, now, ""
		n.life++
	case !wanted.Running:
		n.broken = ""
	}
	n.wanted = wanted
	n.wanted.Upstreams = slices.Clone(wanted.Upstreams)
	return n
}

// find gives a node of the environment, nil when there is none.
func (e *environment) find(id holm.NodeID) *node {
	if e == nil {
		return nil
	}
	i := slices.IndexFunc(e.nodes, func(n node) bool { return n.wanted.ID == id })
	if i < 0 {
		return nil
	}
	return &e.nodes[i]
}

// Observe tells what the simulation holds.
func (e *Engine) Observe(ctx context.Context, id holm.EnvironmentID) ([]engine.Observed, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	environment := e.environments[id]
	if environment == nil {
		return nil, nil
	}
	out := make([]engine.Observed, 0, len(environment.nodes))
	for _, n := range environment.nodes {
		out = append(out, e.observe(environment.subnet, n))
	}
	return out, nil
}

func (e *Engine) observe(subnet int, n node) engine.Observed {
	o := engine.Observed{Node: n.wanted.ID, Address: address(subnet, n.wanted.Slot), Since: n.changed, Restarts: n.obeyed, EnvVersion: n.variables}
	if stack, err := stacks.Get(n.wanted.Stack); err == nil {
		o.Port = stack.Port
	}
	switch {
	case n.broken != "":
		o.State, o.Reason = holm.StateBroken, n.broken
	case n.started.IsZero():
		o.State = holm.StateStopped
	case e.o.Clock().Sub(n.started) < e.o.Ready:
		o.State = holm.StateStarting
	default:
		o.State = holm.StateRunning
	}
	return o
}

// address gives addresses of a range that the local engine does not use by
// default, so that nobody takes one for the other.
func address(subnet, slot int) string {
	value := uint32(100)<<24 | uint32(64)<<16 + uint32(subnet*64+1+slot) // 100.64.0.0/10
	return netip.AddrFrom4([4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}).String()
}

// Remove forgets the environment.
func (e *Engine) Remove(ctx context.Context, id holm.EnvironmentID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.environments, id)
	return nil
}

// Kill ends a node as if the machine had done it; for tests.
func (e *Engine) Kill(id holm.EnvironmentID, nodeID holm.NodeID) {
	e.end(id, nodeID, "")
}

// Break ends a node and says why, as if its service could not run; for tests.
// It stays broken until it is applied again.
func (e *Engine) Break(id holm.EnvironmentID, nodeID holm.NodeID, reason string) {
	e.end(id, nodeID, reason)
}

func (e *Engine) end(id holm.EnvironmentID, nodeID holm.NodeID, reason string) {
	e.mu.Lock()
	if n := e.environments[id].find(nodeID); n != nil {
		n.started, n.changed, n.broken = time.Time{}, e.o.Clock(), reason
		n.life++
	}
	e.mu.Unlock()
	e.tell(id)
}

// Memory gives a tenth of what each running node may use.
func (e *Engine) Memory(ctx context.Context, id holm.EnvironmentID) (map[holm.NodeID]int64, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := map[holm.NodeID]int64{}
	if environment := e.environments[id]; environment != nil {
		for _, n := range environment.nodes {
			if !n.started.IsZero() {
				out[n.wanted.ID] = n.wanted.Limits.MemoryBytes / 10
			}
		}
	}
	return out, ctx.Err()
}

// Usage gives a tenth of what the node may use, and time as CPU: enough to
// draw something. A node that does not run uses nothing.
func (e *Engine) Usage(ctx context.Context, id holm.EnvironmentID, nodeID holm.NodeID) (engine.Usage, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := e.environments[id].find(nodeID)
	if n == nil {
		return engine.Usage{}, holm.ErrNotFound()
	}
	now := e.o.Clock()
	if n.started.IsZero() {
		return engine.Usage{Time: now}, ctx.Err()
	}
	ran := now.Sub(n.started)
	return engine.Usage{
		Time: now, MemoryBytes: n.wanted.Limits.MemoryBytes / 10, Pids: 1,
		CPU: time.Duration(float64(ran) * n.wanted.Limits.Cores / 10),
	}, ctx.Err()
}
