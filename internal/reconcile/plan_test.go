package reconcile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

// machine obeys plans the way engines do, with a clock of its own: a node that
// is started answers some time later.
type machine struct {
	now   time.Time
	nodes map[holm.NodeID]*engine.Observed
	ready map[holm.NodeID]time.Time
}

func (m *machine) apply(w engine.Environment, takes func() time.Duration) {
	for _, n := range w.Nodes {
		o := m.nodes[n.ID]
		if o == nil {
			o = &engine.Observed{Node: n.ID, State: holm.StateStopped}
			m.nodes[n.ID] = o
		}
		switch {
		case !n.Running:
			o.State = holm.StateStopped
		case !alive(*o) && o.State != holm.StateBroken || n.Restarts > o.Restarts:
			o.State, o.Reason, o.Since, o.Restarts = holm.StateStarting, "", m.now, n.Restarts
			m.ready[n.ID] = m.now.Add(takes())
		}
	}
}

func (m *machine) wait(d time.Duration) {
	m.now = m.now.Add(d)
	for id, o := range m.nodes {
		if o.State == holm.StateStarting && !m.ready[id].After(m.now) {
			o.State = holm.StateRunning
		}
	}
}

func (m *machine) view(e holm.Environment) view {
	seen := map[holm.NodeID]engine.Observed{}
	for id, o := range m.nodes {
		seen[id] = *o
	}
	return view{e: e, seen: seen, now: m.now}
}

func newMachine() *machine {
	return &machine{now: time.Unix(1_900_000_000, 0), nodes: map[holm.NodeID]*engine.Observed{}, ready: map[holm.NodeID]time.Time{}}
}

func anyEnvironment(t *rapid.T) holm.Environment {
	e := holm.Environment{ID: "env_x", Name: "x", Wanted: holm.StateRunning}
	next := holm.NodeID(1)
	for i := range rapid.IntRange(1, 4).Draw(t, "layers") {
		l := holm.Layer{ID: holm.LayerID(fmt.Sprint("lay_", i)), Role: rapid.SampledFrom(holm.LayerRoles).Draw(t, "role"), Stack: "static", Cloudlets: 1, Pause: -time.Millisecond}
		for range rapid.IntRange(1, 4).Draw(t, "nodes") {
			l.Nodes = append(l.Nodes, holm.Node{ID: next, Slot: int(next)})
			next++
		}
		e.Layers = append(e.Layers, l)
	}
	return e
}

// settle follows plans until nothing is to be done, and checks each step.
func settle(t *rapid.T, m *machine, e holm.Environment, check func(v view, p plan)) {
	takes := func() time.Duration { return time.Duration(rapid.IntRange(0, 20).Draw(t, "takes")) * time.Second }
	for range 2000 {
		v := m.view(e)
		p := v.plan()
		check(v, p)
		m.apply(p.wanted, takes)
		if len(p.waiting) == 0 && judge(e, merge(e, list(m), p), p, nil).state == holm.StateRunning && len(p.leaving) == 0 {
			return
		}
		m.wait(time.Second)
	}
	t.Fatal("it never comes to an end")
}

func list(m *machine) (all []engine.Observed) {
	for _, o := range m.nodes {
		all = append(all, *o)
	}
	return all
}

// TestStartGoesInOrder: what others need answers before they are started.
func TestStartGoesInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, m := anyEnvironment(t), newMachine()
		settle(t, m, e, func(v view, p plan) {
			for _, l := range e.Layers {
				for _, n := range l.Nodes {
					if o, ok := v.seen[n.ID]; ok && alive(o) || !running(p, n.ID) {
						continue
					}
					for _, needed := range e.Layers {
						for _, other := range needed.Nodes {
							if rank(needed.Role) < rank(l.Role) && v.seen[other.ID].State != holm.StateRunning {
								t.Fatalf("node %d (%s) starts although node %d (%s) does not answer", n.ID, l.Role, other.ID, needed.Role)
							}
						}
					}
				}
			}
		})
	})
}

func running(p plan, id holm.NodeID) bool {
	for _, n := range p.wanted.Nodes {
		if n.ID == id {
			return n.Running
		}
	}
	return false
}

// TestOneAfterAnother: of a layer that restarts one by one, at most one node
// is away at any moment, the pause is kept, and in the end every one has been
// restarted once.
func TestOneAfterAnother(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, m := anyEnvironment(t), newMachine()
		settle(t, m, e, func(view, plan) {})
		m.wait(time.Hour)
		chosen := rapid.IntRange(0, len(e.Layers)-1).Draw(t, "layer")
		pause := time.Duration(rapid.IntRange(0, 30).Draw(t, "pause")) * time.Second
		e.Layers[chosen].Pause = pause
		for i := range e.Layers[chosen].Nodes {
			e.Layers[chosen].Nodes[i].Restarts++
		}
		var last time.Time
		settle(t, m, e, func(v view, p plan) {
			away := len(p.leaving)
			for _, n := range e.Layers[chosen].Nodes {
				if v.seen[n.ID].State != holm.StateRunning {
					away++
				}
			}
			if away > 1 {
				t.Fatalf("%d nodes are away at once", away)
			}
			for id, state := range p.leaving {
				if state != holm.StateRestarting {
					t.Fatalf("node %d is %s", id, state)
				}
				if m.now.Sub(last) < pause {
					t.Fatalf("node %d follows after %s, not %s", id, m.now.Sub(last), pause)
				}
				last = m.now
			}
		})
		for _, l := range e.Layers {
			for _, n := range l.Nodes {
				if m.nodes[n.ID].Restarts != n.Restarts {
					t.Fatalf("node %d obeys %d restarts, not %d", n.ID, m.nodes[n.ID].Restarts, n.Restarts)
				}
			}
		}
	})
}

// TestBrokenNodeEndsTheRound: when one does not come back, those after it are
// left running, and it is said why.
func TestBrokenNodeEndsTheRound(t *testing.T) {
	m := newMachine()
	l := holm.Layer{ID: "lay_a", Role: holm.LayerApp, Pause: 0, Nodes: []holm.Node{{ID: 1, Restarts: 1}, {ID: 2, Restarts: 1}, {ID: 3, Restarts: 1}}}
	e := holm.Environment{ID: "env_x", Name: "x", Wanted: holm.StateRunning, Layers: []holm.Layer{l}}
	for id := holm.NodeID(1); id <= 3; id++ {
		m.nodes[id] = &engine.Observed{Node: id, State: holm.StateRunning, Since: m.now}
	}
	p := m.view(e).plan()
	if len(p.leaving) != 1 || p.leaving[1] != holm.StateRestarting {
		t.Fatalf("leaving: %v", p.leaving)
	}
	m.apply(p.wanted, func() time.Duration { return 0 })
	m.nodes[1].State, m.nodes[1].Reason = holm.StateBroken, "The service ended with exit code 1."
	p = m.view(e).plan()
	if len(p.leaving) != 0 || len(p.wanted.Nodes) != 3 || !running(p, 2) {
		t.Errorf("after it broke: %+v", p)
	}
	v := judge(e, merge(e, list(m), p), p, nil)
	if v.state != holm.StateBroken || !strings.Contains(v.reason, "exit code 1") || !strings.Contains(v.reason, "other nodes of app were not restarted") {
		t.Errorf("said: %+v", v)
	}
	// Somebody tries again: first the broken one, then the others.
	e.Layers[0].Nodes[0].Restarts++
	if p = m.view(e).plan(); len(p.leaving) != 0 || p.wanted.Nodes[0].Restarts != 2 || p.wanted.Nodes[1].Restarts != 0 {
		t.Errorf("tried again: %+v", p.wanted.Nodes)
	}
}

// TestBalancersHearOfHealth: only nodes that answer get requests; when none
// does, all are named.
func TestBalancersHearOfHealth(t *testing.T) {
	m := newMachine()
	e := holm.Environment{ID: "env_x", Wanted: holm.StateRunning, Layers: []holm.Layer{
		{Role: holm.LayerApp, Pause: -1, Nodes: []holm.Node{{ID: 1}, {ID: 2}}}, {Role: holm.LayerBalancer, Pause: -1, Nodes: []holm.Node{{ID: 3}}}}}
	for id := holm.NodeID(1); id <= 3; id++ {
		m.nodes[id] = &engine.Observed{Node: id, State: holm.StateRunning, Since: m.now}
	}
	named := func() int { return len(m.view(e).plan().wanted.Nodes[2].Upstreams) }
	if named() != 2 {
		t.Errorf("both answer, %d are named", named())
	}
	m.nodes[2].State = holm.StateStarting
	if named() != 1 {
		t.Errorf("one answers, %d are named", named())
	}
	m.nodes[1].State = holm.StateBroken
	if named() != 2 {
		t.Errorf("none answers, %d are named", named())
	}
}

// TestRestGrows: a node that ends at once comes back at once, then later and
// later, and says why it is away.
func TestRestGrows(t *testing.T) {
	var c crashes
	e := holm.Environment{ID: "env_x", Wanted: holm.StateRunning, Layers: []holm.Layer{{Role: holm.LayerApp, Pause: -1, Nodes: []holm.Node{{ID: 1}}}}}
	now := time.Unix(1_900_000_000, 0)
	died := func() map[holm.NodeID]engine.Observed {
		return map[holm.NodeID]engine.Observed{1: {Node: 1, State: holm.StateStopped, Reason: "Node 1 ended by itself.", Since: now}}
	}
	for i, want := range []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, time.Minute, time.Minute} {
		seen := died()
		resting := c.note(e, seen, now)
		if got := max(0, resting[1].Sub(now)); resting[1].IsZero() != (want == 0) || !resting[1].IsZero() && got != want {
			t.Errorf("after end %d it rests %s, not %s", i+1, got, want)
		}
		if again := c.note(e, seen, now); again[1] != resting[1] {
			t.Errorf("looked at twice, end %d counts twice", i+1)
		}
		if want > 0 {
			v := view{e: e, seen: seen, now: now, resting: resting}
			p := v.plan()
			node := merge(e, []engine.Observed{seen[1]}, p)[0]
			if running(p, 1) || p.again != want || node.State != holm.StateStarting || !strings.Contains(node.Reason, "It is started again at") {
				t.Errorf("while it rests: %+v, %+v", p, node)
			}
		}
		now = now.Add(2 * time.Minute)
	}
	c.note(e, map[holm.NodeID]engine.Observed{1: {Node: 1, State: holm.StateRunning, Since: now.Add(-6 * time.Minute)}}, now)
	if resting := c.note(e, died(), now); len(resting) != 0 {
		t.Errorf("a good life forgets nothing: %v", resting)
	}
}

// TestRestingIsNoObstacle: a node that ended again and again rests, but not
// from a restart that somebody asks for.
func TestRestingIsNoObstacle(t *testing.T) {
	now := time.Now()
	e := holm.Environment{Wanted: holm.StateRunning, Layers: []holm.Layer{{Role: holm.LayerApp, Nodes: []holm.Node{{ID: 1, Restarts: 4}}}}}
	v := view{e: e, now: now, resting: map[holm.NodeID]time.Time{1: now.Add(time.Minute)},
		seen: map[holm.NodeID]engine.Observed{1: {Node: 1, State: holm.StateStopped, Reason: "It ended.", Restarts: 4}}}
	if p := v.plan(); p.wanted.Nodes[0].Running || p.again != time.Minute {
		t.Error("it does not rest")
	}
	v.seen[1] = engine.Observed{Node: 1, State: holm.StateStopped, Reason: "It ended.", Restarts: 3}
	if p := v.plan(); !p.wanted.Nodes[0].Running {
		t.Error("it rests although a restart was asked for")
	}
}
