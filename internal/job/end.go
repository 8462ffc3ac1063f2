package job

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/holmhq/holm/internal/store"
)

// end notes how an attempt ended.
func (q *Queue) end(ctx context.Context, k *kind, j store.Job, err error) error {
	again := k.policy.every > 0
	switch {
	case err == nil && again:
		return q.delay(ctx, j, k.policy.every, 0, "")
	case err == nil:
		return q.store.Write(ctx, func(tx *store.Tx) error { return tx.DropJob(j) })
	case errors.Is(context.Cause(q.running), errStopped):
		// Not its fault: it is due at once, and the attempt does not count.
		return q.delay(ctx, j, 0, j.Attempts-1, j.LastError)
	case isNotYet(err):
		return q.store.Write(ctx, func(tx *store.Tx) error {
			return tx.DelayJob(j, tx.Now().Add(min(max(tx.Now().Sub(j.CreatedAt)/4, 2*time.Second), 10*time.Minute)), j.Attempts-1, reason(err))
		})
	case !again && (isPermanent(err) || j.Attempts >= k.policy.Attempts):
		failed := q.store.Write(ctx, func(tx *store.Tx) error { return tx.FailJob(j, reason(err)) })
		q.log.Error("job given up", "kind", j.Kind, "job", j.ID, "attempt", j.Attempts, "error", err)
		return failed
	}
	pause := Pause(j.Attempts, k.policy.Longest)
	if again {
		pause = min(pause, k.policy.every)
	}
	failed := q.delay(ctx, j, pause, j.Attempts, reason(err))
	q.log.Warn("job failed; it is tried again", "kind", j.Kind, "job", j.ID, "attempt", j.Attempts, "in", pause.Round(time.Second), "error", err)
	return failed
}

func (q *Queue) delay(ctx context.Context, j store.Job, pause time.Duration, attempts int, reason string) error {
	return q.store.Write(ctx, func(tx *store.Tx) error { return tx.DelayJob(j, tx.Now().Add(pause), attempts, reason) })
}

// reason is what is kept of an error.
func reason(err error) string {
	text := strings.ToValidUTF8(strings.ReplaceAll(err.Error(), "\x00", ""), "")
	if len(text) > 500 {
		text = strings.ToValidUTF8(text[:500], "") + "…"
	}
	return text
}

const firstPause = 5 * time.Second

// Pause gives how long to wait after a failed attempt, the first being 1: 5 s,
// doubled each time up to the longest, and up to a tenth more so that jobs
// which failed together do not come back together.
func Pause(attempt int, longest time.Duration) time.Duration {
	pause := longest
	if attempt <= 20 {
		pause = min(longest, firstPause<<max(attempt-1, 0))
	}
	return pause + rand.N(pause/10+1)
}
