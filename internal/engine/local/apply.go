package local

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/stacks"
)

// startOrder is the order in which roles are started; they are stopped the
// other way round.
var startOrder = []holm.LayerRole{holm.LayerStorage, holm.LayerDatabase, holm.LayerCache, holm.LayerCustom, holm.LayerApp, holm.LayerBalancer}

// Apply makes the machine match what is wanted.
func (e *Engine) Apply(ctx context.Context, wanted engine.Environment) error {
	if err := e.checkWanted(wanted); err != nil {
		return err
	}
	unlock, err := e.locks.lock(ctx, wanted.ID)
	if err != nil {
		return err
	}
	defer unlock()
	old, known, err := e.readEnvironment(wanted.ID)
	if err != nil {
		return internal(err, "What environment %s was cannot be read.", wanted.Name)
	}
	if known && old.Subnet != wanted.Subnet {
		return holm.Errorf(holm.CodeConflict, "Environment %s has subnet %d for its life; it cannot get %d.", wanted.Name, old.Subnet, wanted.Subnet)
	}
	if err := e.writeEnvironment(merge(old, wanted)); err != nil {
		err = internal(err, "What environment %s should be cannot be written down.", wanted.Name)
		return errors.Join(err, e.goDown(ctx, old, wanted))
	}
	engine.Pass(engine.StepKept)
	return e.apply(ctx, old, wanted)
}

// apply does the work: leave the balancers, go, come, enter the balancers.
func (e *Engine) apply(ctx context.Context, old, wanted engine.Environment) error {
	wires := e.ensureNetwork(wanted)
	defer func() { _, _ = wires() }() // nothing of it goes on afterwards
	if err := e.leaveBalancers(ctx, wanted); err != nil {
		return err
	}
	if err := e.removeOthers(ctx, old, wanted); err != nil {
		return err
	}
	// Everything that still runs of what was wanted before is gone: forget it.
	if err := e.writeEnvironment(wanted); err != nil {
		return internal(err, "What environment %s should be cannot be written down.", wanted.Name)
	}
	var failures []error
	down, up := split(wanted.Nodes)
	for _, role := range slices.Backward(startOrder) {
		failures = append(failures, e.each(ctx, wanted, ofRole(down, role), wires))
	}
	for _, role := range startOrder {
		failures = append(failures, e.each(ctx, wanted, ofRole(up, role), wires))
	}
	if _, err := wires(); err != nil {
		return err
	}
	if _, err := e.writeShared(wanted, nil); err != nil {
		failures = append(failures, internal(err, "The files of environment %s could not be written.", wanted.Name))
	}
	return first(failures)
}

// goDown stops what is to stop where nothing can be written down: a full disk
// must not keep anything running.
func (e *Engine) goDown(ctx context.Context, old, wanted engine.Environment) error {
	known := func(n engine.Node) bool {
		return slices.ContainsFunc(old.Nodes, func(o engine.Node) bool { return o.ID == n.ID && o.Slot == n.Slot })
	}
	down, _ := split(wanted.Nodes)
	var failures []error
	for _, role := range slices.Backward(startOrder) {
		failures = append(failures, e.each(ctx, wanted, slices.DeleteFunc(ofRole(down, role), func(n engine.Node) bool { return !known(n) }), nil))
	}
	return first(failures)
}

// drain is how long requests that a balancer was just sending to a node get
// before the node is asked to end.
const drain = 100 * time.Millisecond

// leaveBalancers takes nodes that are going to stop or restart out of the
// balancers first, so that no request fails.
func (e *Engine) leaveBalancers(ctx context.Context, wanted engine.Environment) error {
	changed, err := e.writeShared(wanted, e.staying(ctx, wanted))
	if err != nil {
		return internal(err, "The files of environment %s could not be written.", wanted.Name)
	}
	if !changed {
		return nil
	}
	select {
	case <-time.After(drain):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// merge keeps nodes that were wanted before in the file until they are gone:
// after a crash their cables and cgroups must still be found.
func merge(old, wanted engine.Environment) engine.Environment {
	both := wanted
	both.Nodes = slices.Clone(wanted.Nodes)
	for _, n := range old.Nodes {
		if !slices.ContainsFunc(wanted.Nodes, func(o engine.Node) bool { return o.ID == n.ID }) {
			n.Running = false
			both.Nodes = append(both.Nodes, n)
		}
	}
	return both
}

func split(nodes []engine.Node) (down, up []engine.Node) {
	for _, n := range nodes {
		if n.Running {
			up = append(up, n)
		} else {
			down = append(down, n)
		}
	}
	return down, up
}

func ofRole(nodes []engine.Node, role holm.LayerRole) []engine.Node {
	return slices.DeleteFunc(slices.Clone(nodes), func(n engine.Node) bool { return n.Role != role })
}

// each brings nodes side by side and gives the first error; one that fails
// does not keep the others from what they should be.
func (e *Engine) each(ctx context.Context, w engine.Environment, nodes []engine.Node, wires wires) error {
	failures := make([]error, len(nodes))
	var all sync.WaitGroup
	for i, n := range nodes {
		all.Go(func() { failures[i] = said(n, e.bring(ctx, w, n, wires)) })
	}
	all.Wait()
	return first(failures)
}

func first(failures []error) error {
	for _, err := range failures {
		if err != nil {
			return err
		}
	}
	return nil
}

// staying gives the nodes that run now and are to run on without a restart.
func (e *Engine) staying(ctx context.Context, w engine.Environment) map[holm.NodeID]bool {
	out := map[holm.NodeID]bool{}
	for _, n := range w.Nodes {
		r, err := e.place(w, n).readRecord()
		if err != nil || !n.Running || !e.alive(r.Process) || n.Restarts > r.Restarts {
			continue
		}
		offer, err := stacks.Find(ctx, n.Stack, n.Version)
		if err == nil {
			offer, err = e.place(w, n).asImage(offer)
		}
		out[n.ID] = err == nil && fingerprint(w, n, offer) == r.Config
	}
	return out
}

// wires waits for an environment's network and gives the bridge that its nodes
// are connected to, or a sentence.
type wires func() (netlink.Link, error)

// ensureNetwork sets up what the environment's nodes share, while they are
// being made.
func (e *Engine) ensureNetwork(w engine.Environment) wires {
	made := sync.OnceValues(func() (netlink.Link, error) {
		bridge, err := e.makeNetwork(w.Subnet)
		if err != nil {
			return nil, holm.Wrap(holm.CodeUnavailable, err, "The network of environment %s could not be set up.", w.Name)
		}
		return bridge, nil
	})
	go func() { _, _ = made() }()
	return made
}

// makeNetwork makes it. The lock keeps the firewall from being removed under
// an environment that is just coming.
func (e *Engine) makeNetwork(subnet int) (netlink.Link, error) {
	e.sharedMu.Lock()
	defer e.sharedMu.Unlock()
	if err := setSysctl("net/ipv4/ip_forward", "1"); err != nil {
		return nil, err
	}
	if err := e.firewall.ensure(); err != nil {
		return nil, err
	}
	bridge, err := e.network.ensureBridge(subnet)
	engine.Pass(engine.StepNetwork)
	return bridge, err
}

// checkWanted finds what cannot be brought about.
func (e *Engine) checkWanted(w engine.Environment) error {
	if !idPattern.MatchString(string(w.ID)) {
		return holm.Invalid("environment", "%q cannot be the id of an environment.", w.ID)
	}
	if w.Subnet < 0 || w.Subnet >= e.network.subnets() {
		return holm.Errorf(holm.CodeUnavailable, "The private range %s has %d subnets; there is none with number %d. Give Holm a larger range.", e.o.Range, e.network.subnets(), w.Subnet)
	}
	slots, ids := map[int]bool{}, map[holm.NodeID]bool{}
	for _, n := range w.Nodes {
		switch {
		case n.Slot < 1 || n.Slot > 60 || slots[n.Slot]:
			return holm.Invalid("slot", "Node %d needs a slot of its own from 1 to 60, not %d.", n.ID, n.Slot)
		case n.ID <= 0 || ids[n.ID]:
			return holm.Invalid("node", "The node number %d is not positive or is there twice.", n.ID)
		case holm.CheckEnvironmentName(n.Hostname) != nil:
			return holm.Invalid("hostname", "%q cannot be the name of node %d.", n.Hostname, n.ID)
		case !slices.Contains(startOrder, n.Role):
			return holm.Invalid("role", "Node %d has the unknown role %q.", n.ID, n.Role)
		}
		if _, err := stacks.Get(n.Stack); err != nil {
			return err
		}
		slots[n.Slot], ids[n.ID] = true, true
	}
	return nil
}
