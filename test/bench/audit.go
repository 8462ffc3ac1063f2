package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/environment"
	"github.com/holmhq/holm/internal/ledger"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// appendFor is how long changes are made.
const appendFor = 5 * time.Second

// auditAppend makes changes through the door, each with its audit row, in
// SQLite that waits for the disk at every commit.
func auditAppend(b *bench) error {
	for _, callers := range []int{1, 8, 64} {
		dir, err := os.MkdirTemp("", "holm-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		before := ownCPU()
		rate, err := changes(b.ctx, dir, callers, appendFor)
		if err != nil {
			return err
		}
		each := time.Duration(float64(ownCPU()-before) / (rate * appendFor.Seconds()))
		remark := "CPU of one " + short(each)
		if callers == 64 && rate < 2000 {
			remark += "; aim 2000/s: MISSED"
		} else if callers == 64 {
			remark += "; aim 2000/s: met"
		}
		b.line(fmt.Sprintf("environment.update through the door, %d at once", callers), fmt.Sprintf("%.0f/s", rate), remark)
	}
	return nil
}

// changes gives how many changes a second are made and kept.
func changes(ctx context.Context, dir string, callers int, while time.Duration) (float64, error) {
	st, err := store.Open(ctx, store.Options{URL: "sqlite", Dir: dir, Clock: time.Now})
	if err != nil {
		return 0, err
	}
	defer st.Close()
	door := dispatch.New(dispatch.Options{Store: st, Clock: time.Now, Log: slog.New(slog.DiscardHandler)})
	stack := ops.StackView{Name: "static", Title: "Static files", Role: "app", Versions: []ops.StackVersion{{Version: "1", Available: true}}}
	environment.Bind(door, environment.Options{Stacks: func() []ops.StackView { return []ops.StackView{stack} }, URL: func(name string) string { return name }, Subnets: 100})
	door.Connect(dispatch.Hooks{Letter: func(*store.Tx, holm.Letter) error { return nil }})
	var caller dispatch.Caller
	err = st.Write(ctx, func(tx *store.Tx) error {
		u, _, err := tx.CreateUser(holm.User{Email: ana}, "hash", holm.AccountFull)
		caller = dispatch.Caller{User: u.ID, Email: u.Email, Road: holm.RoadAPI, Address: "192.0.2.1"}
		return err
	})
	if err != nil {
		return 0, err
	}
	create := ops.EnvironmentCreateInput{OfAccount: ops.OfAccount{Account: "me"}}
	create.Body.Name, create.Body.Layers = "shop", []ops.LayerInput{{Role: "app", Stack: "static"}}
	if _, err := dispatch.Call(ctx, door, caller, ops.EnvironmentCreate, create); err != nil {
		return 0, err
	}
	var done, failed atomic.Int64
	began := time.Now()
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for time.Since(began) < while {
				alias := fmt.Sprint("The shop ", done.Add(1))
				in := ops.EnvironmentUpdateInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}
				in.Body.Alias = &alias
				if _, err := dispatch.Call(ctx, door, caller, ops.EnvironmentUpdate, in); err != nil {
					failed.Add(1)
				}
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	if n := failed.Load(); n > 0 {
		return 0, fmt.Errorf("%d changes failed", n)
	}
	return float64(done.Load()) / took.Seconds(), nil
}

const auditRows = 10_000_000

// auditPages reads pages of a log of ten million rows with every filter.
func auditPages(b *bench) error {
	dir, err := os.MkdirTemp("", "holm-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	urls := []store.Options{{URL: "sqlite", Dir: dir, Clock: time.Now}}
	if pg := os.Getenv("HOLM_BENCH_POSTGRESQL"); pg != "" {
		urls = append(urls, store.Options{URL: pg, Clock: time.Now})
	} else {
		b.note("PostgreSQL is left out: give an empty database in HOLM_BENCH_POSTGRESQL")
	}
	for _, o := range urls {
		if err := pagesOf(b, o); err != nil {
			return err
		}
	}
	return nil
}

func pagesOf(b *bench, o store.Options) error {
	st, err := store.Open(b.ctx, o)
	if err != nil {
		return err
	}
	defer st.Close()
	driver, address, numbers := "pgx", o.URL, `generate_series(1, %[1]d) AS s(n)`
	if st.Dialect() == store.SQLite {
		driver, address = "sqlite", filepath.Join(o.Dir, "holm.db")+"?_pragma=synchronous(OFF)&_pragma=cache_size(-400000)"
		numbers = `(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < %[1]d) SELECT n FROM c) AS s`
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		return err
	}
	defer db.Close()
	began := time.Now()
	if err := fillAudit(b.ctx, db, numbers); err != nil {
		return err
	}
	b.line(fmt.Sprintf("%s: %d rows written", st.Dialect(), auditRows), short(time.Since(began)), "")
	for _, q := range auditQueries() {
		var first, deep []time.Duration
		found := 0
		for range 60 {
			for _, place := range []*[]time.Duration{&first, &deep} {
				ask := q.query
				if place == &deep {
					ask.Before = store.AuditPlace{Time: auditTime(auditRows / 2), Seq: auditRows / 2}
				}
				began := time.Now()
				err := st.Read(b.ctx, func(tx *store.Tx) error {
					rows, err := tx.Audit(store.FilterFor("usr_7", "acc_1", tx.Now(), q.own), ask)
					found = len(rows)
					return err
				})
				if err != nil {
					return err
				}
				*place = append(*place, time.Since(began))
			}
		}
		b.line(fmt.Sprintf("%s: %s", st.Dialect(), q.name), short(quantile(first, 0.99)), fmt.Sprintf("p99 of a first page of 51; from the middle of the log %s (%d rows)", short(quantile(deep, 0.99)), found))
	}
	return nil
}

func auditTime(seq int64) time.Time {
	return time.UnixMicro(1_700_000_000_000_000 + seq*3_000_000).UTC()
}

// fillAudit writes the rows of one log: most went well, one in a hundred was
// refused, one in a hundred thousand was a conflict.
func fillAudit(ctx context.Context, db *sql.DB, numbers string) error {
	indexes := map[string]string{"audit_time": "at", "audit_environment": "environment_id, at", "audit_user": "user_id, at", "audit_email": "LOWER(email), at",
		"audit_operation": "operation, at", "audit_result": "result, at", "audit_road": "road, at"}
	for name := range indexes {
		if _, err := db.ExecContext(ctx, "DROP INDEX "+name); err != nil {
			return err
		}
	}
	statements := []string{fmt.Sprintf(`INSERT INTO audit (account_id, seq, environment_id, at, user_id, email, road, operation, target, result, detail, address)
		SELECT 'acc_1', n, 'env_' || (n %% 100), 1700000000000000 + CAST(n AS BIGINT) * 3000000, 'usr_' || (n %% 53), 'p' || (n %% 53) || '@example.org',
		CASE WHEN n %% 50000 = 7 THEN 'ssh' WHEN n %% 3 = 0 THEN 'cli' ELSE 'dashboard' END,
		CASE WHEN n %% 100003 = 5 THEN 'environment.delete' WHEN n %% 5 = 0 THEN 'environment.update' WHEN n %% 5 = 1 THEN 'layer.limit' WHEN n %% 7 = 1 THEN 'collaborator.share' ELSE 'session.create' END,
		'shop', CASE WHEN n %% 100000 = 11 THEN 'conflict' WHEN n %% 100 = 13 THEN 'forbidden' ELSE '0' END,
		'{"changes":[{"what":"alias","was":"Shop","now":"The shop"}],"environment":"shop"}', '192.0.2.1' FROM `+numbers, auditRows)}
	for name, columns := range indexes {
		statements = append(statements, "CREATE INDEX "+name+" ON audit (account_id, "+columns+", seq)")
	}
	for _, s := range statements {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%w: %s", err, strings.SplitN(s, "\n", 2)[0])
		}
	}
	if strings.HasPrefix(numbers, "generate_series") {
		_, err := db.ExecContext(ctx, "VACUUM ANALYZE audit")
		return err
	}
	return nil
}

type auditQuery struct {
	name  string
	query store.AuditQuery
	own   bool
}

func auditQueries() []auditQuery {
	q := func(name string, change func(q *store.AuditQuery)) auditQuery {
		query := store.AuditQuery{Account: "acc_1", Limit: 51}
		change(&query)
		return auditQuery{name: name, query: query}
	}
	own := q("own rows", func(*store.AuditQuery) {})
	own.own = true
	return []auditQuery{
		q("no filter", func(*store.AuditQuery) {}),
		own,
		q("environment", func(q *store.AuditQuery) { q.Environment = "env_42" }),
		q("person", func(q *store.AuditQuery) { q.Who = "p7@example.org" }),
		q("operation", func(q *store.AuditQuery) { q.Operation = "layer.limit" }),
		q("rare operation", func(q *store.AuditQuery) { q.Operation = "environment.delete" }),
		q("all of a noun", func(q *store.AuditQuery) { q.Operation = "environment." }),
		q("refused", func(q *store.AuditQuery) { q.Result = "refused" }),
		q("rare result", func(q *store.AuditQuery) { q.Result = "conflict" }),
		q("rare road", func(q *store.AuditQuery) { q.Road = holm.RoadSSH }),
		q("an hour a year ago", func(q *store.AuditQuery) { q.Since, q.Until = auditTime(1_000_000), auditTime(1_001_200) }),
		q("a month of one environment, refused", func(q *store.AuditQuery) {
			q.Environment, q.Result, q.Since, q.Until = "env_13", "refused", auditTime(1_000_000), auditTime(1_864_000)
		}),
		q("person and rare operation", func(q *store.AuditQuery) { q.Who, q.Operation = "p7@example.org", "environment.delete" }),
		q("nobody's", func(q *store.AuditQuery) { q.Who = "nobody@example.org" }),
	}
}

// auditVerify checks an export of a million rows.
func auditVerify(b *bench) error {
	const rows = 1_000_000
	signer, err := ledger.Fresh("bench")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp("", "holm-bench-*.jsonl")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	var edge ledger.Edge
	size := 0
	for n := range int64(rows) {
		line := append(holm.AuditLine(holm.AuditEntry{Account: "acc_1", Seq: n + 1, Time: auditTime(n), Environment: "env_0190aaaabbbbccccddddeeeeffff0000", User: "usr_0190aaaabbbbccccddddeeeeffff0000",
			Email: ana, Road: holm.RoadDashboard, Operation: "environment.update", Target: "shop", Result: "0", Address: "192.0.2.1"}, `{"changes":[{"what":"alias","was":"Shop","now":"The shop"}],"environment":"shop"}`), '\n')
		edge = edge.Add(n, ledger.Leaf(line[:len(line)-1]))
		size += len(line)
		if _, err := f.Write(line); err != nil {
			return err
		}
	}
	signed, err := signer.Sign(ledger.Checkpoint{Log: signer.LogOf("acc_1"), Size: rows, Hash: edge.Root(), Time: time.Now()})
	if err != nil {
		return err
	}
	raw, err := json.Marshal(ledger.Foot{Checkpoint: signed, Key: signer.Key()})
	if err != nil {
		return err
	}
	if _, err := f.Write(append(raw, '\n')); err != nil {
		return err
	}
	var used []time.Duration
	for range 5 {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		before := ownCPU()
		if _, err := ledger.Verify(f, ledger.Expected{Key: signer.Key()}); err != nil {
			return err
		}
		used = append(used, ownCPU()-before)
	}
	rate := rows / quantile(used, 0.5).Seconds()
	verdict := "met"
	if rate < 500_000 {
		verdict = "MISSED"
	}
	b.line(fmt.Sprintf("rows a second of one core's CPU (%d bytes a row)", size/rows), fmt.Sprintf("%.0f/s", rate), "aim 500000/s: "+verdict)
	return nil
}
