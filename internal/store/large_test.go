package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/internal/store/storetest"
)

// The largest installation that is promised: a thousand accounts with a
// thousand environments each, three collaborators in each account who were
// given all of them directly, and one person who works on ten accounts.
const (
	largeAccounts = 1000
	largeEach     = 1000
	largeWorks    = 10
)

func populateLarge(b *testing.B, db *suite) {
	b.Helper()
	other := raw(b, db)
	for _, statement := range []string{
		`INSERT INTO users (id, email, email_key, password_hash, created_at) SELECT 'usr_' || n, 'p' || n || '@example.org', 'p' || n || '@example.org', 'x', 1 FROM numbers WHERE n < %[1]d * 4`,
		`INSERT INTO accounts (id, owner_id, type, created_at) SELECT 'acc_' || n, 'usr_' || n, 'full', 1 FROM numbers WHERE n < %[1]d * 4`,
		`INSERT INTO environments (id, account_id, name, alias, search, state, wanted, done, creator_id, subnet, created_at, updated_at)
			SELECT 'env_' || n, 'acc_' || (n / %[2]d), 'e' || n, '', 'e' || n || '/', 'running', 'running', 1, 'x', n, 1, 1 FROM numbers WHERE n < %[1]d * %[2]d`,
		`INSERT INTO collaborators (id, account_id, user_id, email, email_key, role, status, invited_by, created_at)
			SELECT 'col_' || n, 'acc_' || (n / 3), CASE WHEN n %% 3 = 0 AND n / 3 < %[3]d THEN 'usr_' || (%[1]d * 4 - 1) ELSE 'usr_' || (%[1]d + n) END, 'p' || n || '@example.org', 'p' || n || '@example.org', 'viewer', 'active', 'x', 1
			FROM numbers WHERE n < %[1]d * 3 - 1`,
		`INSERT INTO grants (collaborator_id, environment_id, name, level, granted_by, granted_at)
			SELECT c.id, e.id, e.name, 'limited', 'x', 1 FROM collaborators c JOIN environments e ON e.account_id = c.account_id AND e.subnet < %[1]d * %[2]d`,
	} {
		statement = fmt.Sprintf(statement+" -- %[1]d %[2]d %[3]d", largeAccounts, largeEach, largeWorks)
		if _, err := other.Exec(fmt.Sprintf(`WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d) `, largeAccounts*largeEach) + statement); err != nil {
			b.Fatalf("%v: %s", err, statement)
		}
	}
	if _, err := other.Exec(`ANALYZE`); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkLargeList measures the first page, and one from the middle, of a
// person who sees 10,000 of 1,000,000 environments by 3,000,000 grants. It
// gives the 99th percentile, of which 20 ms are promised.
func BenchmarkLargeList(b *testing.B) {
	for _, dialect := range []store.Dialect{store.SQLite, store.PostgreSQL} {
		b.Run(string(dialect), func(b *testing.B) {
			db := &suite{storetest.Open(b, dialect)}
			populateLarge(b, db)
			person := fmt.Sprint(largeAccounts*4 - 1)
			for name, q := range map[string]store.EnvironmentQuery{"first": {Limit: 101}, "middle": {Limit: 101, AfterSection: "p5@example.org", AfterName: "e5500"}, "search": {Limit: 101, Name: "e99"}} {
				b.Run(name, func(b *testing.B) {
					var took []time.Duration
					for b.Loop() {
						began := time.Now()
						err := db.Store.Read(b.Context(), func(tx *store.Tx) error {
							list, err := tx.Environments(store.FilterFor(holm.UserID("usr_"+person), holm.AccountID("acc_"+person), tx.Now(), false), q)
							if err == nil && len(list) != q.Limit && q.Name == "" {
								err = fmt.Errorf("%d environments", len(list))
							}
							return err
						})
						if err != nil {
							b.Fatal(err)
						}
						took = append(took, time.Since(began))
					}
					slices.Sort(took)
					b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
				})
			}
		})
	}
}
