package store

import (
	"context"
	"database/sql"
	"sync"
	"sync/atomic"
	"time"
)

// batches keeps changes together that wait for each other. SQLite has one
// writer, and most of the time of a small change is the wait for the disk at
// its end. So whoever is done while another waits leaves the end to that one,
// and the last keeps what all of them did, with one wait for the disk. Each
// still is kept whole or not at all, and none is answered before it is safe.
type batches struct {
	waiting atomic.Int64
	mu      sync.Mutex // held by the change that is being made
	open    *batch     // guarded by mu
}

// batch is a transaction of several changes.
type batch struct {
	raw   *sql.Tx
	began time.Time
	count int // of changes that are done
	done  chan struct{}
	err   error // of keeping it; set before done is closed
}

const (
	batchMost = 128                   // changes kept together
	batchTime = 20 * time.Millisecond // that the first of them waits for others
)

// writeGrouped is Write for SQLite.
func (s *Store) writeGrouped(ctx context.Context, f func(*Tx) error) error {
	s.group.waiting.Add(1)
	s.group.mu.Lock()
	s.group.waiting.Add(-1)
	b, tx, err := s.inGroup(ctx, f)
	if err != nil {
		return err
	}
	<-b.done
	if b.err != nil {
		return unavailable(b.err)
	}
	s.kept(tx)
	return nil
}

// inGroup makes one change in the open batch. It is called with the group
// locked and unlocks it.
func (s *Store) inGroup(ctx context.Context, f func(*Tx) error) (b *batch, tx *Tx, err error) {
	g := &s.group
	defer g.mu.Unlock()
	defer g.endIfLast()
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if g.open == nil {
		raw, err := s.write.BeginTx(context.Background(), nil)
		if err != nil {
			return nil, nil, unavailable(err)
		}
		g.open = &batch{raw: raw, began: time.Now(), done: make(chan struct{})}
	}
	b = g.open
	whole := false
	defer func() { // also when f panics
		if !whole {
			g.undo()
		}
	}()
	if b.count > 0 {
		if _, err := b.raw.Exec(`SAVEPOINT one`); err != nil {
			return nil, nil, unavailable(err)
		}
	}
	// A statement that is interrupted would undo the changes of others with it.
	tx = &Tx{raw: b.raw, ctx: context.WithoutCancel(ctx), store: s, dialect: s.dialect, now: s.clock().UTC()}
	if err := tx.do(f); err != nil {
		return nil, nil, err
	}
	if b.count > 0 {
		if _, err := b.raw.Exec(`RELEASE one`); err != nil {
			return nil, nil, unavailable(err)
		}
	}
	b.count++
	whole = true
	return b, tx, nil
}

// undo takes back the change that failed, and only that; where it cannot, the
// whole batch fails.
func (g *batches) undo() {
	b := g.open
	if b.count > 0 {
		if _, b.err = b.raw.Exec(`ROLLBACK TO one; RELEASE one`); b.err == nil {
			return
		}
	}
	b.raw.Rollback()
	close(b.done)
	g.open = nil
}

// endIfLast keeps the batch when nobody waits who would.
func (g *batches) endIfLast() {
	b := g.open
	if b == nil || g.waiting.Load() > 0 && b.count < batchMost && time.Since(b.began) < batchTime {
		return
	}
	b.err = b.raw.Commit()
	close(b.done)
	g.open = nil
}
