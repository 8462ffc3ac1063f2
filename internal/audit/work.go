package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
)

// signAtOnce is how many logs get a checkpoint in one transaction.
const signAtOnce = 200

// Sign signs a checkpoint of every log that has grown since its last, writes
// it where the operator wants it, and keeps it. It is written before it is
// kept: after a crash between the two one is written twice, and none is
// missing outside. A log that is not what was signed of it before is not signed
// again; the operators are told.
func (f *Feature) Sign(ctx context.Context) error {
	var accounts []holm.AccountID
	err := f.door.SystemRead(ctx, func(tx *store.Tx) (err error) {
		accounts, err = f.logs(tx)
		return err
	})
	for some := range slices.Chunk(accounts, signAtOnce) {
		if err == nil {
			err = f.signSome(ctx, some)
		}
	}
	return errors.Join(err, f.tellAlarms(ctx))
}

func (f *Feature) signSome(ctx context.Context, accounts []holm.AccountID) error {
	var list []store.KeptCheckpoint
	err := f.door.SystemRead(ctx, func(tx *store.Tx) error {
		for _, account := range accounts {
			l, err := tx.AuditLog(account)
			if err != nil {
				return err
			}
			if !f.due(l) {
				continue
			}
			_, note, err := f.signed(tx, l, 0)
			switch {
			case holm.CodeOf(err) == holm.CodeConflict && err != nil: // noted as an alarm
			case err != nil:
				return err
			case l.Size > 0:
				list = append(list, store.KeptCheckpoint{Account: account, Size: l.Size, At: tx.Now(), Note: note})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, c := range list {
		if f.o.Publish != nil {
			if err := f.o.Publish(c.Account, c.Note, f.o.Signer.Key()); err != nil {
				return err
			}
		}
	}
	if len(list) == 0 {
		return nil
	}
	return f.keep(ctx, list)
}

// tellAlarms has every operator mailed about each log that is not what was
// signed, once a day, and puts a new one into the log and the installation's
// own audit log.
func (f *Feature) tellAlarms(ctx context.Context) error {
	f.mu.Lock()
	var list []alarm
	for _, a := range f.alarms {
		list = append(list, *a)
		a.fresh = false
	}
	f.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	return f.door.SystemChange(ctx, "audit", func(s *dispatch.Scope) error {
		operators, err := s.Tx.Operators()
		if err != nil {
			return err
		}
		for _, a := range list {
			if f.o.Alarm != nil {
				f.o.Alarm(a.sentence)
			}
			for _, u := range operators {
				s.Write(holm.Letter{Kind: holm.LetterAuditAlarm, Event: "audit-alarm:" + a.log + ":" + s.Now().Format(time.DateOnly) + ":" + u.Email, To: u.Email, ToName: u.Name,
					Path: "/operator/status", What: a.log, Reason: f.o.Memory.Place(a.account),
					Checkpoints: []holm.LetterCheckpoint{{Log: "Signed", Rows: a.signed.Size, Hash: a.signed.Hash.String()}, {Log: "Rows now", Rows: a.rows}}})
			}
			if a.fresh {
				if err := s.Tx.Record(store.AuditEntry{Email: s.Caller.Email, Road: holm.RoadSystem, Operation: "audit.alarm", Target: a.log, Result: "0",
					Detail: map[string]any{"signed_rows": a.signed.Size, "rows": a.rows, "file": f.o.Memory.Place(a.account)}}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (f *Feature) keep(ctx context.Context, list []store.KeptCheckpoint) error {
	return f.door.SystemChange(ctx, "audit", func(s *dispatch.Scope) error {
		for _, c := range list {
			if err := s.Tx.KeepCheckpoint(c); err != nil {
				return err
			}
		}
		return nil
	})
}

// mailMost is how many logs one mail names.
const mailMost = 300

// Mail sends what each log that grew in the last day was at its newest
// checkpoint; on a day without any there is no mail.
func (f *Feature) Mail(ctx context.Context) error {
	if err := f.Sign(ctx); err != nil {
		return err
	}
	return f.door.SystemChange(ctx, "audit", func(s *dispatch.Scope) error {
		kept, err := s.Tx.CheckpointsSince(s.Now().Add(-24 * time.Hour))
		if err != nil || len(kept) == 0 {
			return err
		}
		letter := holm.Letter{Kind: holm.LetterCheckpoints, Event: "audit-checkpoints:" + s.Now().Format(time.DateOnly), To: f.o.MailTo, Path: "/"}
		for i, c := range kept {
			if i+1 < len(kept) && kept[i+1].Account == c.Account {
				continue // a newer one of the same log follows
			}
			l, err := s.Tx.AuditLog(c.Account)
			if err != nil {
				return err
			}
			root, err := s.Tx.RootAt(l, c.Size)
			if err != nil {
				return err
			}
			letter.Checkpoints = append(letter.Checkpoints, holm.LetterCheckpoint{Log: f.o.Signer.LogOf(c.Account), Rows: c.Size, Hash: root.String()})
			if len(letter.Checkpoints) == mailMost {
				break
			}
		}
		s.Write(letter)
		return nil
	})
}

// Expire lets rows end that are older than they are kept for. Before they go,
// the log is signed; what they hashed to stays. That rows went is a row.
func (f *Feature) Expire(ctx context.Context) error {
	if f.o.Keep <= 0 {
		return nil
	}
	if err := f.Sign(ctx); err != nil {
		return err
	}
	var logs []store.AuditLog
	if err := f.door.SystemRead(ctx, func(tx *store.Tx) (err error) {
		logs, err = tx.AuditLogs()
		return err
	}); err != nil {
		return err
	}
	var failed error
	for _, l := range logs {
		if f.alarmed(l.Account) {
			continue // nothing goes of what may have to be looked into
		}
		failed = errors.Join(failed, f.expire(ctx, l))
	}
	return failed
}

func (f *Feature) expire(ctx context.Context, l store.AuditLog) error {
	total := int64(0)
	for {
		var gone int64
		err := f.door.SystemChange(ctx, "audit", func(s *dispatch.Scope) (err error) {
			most := l.Size
			if f.o.Push != nil {
				if most, err = s.Tx.Pushed(f.o.PushName, l.Account); err != nil {
					return err
				}
			}
			before := s.Now().Add(-f.o.Keep)
			if gone, err = s.Tx.ForgetAudit(l.Account, before, most); err != nil || gone > 0 || total == 0 {
				return err
			}
			return s.Tx.Record(store.AuditEntry{Account: l.Account, Email: s.Caller.Email, Road: holm.RoadSystem, Operation: "audit.expire",
				Target: fmt.Sprintf("%d from before %s", total, before.UTC().Format("2 January 2006")), Result: "0", Detail: map[string]any{"rows": total, "before": before.UTC().Format(time.RFC3339)}})
		})
		if total += gone; err != nil || gone == 0 {
			return err
		}
	}
}

const (
	pushAtOnce = 500
	pushBytes  = 4 << 20 // after which a delivery takes no more rows
)

// Push delivers rows that were not delivered yet, each log in its order. How
// far it is, is noted after the receiver has taken them, so that every row is
// delivered at least once; receivers know one again by account and number.
func (f *Feature) Push(ctx context.Context) error {
	var behind []store.AuditLog
	err := f.door.SystemRead(ctx, func(tx *store.Tx) (err error) {
		behind, err = tx.UnpushedLogs(f.o.PushName)
		return err
	})
	for _, l := range behind {
		for err == nil {
			var more bool
			if more, err = f.pushSome(ctx, l.Account); !more {
				break
			}
		}
	}
	return err
}

func (f *Feature) pushSome(ctx context.Context, account holm.AccountID) (more bool, err error) {
	var rows []store.AuditEntry
	err = f.door.SystemRead(ctx, func(tx *store.Tx) error {
		last, err := tx.Pushed(f.o.PushName, account)
		if err == nil {
			rows, err = tx.AuditAfter(account, last, pushAtOnce)
		}
		return err
	})
	if err != nil || len(rows) == 0 {
		return false, err
	}
	size := 0
	for i, r := range rows {
		if size += len(r.Line); size > pushBytes && i > 0 {
			rows = rows[:i]
			break
		}
	}
	if err := f.o.Push(ctx, rows); err != nil {
		return false, err
	}
	return true, f.door.SystemChange(ctx, "audit", func(s *dispatch.Scope) error {
		return s.Tx.NotePushed(f.o.PushName, account, rows[len(rows)-1].Seq)
	})
}
