// Package reconcile makes the world match what is wanted: it reads what an
// environment should be, asks the engine for it, and writes down what it
// sees, as a named caller of the door.
//
// It must not know who wanted something, nor how the engine does its work.
package reconcile

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/internal/store"
)

// Options are what a reconciler works with.
type Options struct {
	Door   *dispatch.Door
	Engine engine.Engine
	Log    *slog.Logger
	// Host gives the host name of an environment of a name: what copies are
	// searched for.
	Host func(name string) string
	// Parallel is how many environments are worked on at once.
	Parallel int
	// Patience is how long one piece of work at the engine may take before it
	// counts as failed.
	Patience time.Duration
}

// Reconciler works on environments, each by one worker at a time.
type Reconciler struct {
	o       Options
	queue   *queue
	crashes crashes
	use     use
}

// New makes a reconciler that does nothing until Run.
func New(o Options) *Reconciler {
	if o.Parallel == 0 {
		o.Parallel = 4
	}
	if o.Patience == 0 {
		o.Patience = 2 * time.Minute
	}
	return &Reconciler{o: o, queue: newQueue()}
}

// Wake has an environment looked at soon.
func (r *Reconciler) Wake(id holm.EnvironmentID) { r.queue.add(id) }

// sweepEvery is how often everything unfinished is looked for: what a lost
// wake would have said.
const sweepEvery = 30 * time.Second

// Run works until ctx ends. It begins with every environment: after a start
// of the machine none of them runs.
func (r *Reconciler) Run(ctx context.Context) error {
	var workers sync.WaitGroup
	for range r.o.Parallel {
		workers.Go(func() { r.work(ctx) })
	}
	workers.Go(func() { r.measure(ctx) })
	workers.Go(func() {
		for id := range r.o.Engine.Watch(ctx) {
			r.queue.add(id)
		}
	})
	err := r.sweep(ctx, true)
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for err == nil {
		select {
		case <-ctx.Done():
			r.queue.close()
			workers.Wait()
			return nil
		case <-tick.C:
			if failed := r.sweep(ctx, false); failed != nil && ctx.Err() == nil {
				r.o.Log.Error("looking for unfinished work failed", "error", failed)
			}
		}
	}
	r.queue.close()
	workers.Wait()
	return err
}

func (r *Reconciler) sweep(ctx context.Context, all bool) error {
	var list []holm.EnvironmentID
	err := r.o.Door.SystemRead(ctx, func(tx *store.Tx) (err error) {
		list, err = tx.Unfinished(all)
		return err
	})
	for _, id := range list {
		r.queue.add(id)
	}
	return err
}

func (r *Reconciler) work(ctx context.Context) {
	for {
		id, ok := r.queue.take()
		if !ok {
			return
		}
		again, err := r.once(ctx, id)
		switch {
		case err == nil:
			r.queue.done(id, again)
		case ctx.Err() != nil:
			r.queue.done(id, 0)
		default:
			wait := r.queue.failed(id)
			r.o.Log.Warn("environment is not as wanted", "environment", id, "error", err, "again_in", wait)
			r.queue.done(id, wait)
		}
	}
}

// once brings one environment on, as far as it goes without waiting. It gives
// after how long to look again by itself; 0 when the engine will tell.
func (r *Reconciler) once(ctx context.Context, id holm.EnvironmentID) (again time.Duration, err error) {
	var e holm.Environment
	err = r.o.Door.SystemRead(ctx, func(tx *store.Tx) (err error) {
		e, err = tx.ToReconcile(id)
		return err
	})
	if errors.Is(err, store.ErrNone) {
		return 0, nil // erased meanwhile
	}
	if err != nil {
		return 0, err
	}
	engine.Pass(engine.StepTaken)
	limited, cancel := context.WithTimeout(ctx, r.o.Patience)
	defer cancel()
	if e.Wanted == holm.StateDeleting {
		r.use.forget(id)
		return 0, r.erase(ctx, limited, e)
	}
	if err := r.copy(ctx, &e); err != nil {
		if ctx.Err() != nil {
			return 0, err
		}
		return 0, errors.Join(err, r.write(ctx, e, nil, plan{}, err))
	}
	p, seen, failed := r.advance(ctx, limited, &e)
	failed = r.inTime(limited, e, failed)
	r.use.follow(id, seen)
	if failed != nil && ctx.Err() != nil {
		return 0, failed
	}
	if err := r.write(ctx, e, seen, p, failed); err != nil {
		return 0, err
	}
	if failed == nil {
		r.queue.forgive(id)
	}
	return p.again, failed
}

// inTime gives work that was cut off because it took too long a sentence.
func (r *Reconciler) inTime(limited context.Context, e holm.Environment, failed error) error {
	if failed == nil || !errors.Is(limited.Err(), context.DeadlineExceeded) || !errors.Is(failed, context.DeadlineExceeded) {
		return failed
	}
	return holm.Wrap(holm.CodeUnavailable, failed, "Bringing %s to what it should be took longer than %s and was cut off. It is tried again by itself; start it to try at once.", e.Name, r.o.Patience)
}

// mostSteps bounds the steps that are made without looking at what is wanted
// anew.
const mostSteps = 64

// advance makes step after step, each from what is seen after the one before,
// until nothing more is to be done now.
func (r *Reconciler) advance(ctx, limited context.Context, e *holm.Environment) (p plan, seen []engine.Observed, err error) {
	if seen, err = r.o.Engine.Observe(limited, e.ID); err != nil {
		return p, nil, err
	}
	for range mostSteps {
		step := r.look(*e, seen).plan()
		if p.wanted.ID != "" && step.same(p) {
			return step, seen, nil
		}
		p = step
		if len(p.leaving) > 0 {
			if err := r.announce(ctx, *e, p.leaving); err != nil {
				return p, seen, err
			}
			engine.Pass(engine.StepAnnounced)
			if drains(*e, p.leaving) {
				pause(limited, drain)
			}
		}
		failed := r.o.Engine.Apply(limited, p.wanted)
		engine.Pass(engine.StepApplied)
		now, err := r.o.Engine.Observe(limited, e.ID)
		if err == nil {
			seen = now
		}
		if failed != nil || err != nil {
			return p, seen, cmp.Or(failed, err)
		}
	}
	p.again = time.Second
	return p, seen, nil
}

// drain is how long requests that were on their way to a node when it was
// taken out of balancing get before it is asked to end.
const drain = 100 * time.Millisecond

// drains says whether requests come straight to one of the nodes that leave
// while another one stays for them. Behind a balancer, the engine drains.
func drains(e holm.Environment, leaving map[holm.NodeID]holm.State) bool {
	for _, role := range []holm.LayerRole{holm.LayerBalancer, holm.LayerApp, holm.LayerCustom} {
		gone, stays := 0, 0
		for _, l := range e.Layers {
			for _, n := range l.Nodes {
				if _, leaves := leaving[n.ID]; l.Role == role && leaves {
					gone++
				} else if l.Role == role {
					stays++
				}
			}
		}
		if gone+stays > 0 {
			return gone > 0 && stays > 0
		}
	}
	return false
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (r *Reconciler) erase(ctx, limited context.Context, e holm.Environment) error {
	if err := r.o.Engine.Remove(limited, e.ID); err != nil {
		if ctx.Err() == nil {
			return errors.Join(err, r.write(ctx, e, nil, plan{}, err))
		}
		return err
	}
	engine.Pass(engine.StepErased)
	return r.o.Door.SystemChange(ctx, "reconciler", func(s *dispatch.Scope) error {
		shared, err := s.Tx.Sharing(e, "", 10_000)
		if err != nil {
			return err
		}
		for _, row := range shared {
			s.AccessChanged(row.Collaborator.User)
		}
		s.AccessChanged(e.Owner)
		s.Removed(e)
		if err := s.Record(e, "environment.erase", e.Name, "0", nil); err != nil {
			return err
		}
		return s.Tx.EraseEnvironment(e.ID)
	})
}
