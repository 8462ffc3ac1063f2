package reconcile

import (
	"fmt"
	"reflect"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

const (
	// pids bounds the processes and threads of a node: room for a busy
	// application server, none for a fork bomb.
	pids = 512
	// gate is how long a layer waits for those that it needs before it is
	// started all the same.
	gate = 60 * time.Second
	// waitsForOrder and waitsForTurn are what a node waits for that needs no
	// words.
	waitsForOrder = "order"
	waitsForTurn  = "turn"
)

// rank is the order in which roles are started: what others need comes first,
// what lets requests in comes last. They are stopped the other way round.
func rank(r holm.LayerRole) int {
	switch r {
	case holm.LayerStorage, holm.LayerDatabase, holm.LayerCache:
		return 0
	case holm.LayerBalancer:
		return 2
	}
	return 1
}

// plan is the next step of an environment on its way to what is wanted. It is
// made from what is wanted and what is seen alone, so that any process can go
// on where another one died.
type plan struct {
	wanted engine.Environment
	// leaving are nodes that the step stops or restarts; nobody should be sent
	// to them any more.
	leaving map[holm.NodeID]holm.State
	// waiting are nodes whose turn has not come, with what they wait for.
	waiting map[holm.NodeID]string
	// again is after how long to look again by itself; 0: not.
	again time.Duration
	// halted says why the rest of a layer is not restarted.
	halted string
}

// same says whether another plan asks the engine for the same.
func (p plan) same(other plan) bool { return reflect.DeepEqual(p.wanted, other.wanted) }

func (p *plan) lookAgain(in time.Duration) {
	if in > 0 && (p.again == 0 || in < p.again) {
		p.again = in
	}
}

// view is what is known when a plan is made.
type view struct {
	e       holm.Environment
	seen    map[holm.NodeID]engine.Observed
	now     time.Time
	resting map[holm.NodeID]time.Time // nodes that ended by themselves, and until when they rest
}

// plan makes the next step.
func (v view) plan() plan {
	p := plan{wanted: engine.Environment{ID: v.e.ID, Name: v.e.Name, Subnet: v.e.Subnet}, leaving: map[holm.NodeID]holm.State{}, waiting: map[holm.NodeID]string{}}
	apps := v.upstreams()
	for _, l := range v.e.Layers {
		turn := v.turn(&p, l)
		for _, n := range l.Nodes {
			node := v.node(l, n)
			node.Running = v.e.Wanted == holm.StateRunning && v.mayRun(&p, l, n)
			if l.Role == holm.LayerBalancer {
				node.Upstreams = apps
			}
			if o, ok := v.seen[n.ID]; ok && alive(o) && n.Restarts > o.Restarts && !turn[n.ID] {
				node.Restarts = o.Restarts
				p.waiting[n.ID] = waitsForTurn
			}
			v.leave(&p, node)
			p.wanted.Nodes = append(p.wanted.Nodes, node)
		}
	}
	return p
}

func (v view) node(l holm.Layer, n holm.Node) engine.Node {
	return engine.Node{Env: v.variables(l), EnvVersion: v.e.Variables,
		ID: n.ID, Layer: l.ID, Role: l.Role, Stack: l.Stack, Version: l.Version, Hostname: fmt.Sprintf("node%d", n.ID), Slot: n.Slot, Restarts: n.Restarts,
		Limits: engine.Limits{MemoryBytes: holm.CloudletMemoryBytes(l.Cloudlets), Cores: holm.CloudletCores(l.Cloudlets), Pids: pids}}
}

// variables are what the nodes of a layer get of the environment's: those that
// run its code. What only balances, stores or caches needs none of them.
func (v view) variables(l holm.Layer) map[string]string {
	if len(v.e.Env) == 0 || l.Role != holm.LayerApp && l.Role != holm.LayerCustom {
		return nil
	}
	env := make(map[string]string, len(v.e.Env))
	for _, variable := range v.e.Env {
		env[variable.Name] = variable.Value.Reveal()
	}
	return env
}

// leave notes a node that runs and is going to be stopped or restarted.
func (v view) leave(p *plan, n engine.Node) {
	o, ok := v.seen[n.ID]
	switch {
	case !ok || !alive(o):
	case !n.Running:
		p.leaving[n.ID] = holm.StateStopping
	case n.Restarts > o.Restarts:
		p.leaving[n.ID] = holm.StateRestarting
	}
}

// alive says that there is a process.
func alive(o engine.Observed) bool {
	return o.State == holm.StateRunning || o.State == holm.StateStarting
}

// upstreams are the nodes that balancers send requests to: those of the app
// that answer. When none does, all of them: an answer too late is better than
// none.
func (v view) upstreams() (list []engine.Upstream) {
	var all []engine.Upstream
	for _, role := range []holm.LayerRole{holm.LayerApp, holm.LayerCustom} {
		for _, l := range v.e.Layers {
			if l.Role != role {
				continue
			}
			for _, n := range l.Nodes {
				all = append(all, engine.Upstream{Node: n.ID})
				if v.seen[n.ID].State == holm.StateRunning {
					list = append(list, engine.Upstream{Node: n.ID})
				}
			}
		}
		if len(all) > 0 {
			break
		}
	}
	if len(list) == 0 {
		return all
	}
	return list
}

// mayRun says whether a node may run now. One that runs or is broken is left
// alone; one that does not is started when what it needs is there, and not
// sooner than it has rested.
func (v view) mayRun(p *plan, l holm.Layer, n holm.Node) bool {
	o, ok := v.seen[n.ID]
	if ok && o.State != holm.StateStopped {
		return true
	}
	// Who asks for a restart has mended something: that does not wait.
	if until := v.resting[n.ID]; until.After(v.now) && n.Restarts <= o.Restarts {
		p.lookAgain(until.Sub(v.now))
		p.waiting[n.ID] = fmt.Sprintf("%s It is started again at %s.", o.Reason, until.UTC().Format("15:04:05 UTC"))
		return false
	}
	for _, other := range v.e.Layers {
		if rank(other.Role) >= rank(l.Role) {
			continue
		}
		for _, needed := range other.Nodes {
			if wait := v.unsettled(needed); wait > 0 {
				p.lookAgain(wait)
				p.waiting[n.ID] = waitsForOrder
				return false
			}
		}
	}
	return true
}

// unsettled gives how much longer to wait for a node that another layer needs;
// 0 when it answers, is broken, or has had its time.
func (v view) unsettled(n holm.Node) time.Duration {
	o, ok := v.seen[n.ID]
	switch {
	case ok && (o.State == holm.StateRunning || o.State == holm.StateBroken):
		return 0
	case ok && o.State == holm.StateStarting:
		return max(0, o.Since.Add(gate).Sub(v.now))
	}
	return gate // it is about to be started; then it is seen
}

// turn says which nodes of a layer that are asked to restart may do so in this
// step: all of them, or of a layer that restarts one by one the next, once
// those before answer and the pause is over.
func (v view) turn(p *plan, l holm.Layer) map[holm.NodeID]bool {
	turn := map[holm.NodeID]bool{}
	var next holm.NodeID
	var last time.Time
	ready := true
	for _, n := range l.Nodes {
		o, ok := v.seen[n.ID]
		switch {
		case !l.OneByOne():
			turn[n.ID] = true
		case ok && alive(o) && n.Restarts > o.Restarts:
			// One that does not answer comes first: restarting it costs nothing.
			if next == 0 || o.State != holm.StateRunning && v.seen[next].State == holm.StateRunning {
				next = n.ID
			}
		case ok && o.State == holm.StateBroken && n.Restarts > o.Restarts:
			turn[n.ID], ready = true, false // somebody tries again
		case ok && o.State == holm.StateRunning:
			if o.Since.After(last) {
				last = o.Since
			}
		default:
			ready = false
			if ok && o.State == holm.StateBroken {
				p.halted = fmt.Sprintf("Node %d did not come back, so the other nodes of %s were not restarted.", n.ID, l.Role)
			}
		}
	}
	if next == 0 {
		p.halted = ""
		return turn
	}
	wait := time.Duration(0)
	if !last.IsZero() {
		wait = last.Add(l.Pause).Sub(v.now)
	}
	switch {
	case v.seen[next].State != holm.StateRunning:
		turn[next] = true
	case ready && wait <= 0:
		turn[next] = true
	case ready:
		p.lookAgain(wait)
	}
	return turn
}
