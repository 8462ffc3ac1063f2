package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/internal/store/storetest"
)

// TestUsesAreCountedWithTheLog: what was let through counts, by day; what was
// refused, what Holm did by itself and what is about no environment does not.
// A change that is undone leaves nothing.
func TestUsesAreCountedWithTheLog(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		record := func(change func(a *store.AuditEntry)) {
			a := store.AuditEntry{Account: "acc_1", User: "usr_bob", Email: "bob@example.org", Environment: "env_shop", Operation: "node.restart", Result: "0"}
			change(&a)
			db.Write(t, func(tx *store.Tx) error { return tx.Record(a) })
		}
		plain := func(*store.AuditEntry) {}
		record(plain)
		db.Clock.Advance(24 * time.Hour)
		record(plain)
		record(func(a *store.AuditEntry) { a.Result = "forbidden" })
		record(func(a *store.AuditEntry) { a.User = "" })
		record(func(a *store.AuditEntry) { a.Environment = "" })
		record(func(a *store.AuditEntry) { a.Account = "acc_2" })
		record(func(a *store.AuditEntry) { a.User = "usr_ana" })
		undone := fmt.Errorf("undone")
		if err := db.Store.Write(t.Context(), func(tx *store.Tx) error {
			if err := tx.Record(store.AuditEntry{Account: "acc_1", User: "usr_bob", Environment: "env_shop", Operation: "node.restart", Result: "0"}); err != nil {
				return err
			}
			return undone
		}); err == nil {
			t.Fatal("kept")
		}
		last := db.Clock.Now()
		db.Clock.Advance(time.Hour)
		uses := func(since time.Duration) (list []store.Use) {
			db.Read(t, func(tx *store.Tx) (err error) {
				list, err = tx.Uses("acc_1", "usr_bob", db.Clock.Now().Add(-since))
				return err
			})
			return list
		}
		want := store.Use{User: "usr_bob", Environment: "env_shop", Operation: "node.restart", Times: 2, Last: last}
		if got := uses(48 * time.Hour); len(got) != 1 || got[0] != want {
			t.Errorf("two days: %+v", got)
		}
		want.Times = 1
		if got := uses(2 * time.Hour); len(got) != 1 || got[0] != want {
			t.Errorf("today: %+v", got)
		}
		db.Clock.Advance(store.UsesKept)
		db.Write(t, func(tx *store.Tx) error { return tx.SweepUses() })
		if got := uses(2 * store.UsesKept); len(got) != 1 || got[0].Times != 1 {
			t.Errorf("after the sweep: %+v", got)
		}
	})
}

// BenchmarkUses measures what a review of 25 people asks for, over a log of a
// million rows of one account: 50 people, 100 environments, 20 operations, 90
// days. "log" is the same asked of the log itself.
func BenchmarkUses(b *testing.B) {
	const rows = 1_000_000
	for _, dialect := range []store.Dialect{store.SQLite, store.PostgreSQL} {
		b.Run(string(dialect), func(b *testing.B) {
			db := &suite{storetest.Open(b, dialect)}
			other := raw(b, db)
			now := db.Clock.Now()
			for _, statement := range []string{
				fmt.Sprintf(`WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d)
					INSERT INTO audit (account_id, seq, environment_id, at, user_id, email, road, operation, target, result, detail, address)
					SELECT 'acc_1', n + 1, 'env_' || (CAST(n AS BIGINT) * 7919 %% 100), %d - CAST(n AS BIGINT) * 7776000, 'usr_' || (CAST(n AS BIGINT) * 104729 %% 50), 'p@example.org', 'api', 'op.' || (CAST(n AS BIGINT) * 1299709 %% 20), 'shop', '0', '{}', ''
					FROM numbers WHERE n < %d`, rows, now.UnixMicro(), rows),
				`INSERT INTO uses SELECT account_id, user_id, environment_id, operation, at / 86400000000, COUNT(*), MAX(at) FROM audit GROUP BY account_id, user_id, environment_id, operation, at / 86400000000`,
				`ANALYZE`,
			} {
				if _, err := other.Exec(statement); err != nil {
					b.Fatal(err)
				}
			}
			var kept int
			if err := other.QueryRow(`SELECT COUNT(*) FROM uses`).Scan(&kept); err != nil {
				b.Fatal(err)
			}
			b.Run("uses", func(b *testing.B) {
				b.ReportMetric(float64(kept), "rows")
				for b.Loop() {
					db.Read(b, func(tx *store.Tx) error {
						for i := range 25 {
							if _, err := tx.Uses("acc_1", holm.UserID(fmt.Sprint("usr_", i)), now.Add(-90*24*time.Hour)); err != nil {
								return err
							}
						}
						return nil
					})
				}
			})
			b.Run("log", func(b *testing.B) {
				for b.Loop() {
					list, err := other.Query(`SELECT user_id, environment_id, operation, COUNT(*), MAX(at) FROM audit
						WHERE account_id = 'acc_1' AND at >= $1 AND user_id <> '' AND environment_id <> '' AND result = '0' GROUP BY user_id, environment_id, operation`, now.Add(-90*24*time.Hour).UnixMicro())
					if err != nil {
						b.Fatal(err)
					}
					for list.Next() {
					}
					list.Close()
				}
			})
		})
	}
}
