package store_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/internal/store/storetest"
)

// lies says where a text lies open in the files or tables of a database.
func (db *suite) lies(t *testing.T, text string) (places []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(db.Options.Dir, "holm.db*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(raw, []byte(text)) {
			places = append(places, filepath.Base(file))
		}
	}
	if db.Dialect() == store.PostgreSQL {
		n := 0
		if err := db.raw(t).QueryRow(`SELECT COUNT(*) FROM mails WHERE text LIKE $1 OR html LIKE $1`, "%"+text+"%").Scan(&n); err != nil || n > 0 {
			places = append(places, "mails")
		}
	}
	return places
}

// raw opens the database beside the store.
func (db *suite) raw(t *testing.T) *sql.DB {
	t.Helper()
	driver, address := "pgx", db.Options.URL
	if db.Dialect() == store.SQLite {
		driver, address = "sqlite", "file:"+filepath.Join(db.Options.Dir, "holm.db")+"?_pragma=busy_timeout(10000)"
	}
	raw, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	return raw
}

// A database that is copied has no link of a mail: not while it waits, not
// while it is kept, not after its text was taken away.
func TestMailsLieSealed(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		const link = "holm_reset_THIS-IS-AS-GOOD-AS-A-PASSWORD"
		long := strings.Repeat("<p>words</p>", 2000) + link
		write := func(event string) string {
			return must(t, db, func(tx *store.Tx) (string, error) {
				return tx.WriteMail(store.Mail{Event: event, To: "bob@example.org", Subject: "A link", Text: link, HTML: long})
			})
		}
		kept, sent := write("kept"), write("sent")
		is(t, "waiting", db.lies(t, link), []string(nil))
		db.Write(t, func(tx *store.Tx) error { return tx.MailSent(sent, true) })
		is(t, "sent", db.lies(t, link), []string(nil))
		m := must(t, db, func(tx *store.Tx) (store.Mail, error) { return tx.Mail(kept) })
		is(t, "read", []any{m.Text, m.HTML == long}, []any{link, true})

		// A text does not open in the place of another.
		if _, err := db.raw(t).Exec(`UPDATE mails SET text = (SELECT text FROM mails WHERE id = $1) WHERE id = $2`, kept, sent); err != nil {
			t.Fatal(err)
		}
		err := db.Store.Read(t.Context(), func(tx *store.Tx) error { _, err := tx.Mail(sent); return err })
		is(t, "moved", err, store.ErrSealed)
	})
}

// What was written before texts were sealed is sealed at the next start, and
// the files forget it, also what had been taken away before.
func TestOldMailsAreSealedAtTheStart(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		const link, gone = "holm_reset_OLD-AND-OPEN", "holm_reset_OLD-AND-TAKEN-AWAY"
		id := must(t, db, func(tx *store.Tx) (string, error) {
			return tx.WriteMail(store.Mail{Event: "old", To: "bob@example.org", Subject: "A link", Text: "x", HTML: "x"})
		})
		raw := db.raw(t)
		for _, text := range []string{strings.Repeat(gone+" ", 500), link} {
			if _, err := raw.Exec(`UPDATE mails SET text = $1, html = $1, sealed = FALSE WHERE id = $2`, text, id); err != nil {
				t.Fatal(err)
			}
		}
		if len(db.lies(t, link)) == 0 {
			t.Fatal("the old text is not seen")
		}
		raw.Close()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		db.Store = storetest.Reopen(t, db.Options)
		is(t, "open text", append(db.lies(t, link), db.lies(t, gone)...), []string(nil))
		m := must(t, db, func(tx *store.Tx) (store.Mail, error) { return tx.Mail(id) })
		is(t, "read", []string{m.Text, m.HTML}, []string{link, link})
	})
}

// A folder of keys apart from the data: the copy of one opens nothing without
// the other, and the key is never made anew while the old one lies elsewhere.
func TestKeysApartFromData(t *testing.T) {
	o := store.Options{URL: "sqlite", Dir: t.TempDir(), Keys: t.TempDir(), Clock: (&storetest.Clock{}).Now}
	s := storetest.Reopen(t, o)
	sealed := s.Seal("one", []byte("value"))
	s.Close()
	if files, _ := filepath.Glob(filepath.Join(o.Dir, "*.key")); len(files) > 0 {
		t.Errorf("the data folder has %v", files)
	}
	s = storetest.Reopen(t, o)
	if plain, err := s.Unseal("one", sealed); err != nil || string(plain) != "value" {
		t.Errorf("after a restart: %q, %v", plain, err)
	}
	s.Close()
	key, old := filepath.Join(o.Keys, "secret.key"), filepath.Join(o.Dir, "secret.key")
	if err := os.Rename(key, old); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "move it to "+key) {
		t.Errorf("the key is left behind: %v", err)
	}
	if _, err := os.Stat(key); err == nil {
		t.Error("another key was made")
	}
}
