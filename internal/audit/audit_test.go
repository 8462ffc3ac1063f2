package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/audit"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/ledger"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/internal/store/storetest"
	"github.com/holmhq/holm/ops"
)

// house is an installation with one owner and nothing but an audit log.
type house struct {
	*storetest.Database
	door    *dispatch.Door
	f       *audit.Feature
	owner   dispatch.Caller
	account holm.AccountID
	key     string
	letters []holm.Letter
}

// each runs a test on both databases.
func each(t *testing.T, o audit.Options, test func(t *testing.T, h *house)) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		signer, err := ledger.Fresh("holm.example.org")
		if err != nil {
			t.Fatal(err)
		}
		h := &house{Database: db, key: signer.Key()}
		o := o
		o.Signer = signer
		h.door = dispatch.New(dispatch.Options{Store: db.Store, Clock: db.Clock.Now, Log: slog.New(slog.DiscardHandler)})
		h.door.Connect(dispatch.Hooks{Letter: func(_ *store.Tx, l holm.Letter) error { h.letters = append(h.letters, l); return nil }})
		h.f = audit.Bind(h.door, o)
		db.Write(t, func(tx *store.Tx) error {
			u, a, err := tx.CreateUser(holm.User{Email: "ana@example.org"}, "hash", holm.AccountFull)
			h.owner, h.account = dispatch.Caller{User: u.ID, Email: u.Email, Road: holm.RoadAPI}, a.ID
			return err
		})
		test(t, h)
	})
}

// record adds rows to the owner's log.
func (h *house) record(t *testing.T, account holm.AccountID, n int) {
	t.Helper()
	h.Write(t, func(tx *store.Tx) (err error) {
		for i := 0; i < n && err == nil; i++ {
			err = tx.Record(store.AuditEntry{Account: account, User: h.owner.User, Email: h.owner.Email, Road: holm.RoadAPI, Operation: "environment.start", Target: fmt.Sprint("e", i), Result: "0"})
		}
		return err
	})
}

func (h *house) export(t *testing.T, format string) string {
	t.Helper()
	in := ops.AuditAccountInput{OfAccount: ops.OfAccount{Account: "me"}, Format: format}
	e, err := h.door.ExportAudit(t.Context(), h.owner, in)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := e.Write(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestOldRowsEndAndTheRestIsProven(t *testing.T) {
	published := map[string][]string{}
	each(t, audit.Options{Keep: 30 * 24 * time.Hour, Publish: func(a holm.AccountID, note, _ string) error {
		published[string(a)] = append(published[string(a)], note)
		return nil
	}}, func(t *testing.T, h *house) {
		h.record(t, h.account, 1500)
		must(t, h.f.Sign(t.Context()))
		must(t, h.f.Sign(t.Context())) // nothing new
		h.Clock.Advance(31 * 24 * time.Hour)
		h.record(t, h.account, 20)
		must(t, h.f.Expire(t.Context()))
		must(t, h.f.Expire(t.Context()))
		notes := published[string(h.account)]
		if len(notes) != 3 { // 1500, 1520, and 1521 with the row about the end
			t.Fatalf("%d checkpoints were published", len(notes))
		}
		file := h.export(t, "jsonl")
		if !strings.HasPrefix(file, `{"first":1281,"before":["`) {
			t.Errorf("the file begins with %.100s", file)
		}
		report, err := ledger.Verify(strings.NewReader(file), ledger.Expected{Key: h.key, Checkpoints: notes})
		if err != nil || report.First != 1281 || report.Rows != 1521-1280 || len(report.Matched) != 3 {
			t.Errorf("%+v, %v", report, err)
		}
		if !strings.Contains(h.export(t, "csv"), "let old entries of this log end: 1280 from before") {
			t.Error("the log does not say that rows went")
		}
	})
}

// Rows are brought elsewhere at least once, in their order, whatever fails.
func TestPush(t *testing.T) {
	var got []string
	failing := 0
	push := func(_ context.Context, rows []holm.AuditEntry) error {
		if failing++; failing%3 == 2 {
			got = append(got, string(rows[0].Line)) // it took one and broke
			return errors.New("away")
		}
		for _, r := range rows {
			got = append(got, string(r.Line))
		}
		return nil
	}
	each(t, audit.Options{Push: push, PushName: "there", Keep: 24 * time.Hour}, func(t *testing.T, h *house) {
		got, failing = nil, 0
		h.record(t, h.account, 1200)
		h.record(t, "", 3)
		failed := 0
		for tries := 0; ; tries++ {
			if err := h.f.Push(t.Context()); err == nil {
				break
			}
			if failed++; tries > 20 {
				t.Fatal("it never ends")
			}
		}
		if failed == 0 {
			t.Error("nothing failed")
		}
		seen, order := map[string]bool{}, []string{}
		for _, line := range got {
			if !seen[line] {
				seen[line] = true
				order = append(order, line)
			}
		}
		if len(order) != 1203 {
			t.Errorf("%d rows arrived", len(order))
		}
		whole := h.export(t, "jsonl")
		if !strings.HasPrefix(whole, strings.Join(order[3:], "\n")) { // the installation's log comes first
			t.Error("they came in another order")
		}
		must(t, h.f.Push(t.Context()))
		if len(got) != len(order)+failed {
			t.Errorf("%d deliveries of %d rows with %d failures", len(got), len(order), failed)
		}
		// What was not delivered does not end.
		h.record(t, h.account, 300)
		h.Clock.Advance(48 * time.Hour)
		must(t, h.f.Expire(t.Context()))
		if file := h.export(t, "jsonl"); !strings.HasPrefix(file, `{"first":1025,`) {
			t.Errorf("the file begins with %.100s", file)
		}
	})
}

func TestTailMissesNothing(t *testing.T) {
	each(t, audit.Options{}, func(t *testing.T, h *house) {
		h.record(t, h.account, 5)
		in := ops.AuditTailInput{OfAccount: ops.OfAccount{Account: "me"}}
		tail, err := h.door.OpenTail(t.Context(), h.owner, in, -1)
		must(t, err)
		defer tail.Close()
		rows, more, err := tail.Rows()
		if err != nil || len(rows) != 0 || more {
			t.Fatalf("%d old rows, %v", len(rows), err)
		}
		h.record(t, "acc_other", 1)
		h.record(t, h.account, 230)
		var ids []string
		for len(ids) < 230 {
			if _, came, open := tail.NextWithin(5 * time.Second); !open || !came {
				t.Fatal("no event")
			}
			for more = true; more; {
				if rows, more, err = tail.Rows(); err != nil {
					t.Fatal(err)
				}
				for _, r := range rows {
					ids = append(ids, r.ID)
				}
			}
		}
		for i, id := range ids {
			if id != fmt.Sprint(6+i) {
				t.Fatalf("row %s where %d should be", id, 6+i)
			}
		}
		again, err := h.door.OpenTail(t.Context(), h.owner, in, 233)
		must(t, err)
		defer again.Close()
		if rows, _, err := again.Rows(); err != nil || len(rows) != 2 {
			t.Errorf("who comes back gets %d rows, %v", len(rows), err)
		}
	})
}

func TestProofs(t *testing.T) {
	each(t, audit.Options{MailTo: "audit@example.org"}, func(t *testing.T, h *house) {
		ask := func(in ops.AuditCheckpointInput) (ops.AuditCheckpointView, error) {
			in.Account = "me"
			return dispatch.Call(t.Context(), h.door, h.owner, ops.AuditCheckpoint, in)
		}
		h.record(t, h.account, 300)
		early, err := ask(ops.AuditCheckpointInput{})
		must(t, err)
		must(t, h.f.Mail(t.Context()))
		if len(h.letters) != 1 || h.letters[0].To != "audit@example.org" || h.letters[0].Checkpoints[0].Hash != early.Hash || h.letters[0].Checkpoints[0].Rows != 300 {
			t.Errorf("the mail says %+v", h.letters)
		}
		h.record(t, h.account, 100)
		late, err := ask(ops.AuditCheckpointInput{Since: 300})
		must(t, err)
		first, err := ledger.ParseCheckpoint(early.Checkpoint, h.key)
		must(t, err)
		second, err := ledger.ParseCheckpoint(late.Checkpoint, h.key)
		must(t, err)
		must(t, ledger.Consistent(first, second, hashes(t, late.Growth)))
		kept, err := ask(ops.AuditCheckpointInput{Row: 280})
		if err != nil || !kept.Kept || kept.Rows != 300 {
			t.Errorf("%+v, %v", kept, err)
		}
		fresh, err := ask(ops.AuditCheckpointInput{Row: 301})
		if err != nil || fresh.Kept || fresh.Rows != 400 {
			t.Errorf("%+v, %v", fresh, err)
		}
		line := strings.Split(h.export(t, "jsonl"), "\n")[279]
		must(t, ledger.Contains(first, 280, []byte(line), hashes(t, kept.Path)))
		for _, wrong := range []ops.AuditCheckpointInput{{Rows: 401}, {Rows: -1}, {Since: 401}, {Row: 401}, {Row: 200, Rows: 100}} {
			if _, err := ask(wrong); holm.CodeOf(err) != holm.CodeInvalid {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
	})
}

func hashes(t *testing.T, texts []string) (list []ledger.Hash) {
	t.Helper()
	for _, text := range texts {
		var h ledger.Hash
		must(t, h.UnmarshalJSON([]byte(`"`+text+`"`)))
		list = append(list, h)
	}
	return list
}

// A cell that a spreadsheet would run is made a text.
func TestCellsAreNoFormulas(t *testing.T) {
	each(t, audit.Options{}, func(t *testing.T, h *house) {
		for _, name := range []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "|x"} {
			h.Write(t, func(tx *store.Tx) error {
				return tx.Record(store.AuditEntry{Account: h.account, Email: name, Operation: "x", Target: name, Result: "0", Address: name})
			})
		}
		for _, line := range strings.Split(h.export(t, "csv"), "\n")[1:] {
			for _, cell := range strings.Split(line, ",") {
				if cell = strings.TrimPrefix(cell, `"`); cell != "" && strings.ContainsAny(cell[:1], "=+-@\t|") {
					t.Errorf("a cell %q in %q", cell, line)
				}
			}
		}
	})
}
