package store

import (
	"context"
	"database/sql"
	"errors"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/holmhq/holm"
)

// Tx is one transaction. Its methods are in the file of their noun.
type Tx struct {
	raw     *sql.Tx
	ctx     context.Context
	store   *Store
	dialect Dialect
	now     time.Time
	after   []func()
	records []AuditEntry // for the audit logs, written at the end
}

// do runs f and writes what it recorded.
func (tx *Tx) do(f func(*Tx) error) error {
	if err := f(tx); err != nil {
		return err
	}
	return tx.writeRecords()
}

// AfterCommit runs f once the transaction is kept, never when it is undone. f
// may be lost in a crash, so only what can be made up for belongs there.
func (tx *Tx) AfterCommit(f func()) { tx.after = append(tx.after, f) }

// Now is the moment of the transaction, the same all through it.
func (tx *Tx) Now() time.Time { return tx.now }

// ErrNone says that a row is not there.
var ErrNone = errors.New("store: no such row")

func newID(prefix string) string {
	return prefix + "_" + strings.ReplaceAll(uuid.Must(uuid.NewV7()).String(), "-", "")
}

// sound makes texts ones that both databases take. PostgreSQL knows no NUL and
// no broken UTF-8, which anybody can put into a path or a header; with the
// replacement a lookup finds nothing and a row can still be written.
func sound(args []any) []any {
	for i, a := range args {
		v := reflect.ValueOf(a)
		if v.Kind() != reflect.String {
			continue
		}
		if s := v.String(); s != soundText(s) {
			args[i] = soundText(s)
		}
	}
	return args
}

func soundText(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", "\ufffd"), "\ufffd")
}

func (tx *Tx) exec(what, query string, args ...any) (int64, error) {
	result, err := tx.raw.ExecContext(tx.ctx, query, sound(args)...)
	if err != nil {
		return 0, internal(err, what)
	}
	n, err := result.RowsAffected()
	return n, internal(err, what)
}

// one runs a query for a single row; ErrNone when there is none.
func (tx *Tx) one(what, query string, args []any, into ...any) error {
	err := tx.raw.QueryRowContext(tx.ctx, query, sound(args)...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNone
	}
	return internal(err, what)
}

// many runs a query and scans each row with scan.
func many[T any](tx *Tx, what, query string, args []any, scan func(scanner) (T, error)) ([]T, error) {
	rows, err := tx.raw.QueryContext(tx.ctx, query, sound(args)...)
	if err != nil {
		return nil, internal(err, what)
	}
	defer rows.Close()
	list := []T{}
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, internal(err, what)
		}
		list = append(list, item)
	}
	return list, internal(rows.Err(), what)
}

// scanner is what a row and rows have in common.
type scanner interface{ Scan(into ...any) error }

// counter counts up and gives the new value, starting at 1. The row it locks
// makes its users wait for each other in PostgreSQL.
func (tx *Tx) counter(name string) (value int64, err error) {
	err = tx.one("count "+name, `INSERT INTO counters (name, value) VALUES ($1, 1)
		ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value`, []any{name}, &value)
	return value, err
}

// micros is how times are kept.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// moment scans a time.
type moment struct{ to *time.Time }

// Scan reads microseconds since 1970; 0 is no time.
func (m moment) Scan(v any) error {
	n, ok := v.(int64)
	switch {
	case v == nil || ok && n == 0:
		*m.to = time.Time{}
	case ok:
		*m.to = time.UnixMicro(n).UTC()
	default:
		return errors.New("store: a time that is no number")
	}
	return nil
}

// like makes a pattern that finds text anywhere, with nothing in it special.
// The query must say ESCAPE '!'.
func like(text string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(text)) + "%"
}

// nullable gives NULL for an empty text.
func nullable[T ~string](s T) any {
	if s == "" {
		return nil
	}
	return string(s)
}

// notFound makes a missing row the answer that everybody may hear.
func notFound(err error) error {
	if errors.Is(err, ErrNone) {
		return holm.ErrNotFound()
	}
	return err
}

func (tx *Tx) row(query string, args ...any) *sql.Row {
	return tx.raw.QueryRowContext(tx.ctx, query, sound(args)...)
}

// none makes the driver's missing row ErrNone.
func none(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNone
	}
	return internal(err, "read row")
}
