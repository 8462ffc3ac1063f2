package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// Door is the one way in.
type Door struct {
	store    *store.Store
	clock    holm.Clock
	log      *slog.Logger
	bound    map[string]implementation
	prepared map[string]preparation
	sessions register
	hub      *hub
	hooks    Hooks
}

// Hooks are what the program connects the door to.
type Hooks struct {
	// Letter writes a mail in the transaction of the change it tells of.
	Letter func(tx *store.Tx, l holm.Letter) error
	// Wake is called after a change of what an environment should be.
	Wake func(id holm.EnvironmentID)
	// Changed is called after a change of an environment, for what remembers
	// where its nodes are.
	Changed func(id holm.EnvironmentID)
}

// Options are what a door stands on.
type Options struct {
	Store *store.Store
	Clock holm.Clock
	Log   *slog.Logger
}

// New makes a door with nothing bound behind it.
func New(o Options) *Door {
	d := &Door{store: o.Store, clock: o.Clock, log: o.Log, bound: map[string]implementation{}, prepared: map[string]preparation{}, hub: newHub(o.Clock)}
	o.Store.OnRecord(d.recorded)
	return d
}

// Connect sets the hooks. It is called once, before the door is used.
func (d *Door) Connect(h Hooks) { d.hooks = h }

type implementation func(s *Scope, in any) (any, error)

// Bind says how an operation is done. It panics when the operation is bound
// already: that is a bug which no start survives.
func Bind[I ops.Input, O any](d *Door, op ops.Op[I, O], do func(s *Scope, in *I) (O, error)) {
	if d.bound[op.Name] != nil {
		panic("dispatch: " + op.Name + " is bound twice")
	}
	d.bound[op.Name] = func(s *Scope, in any) (any, error) { return do(s, in.(*I)) }
}

type preparation func(ctx context.Context, c Caller, in any) (any, error)

// Prepare adds a step that runs before the transaction of an operation, for
// work that is too slow to hold one up (hashing a password). What it gives is
// in Scope.Prepared. It decides nothing that the implementation relies on:
// the world may change until the transaction begins.
func Prepare[I ops.Input, O, P any](d *Door, op ops.Op[I, O], step func(ctx context.Context, c Caller, in *I) (P, error)) {
	d.prepared[op.Name] = func(ctx context.Context, c Caller, in any) (any, error) { return step(ctx, c, in.(*I)) }
}

// Bound says whether an operation has an implementation.
func (d *Door) Bound(name string) bool { return d.bound[name] != nil }

// Call asks for an operation with its types.
func Call[I ops.Input, O any](ctx context.Context, d *Door, c Caller, op ops.Op[I, O], in I) (O, error) {
	out, err := d.Do(ctx, c, op.Operation, &in)
	if err != nil {
		var zero O
		return zero, err
	}
	return out.(O), nil
}

// Do asks for an operation. in is a pointer to its input. All errors are
// *holm.Error.
//
// checks are what the road has to say about the shape of the input. They are
// asked after the decision, so that who may not see the target hears that and
// not what is wrong with the question. They may be asked more than once.
func (d *Door) Do(ctx context.Context, c Caller, op *ops.Operation, in any, checks ...func() error) (out any, err error) {
	if d.bound[op.Name] == nil {
		return nil, holm.Errorf(holm.CodeNotFound, "This Holm does not offer %s.", op.Name)
	}
	ready, err := d.prepare(ctx, c, op, in)
	if err != nil {
		e := holm.AsError(err)
		d.knocked(ctx, c, op, e)
		return nil, e
	}
	var s *Scope
	run := func(tx *store.Tx) (err error) {
		s = d.scope(ctx, tx, c, op)
		s.Prepared = ready
		if out, err = d.attempt(s, in, checks...); err != nil {
			return err
		}
		return d.finish(s, in)
	}
	if ops.Recorded(op, in) {
		err = d.store.Write(ctx, run)
	} else {
		err = d.store.Read(ctx, run)
	}
	if err != nil {
		return nil, d.fail(ctx, s, in, err)
	}
	d.afterCommit(s)
	return out, nil
}

func (d *Door) prepare(ctx context.Context, c Caller, op *ops.Operation, in any) (any, error) {
	step := d.prepared[op.Name]
	if step == nil || c.View != "" && !op.Viewed() || (!c.SignedIn() && op.Public == "") {
		return nil, nil
	}
	return step(ctx, c, in)
}

// attempt is the door itself: find, decide, validate, do.
func (d *Door) attempt(s *Scope, in any, checks ...func() error) (any, error) {
	if err := s.find(ops.TargetOf(in.(ops.Input))); err != nil {
		return nil, err
	}
	if err := s.decide(); err != nil {
		return nil, err
	}
	for _, check := range checks {
		if err := check(); err != nil {
			return nil, err
		}
	}
	if err := ops.CheckTimes(in); err != nil {
		return nil, err
	}
	if v, ok := in.(ops.Validator); ok {
		if err := v.Validate(); err != nil {
			return nil, err
		}
	}
	return d.bound[s.Operation.Name](s, in)
}

// finish writes what goes with a change into its transaction.
func (d *Door) finish(s *Scope, in any) error {
	if !ops.Recorded(s.Operation, in) {
		return nil
	}
	if err := d.writeLetters(s); err != nil {
		return err
	}
	row := s.entry(in, nil)
	for _, account := range s.also {
		if account == row.Account {
			continue // who does it to themselves has one row
		}
		copied := row
		copied.Account = account
		if err := s.Tx.Record(copied); err != nil {
			return err
		}
	}
	return s.Tx.Record(row)
}

// writeLetters writes the mails of a change into its transaction.
func (d *Door) writeLetters(s *Scope) error {
	if err := s.withinBudget(); err != nil {
		return err
	}
	for _, l := range s.letters {
		if d.hooks.Letter == nil {
			return fmt.Errorf("dispatch: nobody writes letters")
		}
		if err := d.hooks.Letter(s.Tx, l); err != nil {
			return err
		}
	}
	return nil
}

// fail records a refused or failed attempt in a transaction of its own, since
// that of the attempt is undone.
func (d *Door) fail(ctx context.Context, s *Scope, in any, err error) error {
	e := holm.AsError(err)
	if errors.Is(err, context.Canceled) {
		return holm.Wrap(holm.CodeUnavailable, err, "The request was given up before it was done.")
	}
	if e.Code == holm.CodeInternal {
		d.log.Error("operation failed", "operation", s.Operation.Name, "road", s.Caller.Road, "error", err)
	}
	if !s.recordable(e) {
		if s != nil && s.Operation != nil {
			d.knocked(ctx, s.Caller, s.Operation, e)
		}
		return e
	}
	failed := d.store.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		a := s.entry(in, e)
		s.spell(tx, &a)
		return tx.Record(a)
	})
	if failed != nil {
		d.log.Error("refusal could not be recorded", "operation", s.Operation.Name, "error", failed)
	}
	return e
}

// SystemChange runs a change that Holm makes by itself: background work that
// writes what it has seen. It is recorded only when f says so with Record.
func (d *Door) SystemChange(ctx context.Context, name string, f func(s *Scope) error) error {
	var s *Scope
	err := d.store.Write(ctx, func(tx *store.Tx) error {
		s = d.scope(ctx, tx, System(name), nil)
		if err := f(s); err != nil {
			return err
		}
		return d.writeLetters(s)
	})
	if err == nil {
		d.afterCommit(s)
	}
	return err
}

// SystemRead runs a read that Holm makes by itself.
func (d *Door) SystemRead(ctx context.Context, f func(tx *store.Tx) error) error {
	return d.store.Read(ctx, f)
}
