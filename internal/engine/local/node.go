package local

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/internal/engine/control"
	"github.com/holmhq/holm/stacks"
)

// killGrace is how long the kernel gets to end a killed node.
const killGrace = 10 * time.Second

// bring makes one node be what is wanted.
func (e *Engine) bring(ctx context.Context, w engine.Environment, n engine.Node, wires wires) error {
	release, err := e.slot(ctx)
	if err != nil {
		return err
	}
	defer release()
	p := e.place(w, n)
	r, err := p.readRecord()
	if err != nil {
		return err
	}
	alive := e.alive(r.Process)
	if !n.Running {
		return e.rest(ctx, p, r, w, n)
	}
	offer, err := stacks.Find(ctx, n.Stack, n.Version)
	if err != nil {
		return errors.Join(err, e.failed(p, r, err))
	}
	if offer.Source.Kind == stacks.OfImage {
		if offer, err = e.ensureImage(ctx, p, w, n, offer); err == nil && len(offer.Run()) == 0 {
			err = holm.Invalid("version", "The image %s does not say what to run.", offer.Source.Image)
		}
		if err != nil {
			return errors.Join(err, e.failed(p, r, err))
		}
	}
	print := fingerprint(w, n, offer)
	if alive && (n.Restarts > r.Restarts || print != r.Config) {
		if err := e.stop(ctx, p, &r, offer.StopSeconds); err != nil {
			return err
		}
		alive = false
	}
	if alive {
		return e.keep(ctx, p, r, w, n, wires)
	}
	if err := e.prepare(p, w, n, offer); err != nil {
		return err
	}
	engine.Pass(engine.StepPrepared)
	return e.start(ctx, p, record{Restarts: n.Restarts, Config: print, Limits: n.Limits, EnvVersion: n.EnvVersion}, w, n, offer, wires)
}

// rest makes sure that a node exists and does not run.
func (e *Engine) rest(ctx context.Context, p place, r record, w engine.Environment, n engine.Node) error {
	stack, err := stacks.Get(n.Stack)
	if err != nil {
		return err
	}
	if err := e.stop(ctx, p, &r, stack.StopSeconds); err != nil {
		return err
	}
	if err := p.forgetConfig(); err != nil {
		return err
	}
	if err := e.folders(p); err != nil {
		return err
	}
	// Its files are there from the start, so that they can be looked at; an
	// image is only fetched for a node that is to run.
	offer := offerOf(ctx, stack, n)
	if offer.Source.Kind == stacks.OfImage {
		return nil
	}
	return e.ensureRoot(p, w, n, offer)
}

// keep brings a running node's limits and cable in order.
func (e *Engine) keep(ctx context.Context, p place, r record, w engine.Environment, n engine.Node, wires wires) error {
	if err := p.thawLeft(); err != nil {
		return err
	}
	bridge, err := wires()
	if err != nil {
		return err
	}
	if err := e.network.connect(ctx, bridge, w.Subnet, n.Slot, r.Process.Pid); err != nil {
		return err
	}
	if r.Limits == n.Limits {
		return nil
	}
	used, err := p.memoryUsed()
	if err == nil && n.Limits.MemoryBytes > 0 && used > n.Limits.MemoryBytes {
		return inUse(n, used)
	}
	if err := p.setLimits(r.Limits, n.Limits); err != nil {
		if used, failed := p.memoryUsed(); failed == nil && errors.Is(err, unix.EBUSY) {
			return inUse(n, used) // it has grown meanwhile
		}
		return holm.Wrap(holm.CodeConflict, err, "The limits of node %d could not be changed; it may use more than the new ones allow.", n.ID)
	}
	engine.Pass(engine.StepLimited)
	r.Limits = n.Limits
	return p.writeRecord(r)
}

func inUse(n engine.Node, used int64) error {
	return holm.Wrap(holm.CodeConflict, engine.ErrInUse, "Node %d uses %d MiB of memory now, so its limit stays until it uses less than %d MiB. Stop something in it, restart it, or raise the limit again.",
		n.ID, used>>20, n.Limits.MemoryBytes>>20)
}

// prepare writes everything a node needs before it starts, but what process 1
// is to run: it waits for that.
func (e *Engine) prepare(p place, w engine.Environment, n engine.Node, offer stacks.Offer) error {
	if err := e.folders(p); err != nil {
		return err
	}
	if err := p.forgetConfig(); err != nil {
		return err
	}
	if offer.Source.Kind != stacks.OfImage {
		if err := e.ensureRoot(p, w, n, offer); err != nil {
			return err
		}
	}
	user := p.hostID(offer.User.ID)
	if err := ensureDir(p.status(), 0o755, user, user); err != nil {
		return err
	}
	if err := os.Remove(p.statusFile()); err != nil && !os.IsNotExist(err) {
		return err
	}
	if err := control.WriteFile(p.resolvFile(), []byte(e.resolvers()), 0o644, 0, 0); err != nil {
		return err
	}
	if err := writeHosts(p, w); err != nil {
		return err
	}
	if offer.Balances() {
		if _, err := e.writeUpstreams(p, w, n.Upstreams); err != nil {
			return err
		}
	}
	return writeSpec(p, e.spec(p, w, n, offer))
}

// writeConfig tells holm-node what to run, and so lets it go on. Only the
// service user may read it: environment variables may be secrets.
func (e *Engine) writeConfig(p place, w engine.Environment, n engine.Node, offer stacks.Offer) error {
	config := control.Config{
		Node: int64(n.ID), Environment: w.Name, Hostname: n.Hostname, Stack: offer.Name,
		Builtin: offer.Builtin, Command: offer.Run(), Env: environ(w, n, offer), Root: offer.Root, Port: offer.Port,
		StopSeconds: offer.StopSeconds, StopSignal: offer.StopSignal,
	}
	if offer.Health.Kind == "command" {
		config.Health = offer.FillAll(offer.Health.Command)
	}
	if u := offer.Upstreams; u != nil {
		config.Upstreams = &control.UpstreamFile{File: u.File, Line: u.Line, Empty: u.Empty, Signal: u.Signal}
	}
	data, err := json.Marshal(config)
	if err != nil {
		return err
	}
	return control.WriteFile(p.configFile(), data, 0o640, 0, p.hostID(offer.User.ID))
}

// start starts a node that does not run. Whatever fails, nothing is left of
// the attempt but its reason.
func (e *Engine) start(ctx context.Context, p place, r record, w engine.Environment, n engine.Node, offer stacks.Offer, wires wires) error {
	err := e.tryStart(ctx, p, &r, w, n, offer, wires)
	if err == nil {
		e.started(w, n, r)
		return nil
	}
	cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), killGrace)
	defer cancel()
	discard := e.discard(cleanup, p)
	if ctx.Err() != nil {
		return errors.Join(ctx.Err(), discard)
	}
	var known *holm.Error
	switch {
	case full(err):
		err = noRoom(err, "Node %d (%s) could not be started.", n.ID, offer.Title)
	case !errors.As(err, &known):
		err = holm.Wrap(holm.CodeUnavailable, err, "Node %d (%s) could not be started; the operator's log says why.", n.ID, offer.Title)
	}
	return errors.Join(err, discard, e.failed(p, r, err))
}

// failed remembers why a node does not run, in words that its people may read;
// the cause, which may name this machine's paths, goes to the log.
func (e *Engine) failed(p place, r record, why error) error {
	if e.alive(r.Process) {
		return nil // it goes on as it was
	}
	if err := e.folders(p); err != nil {
		return err
	}
	e.o.Log.Error("a node could not be started", "environment", p.env, "node", p.node, "error", why)
	r.Process, r.Since, r.Failure = nil, time.Now().UTC(), holm.AsError(why).Detail
	return p.writeRecord(r)
}

// tryStart makes the node and, when it has its cable and its limits, tells it
// what to run. Whoever dies before that is written down leaves a node that the
// next start takes away.
func (e *Engine) tryStart(ctx context.Context, p place, r *record, w engine.Environment, n engine.Node, offer stacks.Offer, wires wires) error {
	if err := e.discard(ctx, p); err != nil { // what a crash left
		return err
	}
	pid, err := e.create(ctx, p)
	if err != nil {
		return err
	}
	engine.Pass(engine.StepMade)
	started, _, err := processStat(pid)
	if err != nil {
		return err
	}
	r.Process = &process{Pid: pid, Started: started, BootID: e.bootID}
	bridge, err := wires()
	if err != nil {
		return err
	}
	if err := e.network.connect(ctx, bridge, w.Subnet, n.Slot, pid); err != nil {
		return err
	}
	engine.Pass(engine.StepConnected)
	if err := limitCPU(p.cgroup, r.Limits.Cores); err != nil {
		return err
	}
	if err := e.writeConfig(p, w, n, offer); err != nil {
		return err
	}
	engine.Pass(engine.StepTold)
	r.Since = time.Now().UTC()
	if err := p.writeRecord(*r); err != nil {
		return err
	}
	engine.Pass(engine.StepStarted)
	return nil
}
