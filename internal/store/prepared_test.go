package store

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
)

func openKept(t testing.TB) *sql.DB {
	t.Helper()
	db, err := openPrepared("file:" + filepath.Join(t.TempDir(), "x.db") + "?" + sqliteOptions)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE n (v BIGINT UNIQUE); INSERT INTO n VALUES (1); INSERT INTO n VALUES (2)`); err != nil {
		t.Fatal(err)
	}
	return db
}

// The same text is asked inside of reading its own rows: each has a statement
// of its own, and the outer one goes on where it was.
func TestPreparedInsideItself(t *testing.T) {
	tx, err := openKept(t).Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	const text = `SELECT v FROM n WHERE v > $1 ORDER BY v`
	var seen []int
	outer, err := tx.Query(text, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer outer.Close()
	for outer.Next() {
		var v, first int
		if err := outer.Scan(&v); err != nil {
			t.Fatal(err)
		}
		if err := tx.QueryRow(text, 1).Scan(&first); err != nil {
			t.Fatal(err)
		}
		seen = append(seen, v, first)
	}
	if got := fmt.Sprint(seen); got != "[1 2 2 2]" || outer.Err() != nil {
		t.Errorf("saw %s, %v", got, outer.Err())
	}
}

// A statement that failed, and one whose table changed since, work the next
// time; a value bound once is not there the next time.
func TestPreparedAfterFailureAndChange(t *testing.T) {
	db := openKept(t)
	const insert = `INSERT INTO n (v) VALUES ($1)`
	for _, v := range []any{1, 3, 3, nil, 4} {
		_, err := db.Exec(insert, v)
		if err != nil && !taken(err) {
			t.Errorf("insert %v: %v", v, err)
		}
	}
	const sum = `SELECT COUNT(*), COUNT(v), SUM(v) FROM n WHERE v > $1 OR v IS NULL`
	look := func(want string) {
		t.Helper()
		var rows, values, total int
		if err := db.QueryRow(sum, 0).Scan(&rows, &values, &total); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(rows, values, total); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	look("5 4 10")
	if _, err := db.Exec(`DROP TABLE n; CREATE TABLE n (other TEXT, v BIGINT); INSERT INTO n (v) VALUES (7)`); err != nil {
		t.Fatal(err)
	}
	look("1 1 7")
}

// What one connection keeps is bounded, and its values stay right when
// statements come and go.
func TestPreparedBounded(t *testing.T) {
	db := openKept(t)
	for round := range 2 {
		for i := range preparedMax + 40 {
			var got int
			if err := db.QueryRow(fmt.Sprintf(`SELECT %d + $1`, i), round).Scan(&got); err != nil || got != i+round {
				t.Fatalf("%d: %d, %v", i, got, err)
			}
		}
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.Raw(func(c any) error {
		if n := len(c.(*preparedConn).free); n != preparedMax {
			t.Errorf("%d statements kept", n)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
