package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/ledger"
	"github.com/holmhq/holm/internal/store"
)

// Memory is where the newest checkpoint of each log is remembered, outside the
// database: whoever can write only that cannot make Holm sign another past.
type Memory interface {
	// Last gives the checkpoint of a log, "" for none yet.
	Last(account holm.AccountID) (note string, err error)
	// Remember replaces it, for good when it returns.
	Remember(account holm.AccountID, note string) error
	// Accounts lists whose logs it has a checkpoint of.
	Accounts() ([]holm.AccountID, error)
	// Place is the file that the checkpoint of a log is in.
	Place(account holm.AccountID) string
}

// alarm is a log that is not what was signed.
type alarm struct {
	account  holm.AccountID
	log      string
	rows     int64             // that it has
	signed   ledger.Checkpoint // what was signed
	sentence string            // for the operator: what happened and what to do
	fresh    bool              // nobody was told yet
}

// errNotSigned is given instead of a checkpoint that would contradict one.
func errNotSigned() error {
	return holm.Errorf(holm.CodeConflict, "This log is not what Holm signed before, so no checkpoint of it is signed. Whoever runs this installation is told; earlier checkpoints stay good.")
}

// newest gives the checkpoint of a log that is remembered, zero for none. One
// that this key has not signed is an error.
func (f *Feature) newest(account holm.AccountID) (c ledger.Checkpoint, err error) {
	if f.o.Memory == nil {
		return c, nil
	}
	note, err := f.o.Memory.Last(account)
	if err != nil || note == "" {
		return c, err
	}
	return ledger.ParseCheckpoint(note, f.o.Signer.Key())
}

// follows says why a log is not one that grew out of what was signed of it
// last, "" when it is.
func (f *Feature) follows(tx *store.Tx, l store.AuditLog) (last ledger.Checkpoint, why string) {
	last, err := f.newest(l.Account)
	if err != nil {
		return last, "the checkpoint that was signed last cannot be read or was not signed with this key"
	}
	if last.Size == l.Size && last.Hash == l.Root || last.Size == 0 {
		return last, ""
	}
	if last.Size > l.Size {
		return last, fmt.Sprintf("it has %d rows, and Holm signed %d on %s", l.Size, last.Size, last.Time.UTC().Format("2 January 2006, 15:04 UTC"))
	}
	proof, err := tx.ProveGrowth(l, last.Size, l.Size)
	if err == nil {
		err = ledger.Consistent(last, ledger.Checkpoint{Log: last.Log, Size: l.Size, Hash: l.Root}, proof)
	}
	if err != nil {
		return last, fmt.Sprintf("its first %d rows are not those that Holm signed on %s", last.Size, last.Time.UTC().Format("2 January 2006, 15:04 UTC"))
	}
	return last, ""
}

// again looks once more at a log that seems not to follow, as it is now: a
// transaction may have begun before what was signed last by another was
// written, and then sees an older log, which is the beginning of the new one.
func (f *Feature) again(seen store.AuditLog, why string) string {
	ctx, cancel := context.WithTimeout(context.Background(), lookAgain)
	defer cancel()
	_ = f.door.SystemRead(ctx, func(tx *store.Tx) error { // what cannot be looked at stays suspect
		l, err := tx.AuditLog(seen.Account)
		if err != nil || l.Size <= seen.Size {
			return err
		}
		if _, now := f.follows(tx, l); now != "" {
			why = now
			return nil
		}
		root, err := tx.RootAt(l, seen.Size)
		if err == nil && root == seen.Root {
			why = ""
		}
		return err
	})
	return why
}

const lookAgain = 5 * time.Second

// stand notes whether a log is as it should be, and gives the alarm when not.
// The caller holds the lock.
func (f *Feature) stand(l store.AuditLog, last ledger.Checkpoint, why string) *alarm {
	if why == "" {
		delete(f.alarms, l.Account)
		return nil
	}
	log := f.o.Signer.LogOf(l.Account)
	a := &alarm{account: l.Account, log: log, rows: l.Size, signed: last, fresh: true,
		sentence: fmt.Sprintf("The audit log %s is not what was signed: %s. No more checkpoints of it are signed. If you brought an older database back yourself, move %s away and keep it; Holm then goes on from what is there. If not, somebody changed the database: keep it and that file as they are, and compare with checkpoints kept elsewhere.",
			log, why, f.o.Memory.Place(l.Account))}
	if was := f.alarms[l.Account]; was != nil && was.sentence == a.sentence {
		a.fresh = was.fresh
	}
	f.alarms[l.Account] = a
	return a
}

// Trouble says which logs are not what was signed, as nil for none.
func (f *Feature) Trouble() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []string
	for _, a := range f.alarms {
		list = append(list, a.sentence)
	}
	if len(list) == 0 {
		return nil
	}
	slices.Sort(list)
	return holm.Errorf(holm.CodeConflict, "%s", strings.Join(list, "\n"))
}

func (f *Feature) alarmed(account holm.AccountID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.alarms[account] != nil
}

// logs lists the accounts whose logs are to be looked at: those in the database
// and those that are remembered, which may be gone from it.
func (f *Feature) logs(tx *store.Tx) ([]holm.AccountID, error) {
	list, err := tx.AuditAccounts()
	if err != nil || f.o.Memory == nil {
		return list, err
	}
	remembered, err := f.o.Memory.Accounts()
	list = append(list, remembered...)
	slices.Sort(list)
	return slices.Compact(list), err
}

// due says whether a log needs a checkpoint, or a look.
func (f *Feature) due(l store.AuditLog) bool {
	if f.o.Memory == nil {
		return l.Size > l.Signed
	}
	last, err := f.newest(l.Account)
	return err != nil || l.Size > l.Signed || last.Size != l.Size || last.Hash != l.Root
}
