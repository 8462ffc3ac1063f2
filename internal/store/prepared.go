package store

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"modernc.org/sqlite"
)

// preparedMax bounds how many statements one connection keeps ready. Holm has
// fewer texts than this; those that are put together (searches, lists of
// values) come and go.
const preparedMax = 160

// openPrepared opens SQLite with connections that keep their statements.
// database/sql prepares the text of every call anew, which was three tenths of
// the work of a small read; PostgreSQL's driver keeps its statements itself.
func openPrepared(address string) (*sql.DB, error) {
	base, err := sqlite.NewConnector(address)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(preparing{base}), nil
}

type preparing struct{ driver.Connector }

func (p preparing) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := p.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &preparedConn{conn: conn.(fullConn), free: map[string]driver.Stmt{}}, nil
}

// fullConn is everything that the driver's connections can do; hiding one of
// them would make database/sql fall back to what knows no context.
type fullConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// preparedConn is a connection with its statements. database/sql gives it to
// one goroutine at a time.
type preparedConn struct {
	conn fullConn
	free map[string]driver.Stmt // ready, and not in use
}

// take gives the statement of a text, which belongs to the caller until it is
// given back: rows may be open over one while the same text is asked again.
func (c *preparedConn) take(ctx context.Context, text string) (driver.Stmt, error) {
	if s := c.free[text]; s != nil {
		delete(c.free, text)
		return s, nil
	}
	return c.conn.PrepareContext(ctx, text)
}

func (c *preparedConn) give(text string, s driver.Stmt) error {
	if c.free[text] != nil {
		return s.Close()
	}
	if len(c.free) >= preparedMax {
		for other, old := range c.free { // any: those in need come back by themselves
			delete(c.free, other)
			if err := old.Close(); err != nil {
				return err
			}
			break
		}
	}
	c.free[text] = s
	return nil
}

// ExecContext runs a change. Without arguments it may be a script of several
// statements (a migration), which the driver takes apart itself.
func (c *preparedConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	if len(args) == 0 {
		return c.conn.ExecContext(ctx, text, args)
	}
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	result, err := s.(driver.StmtExecContext).ExecContext(ctx, args)
	if err != nil {
		s.Close()
		return nil, err
	}
	return result, c.give(text, s)
}

func (c *preparedConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	if len(args) == 0 {
		return c.conn.QueryContext(ctx, text, args)
	}
	s, err := c.take(ctx, text)
	if err != nil {
		return nil, err
	}
	rows, err := s.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		s.Close()
		return nil, err
	}
	return &preparedRows{Rows: rows, back: func(failed bool) error {
		if failed {
			return s.Close()
		}
		return c.give(text, s)
	}}, nil
}

// preparedRows gives its statement back when it is closed.
type preparedRows struct {
	driver.Rows
	back func(failed bool) error
}

// Close may be called twice.
func (r *preparedRows) Close() error {
	err := r.Rows.Close()
	if r.back == nil {
		return err
	}
	back := r.back
	r.back = nil
	if e := back(err != nil); err == nil {
		err = e
	}
	return err
}

// Close lets the statements go before the connection they belong to.
func (c *preparedConn) Close() error {
	for _, s := range c.free {
		s.Close()
	}
	c.free = nil
	return c.conn.Close()
}

// The rest is the driver's.

func (c *preparedConn) Prepare(text string) (driver.Stmt, error) { return c.conn.Prepare(text) }

func (c *preparedConn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	return c.conn.PrepareContext(ctx, text)
}

//nolint:staticcheck // part of driver.Conn
func (c *preparedConn) Begin() (driver.Tx, error) { return c.conn.Begin() }

func (c *preparedConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	return c.conn.BeginTx(ctx, o)
}

func (c *preparedConn) Ping(ctx context.Context) error         { return c.conn.Ping(ctx) }
func (c *preparedConn) ResetSession(ctx context.Context) error { return c.conn.ResetSession(ctx) }
func (c *preparedConn) IsValid() bool                          { return c.conn.IsValid() }

// Unwrap is how the driver's own functions find their connection.
func (c *preparedConn) Unwrap() driver.Conn { return c.conn }
