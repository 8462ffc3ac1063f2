package dispatch

import (
	"context"
	"strconv"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// recorded tells those who follow an audit log that it grew.
func (d *Door) recorded(rows []store.AuditEntry) {
	told := map[holm.AccountID]bool{}
	for _, r := range rows {
		if !told[r.Account] {
			told[r.Account] = true
			d.hub.publish(Event{Type: EventAudit, Account: r.Account})
		}
	}
}

// FollowAudit opens the event stream of an account's audit log: an event for
// each time it grew. What is new is asked of the door.
func (d *Door) FollowAudit(ctx context.Context, c Caller, in ops.AuditTailInput) (*Stream, error) {
	session, err := d.Open(ctx, c, ops.AuditTail.Operation, &in)
	if err != nil {
		return nil, err
	}
	f := d.hub.follow(0, func(e Event) bool { return e.Type == EventAudit && e.Account == session.Account })
	return &Stream{Session: session, f: f, h: d.hub}, nil
}

// Tail reads an audit log as it grows, oldest first.
type Tail struct {
	*Stream
	door   *Door
	caller Caller
	in     ops.AuditAccountInput
	last   int64
}

// OpenTail follows an audit log from the row after a number; with a negative
// number, from the newest row on.
func (d *Door) OpenTail(ctx context.Context, c Caller, in ops.AuditTailInput, after int64) (*Tail, error) {
	stream, err := d.FollowAudit(ctx, c, in)
	if err != nil {
		return nil, err
	}
	t := &Tail{Stream: stream, door: d, caller: c, last: after,
		in: ops.AuditAccountInput{OfAccount: in.OfAccount, AuditFilter: ops.AuditFilter{Operation: in.Operation, Who: in.Who, Result: in.Result, Road: in.Road}, Environment: in.Environment, Order: "oldest"}}
	t.in.Limit = 100
	if after >= 0 {
		return t, nil
	}
	if t.last, err = t.size(); err != nil {
		stream.Close()
		return nil, holm.AsError(err)
	}
	return t, nil
}

// size is how many rows the log has, whoever may see them.
func (t *Tail) size() (rows int64, err error) {
	err = t.door.store.Read(t.Session, func(tx *store.Tx) error {
		l, err := tx.AuditLog(t.Session.Account)
		rows = l.Size
		return err
	})
	return rows, err
}

// Rows gives what is new since the last call, at most a page; more says that
// there is more.
func (t *Tail) Rows() (rows []ops.AuditRow, more bool, err error) {
	size, err := t.size()
	if err != nil {
		return nil, false, holm.AsError(err)
	}
	t.in.Cursor = strconv.FormatInt(t.last, 10)
	page, err := Call(t.Session, t.door, t.caller, ops.AuditAccount, t.in)
	if err != nil {
		return nil, false, err
	}
	if n := len(page.Items); n > 0 {
		t.last, err = strconv.ParseInt(page.Items[n-1].ID, 10, 64)
	}
	if page.Next == nil {
		t.last = max(t.last, size) // what a filter let pass is not looked at again
	}
	return page.Items, page.Next != nil, err
}
