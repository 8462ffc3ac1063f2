// Package audit is the feature of reading the audit log, of what makes it
// provable, of bringing it elsewhere and of letting old rows end. Rows are
// written by the door alone.
package audit

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/ledger"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// Options are what the feature stands on.
type Options struct {
	Signer *ledger.Signer
	// Publish writes a signed checkpoint outside the database; nil for no.
	Publish func(account holm.AccountID, note, key string) error
	// Memory remembers what was signed; nil for nothing, in tests of other
	// things. Alarm writes to the program's log about a log that is not that.
	Memory Memory
	Alarm  func(sentence string)
	MailTo string        // who gets a mail of checkpoints each day
	Keep   time.Duration // how long rows are kept; 0 for ever
	// Push brings rows elsewhere; nil for no. PushName tells places apart.
	Push     func(ctx context.Context, rows []holm.AuditEntry) error
	PushName string
}

// Feature implements the operations and does the work behind them.
type Feature struct {
	o      Options
	door   *dispatch.Door
	mu     sync.Mutex // held while something is signed
	alarms map[holm.AccountID]*alarm
}

// Bind binds the feature's operations.
func Bind(d *dispatch.Door, o Options) *Feature {
	f := &Feature{o: o, door: d, alarms: map[holm.AccountID]*alarm{}}
	dispatch.Bind(d, ops.AuditList, func(s *dispatch.Scope, in *ops.AuditListInput) (ops.Page[ops.AuditRow], error) {
		return list(s, store.AuditQuery{Account: s.Account.ID, Environment: s.Environment.ID}, in.AuditFilter)
	})
	dispatch.Bind(d, ops.AuditAccount, func(s *dispatch.Scope, in *ops.AuditAccountInput) (ops.Page[ops.AuditRow], error) {
		q := store.AuditQuery{Account: s.Account.ID, Oldest: in.Order == "oldest"}
		var err error
		if q.Environment, err = named(s, in.Environment); err != nil {
			return ops.Page[ops.AuditRow]{Items: []ops.AuditRow{}}, err
		}
		return list(s, q, in.AuditFilter)
	})
	dispatch.Bind(d, ops.OperatorAudit, func(s *dispatch.Scope, in *ops.OperatorAuditInput) (ops.Page[ops.AuditRow], error) {
		return list(s, store.AuditQuery{}, in.AuditFilter)
	})
	dispatch.Bind(d, ops.AuditCheckpoint, f.checkpoint)
	return f
}

// named finds the environment that a log is narrowed to. One that was erased
// is known by its id only.
func named(s *dispatch.Scope, name string) (holm.EnvironmentID, error) {
	if name == "" {
		return "", nil
	}
	e, err := s.Tx.OwnEnvironment(s.Account.ID, name)
	if holm.CodeOf(err) == holm.CodeNotFound {
		if strings.HasPrefix(name, "env_") {
			return holm.EnvironmentID(name), nil
		}
		return "", holm.Invalid("environment", "There is no environment %q on this account.", name)
	}
	return e.ID, err
}

func list(s *dispatch.Scope, q store.AuditQuery, f ops.AuditFilter) (page ops.Page[ops.AuditRow], err error) {
	page.Items = []ops.AuditRow{}
	q.Operation, q.Who, q.Result, q.Road, q.Limit = f.Operation, f.Who, f.Result, holm.Road(f.Road), f.Size()+1
	if q.Since, err = parse("since", f.Since); err != nil {
		return page, err
	}
	if q.Until, err = parse("until", f.Until); err != nil {
		return page, err
	}
	if err := from(&q, f.Cursor); err != nil {
		return page, err
	}
	rows, err := s.Tx.Audit(s.Filter(), q)
	for i, r := range rows {
		if i == f.Size() {
			next := cursor(q, rows[i-1])
			page.Next = &next
			break
		}
		page.Items = append(page.Items, View(r))
	}
	return page, err
}

// cursor says where a page ended: by number where rows are in that order, else
// by time and number.
func cursor(q store.AuditQuery, last store.AuditEntry) string {
	if q.Oldest {
		return strconv.FormatInt(last.Seq, 10)
	}
	return fmt.Sprintf("%d.%d", last.Time.UnixMicro(), last.Seq)
}

func from(q *store.AuditQuery, cursor string) error {
	if cursor == "" {
		return nil
	}
	at, number, both := strings.Cut(cursor, ".")
	if !both {
		at, number = "0", cursor
	}
	micros, wrong := strconv.ParseInt(at, 10, 64)
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || wrong != nil || n < 0 || both == q.Oldest {
		return holm.Invalid("cursor", "The cursor is not one that a page before gave.")
	}
	if q.Oldest {
		q.AfterSeq = n
	} else {
		q.Before = store.AuditPlace{Time: time.UnixMicro(micros).UTC(), Seq: n}
	}
	return nil
}

func parse(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, holm.Invalid(field, "%q is not a time; write it like 2026-01-31T08:00:00Z.", text)
	}
	return t, nil
}

// View shows a row with its sentence.
func View(r store.AuditEntry) ops.AuditRow {
	v := ops.AuditRow{ID: strconv.FormatInt(r.Seq, 10), Time: r.Time, Who: ops.Person{ID: string(r.User), Email: r.Email}, Road: string(r.Road),
		Operation: r.Operation, Target: r.Target, Result: r.Result, Detail: r.Detail, Address: r.Address, Hash: ledger.Leaf(r.Line).String(), Line: r.Line}
	v.Sentence = ops.Sentence(v)
	return v
}
