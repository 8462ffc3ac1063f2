package dispatch

import (
	"context"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// Stream is the events somebody follows. They carry no content: for each, ask
// the door for what the page shows.
type Stream struct {
	Session *Session
	f       *follower
	h       *hub
	sees    func(Event) bool // asked outside the hub, since it may read the store
}

// Since is the number of the last event when the stream was opened. What is
// read from the door afterwards is at least as new.
func (s *Stream) Since() uint64 { return s.f.since }

// Next waits for the next event. It gives false when the session has ended.
func (s *Stream) Next() (Event, bool) {
	e, _, open := s.wait(nil)
	return e, open
}

// NextWithin waits for the next event, but no longer than patience. came is
// false when none came in time, open is false when the session has ended.
func (s *Stream) NextWithin(patience time.Duration) (e Event, came, open bool) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	return s.wait(timer.C)
}

// wait prefers what is queued to the end of patience, so that no patience at
// all still gives what is there.
func (s *Stream) wait(late <-chan time.Time) (e Event, came, open bool) {
	for s.Session.Err() == nil {
		select {
		case e = <-s.f.queue:
		default:
			select {
			case e = <-s.f.queue:
			case <-s.Session.Done():
				return Event{}, false, false
			case <-late:
				return Event{}, false, true
			}
		}
		if e.Type == EventReset || s.sees == nil || s.sees(e) {
			return e, true, true
		}
	}
	return Event{}, false, false
}

// Close ends the stream.
func (s *Stream) Close() {
	s.h.unfollow(s.f)
	s.Session.Close()
}

// Follow opens the event stream of one environment. after is the number of
// the last event that was received, 0 for a new start.
func (d *Door) Follow(ctx context.Context, c Caller, environment string, after uint64) (*Stream, error) {
	in := ops.EnvironmentEventsInput{OfEnvironment: ops.OfEnvironment{Environment: environment}}
	session, err := d.Open(ctx, c, ops.EnvironmentEvents.Operation, &in)
	if err != nil {
		return nil, err
	}
	id, user := session.Environment.ID, session.user
	f := d.hub.follow(after, func(e Event) bool {
		return e.Type != EventAudit && e.Environment == id || (e.Type == EventAccess && e.User == user)
	})
	return &Stream{Session: session, f: f, h: d.hub}, nil
}

// FollowList opens the event stream of everything the caller sees in their
// list of environments and collaborators: changes of environments that are
// visible, of their own account's collaborators and of their own rights.
func (d *Door) FollowList(ctx context.Context, c Caller, after uint64) (*Stream, error) {
	session, err := d.Open(ctx, c, ops.EnvironmentList.Operation, &ops.EnvironmentListInput{})
	if err != nil {
		return nil, err
	}
	own, user := holm.AccountID(""), session.user
	if c.View == "" { // whom one looks as has an account of their own, which is no part of it
		if own, err = d.ownAccount(ctx, c.User); err != nil {
			session.Close()
			return nil, err
		}
	}
	f := d.hub.follow(after, func(e Event) bool {
		if e.Type == EventAudit {
			return false
		}
		if e.User != "" {
			return e.User == user
		}
		return own != "" && e.Account == own || e.Environment != ""
	})
	sees := func(e Event) bool {
		return e.User == user || own != "" && e.Account == own || d.sees(session, e.Environment)
	}
	return &Stream{Session: session, f: f, h: d.hub, sees: sees}, nil
}

func (d *Door) ownAccount(ctx context.Context, user holm.UserID) (id holm.AccountID, err error) {
	err = d.store.Read(ctx, func(tx *store.Tx) error {
		a, err := tx.AccountOf(user)
		id = a.ID
		return err
	})
	if err != nil {
		return "", holm.AsError(err)
	}
	return id, nil
}

// sees decides whether the caller of a session may know of an environment.
func (d *Door) sees(o *Session, id holm.EnvironmentID) (visible bool) {
	err := d.store.Read(o, func(tx *store.Tx) error {
		s := d.scope(o, tx, o.caller, ops.EnvironmentShow.Operation)
		if err := s.find(ops.Target{Kind: ops.TargetEnvironment, Environment: string(id)}); err != nil {
			return err
		}
		visible = s.Environment.ID != "" && access.Decide(access.EnvironmentSee, s.Facts).Allowed
		return nil
	})
	return err == nil && visible
}
