// Package pgtest gives tests a PostgreSQL of their own: one private server for
// a test process, one fresh database for each test.
//
// It knows PostgreSQL's programs and nothing of Holm's tables, so that any
// package may use it. Nothing but tests may import it.
package pgtest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// shared is the server of this process, started by the first test that asks.
var shared = sync.OnceValues(start)

var databases atomic.Int64

// New makes an empty database and gives its URL (postgres://…), good for this
// process and for those it starts. The database is dropped when t ends.
//
// A machine without PostgreSQL fails the test rather than skipping it: a suite
// that silently runs on one database of two proves half of what it says.
func New(t testing.TB) string {
	t.Helper()
	server, err := shared()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	name := fmt.Sprintf("test_%d", databases.Add(1))
	identifier := pgx.Identifier{name}.Sanitize()
	if err := server.execute("CREATE DATABASE " + identifier); err != nil {
		t.Fatalf("pgtest: create a database: %v", err)
	}
	t.Cleanup(func() {
		// By force: a test that leaks a connection must not hang the next one.
		if err := server.execute("DROP DATABASE " + identifier + " WITH (FORCE)"); err != nil {
			t.Errorf("pgtest: drop the database: %v", err)
		}
	})
	return server.url(name)
}

// execute runs one statement as the superuser, in the database postgres.
func (s *server) execute(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	connection, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close(ctx) }()
	_, err = connection.Exec(ctx, statement)
	return err
}
