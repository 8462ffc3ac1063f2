package store_test

import (
	"fmt"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/internal/store/storetest"
)

const (
	crowd        = 1000    // people with an account
	environments = 100_000 // a hundred in each account
	neighbours   = 10      // accounts that everybody works with
)

// populate fills a store: every environment has a balancer with one node and
// an app with two; everybody is a collaborator of the accounts after theirs,
// and sees every tenth environment there.
func populate(b *testing.B, db *suite) {
	b.Helper()
	fill := []string{
		`INSERT INTO users (id, email, email_key, password_hash, created_at) SELECT 'usr_' || n, 'p' || n || '@example.org', 'p' || n || '@example.org', 'x', 1 FROM numbers WHERE n < %[1]d`,
		`INSERT INTO accounts (id, owner_id, type, created_at) SELECT 'acc_' || n, 'usr_' || n, 'full', 1 FROM numbers WHERE n < %[1]d`,
		`INSERT INTO environments (id, account_id, name, alias, search, state, wanted, done, creator_id, subnet, created_at, updated_at)
			SELECT 'env_' || n, 'acc_' || (n %% %[1]d), 'e' || n, 'Alias ' || n, 'e' || n || '/alias ' || n, 'running', 'running', 1, 'usr_' || (n %% %[1]d), n, 1, 1 FROM numbers WHERE n < %[2]d`,
		`INSERT INTO layers (id, environment_id, position, role, stack, version, cloudlets) SELECT 'lay_' || n, 'env_' || (n / 2), n %% 2, CASE n %% 2 WHEN 0 THEN 'balancer' ELSE 'app' END, 'static', '1', 2 FROM numbers WHERE n < 2 * %[2]d`,
		`INSERT INTO nodes (id, environment_id, layer_id, ordinal, slot, state, address, port)
			SELECT n, 'env_' || (n / 3), 'lay_' || (2 * (n / 3) + CASE n %% 3 WHEN 0 THEN 0 ELSE 1 END), n %% 3 + 1, n %% 3 + 1, 'running', '10.0.0.1', 80 FROM numbers WHERE n < 3 * %[2]d`,
		`INSERT INTO collaborators (id, account_id, user_id, email, email_key, role, status, invited_by, created_at)
			SELECT 'col_' || n, 'acc_' || ((n / %[3]d + n %% %[3]d + 1) %% %[1]d), 'usr_' || (n / %[3]d), 'p' || (n / %[3]d) || '@example.org', 'p' || (n / %[3]d) || '@example.org', 'viewer', 'active', 'x', 1 FROM numbers WHERE n < %[1]d * %[3]d`,
		`INSERT INTO grants (collaborator_id, environment_id, name, level, granted_by, granted_at)
			SELECT c.id, e.id, e.name, 'limited', 'x', 1 FROM collaborators c JOIN environments e ON e.account_id = c.account_id WHERE e.subnet / %[1]d %% 10 = 0`,
	}
	other := raw(b, db)
	for _, statement := range fill {
		statement = fmt.Sprintf(statement, crowd, environments, neighbours)
		if _, err := other.Exec(fmt.Sprintf(`WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d) `, 3*environments) + statement); err != nil {
			b.Fatalf("%v: %s", err, statement)
		}
	}
	if _, err := other.Exec(`ANALYZE`); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkReads measures what every request reads, in a store that is full.
func BenchmarkReads(b *testing.B) {
	for _, dialect := range []store.Dialect{store.SQLite, store.PostgreSQL} {
		b.Run(string(dialect), func(b *testing.B) {
			db := &suite{storetest.Open(b, dialect)}
			populate(b, db)
			run := func(name string, f func(tx *store.Tx, i int) error) {
				b.Run(name, func(b *testing.B) {
					for i := 0; b.Loop(); i++ {
						if err := db.Store.Read(b.Context(), func(tx *store.Tx) error { return f(tx, i*7919) }); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
			run("ToEnvironment+Layers", func(tx *store.Tx, i int) error {
				r, err := tx.ToEnvironment(holm.UserID(fmt.Sprint("usr_", i%crowd)), fmt.Sprint("e", (i+1)%environments))
				if err != nil {
					return err
				}
				layers, err := tx.Layers(r.Environment.ID)
				if err == nil && len(layers) != 2 {
					err = fmt.Errorf("%d layers", len(layers))
				}
				return err
			})
			list := func(q store.EnvironmentQuery, want int) func(tx *store.Tx, i int) error {
				return func(tx *store.Tx, i int) error {
					own := fmt.Sprint(i % crowd)
					found, err := tx.Environments(store.FilterFor(holm.UserID("usr_"+own), holm.AccountID("acc_"+own), tx.Now(), false), q)
					if err == nil && len(found) != want {
						err = fmt.Errorf("%d environments", len(found))
					}
					return err
				}
			}
			run("Environments/first50of200", list(store.EnvironmentQuery{Limit: 50}, 50))
			run("Environments/all200", list(store.EnvironmentQuery{Limit: 1000}, 200))
			run("Environments/search", list(store.EnvironmentQuery{Name: "nothing", Limit: 50}, 0))
			run("Unfinished", func(tx *store.Tx, _ int) error { _, err := tx.Unfinished(false); return err })
		})
	}
}
