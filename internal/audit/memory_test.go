package audit_test

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/audit"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/ledger"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// notebook remembers checkpoints as the files in the data folder do.
type notebook struct {
	mu    sync.Mutex
	notes map[holm.AccountID]string
}

func (n *notebook) Last(a holm.AccountID) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.notes[a], nil
}

func (n *notebook) Remember(a holm.AccountID, note string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.notes[a] = note
	return nil
}

func (n *notebook) Accounts() ([]holm.AccountID, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Collect(maps.Keys(n.notes)), nil
}

func (n *notebook) Place(a holm.AccountID) string { return "audit.last/" + string(a) }

// tables are what an audit log is in the database.
var tables = []string{"audit", "audit_logs", "audit_tiles", "audit_checkpoints"}

// TestNoOtherPastIsSigned: somebody who can write the whole database and has no
// key puts it back, cuts it, rewrites or removes it, and Holm goes on. It signs
// nothing that contradicts what it signed before, and the operators learn it.
func TestNoOtherPastIsSigned(t *testing.T) {
	attacks := map[string][]string{
		// The state before the last 40 rows, exactly as it was.
		"rolled back":               {},
		"rolled back and gone on":   {},
		"removed":                   {"DELETE FROM audit WHERE account_id = $1", "DELETE FROM audit_tiles WHERE account_id = $1", "DELETE FROM audit_checkpoints WHERE account_id = $1", "DELETE FROM audit_logs WHERE account_id = $1"},
		"removed and called signed": {"DELETE FROM audit WHERE account_id = $1", "DELETE FROM audit_tiles WHERE account_id = $1", "UPDATE audit_logs SET size = 0, edge = CAST('' AS BLOB), signed = 1000000 WHERE account_id = $1"},
	}
	for name, statements := range attacks {
		t.Run(name, func(t *testing.T) {
			book := &notebook{notes: map[holm.AccountID]string{}}
			var said []string
			each(t, audit.Options{Memory: book, Alarm: func(s string) { said = append(said, s) }}, func(t *testing.T, h *house) {
				book.notes, said = map[holm.AccountID]string{}, nil
				h.Write(t, func(tx *store.Tx) error {
					_, _, err := tx.CreateUser(holm.User{Email: "op@example.org", Operator: true}, "hash", holm.AccountFull)
					return err
				})
				h.record(t, h.account, 300)
				must(t, h.f.Sign(t.Context()))
				if len(statements) == 0 {
					for _, table := range tables {
						h.Exec(t, "CREATE TABLE old_"+table+" AS SELECT * FROM "+table)
					}
				}
				h.record(t, h.account, 40)
				must(t, h.f.Sign(t.Context()))
				kept := book.notes[h.account]
				if err := h.f.Trouble(); err != nil {
					t.Fatal(err)
				}
				for _, s := range statements {
					if h.Dialect() == store.PostgreSQL {
						s = strings.ReplaceAll(s, "BLOB", "BYTEA")
					}
					h.Exec(t, s, string(h.account))
				}
				if len(statements) == 0 {
					for _, table := range tables {
						h.Exec(t, "DELETE FROM "+table)
						h.Exec(t, "INSERT INTO "+table+" SELECT * FROM old_"+table)
					}
				}
				if strings.HasSuffix(name, "gone on") {
					h.Clock.Advance(time.Minute)
					h.record(t, h.account, 100) // more rows than were signed, but others
				}
				must(t, h.f.Sign(t.Context()))
				must(t, h.f.Sign(t.Context()))
				if book.notes[h.account] != kept {
					t.Error("another past was signed")
				}
				in := ops.AuditCheckpointInput{OfAccount: ops.OfAccount{Account: "me"}}
				_, err := dispatch.Call(t.Context(), h.door, h.owner, ops.AuditCheckpoint, in)
				if err == nil || holm.CodeOf(err) != holm.CodeConflict {
					t.Errorf("who asks gets %v", err)
				}
				trouble := h.f.Trouble()
				if trouble == nil || !strings.Contains(trouble.Error(), "audit.last/"+string(h.account)) || len(said) == 0 {
					t.Errorf("the operator is told %v, %q", trouble, said)
				}
				mailed := 0
				for _, l := range h.letters {
					if l.Kind == holm.LetterAuditAlarm && l.To == "op@example.org" {
						mailed++
					}
				}
				if mailed == 0 {
					t.Error("nobody is mailed")
				}
				rows := 0
				h.Read(t, func(tx *store.Tx) error {
					list, err := tx.AuditAfter("", 0, 100)
					for _, r := range list {
						if r.Operation == "audit.alarm" {
							rows++
						}
					}
					return err
				})
				if rows != 1 {
					t.Errorf("the installation's log has %d rows about it", rows)
				}
				// The operator brought an older database back, and says so.
				delete(book.notes, h.account)
				h.record(t, h.account, 1)
				must(t, h.f.Sign(t.Context()))
				if err := h.f.Trouble(); err != nil {
					t.Errorf("after that: %v", err)
				}
			})
		})
	}
}

// TestSignersAtOnceRaiseNoAlarm: checkpoints are signed by many at once while
// the log grows; each is consistent with the newest.
func TestSignersAtOnceRaiseNoAlarm(t *testing.T) {
	book := &notebook{notes: map[holm.AccountID]string{}}
	each(t, audit.Options{Memory: book}, func(t *testing.T, h *house) {
		book.notes = map[holm.AccountID]string{}
		var all sync.WaitGroup
		failed := make(chan error, 1000)
		for range 6 {
			all.Go(func() {
				for range 15 {
					in := ops.AuditCheckpointInput{OfAccount: ops.OfAccount{Account: "me"}}
					if _, err := dispatch.Call(t.Context(), h.door, h.owner, ops.AuditCheckpoint, in); err != nil {
						failed <- err
					}
				}
			})
		}
		for i := range 60 {
			h.record(t, h.account, 1+i%3)
		}
		all.Wait()
		close(failed)
		for err := range failed {
			t.Error(err)
		}
		if err := h.f.Trouble(); err != nil {
			t.Error(err)
		}
		last, err := ledger.ParseCheckpoint(book.notes[h.account], h.key)
		if err != nil || last.Size == 0 {
			t.Errorf("%+v, %v", last, err)
		}
	})
}
