// Package storetest opens stores for tests: a fresh one on each database, with
// a clock that the test moves.
//
// It must not know what is kept in a store. Nothing but tests may import it.
package storetest

import (
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/holmhq/holm/internal/pgtest"
	"github.com/holmhq/holm/internal/store"
)

// Database is a store of one test.
type Database struct {
	*store.Store
	Clock   *Clock
	Options store.Options // how it was opened, to open it once more
}

// Each runs a test on a fresh store of each database.
func Each(t *testing.T, test func(t *testing.T, db *Database)) {
	t.Helper()
	for _, dialect := range []store.Dialect{store.SQLite, store.PostgreSQL} {
		t.Run(string(dialect), func(t *testing.T) { test(t, Open(t, dialect)) })
	}
}

// Open opens a fresh store, which is closed and gone when t ends.
func Open(t testing.TB, dialect store.Dialect) *Database {
	t.Helper()
	clock := &Clock{now: time.Date(2030, 4, 5, 6, 7, 8, 0, time.UTC)}
	o := store.Options{URL: "sqlite", Dir: t.TempDir(), Clock: clock.Now}
	if dialect == store.PostgreSQL {
		o.URL = pgtest.New(t)
	}
	return &Database{Store: Reopen(t, o), Clock: clock, Options: o}
}

// Reopen opens the store of the given options once more, as the next start of
// the program does.
func Reopen(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// Write runs f in a transaction that is kept.
func (db *Database) Write(t testing.TB, f func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Store.Write(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// Read runs f on one view of the data.
func (db *Database) Read(t testing.TB, f func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Store.Read(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// Exec writes past the store, as somebody does who has got at the database.
func (db *Database) Exec(t testing.TB, statement string, args ...any) {
	t.Helper()
	driver, address := "pgx", db.Options.URL
	if db.Dialect() == store.SQLite {
		driver, address = "sqlite", filepath.Join(db.Options.Dir, "holm.db")+"?_pragma=busy_timeout(5000)"
	}
	other, err := sql.Open(driver, address)
	if err == nil {
		_, err = other.ExecContext(t.Context(), statement, args...)
		err = errors.Join(err, other.Close())
	}
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// Clock stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now tells the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
