package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/internal/store/storetest"
)

// raw opens the database itself, as another program would.
func raw(t testing.TB, db *suite) *sql.DB {
	t.Helper()
	driver, address := "pgx", db.Options.URL
	if db.Dialect() == store.SQLite {
		driver, address = "sqlite", filepath.Join(db.Options.Dir, "holm.db")
	}
	other, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	return other
}

func TestOpenedAgain(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		db.person(t, "ana@example.org")
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		s := storetest.Reopen(t, db.Options)
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		if err := s.Read(t.Context(), func(tx *store.Tx) error { _, err := tx.UserByEmail("ana@example.org"); return err }); err != nil {
			t.Error(err)
		}
	})
}

// TestNewerSchema: a program that is older than the database refuses with one
// sentence and changes nothing.
func TestNewerSchema(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		other := raw(t, db)
		if _, err := other.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, TRUE)`); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(db.Options.Dir, "holm.db")
		before, _ := os.ReadFile(file)
		_, err := store.Open(t.Context(), db.Options)
		if holm.CodeOf(err) != holm.CodeConflict || !strings.Contains(err.Error(), "written by a newer Holm (schema 999, this program knows ") {
			t.Errorf("it says %v", err)
		}
		if after, _ := os.ReadFile(file); !bytes.Equal(before, after) {
			t.Error("the file was changed")
		}
		var rows int
		if err := other.QueryRow(`SELECT COUNT(*) FROM goose_db_version WHERE version_id = 999`).Scan(&rows); err != nil || rows != 1 {
			t.Errorf("%d rows: %v", rows, err)
		}
	})
}

func TestUnusablePlaces(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string]struct {
		o    store.Options
		says string
	}{
		"no such folder":    {store.Options{URL: "sqlite", Dir: filepath.Join(t.TempDir(), "nowhere")}, "is not writable"},
		"a file":            {store.Options{URL: "sqlite", Dir: file}, "is not writable"},
		"a read-only place": {store.Options{URL: "sqlite", Dir: "/proc"}, "is not writable"},
		"nobody answers":    {store.Options{URL: "postgres://holm@127.0.0.1:1/holm?connect_timeout=5"}, "PostgreSQL does not answer"},
		"no address":        {store.Options{URL: "postgres://%zz"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.Context(), try.o)
			if err == nil {
				_ = s.Close()
				t.Fatal("it was opened")
			}
			if code := holm.CodeOf(err); code != holm.CodeUnavailable && code != holm.CodeInvalid || !strings.Contains(err.Error(), try.says) {
				t.Errorf("it says (%s) %v", code, err)
			}
		})
	}
}

func TestTheFileIsItsOwnersAlone(t *testing.T) {
	db := storetest.Open(t, store.SQLite)
	info, err := os.Stat(filepath.Join(db.Options.Dir, "holm.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

func TestReadsCannotWrite(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		if err := db.Store.Read(t.Context(), func(tx *store.Tx) error { return tx.Record(store.AuditEntry{Account: "acc_1", Result: "0"}) }); err == nil {
			t.Error("a read wrote")
		}
	})
}

func TestGivenUpRequests(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := db.Store.Write(ctx, func(tx *store.Tx) error { return nil })
		if err == nil {
			t.Error("a given-up request wrote")
		}
		db.person(t, "ana@example.org") // and the store goes on
	})
}

func TestInMemory(t *testing.T) {
	clock := &storetest.Clock{}
	for range 2 { // each has its own
		s := storetest.Reopen(t, store.Options{URL: "sqlite:memory", Clock: clock.Now})
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			_, _, err := tx.CreateUser(holm.User{Email: "ana@example.org"}, "hash", holm.AccountFull)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
