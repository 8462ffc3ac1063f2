package audit

import (
	"errors"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/ledger"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// checkpoint signs what the log is, or gives the kept checkpoint that covers
// the row that is asked for, and proves what is asked for.
func (f *Feature) checkpoint(s *dispatch.Scope, in *ops.AuditCheckpointInput) (v ops.AuditCheckpointView, err error) {
	l, err := s.Tx.AuditLog(s.Account.ID)
	if err != nil {
		return v, err
	}
	if err := within(l, in); err != nil {
		return v, err
	}
	c, signed, kept, err := f.sign(s.Tx, l, in)
	if err != nil {
		return v, err
	}
	v = ops.AuditCheckpointView{Log: c.Log, Rows: c.Size, First: l.Gone + 1, Hash: c.Hash.String(), Time: c.Time, Kept: kept, Checkpoint: signed, Key: f.o.Signer.Key()}
	before, err := s.Tx.EdgeAt(l, min(l.Gone, c.Size))
	v.Before = texts(before)
	if err == nil && in.Since > 0 {
		var proof []ledger.Hash
		proof, err = s.Tx.ProveGrowth(l, in.Since, c.Size)
		v.Growth = texts(proof)
	}
	if err == nil && in.Row > 0 {
		err = prove(s.Tx, l, in.Row, &v)
	}
	return v, err
}

// within says what was asked for that there is not.
func within(l store.AuditLog, in *ops.AuditCheckpointInput) error {
	rows := l.Size
	if in.Rows > 0 {
		rows = in.Rows
	}
	switch {
	case in.Rows < 0 || in.Rows > l.Size:
		return holm.Invalid("rows", "The log has %d rows.", l.Size)
	case in.Since < 0 || in.Since > rows:
		return holm.Invalid("since", "The log has %d rows; give the number that an earlier checkpoint had.", rows)
	case in.Row < 0 || in.Row > rows:
		return holm.Invalid("row", "The log has %d rows.", rows)
	case in.Row > 0 && in.Row <= l.Gone:
		return holm.Invalid("row", "Row %d is not kept any more; the oldest is %d.", in.Row, l.Gone+1)
	}
	return nil
}

// sign gives a checkpoint with its note: a kept one where one covers the row
// that is asked for.
func (f *Feature) sign(tx *store.Tx, l store.AuditLog, in *ops.AuditCheckpointInput) (c ledger.Checkpoint, signed string, kept bool, err error) {
	if in.Row > 0 && in.Rows == 0 {
		k, err := tx.CheckpointOf(l.Account, max(in.Row, in.Since))
		if err == nil {
			c, err = ledger.ParseCheckpoint(k.Note, f.o.Signer.Key())
		}
		if err == nil {
			return c, k.Note, true, nil
		}
		if !errors.Is(err, store.ErrNone) && holm.CodeOf(err) != holm.CodeInvalid { // signed with an earlier key: sign anew
			return c, "", false, err
		}
	}
	c, signed, err = f.signed(tx, l, in.Rows)
	return c, signed, false, err
}

// signed signs what a log was with a number of rows, 0 for all. The log must
// have grown out of what was signed last; what is signed now is remembered
// before anybody has it.
func (f *Feature) signed(tx *store.Tx, l store.AuditLog, rows int64) (c ledger.Checkpoint, signed string, err error) {
	if rows == 0 {
		rows = l.Size
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var last ledger.Checkpoint
	if f.o.Memory != nil {
		why := ""
		if last, why = f.follows(tx, l); why != "" {
			why = f.again(l, why)
		}
		if f.stand(l, last, why) != nil {
			return c, "", errNotSigned()
		}
	}
	c = ledger.Checkpoint{Log: f.o.Signer.LogOf(l.Account), Size: rows, Time: tx.Now().UTC().Truncate(time.Second)}
	if c.Hash, err = tx.RootAt(l, rows); err != nil {
		return c, "", err
	}
	signed, err = f.o.Signer.Sign(c)
	if err == nil && f.o.Memory != nil && c.Size > last.Size {
		err = f.o.Memory.Remember(l.Account, signed)
	}
	return c, signed, err
}

func prove(tx *store.Tx, l store.AuditLog, row int64, v *ops.AuditCheckpointView) error {
	hash, err := tx.RowHash(l.Account, row)
	if err != nil {
		return err
	}
	path, err := tx.ProveRow(l, v.Rows, row)
	v.RowHash, v.Path = hash.String(), texts(path)
	return err
}

func texts(hashes []ledger.Hash) []string {
	list := make([]string, len(hashes))
	for i, h := range hashes {
		list[i] = h.String()
	}
	return list
}
