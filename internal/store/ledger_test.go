package store_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/ledger"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/internal/store/storetest"
)

// TestMain lets the tests start this program again as the one that is killed.
func TestMain(m *testing.M) {
	if url := os.Getenv("HOLM_TEST_KILLED"); url != "" {
		recordUntilKilled(url, os.Getenv("HOLM_TEST_DIR"))
	}
	os.Exit(m.Run())
}

// record adds rows to a log, a transaction for each n.
func (db *suite) record(t testing.TB, account holm.AccountID, n ...int) {
	t.Helper()
	for _, rows := range n {
		db.Write(t, func(tx *store.Tx) error {
			for i := range rows {
				if err := tx.Record(store.AuditEntry{Account: account, User: "usr_1", Email: "Ana@example.org", Road: holm.RoadAPI, Operation: "x.y", Target: fmt.Sprint("t", i), Result: "0", Detail: map[string]any{"n": i, "html": "<&>", "text": "ä\u2028"}}); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// lines gives the rows of a log from the oldest, as they are hashed.
func lines(t testing.TB, tx *store.Tx, account holm.AccountID) (list [][]byte) {
	t.Helper()
	rows, err := tx.Audit(store.FilterFor("usr_1", account, tx.Now(), false), store.AuditQuery{Account: account, Oldest: true, Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		list = append(list, r.Line)
	}
	return list
}

// whole checks that a log is the tree over its rows, that the tree proves
// every row, and gives its state.
func whole(t testing.TB, tx *store.Tx, account holm.AccountID) store.AuditLog {
	t.Helper()
	l, err := tx.AuditLog(account)
	if err != nil {
		t.Fatal(err)
	}
	rows := lines(t, tx, account)
	if int64(len(rows)) != l.Size-l.Gone {
		t.Fatalf("the log %s has %d rows of %d, and %d are gone", account, len(rows), l.Size, l.Gone)
	}
	before, err := tx.EdgeAt(l, l.Gone)
	if err != nil {
		t.Fatal(err)
	}
	edge := ledger.Edge(before)
	for i, row := range rows {
		at := l.Gone + int64(i)
		edge = edge.Add(at, ledger.Leaf(row))
		if hash, err := tx.RowHash(account, at+1); err != nil || hash != ledger.Leaf(row) {
			t.Fatalf("the hash beside row %d is another: %v", at+1, err)
		}
	}
	if edge.Root() != l.Root {
		t.Fatalf("the log %s does not hash to its root", account)
	}
	return l
}

func TestTheTreeGrowsWithTheLog(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		db.record(t, "acc_1", 1, 2, 252, 1, 1, 300, 3)
		db.record(t, "acc_2", 5)
		db.record(t, "", 3)
		db.Read(t, func(tx *store.Tx) error {
			whole(t, tx, "acc_2")
			whole(t, tx, "")
			whole(t, tx, "acc_none")
			l := whole(t, tx, "acc_1")
			rows := lines(t, tx, "acc_1")
			is(t, "rows", l.Size, 560)
			for _, size := range []int64{1, 2, 255, 256, 257, 512, 513, 559, 560} {
				root, err := tx.RootAt(l, size)
				if err != nil {
					t.Fatal(err)
				}
				for _, row := range []int64{1, 2, 128, 255, 256, 257, 500, 512, 513, 560} {
					if row > size {
						continue
					}
					proof, err := tx.ProveRow(l, size, row)
					if err != nil {
						t.Fatal(err)
					}
					if err := tlog.CheckRecord(proof, size, root, row-1, ledger.Leaf(rows[row-1])); err != nil {
						t.Errorf("row %d of %d: %v", row, size, err)
					}
				}
				growth, err := tx.ProveGrowth(l, size, l.Size)
				if err != nil {
					t.Fatal(err)
				}
				if err := ledger.Consistent(ledger.Checkpoint{Size: size, Hash: root}, ledger.Checkpoint{Size: l.Size, Hash: l.Root}, growth); err != nil {
					t.Errorf("from %d: %v", size, err)
				}
			}
			return nil
		})
	})
}

// What is not kept leaves no row, no gap and no hash.
func TestUndoneChangesLeaveTheTreeAlone(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		db.record(t, "acc_1", 255)
		undo := errors.New("undo")
		if err := db.Store.Write(t.Context(), func(tx *store.Tx) error {
			if err := tx.Record(store.AuditEntry{Account: "acc_1", Operation: "x.y", Result: "0"}); err != nil {
				return err
			}
			return undo
		}); !errors.Is(err, undo) {
			t.Fatal(err)
		}
		db.record(t, "acc_1", 2)
		db.Read(t, func(tx *store.Tx) error { is(t, "rows", whole(t, tx, "acc_1").Size, 257); return nil })
	})
}

// TestChangesOfSeveralAccountsAtOnce: everybody adds to two logs in another
// order, which must neither deadlock nor fork a log.
func TestChangesOfSeveralAccountsAtOnce(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		accounts := []holm.AccountID{"acc_1", "acc_2", "acc_3"}
		const writers, rounds = 12, 25
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for i := range rounds {
					err := db.Store.Write(t.Context(), func(tx *store.Tx) error {
						for _, a := range []holm.AccountID{accounts[w%3], accounts[(w+1+i%2)%3]} {
							if err := tx.Record(store.AuditEntry{Account: a, Operation: "x.y", Result: "0"}); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		total := int64(0)
		db.Read(t, func(tx *store.Tx) error {
			for _, a := range accounts {
				total += whole(t, tx, a).Size
			}
			return nil
		})
		is(t, "rows", total, 2*writers*rounds)
	})
}

// TestGroupedChangesFailAlone: changes that are kept together are still kept
// or undone one by one, also when one panics or is given up.
func TestGroupedChangesFailAlone(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		undo := errors.New("undo")
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		var all sync.WaitGroup
		const writers = 200
		for w := range writers {
			all.Go(func() {
				defer func() {
					if p := recover(); (p != nil) != (w%4 == 1) {
						t.Errorf("panic: %v", p)
					}
				}()
				ctx := t.Context()
				if w%4 == 2 {
					ctx = gone
				}
				err := db.Store.Write(ctx, func(tx *store.Tx) error {
					if err := tx.Record(store.AuditEntry{Account: "acc_1", Operation: "x.y", Target: fmt.Sprint(w), Result: "0"}); err != nil {
						return err
					}
					switch w % 4 {
					case 1:
						panic("oh")
					case 3:
						return undo
					}
					return nil
				})
				switch {
				case w%4 == 0 && err != nil, w%4 == 2 && !errors.Is(err, context.Canceled), w%4 == 3 && !errors.Is(err, undo):
					t.Errorf("%d: %v", w, err)
				}
			})
		}
		all.Wait()
		db.Read(t, func(tx *store.Tx) error { is(t, "rows", whole(t, tx, "acc_1").Size, writers/4); return nil })
	})
}

// TestOldRowsAreHashedAtTheStart: what was written before the logs were trees.
func TestOldRowsAreHashedAtTheStart(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		db.record(t, "acc_1", 4500)
		db.record(t, "", 7)
		var before store.AuditLog
		db.Read(t, func(tx *store.Tx) error { before = whole(t, tx, "acc_1"); return nil })
		other := raw(t, db)
		for _, statement := range []string{
			`UPDATE audit SET hash = NULL`, `DELETE FROM audit_logs`, `DELETE FROM audit_tiles`,
			`INSERT INTO counters (name, value) VALUES ('audit:acc_1', 4500), ('audit:', 7)`,
		} {
			if _, err := other.Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
		again := &suite{&storetest.Database{Store: storetest.Reopen(t, db.Options), Clock: db.Clock, Options: db.Options}}
		again.record(t, "acc_1", 1)
		again.Read(t, func(tx *store.Tx) error {
			whole(t, tx, "")
			l := whole(t, tx, "acc_1")
			is(t, "rows", l.Size, 4501)
			root, err := tx.RootAt(l, 4500)
			is(t, "root", root, before.Root)
			return err
		})
	})
}

func TestOldRowsAreForgottenAndTheRestStaysProvable(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		db.record(t, "acc_1", 600)
		db.Clock.Advance(48 * time.Hour)
		db.record(t, "acc_1", 300)
		forget := func(age time.Duration, most int64) int64 {
			return must(t, db, func(tx *store.Tx) (int64, error) { return tx.ForgetAudit("acc_1", tx.Now().Add(-age), most) })
		}
		is(t, "without a checkpoint", forget(time.Hour, 1<<40), 0)
		db.Write(t, func(tx *store.Tx) error {
			return tx.KeepCheckpoint(store.KeptCheckpoint{Account: "acc_1", Size: 900, At: tx.Now(), Note: "signed"})
		})
		is(t, "not so old", forget(50*time.Hour, 1<<40), 0)
		is(t, "not delivered", forget(time.Hour, 300), 256)
		is(t, "whole tiles of old rows", forget(time.Hour, 1<<40), 256)
		is(t, "once", forget(time.Hour, 1<<40), 0)
		db.record(t, "acc_1", 1)
		db.Read(t, func(tx *store.Tx) error {
			l := whole(t, tx, "acc_1")
			is(t, "gone", l.Gone, 512)
			c, err := tx.CheckpointOf("acc_1", 700)
			is(t, "checkpoint", c.Note, "signed")
			return err
		})
	})
}

// Hashes that were changed behind Holm's back are no proof of anything.
func TestChangedHashesAreNoticed(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		db.record(t, "acc_1", 300)
		if _, err := raw(t, db).Exec(`UPDATE audit SET hash = $1 WHERE seq = 280`, bytes.Repeat([]byte{7}, 32)); err != nil {
			t.Fatal(err)
		}
		db.Read(t, func(tx *store.Tx) error {
			l, err := tx.AuditLog("acc_1")
			if err != nil {
				return err
			}
			if _, err := tx.ProveRow(l, 300, 290); err == nil {
				t.Error("a proof over a forged hash")
			}
			return nil
		})
	})
}

// recordUntilKilled changes things in two logs from many sides, and says what
// it was told is kept.
func recordUntilKilled(url, dir string) {
	s, err := store.Open(context.Background(), store.Options{URL: url, Dir: dir, Clock: time.Now})
	if err != nil {
		panic(err)
	}
	var out sync.Mutex
	for w := range 8 {
		go func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("%d-%d", w, i)
				err := s.Write(context.Background(), func(tx *store.Tx) error {
					if _, _, err := tx.CreateUser(holm.User{Email: name + "@example.org"}, "hash", holm.AccountFull); err != nil {
						return err
					}
					for _, a := range []holm.AccountID{"acc_1", "acc_2"} {
						if err := tx.Record(store.AuditEntry{Account: a, Operation: "x.y", Target: name, Result: "0"}); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					panic(err)
				}
				out.Lock()
				fmt.Println(name)
				out.Unlock()
			}
		}()
	}
	select {}
}

// TestKilledInTheMiddle: kill -9 while changes are made. Every change that was
// answered is there with its rows, none without them, and the logs are whole.
func TestKilledInTheMiddle(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		told := map[string]bool{}
		for _, most := range []int{3, 40, 301} {
			for _, name := range runUntilKilled(t, db, most) {
				told[strconv.Itoa(most)+name] = true
			}
			again := &suite{&storetest.Database{Store: storetest.Reopen(t, db.Options), Clock: db.Clock, Options: db.Options}}
			again.Read(t, func(tx *store.Tx) error {
				one, two := whole(t, tx, "acc_1"), whole(t, tx, "acc_2")
				is(t, "the logs", one.Size, two.Size)
				users, err := tx.UserCount()
				is(t, "changes and rows", users, one.Size)
				if int(one.Size) < len(told) {
					t.Errorf("%d changes were answered, %d are there", len(told), one.Size)
				}
				return err
			})
			if _, err := raw(t, db).Exec(`UPDATE users SET email_key = id`); err != nil { // so that the next run can add the same
				t.Fatal(err)
			}
		}
	})
}

func runUntilKilled(t *testing.T, db *suite, most int) (told []string) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), program)
	command.Env = append(os.Environ(), "HOLM_TEST_KILLED="+db.Options.URL, "HOLM_TEST_DIR="+db.Options.Dir)
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var trouble bytes.Buffer
	command.Stderr = &trouble
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for names := bufio.NewScanner(out); names.Scan(); {
		if told = append(told, names.Text()); len(told) == most {
			if err := command.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = command.Wait()
	if len(told) < most {
		t.Fatalf("it ended by itself: %s", trouble.String())
	}
	return told
}

// The line is what people check with other programs: it is JSON, and it stays.
func TestTheLineOfARow(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		db.Write(t, func(tx *store.Tx) error {
			return tx.Record(store.AuditEntry{Account: "acc_1", Environment: "env_1", User: "usr_1", Email: "ana@example.org", Road: holm.RoadCommandLine, Operation: "environment.update",
				Target: "shop \x00\xff\"<", Result: "0", Detail: map[string]any{"b": 1, "a": "<ä>"}, Address: "192.0.2.1"})
		})
		db.Read(t, func(tx *store.Tx) error {
			got := string(lines(t, tx, "acc_1")[0])
			is(t, "line", got, `{"account":"acc_1","number":1,"time":"2030-04-05T06:07:08.000000Z","environment":"env_1","user":"usr_1","email":"ana@example.org","road":"cli",`+
				`"operation":"environment.update","target":"shop ��\"\u003c","result":"0","detail":{"a":"\u003cä\u003e","b":1},"address":"192.0.2.1"}`)
			if !json.Valid([]byte(got)) || strings.Contains(got, "\n") {
				t.Error("no JSON on one line")
			}
			return nil
		})
	})
}
