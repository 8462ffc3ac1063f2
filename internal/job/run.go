package job

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/holmhq/holm/internal/store"
)

const (
	// lease is how long a job stays with a process that does not speak of it any
	// more. It is kept up while the job is worked on.
	lease = 30 * time.Second
	// lookEvery is how often the queue looks by itself: for jobs that another
	// process enqueued. Its own are taken at once, those for later when due.
	lookEvery = 5 * time.Second
	// keepFor is how long jobs that were given up are kept for people to see.
	keepFor = 30 * 24 * time.Hour
)

// errStopped is why jobs are cut when the program ends.
var errStopped = errors.New("the program ends")

// Start begins to work. Whatever is due by then is taken, jobs of a process
// that died included once their lease has ended.
func (q *Queue) Start(ctx context.Context) error {
	Every(q, "job.sweep", 24*time.Hour, func(ctx context.Context) error {
		return q.store.Write(ctx, func(tx *store.Tx) error { return tx.SweepJobs(tx.Now().Add(-keepFor)) })
	})
	err := q.store.Write(ctx, func(tx *store.Tx) error {
		for _, k := range q.kinds {
			if k.policy.every == 0 {
				continue
			}
			if _, err := tx.PutJob(store.Job{Kind: k.name, Args: "{}", Key: k.name}); err != nil {
				return err
			}
			// The pause may have been made shorter since the last run.
			if err := tx.HastenJob(k.name, tx.Now().Add(k.policy.every)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	q.started = true
	looping, stop := context.WithCancel(context.WithoutCancel(ctx))
	q.looping = stop
	q.loops.Go(func() { q.look(looping) })
	q.loops.Go(func() { q.keep(looping) })
	return nil
}

// Stop takes no more jobs and waits for those being worked on until ctx ends.
// What is not done by then is cut and given back, to be taken up at the next
// start. The error says that something did not give way even then; its lease
// ends by itself.
func (q *Queue) Stop(ctx context.Context) error {
	if !q.started {
		return nil
	}
	q.looping()
	q.loops.Wait()
	done := make(chan struct{})
	go func() { q.jobs.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	q.cut(errStopped)
	select {
	case <-done:
		return nil
	case <-time.After(time.Second):
		return fmt.Errorf("job: a job goes on although it was told to end")
	}
}

// look takes what is due, and waits until something is.
func (q *Queue) look(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-q.wake:
		case <-timer.C:
		}
		wait, err := q.take(ctx)
		if err != nil && ctx.Err() == nil {
			q.log.Warn("jobs cannot be read; the next look follows", "in", lookEvery, "error", err)
			wait = lookEvery
		}
		timer.Reset(min(max(wait, 0), lookEvery))
	}
}

// take starts what is due and gives how long nothing else will be. Looking is
// a read, so that an idle queue never writes.
func (q *Queue) take(ctx context.Context) (wait time.Duration, err error) {
	var due []*kind
	wait = lookEvery
	err = q.store.Read(ctx, func(tx *store.Tx) error {
		for _, k := range q.kinds {
			if q.free(k) == 0 {
				continue // the end of one of them nudges
			}
			next, err := tx.NextJob(k.name)
			if err != nil {
				return err
			}
			if in := next.Sub(tx.Now()); !next.IsZero() && in <= 0 {
				due = append(due, k)
			} else if !next.IsZero() {
				wait = min(wait, in)
			}
		}
		return nil
	})
	for _, k := range due {
		if err == nil {
			err = q.start(ctx, k)
		}
	}
	return wait, err
}

func (q *Queue) free(k *kind) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return k.policy.AtOnce - k.busy
}

func (q *Queue) start(ctx context.Context, k *kind) error {
	var taken []store.Job
	err := q.store.Write(ctx, func(tx *store.Tx) (err error) {
		taken, err = tx.TakeJobs(k.name, q.holder, lease, q.free(k))
		return err
	})
	if err != nil {
		return err
	}
	q.mu.Lock()
	for _, j := range taken {
		k.busy++
		q.held[j.ID] = j
	}
	q.mu.Unlock()
	for _, j := range taken {
		q.jobs.Go(func() { q.do(k, j) })
	}
	return nil
}

// do makes one attempt at a job and notes how it ended.
func (q *Queue) do(k *kind, j store.Job) {
	err := q.attempt(k, j)
	// Whatever the attempt did must be noted, also while the program ends.
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if failed := q.end(ctx, k, j, err); failed != nil {
		q.log.Error("the end of a job could not be noted; it will be done once more", "kind", j.Kind, "job", j.ID, "error", failed)
	}
	q.mu.Lock()
	k.busy--
	delete(q.held, j.ID)
	q.mu.Unlock()
	q.Nudge()
}

func (q *Queue) attempt(k *kind, j store.Job) (err error) {
	if j.Attempts > k.policy.Attempts && k.policy.every == 0 {
		return Permanent(fmt.Errorf("the program ended during its last attempt"))
	}
	ctx, cancel := context.WithTimeout(q.running, k.policy.Timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			q.log.Error("a job panicked", "kind", j.Kind, "job", j.ID, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("it panicked: %v", p)
		}
	}()
	return k.work(ctx, j, j.Attempts >= k.policy.Attempts && k.policy.every == 0)
}

// keep makes the leases of the jobs at work end later and later.
func (q *Queue) keep(ctx context.Context) {
	ticker := time.NewTicker(lease / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := q.renew(ctx); err != nil && ctx.Err() == nil {
				q.log.Warn("leases of jobs could not be kept up", "error", err)
			}
		}
	}
}

func (q *Queue) renew(ctx context.Context) error {
	q.mu.Lock()
	held := make([]store.Job, 0, len(q.held))
	for _, j := range q.held {
		held = append(held, j)
	}
	q.mu.Unlock()
	if len(held) == 0 {
		return nil
	}
	return q.store.Write(ctx, func(tx *store.Tx) error {
		for _, j := range held {
			if _, err := tx.KeepJob(j, lease); err != nil {
				return err
			}
		}
		return nil
	})
}
