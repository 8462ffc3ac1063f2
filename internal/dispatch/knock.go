package dispatch

import (
	"context"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// knockSources is of how many networks an hour has rows of their own, for each
// operation. What came from others is told as one.
const knockSources = 100

// knocked counts somebody unknown who was turned away from something that
// anybody may try: a sign-in with an address that has no login, a link that
// nobody was mailed. The first of a network in an hour is a row of the
// installation's log at once; what follows is one row after the hour, so that
// nobody fills the log. What was typed is not kept: it may be a password.
func (d *Door) knocked(ctx context.Context, c Caller, op *ops.Operation, e *holm.Error) {
	if c.SignedIn() || op.Public == "" || op.Kind != ops.Change {
		return
	}
	switch e.Code {
	case holm.CodeUnauthorized, holm.CodeGone, holm.CodeNotFound, holm.CodeForbidden:
	default:
		return
	}
	source := holm.Network(c.Address)
	err := d.store.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		n, sources, err := tx.CountKnock(op.Name, source, string(e.Code))
		if err != nil || n > 1 || sources > knockSources {
			return err
		}
		if err := tx.TellKnock(op.Name, source); err != nil {
			return err
		}
		return tx.Record(store.AuditEntry{Road: c.Road, Operation: op.Name, Result: string(e.Code), Address: c.Address,
			Detail: map[string]any{"error": e.Detail, "network": source}})
	})
	if err != nil {
		d.log.Error("somebody unknown was turned away, which could not be counted", "operation", op.Name, "error", err)
	}
}

// TellKnocks writes rows about who was turned away in the hours that are over,
// beyond the first of each network.
func (d *Door) TellKnocks(ctx context.Context) error {
	return d.SystemChange(ctx, "audit", func(s *Scope) error {
		list, err := s.Tx.TakeKnocks()
		if err != nil {
			return err
		}
		type hour struct {
			at        time.Time
			operation string
		}
		others := map[hour]*store.Knock{}
		networks := map[hour]int{}
		var order []hour
		for _, k := range list {
			h := hour{k.Hour, k.Operation}
			switch {
			case k.Told > 0 && k.N > 1:
				err = s.recordKnocks(k, 1)
			case k.Told > 0:
			case others[h] == nil:
				others[h], networks[h] = &k, 1
				order = append(order, h)
			default:
				others[h].N += k.N
				networks[h]++
			}
			if err != nil {
				return err
			}
		}
		for _, h := range order {
			k := *others[h]
			if networks[h] > 1 {
				k.Source = ""
			}
			if err := s.recordKnocks(k, networks[h]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Scope) recordKnocks(k store.Knock, networks int) error {
	detail := map[string]any{"tries": k.N, "from": k.Hour.Format(time.RFC3339), "networks": networks}
	if k.Source != "" {
		detail["network"] = k.Source
	}
	return s.Tx.Record(store.AuditEntry{Road: holm.RoadSystem, Operation: k.Operation, Result: k.Result, Address: k.Source, Detail: detail})
}
