package main

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/environment"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

const (
	listEnvironments = 1_000_000
	listTheirs       = 10_000 // that the reader sees
	listRequests     = 300
	listAim          = 20 * time.Millisecond
)

// list asks for pages of the environments of people who see ten thousand among
// a million, with three million grants.
func list(b *bench) error {
	dir := os.Getenv("HOLM_BENCH_KEEP")
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "holm-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	} else {
		b.note("the SQLite database is kept in %s and used again", dir)
	}
	databases := []store.Options{{URL: "sqlite", Dir: dir, Clock: time.Now}}
	if pg := os.Getenv("HOLM_BENCH_POSTGRESQL"); pg != "" {
		databases = append(databases, store.Options{URL: pg, Clock: time.Now})
	} else {
		b.note("PostgreSQL is left out: give an empty database in HOLM_BENCH_POSTGRESQL")
	}
	for _, o := range databases {
		if err := listIn(b, o); err != nil {
			return err
		}
	}
	return nil
}

func listIn(b *bench, o store.Options) error {
	st, err := store.Open(b.ctx, o)
	if err != nil {
		return err
	}
	defer st.Close()
	began := time.Now()
	grants, err := fillList(b.ctx, st.Dialect(), o)
	if err != nil {
		return err
	}
	b.line(fmt.Sprintf("%s: %d environments, %d grants written", st.Dialect(), listEnvironments, grants), short(time.Since(began)), "")
	door := dispatch.New(dispatch.Options{Store: st, Clock: time.Now, Log: slog.New(slog.DiscardHandler)})
	environment.Bind(door, environment.Options{Stacks: func() []ops.StackView { return nil }, URL: func(name string) string { return name }, Subnets: 2_000_000})
	door.Connect(dispatch.Hooks{Letter: func(*store.Tx, holm.Letter) error { return nil }})
	worst := time.Duration(0)
	for _, who := range []struct{ name, about string }{
		{"0", "their own"}, {"direct", "of one account, given one by one"}, {"many", "of a hundred accounts, given one by one"},
		{"group", "of one account, through a group"}, {"wide", "of one account, given all of them"},
	} {
		caller := dispatch.Caller{User: holm.UserID("usr_" + who.name), Email: who.name + "@example.org", Road: holm.RoadAPI, Address: "192.0.2.1"}
		b.note("%s: a person with %d, %s", st.Dialect(), listTheirs, who.about)
		for _, q := range listQueries {
			first, half, next, rows, err := pageTimes(b.ctx, door, caller, q.input)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", who.about, q.name, err)
			}
			remark := fmt.Sprintf("p50 %s, the page after it %s (%d rows)", short(half), short(next), rows)
			if q.aim {
				worst = max(worst, first)
			}
			b.line("  "+q.name+", first page, p99", short(first), remark)
		}
	}
	aimed(b, fmt.Sprintf("%s: first page of the list, p99 of the slowest", st.Dialect()), worst, listAim)
	return nil
}

type listQuery struct {
	name  string
	input ops.EnvironmentListInput
	aim   bool
}

var listQueries = []listQuery{
	{"by name", ops.EnvironmentListInput{}, true},
	{"named …777…", ops.EnvironmentListInput{Name: "777"}, false},
	{"broken", ops.EnvironmentListInput{State: "broken"}, false},
	{"none is in this state", ops.EnvironmentListInput{State: "restarting"}, false},
	{"last created first", ops.EnvironmentListInput{Sort: "created"}, false},
	{"by state", ops.EnvironmentListInput{Sort: "state"}, false},
	{"level limited", ops.EnvironmentListInput{Level: "limited"}, false},
	{"level full", ops.EnvironmentListInput{Level: "full"}, false},
	{"stack of all", ops.EnvironmentListInput{Stack: "static"}, false},
	{"stack of none", ops.EnvironmentListInput{Stack: "redis"}, false},
}

// pageTimes gives the 99th percentile and the median of a first page, the 99th
// percentile of the page after it, and how many rows were on the first.
func pageTimes(ctx context.Context, door *dispatch.Door, caller dispatch.Caller, in ops.EnvironmentListInput) (first, half, next time.Duration, rows int, err error) {
	var firsts, nexts []time.Duration
	start := time.Now()
	for i := 0; i < listRequests+10 && (i < 40 || time.Since(start) < 5*time.Second); i++ {
		in.Cursor = ""
		began := time.Now()
		page, err := dispatch.Call(ctx, door, caller, ops.EnvironmentList, in)
		took := time.Since(began)
		if err != nil {
			return 0, 0, 0, 0, err
		}
		rows = len(page.Items)
		if i < 10 { // are not counted
			continue
		}
		firsts = append(firsts, took)
		if page.Next != nil {
			in.Cursor = *page.Next
			began = time.Now()
			if _, err := dispatch.Call(ctx, door, caller, ops.EnvironmentList, in); err != nil {
				return 0, 0, 0, 0, err
			}
			nexts = append(nexts, time.Since(began))
		}
	}
	return quantile(firsts, 0.99), quantile(firsts, 0.5), quantile(nexts, 0.99), rows, nil
}

// fillList writes a thousand accounts with 990 environments each, all of them
// given to three collaborators, and one account with ten thousand, which five
// kinds of people see. It gives the number of grants.
func fillList(ctx context.Context, dialect store.Dialect, o store.Options) (grants int, err error) {
	driver, address := "pgx", o.URL
	numbers := func(n int) string { return fmt.Sprintf(`generate_series(0, %d) AS s(n)`, n-1) }
	if dialect == store.SQLite {
		driver, address = "sqlite", filepath.Join(o.Dir, "holm.db")+"?_pragma=synchronous(OFF)&_pragma=cache_size(-400000)"
		numbers = func(n int) string {
			return fmt.Sprintf(`(WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < %d) SELECT n FROM c) AS s`, n-1)
		}
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	if err := db.QueryRowContext(ctx, `SELECT COUNT(*) FROM grants`).Scan(&grants); err != nil || grants > 0 {
		return grants, err
	}
	id := func(kind, n string) string {
		return "'" + kind + "_0190aaaabbbbccccdddd' || (100000000000 + " + n + ")"
	}
	user := func(key, from string) string {
		return `INSERT INTO users (id, email, email_key, password_hash, created_at) SELECT 'usr_' || ` + key + `, ` + key + ` || '@example.org', ` + key + ` || '@example.org', 'x', 1 FROM ` + from
	}
	member := func(account, key, wide, from string) string {
		return `INSERT INTO collaborators (id, account_id, user_id, email, email_key, role, status, invited_by, created_at, wide_level)
			SELECT 'col_' || (` + account + `) || '_' || (` + key + `), 'acc_' || (` + account + `), 'usr_' || (` + key + `), (` + key + `) || '@example.org', (` + key + `) || '@example.org', 'viewer', 'active', 'x', 1, '` + wide + `' FROM ` + from
	}
	const give = `INSERT INTO grants (collaborator_id, environment_id, name, level, granted_by, granted_at) SELECT c.id, e.id, e.name, 'limited', 'x', 1 FROM collaborators c JOIN environments e ON e.account_id = c.account_id WHERE `
	hundred := `(SELECT n + 1 AS n FROM ` + numbers(100) + `) AS h`
	statements := []string{
		user("n", numbers(1001)), user("'direct'", numbers(1)), user("'many'", numbers(1)), user("'group'", numbers(1)), user("'wide'", numbers(1)),
		`INSERT INTO accounts (id, owner_id, type, created_at) SELECT 'acc_' || substr(id, 5), id, 'full', 1 FROM users`,
		fmt.Sprintf(`INSERT INTO environments (id, account_id, name, search, state, wanted, done, creator_id, subnet, created_at, updated_at)
			SELECT `+id("env", "n")+`, 'acc_' || CASE WHEN n < %d THEN 0 ELSE 1 + n %% 1000 END, 'e' || (100000000 + CAST(n AS BIGINT) * 7919 %% 1000003), 'e' || (100000000 + CAST(n AS BIGINT) * 7919 %% 1000003) || '/',
			CASE WHEN n %% 1000 = 7 THEN 'broken' WHEN n %% 10 = 3 THEN 'stopped' ELSE 'running' END, 'running', 1, 'usr_0', n, n, n FROM `, listTheirs) + numbers(listEnvironments),
		`INSERT INTO layers (id, environment_id, position, role, stack, version, cloudlets) SELECT ` + id("lay", "n") + `, ` + id("env", "n / 2") + `, n % 2, CASE n % 2 WHEN 0 THEN 'balancer' ELSE 'app' END, CASE n % 2 WHEN 0 THEN 'balancer' ELSE 'static' END, '1', 2 FROM ` + numbers(2*listEnvironments),
		`INSERT INTO nodes (id, environment_id, layer_id, ordinal, slot, state, address, port) SELECT n, ` + id("env", "n / 3") + `, ` + id("lay", "2 * (n / 3) + CASE n % 3 WHEN 0 THEN 0 ELSE 1 END") + `, n % 3 + 1, n % 3 + 1, 'running', '10.0.0.1', 80 FROM ` + numbers(3*listEnvironments),
		member("1 + n / 3", "1 + (n / 3 + 1 + n % 3) % 1000", "", numbers(3000)),
		give + `e.account_id <> 'acc_0'`,
		member("0", "'direct'", "", numbers(1)), member("0", "'group'", "", numbers(1)), member("0", "'wide'", "limited", numbers(1)), member("n", "'many'", "", hundred),
		give + `c.id = 'col_0_direct'`,
		give + fmt.Sprintf(`c.user_id = 'usr_many' AND e.subnet < %d`, listTheirs+100_000),
		`INSERT INTO access_groups (id, account_id, name, name_key, created_at) VALUES ('grp_0', 'acc_0', 'Everything', 'everything', 1)`,
		`INSERT INTO group_members (group_id, collaborator_id) VALUES ('grp_0', 'col_0_group')`,
		`INSERT INTO group_grants (group_id, environment_id, name, level, granted_by, granted_at) SELECT 'grp_0', id, name, 'limited', 'x', 1 FROM environments WHERE account_id = 'acc_0'`,
	}
	for _, s := range statements {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return 0, fmt.Errorf("%w: %s", err, strings.SplitN(s, "\n", 2)[0])
		}
	}
	if dialect == store.PostgreSQL {
		_, err = db.ExecContext(ctx, `VACUUM ANALYZE`)
	}
	if err == nil {
		err = db.QueryRowContext(ctx, `SELECT COUNT(*) FROM grants`).Scan(&grants)
	}
	return grants, err
}
