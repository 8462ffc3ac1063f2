package dispatch

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// Session is something that stays open: an event stream, a terminal, a file
// transfer. Its context ends when the right goes.
type Session struct {
	context.Context
	Account     holm.AccountID // the target's
	Environment holm.Environment
	Decision    access.Decision

	door   *Door
	caller Caller
	user   holm.UserID // as whom it is decided; the caller's, or whom they look as
	op     *ops.Operation
	target ops.Target
	cancel context.CancelCauseFunc
	mu     sync.Mutex
	timer  *time.Timer // for the next moment at which a right may end
	over   bool
	closed sync.Once
}

// Cut is the cause of a session's context when the right has gone.
var Cut = errors.New("the right to this has gone")

// register holds the open sessions by person.
type register struct {
	mu   sync.Mutex
	open map[holm.UserID]map[*Session]struct{}
}

// How much one person, and one sign-in of theirs, may have open at once.
const (
	mostOpen        = 256
	mostOpenSession = 96
)

// add registers a session; false when the person has too many.
func (r *register) add(s *Session) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	with := 0
	for o := range r.open[s.caller.User] {
		if o.caller.Session == s.caller.Session {
			with++
		}
	}
	if len(r.open[s.caller.User]) >= mostOpen || with >= mostOpenSession {
		return false
	}
	if r.open == nil {
		r.open = map[holm.UserID]map[*Session]struct{}{}
	}
	for _, u := range []holm.UserID{s.caller.User, s.user} { // what changes for either is looked at
		if r.open[u] == nil {
			r.open[u] = map[*Session]struct{}{}
		}
		r.open[u][s] = struct{}{}
	}
	return true
}

func (r *register) remove(s *Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, u := range []holm.UserID{s.caller.User, s.user} {
		delete(r.open[u], s)
		if len(r.open[u]) == 0 {
			delete(r.open, u)
		}
	}
}

func (r *register) of(users ...holm.UserID) (list []*Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, u := range users {
		for s := range r.open[u] {
			list = append(list, s)
		}
	}
	return list
}

func (r *register) all() (list []*Session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, open := range r.open {
		for s := range open {
			list = append(list, s)
		}
	}
	return list
}

// Open opens a session through the door. Close must be called. The session
// ends by itself when ctx does, when the right goes, and at the end that the
// right was given.
func (d *Door) Open(ctx context.Context, c Caller, op *ops.Operation, in any) (*Session, error) {
	var s *Scope
	err := d.store.Read(ctx, func(tx *store.Tx) (err error) {
		s = d.scope(ctx, tx, c, op)
		if err = s.find(ops.TargetOf(in.(ops.Input))); err != nil {
			return err
		}
		return s.decide()
	})
	if err != nil {
		return nil, d.fail(ctx, s, in, err)
	}
	o := &Session{Account: s.Account.ID, Environment: s.Environment, Decision: s.Decision, door: d, caller: c, user: s.User.ID, op: op, target: ops.TargetOf(in.(ops.Input))}
	o.target.Environment = string(s.Environment.ID)
	o.Context, o.cancel = context.WithCancelCause(ctx)
	if !d.sessions.add(o) {
		o.cancel(context.Canceled)
		return nil, holm.Errorf(holm.CodeTooMany, "You have too much open at once; close some pages, terminals or streams.")
	}
	// A right that went between the decision and the registration would be
	// missed, so look once more.
	d.recheck(o)
	if op.Kind == ops.Session && !op.Quiet {
		if err := d.store.Write(ctx, func(tx *store.Tx) error { return tx.Record(s.entry(in, nil)) }); err != nil {
			o.Close()
			return nil, holm.AsError(err)
		}
	}
	return o, nil
}

// Close ends the session. It may be called more than once.
func (o *Session) Close() {
	o.closed.Do(func() {
		o.door.sessions.remove(o)
		o.mu.Lock()
		o.over = true
		if o.timer != nil {
			o.timer.Stop()
		}
		o.mu.Unlock()
		o.cancel(context.Canceled)
	})
}

// WasCut says whether the session ended because the right went.
func (o *Session) WasCut() bool { return errors.Is(context.Cause(o.Context), Cut) }

// rightEnds gives the next moment at which something that the caller was
// given ends by itself, zero for never.
func (s *Scope) rightEnds() time.Time {
	end := access.Sooner(s.token.ExpiresAt, s.view.Until)
	if s.Facts.Owner {
		return end
	}
	end = access.Sooner(end, access.Stand(s.Facts.Gifts, s.Now()).Next)
	return access.Sooner(end, s.Facts.CollaborationEnd)
}

// recheck decides about an open session anew and cuts it when the right has
// gone. When that cannot be known, it is cut too. A right that stays is looked
// at again when the next thing ends that it may come from.
func (d *Door) recheck(o *Session) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var end time.Time
	err := d.store.Read(ctx, func(tx *store.Tx) error {
		s := d.scope(ctx, tx, o.caller, o.op)
		if err := s.find(o.target); err != nil {
			return err
		}
		end = s.rightEnds()
		return s.decide()
	})
	if err != nil {
		o.cancel(Cut)
		return
	}
	o.wakeAt(end)
}

// wakeAt has the session looked at again at a moment, zero for never.
func (o *Session) wakeAt(end time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.timer != nil {
		o.timer.Stop()
		o.timer = nil
	}
	if !end.IsZero() && !o.over {
		o.timer = time.AfterFunc(end.Sub(o.door.clock()), func() { o.door.recheck(o) })
	}
}

// afterCommit does what waits for a change to be kept: first cut, then tell.
func (d *Door) afterCommit(s *Scope) {
	e := &s.effects
	for _, o := range d.sessions.of(e.cut...) {
		d.recheck(o)
	}
	if len(e.tokens) > 0 {
		for _, o := range d.sessions.all() {
			for _, id := range e.tokens {
				if o.caller.Session == id || o.caller.Token == id {
					o.cancel(Cut)
				}
			}
		}
	}
	for _, event := range e.events {
		if event.Environment != "" && d.hooks.Changed != nil {
			d.hooks.Changed(event.Environment)
		}
	}
	if len(e.events) > 0 {
		d.hub.publish(e.events...)
	}
	for _, id := range e.wake {
		if d.hooks.Wake != nil {
			d.hooks.Wake(id)
		}
	}
}

// AccessEnded has the sessions of somebody decided anew and their pages
// refreshed, because something that they were given has ended by itself.
func (d *Door) AccessEnded(account holm.AccountID, user holm.UserID) {
	for _, o := range d.sessions.of(user) {
		d.recheck(o)
	}
	d.hub.publish(Event{Type: EventAccess, User: user}, Event{Type: EventCollaborators, Account: account})
}
