// Package store keeps everything that must outlive the process: one concrete
// store in plain SQL that works the same in SQLite and PostgreSQL, one file
// per noun.
//
// It knows the vocabulary and the levels. It must not know who may do what
// (it takes filters that only the door makes), nor roads, nor features.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the PostgreSQL driver
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/holmhq/holm"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Dialect is which database the store stands on.
type Dialect string

// The dialects.
const (
	SQLite     Dialect = "sqlite"
	PostgreSQL Dialect = "postgresql"
)

// Store is the database. Reads run side by side; writes are one after the
// other in SQLite and isolated by row locks in PostgreSQL.
type Store struct {
	dialect Dialect
	write   *sql.DB
	read    *sql.DB
	clock   holm.Clock
	vault   vault
	group   batches
	// recorded is told of the rows that audit logs got, once they are kept.
	recorded func([]AuditEntry)
}

// Options say where the store is.
type Options struct {
	// URL is "sqlite" for a file in Dir, "sqlite:memory" for one that ends
	// with the process, or postgres://….
	URL   string
	Dir   string
	Keys  string // folder of the key that seals; "" for Dir
	Clock holm.Clock
}

// Open opens the database and brings its schema up to date. A schema newer
// than this program is refused and left as it is.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{clock: o.Clock}
	var err error
	if strings.HasPrefix(o.URL, "postgres://") || strings.HasPrefix(o.URL, "postgresql://") {
		err = s.openPostgreSQL(ctx, o.URL)
	} else {
		err = s.openSQLite(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	if err = s.migrate(ctx); err == nil {
		s.vault, err = newVault(o.Dir, o.Keys)
	}
	if err == nil {
		err = s.seal(ctx)
	}
	if err == nil {
		err = s.sealMails(ctx)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) openPostgreSQL(ctx context.Context, address string) error {
	db, err := sql.Open("pgx", address)
	if err != nil {
		return holm.Wrap(holm.CodeInvalid, err, "The database address is not one of PostgreSQL: postgres://user:password@host:port/name.")
	}
	db.SetMaxOpenConns(20)
	db.SetMaxIdleConns(10)
	if err := db.PingContext(ctx); err != nil {
		db.Close()
		return holm.Wrap(holm.CodeUnavailable, err, "PostgreSQL does not answer; check the address given with --database")
	}
	s.dialect, s.write, s.read = PostgreSQL, db, db
	return nil
}

// sqliteOptions: FULL, because a change that was answered must survive a
// power cut; the wait covers readers of other processes (backups); what is
// deleted is overwritten, so that the file does not keep what nobody sees.
const sqliteOptions = "_pragma=journal_mode(WAL)&_pragma=busy_timeout(10000)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=secure_delete(ON)&_pragma=cache_size(-2000)&_pragma=journal_size_limit(67108864)"

func (s *Store) openSQLite(ctx context.Context, o Options) error {
	file := "file:" + url.PathEscape("holm-memory-"+newID("mem")) + "?mode=memory&cache=shared&"
	if o.URL != "sqlite:memory" {
		path := filepath.Join(o.Dir, "holm.db")
		if err := checkWritable(o.Dir); err != nil {
			return err
		}
		// The file holds hashes and mails: for the server's user alone.
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return holm.Wrap(holm.CodeUnavailable, err, "The database file %s cannot be opened for writing", path)
		}
		f.Close()
		file = "file:" + (&url.URL{Path: path}).EscapedPath() + "?"
	}
	write, err := openPrepared(file + sqliteOptions + "&_txlock=immediate")
	if err != nil {
		return err
	}
	write.SetMaxOpenConns(1)
	read := write
	if o.URL != "sqlite:memory" {
		if read, err = openPrepared(file + sqliteOptions + "&_pragma=query_only(1)"); err != nil {
			write.Close()
			return err
		}
		read.SetMaxOpenConns(6)
		read.SetMaxIdleConns(2)
	}
	s.dialect, s.write, s.read = SQLite, write, read
	if err := write.PingContext(ctx); err != nil {
		s.Close()
		return holm.Wrap(holm.CodeUnavailable, err, "The database in %s cannot be opened", o.Dir)
	}
	return nil
}

func checkWritable(dir string) error {
	f, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return holm.Wrap(holm.CodeUnavailable, err, "The data folder %s is not writable; give another with --data or make it writable", dir)
	}
	f.Close()
	return os.Remove(f.Name())
}

func (s *Store) migrate(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	dialect := goose.DialectSQLite3
	if s.dialect == PostgreSQL {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, s.write, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	sources := p.ListSources()
	newest := sources[len(sources)-1].Version
	if have := s.schemaVersion(ctx); have > newest {
		return holm.Errorf(holm.CodeConflict, "The database was written by a newer Holm (schema %d, this program knows %d); start that version, or restore a backup made before the upgrade.", have, newest)
	}
	if _, err := p.Up(ctx); err != nil {
		return holm.Wrap(holm.CodeUnavailable, err, "The database schema could not be brought up to date")
	}
	return nil
}

// schemaVersion reads goose's table without making it; 0 when there is none.
func (s *Store) schemaVersion(ctx context.Context) (version int64) {
	err := s.write.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version`).Scan(&version)
	if err != nil {
		return 0
	}
	return version
}

// Close lets the database go.
func (s *Store) Close() error {
	if s.read != s.write {
		s.read.Close()
	}
	return s.write.Close()
}

// Dialect says which database this is.
func (s *Store) Dialect() Dialect { return s.dialect }

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.read.PingContext(ctx) }

// Read runs f on one consistent view of the data.
func (s *Store) Read(ctx context.Context, f func(*Tx) error) error {
	options := &sql.TxOptions{ReadOnly: true}
	if s.dialect == PostgreSQL {
		options.Isolation = sql.LevelRepeatableRead
	}
	if s.read == s.write {
		options.ReadOnly = s.dialect == PostgreSQL
	}
	return s.run(ctx, s.read, options, f)
}

// Write runs f in one transaction that is kept whole or not at all. f may run
// again when PostgreSQL asks for it, so it must touch nothing outside.
func (s *Store) Write(ctx context.Context, f func(*Tx) error) error {
	if s.dialect == SQLite {
		return s.writeGrouped(ctx, f)
	}
	for try := 0; ; try++ {
		err := s.run(ctx, s.write, nil, f)
		if err == nil || try >= 5 || !retryable(err) {
			return err
		}
	}
}

func (s *Store) run(ctx context.Context, db *sql.DB, o *sql.TxOptions, f func(*Tx) error) error {
	raw, err := db.BeginTx(ctx, o)
	if err != nil {
		return unavailable(err)
	}
	defer raw.Rollback()
	tx := &Tx{raw: raw, ctx: ctx, store: s, dialect: s.dialect, now: s.clock().UTC()}
	if err := tx.do(f); err != nil {
		return err
	}
	if err := raw.Commit(); err != nil {
		return unavailable(err)
	}
	s.kept(tx)
	return nil
}

// kept does what waits for a transaction to be kept.
func (s *Store) kept(tx *Tx) {
	for _, then := range tx.after {
		then()
	}
	if len(tx.records) > 0 && s.recorded != nil {
		s.recorded(tx.records)
	}
}

// OnRecord has f told of the rows that audit logs got, once they are kept. It
// is set once, before the store is used.
func (s *Store) OnRecord(f func(rows []AuditEntry)) { s.recorded = f }

func unavailable(err error) error {
	if errors.Is(err, context.Canceled) || retryable(err) {
		return err
	}
	if full(err) {
		return holm.Wrap(holm.CodeUnavailable, err, "The disk of the database is full, so nothing was changed. Once the operator has freed some space, try again.")
	}
	return holm.Wrap(holm.CodeUnavailable, err, "The database does not answer; try again in a moment")
}

// full says whether a change failed because the database's disk has no room.
func full(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_FULL
	}
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "53100"
}

// retryable says whether PostgreSQL gave up on a transaction that would work
// when tried again (serialization failure, deadlock).
func retryable(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// taken says whether err is a broken unique constraint.
func taken(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && (lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

func internal(err error, what string) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, sql.ErrNoRows) {
		return err
	}
	var known *holm.Error
	if errors.As(err, &known) {
		return err
	}
	if full(err) {
		return unavailable(err)
	}
	return fmt.Errorf("store: %s: %w", what, err)
}
