package job_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/holmhq/holm/internal/job"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/internal/store/storetest"
)

type greet struct{ Name string }

func (greet) Kind() string { return "greet" }

type once struct{ ID string }

func (once) Kind() string  { return "once" }
func (o once) Key() string { return o.ID }

// said hands what the queue logs to the test, which learns from it that an
// attempt has been noted.
type said chan string

func (s said) Enabled(context.Context, slog.Level) bool { return true }
func (s said) WithAttrs([]slog.Attr) slog.Handler       { return s }
func (s said) WithGroup(string) slog.Handler            { return s }
func (s said) Handle(_ context.Context, r slog.Record) error {
	s <- r.Message
	return nil
}

const patience = 20 * time.Second

func receive[T any](t *testing.T, from <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(patience):
		t.Fatal("nothing happened")
	}
	return v
}

func newQueue(db *storetest.Database) (*job.Queue, said) {
	log := make(said, 1000)
	return job.New(db.Store, slog.New(log)), log
}

// start starts the queue and stops it before the store of the test is closed.
func start(t *testing.T, q *job.Queue) {
	t.Helper()
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, q) })
}

func stop(t *testing.T, q *job.Queue) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := q.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// kept lists the jobs of a kind that are in the store.
func kept(t *testing.T, db *storetest.Database, kind string) (list []store.Job) {
	t.Helper()
	db.Read(t, func(tx *store.Tx) error {
		all, err := tx.Jobs("", 10000)
		for _, j := range all {
			if j.Kind == kind {
				list = append(list, j)
			}
		}
		return err
	})
	return list
}

func TestDoneOnceAndForgotten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		q, _ := newQueue(db)
		names := make(chan string, 10)
		job.Register(q, job.Policy{}, func(_ context.Context, j job.Job[greet]) error {
			names <- fmt.Sprint(j.Args.Name, j.Attempt, j.Last)
			return nil
		})
		start(t, q)
		db.Write(t, func(tx *store.Tx) error { return q.Enqueue(tx, greet{"ana"}) })
		if got := receive(t, names); got != "ana1 false" {
			t.Errorf("done with %s", got)
		}
		stop(t, q)
		if list := kept(t, db, "greet"); len(list) != 0 || len(names) != 0 {
			t.Errorf("it stays: %v, %d more", list, len(names))
		}
	})
}

var errUndo = errors.New("undo")

func TestRolledBackNeverRuns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		q, _ := newQueue(db)
		names := make(chan string, 10)
		job.Register(q, job.Policy{AtOnce: 1}, func(_ context.Context, j job.Job[greet]) error {
			names <- j.Args.Name
			return nil
		})
		start(t, q)
		err := db.Store.Write(t.Context(), func(tx *store.Tx) error {
			if err := q.Enqueue(tx, greet{"never"}); err != nil {
				return err
			}
			q.Nudge() // also not when the queue looks meanwhile
			return errUndo
		})
		if !errors.Is(err, errUndo) {
			t.Fatal(err)
		}
		db.Write(t, func(tx *store.Tx) error { return q.Enqueue(tx, greet{"after"}) })
		if got := receive(t, names); got != "after" {
			t.Errorf("%s ran", got)
		}
		stop(t, q)
		if len(names) != 0 {
			t.Errorf("%s ran too", <-names)
		}
	})
}

func TestTriedAgainWithGrowingPauses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		q, log := newQueue(db)
		attempts := make(chan int, 10)
		job.Register(q, job.Policy{}, func(_ context.Context, j job.Job[greet]) error {
			attempts <- j.Attempt
			if j.Attempt < 4 {
				return errors.New("not yet")
			}
			return nil
		})
		start(t, q)
		db.Write(t, func(tx *store.Tx) error { return q.Enqueue(tx, greet{"ana"}) })
		var pause time.Duration
		for n := 1; n < 4; n++ {
			if got := receive(t, attempts); got != n {
				t.Fatalf("attempt %d, not %d", got, n)
			}
			if text := receive(t, log); text != "job failed; it is tried again" {
				t.Fatal(text)
			}
			j := kept(t, db, "greet")[0]
			next := j.DueAt.Sub(db.Clock.Now())
			if next <= pause || j.LastError != "not yet" || j.Holder != "" || j.Attempts != n {
				t.Errorf("after attempt %d (pause %v): %+v", n, next, j)
			}
			pause = next
			db.Clock.Advance(pause)
			q.Nudge()
		}
		receive(t, attempts)
		stop(t, q)
		if list := kept(t, db, "greet"); len(list) != 0 {
			t.Errorf("it stays: %v", list)
		}
	})
}

// Waiting for the right time costs no attempt, however often it is looked.
func TestNotYetDoesNotCount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		attempts := make(chan int, 10)
		ready := false
		look := func() { // each by a queue of its own, whose end waits until the look is noted
			q, _ := newQueue(db)
			job.Register(q, job.Policy{Attempts: 2}, func(_ context.Context, j job.Job[greet]) error {
				attempts <- j.Attempt
				if !ready {
					return job.NotYet(errors.New("the door is closed"))
				}
				return nil
			})
			if len(kept(t, db, "greet")) == 0 {
				db.Write(t, func(tx *store.Tx) error { return q.Enqueue(tx, greet{"ana"}) })
			}
			start(t, q)
			if got := receive(t, attempts); got != 1 {
				t.Fatalf("it is attempt %d", got)
			}
			stop(t, q)
		}
		for n := range 5 {
			look()
			j := kept(t, db, "greet")[0]
			wait := j.DueAt.Sub(db.Clock.Now())
			if j.Attempts != 0 || j.LastError != "the door is closed" || wait < 2*time.Second || wait > 10*time.Minute {
				t.Errorf("after look %d: %+v, due in %v", n, j, wait)
			}
			db.Clock.Advance(wait)
		}
		ready = true
		look()
		if list := kept(t, db, "greet"); len(list) != 0 {
			t.Errorf("it stays: %v", list)
		}
	})
}

func TestGivenUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		q, log := newQueue(db)
		job.Register(q, job.Policy{Attempts: 2}, func(_ context.Context, j job.Job[once]) error {
			switch {
			case j.Args.ID == "permanent":
				return fmt.Errorf("sorry: %w", job.Permanent(errors.New("no such address")))
			case j.Last != (j.Attempt == 2):
				return fmt.Errorf("attempt %d is last: %v", j.Attempt, j.Last)
			}
			panic("what now\x00")
		})
		start(t, q)
		db.Write(t, func(tx *store.Tx) error { return q.Enqueue(tx, once{"permanent"}) })
		if text := receive(t, log); text != "job given up" {
			t.Error(text)
		}
		db.Write(t, func(tx *store.Tx) error { return q.Enqueue(tx, once{"panics"}) })
		for _, want := range []string{"a job panicked", "job failed; it is tried again", "a job panicked", "job given up"} {
			if text := receive(t, log); text != want {
				t.Errorf("%q instead of %q", text, want)
			}
			// Not before: an hour later the lease of the attempt has ended, and
			// the job would be taken again while it is still being noted.
			if want == "job failed; it is tried again" {
				db.Clock.Advance(time.Hour)
				q.Nudge()
			}
		}
		list := kept(t, db, "once")
		if len(list) != 2 || list[0].LastError != "sorry: no such address" || list[0].FailedAt.IsZero() || list[1].LastError != "it panicked: what now" || list[1].Attempts != 2 {
			t.Errorf("kept: %+v", list)
		}
		// The key is free again, and the sweep forgets what was given up long ago.
		db.Write(t, func(tx *store.Tx) error { return tx.SweepJobs(tx.Now().Add(time.Second)) })
		if list := kept(t, db, "once"); len(list) != 0 {
			t.Errorf("not swept: %v", list)
		}
	})
}

func TestOneJobForEachKey(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		q, _ := newQueue(db)
		ids := make(chan string, 10)
		job.Register(q, job.Policy{AtOnce: 1}, func(_ context.Context, j job.Job[once]) error {
			ids <- j.Args.ID
			return nil
		})
		for _, id := range []string{"a", "b", "a", "a"} {
			db.Write(t, func(tx *store.Tx) error { return q.Enqueue(tx, once{id}) })
		}
		start(t, q)
		if one, two := receive(t, ids), receive(t, ids); one != "a" || two != "b" {
			t.Errorf("done: %s, %s", one, two)
		}
		stop(t, q)
		if len(ids) != 0 {
			t.Errorf("%s was done twice", <-ids)
		}
	})
}

func TestNotBeforeItIsDue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		q, _ := newQueue(db)
		names := make(chan string, 10)
		job.Register(q, job.Policy{AtOnce: 1}, func(_ context.Context, j job.Job[greet]) error {
			names <- j.Args.Name
			return nil
		})
		start(t, q)
		db.Write(t, func(tx *store.Tx) error { return q.EnqueueAt(tx, tx.Now().Add(time.Minute), greet{"later"}) })
		db.Write(t, func(tx *store.Tx) error { return q.Enqueue(tx, greet{"now"}) })
		if got := receive(t, names); got != "now" {
			t.Error(got)
		}
		db.Clock.Advance(time.Minute)
		q.Nudge()
		if got := receive(t, names); got != "later" {
			t.Error(got)
		}
	})
}

func TestEvery(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		ran := make(chan struct{}, 10)
		fail := make(chan error, 10)
		begin := func() *job.Queue {
			q, _ := newQueue(db)
			job.Every(q, "tidy", time.Hour, func(context.Context) error {
				defer func() { ran <- struct{}{} }()
				return <-fail
			})
			start(t, q)
			return q
		}
		q := begin()
		fail <- nil
		receive(t, ran)
		stop(t, q)
		// The next start does not begin anew: it is not due yet.
		q = begin()
		if list := kept(t, db, "tidy"); len(list) != 1 || !list[0].DueAt.Equal(db.Clock.Now().Add(time.Hour)) {
			t.Fatalf("kept: %+v", list)
		}
		db.Clock.Advance(time.Hour)
		q.Nudge()
		fail <- errors.New("disk full")
		receive(t, ran)
		stop(t, q)
		if list := kept(t, db, "tidy"); list[0].LastError != "disk full" || list[0].Attempts != 1 || !list[0].FailedAt.IsZero() {
			t.Errorf("kept: %+v", list)
		}
	})
}

func TestEnqueueRefusesWhatNobodyWorksOn(t *testing.T) {
	db := storetest.Open(t, store.SQLite)
	q, _ := newQueue(db)
	if err := db.Store.Write(t.Context(), func(tx *store.Tx) error { return q.Enqueue(tx, greet{}) }); err == nil {
		t.Error("enqueued for nobody")
	}
	if err := q.Stop(t.Context()); err != nil {
		t.Errorf("a queue that never started does not stop: %v", err)
	}
}

func TestPause(t *testing.T) {
	var total time.Duration
	for n := 1; n < 40; n++ {
		p := job.Pause(n, time.Hour)
		if low := min(5*time.Second<<min(n-1, 20), time.Hour); p < low || p > low+low/10 {
			t.Errorf("pause %d is %v", n, p)
		}
		if n < 25 {
			total += p
		}
	}
	if total < 14*time.Hour || total > 20*time.Hour {
		t.Errorf("the default gives up after %v", total)
	}
}
