// Package job does work that must be done at least once, also when the
// process dies in the middle: a job is enqueued in the transaction of the
// change that needs it, kept in the database, taken on a lease, and tried
// again with growing pauses until it is done or given up.
//
// It knows the store. It must not know what any job is about; features
// register that.
package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/holmhq/holm/internal/store"
)

// Args are what a job needs to know. They are kept as JSON, so they hold ids
// rather than copies, and never a secret.
type Args interface {
	// Kind names the work; it is kept in the database and must not change.
	Kind() string
}

// Keyed are Args of which only one job is kept at a time for each key.
type Keyed interface {
	Args
	Key() string
}

// Job is one attempt at a job.
type Job[A Args] struct {
	ID      string
	Args    A
	Attempt int // 1 for the first
	Last    bool
}

// Policy says how jobs of a kind are worked on. Zero values are sensible.
type Policy struct {
	// Timeout bounds one attempt; 1 minute when 0.
	Timeout time.Duration
	// Attempts is how often a job is tried before it is given up; 25 when 0,
	// which takes about 17 hours.
	Attempts int
	// Longest bounds the growing pause between attempts; 1 hour when 0.
	Longest time.Duration
	// AtOnce is how many of the kind are worked on side by side; 2 when 0.
	AtOnce int

	every time.Duration // for work that comes back by itself
}

// Queue takes jobs from the store and has them done.
type Queue struct {
	store  *store.Store
	log    *slog.Logger
	holder string
	kinds  []*kind
	wake   chan struct{}

	mu      sync.Mutex
	held    map[string]store.Job // by id; whose leases are kept up
	started bool
	looping context.CancelFunc
	cut     context.CancelCauseFunc
	running context.Context
	loops   sync.WaitGroup
	jobs    sync.WaitGroup
}

// kind is one sort of work and how it is done.
type kind struct {
	name   string
	policy Policy
	work   func(ctx context.Context, j store.Job, last bool) error
	busy   int // guarded by Queue.mu
}

// New makes a queue that does not work yet.
func New(s *store.Store, log *slog.Logger) *Queue {
	q := &Queue{store: s, log: log, holder: uuid.NewString(), wake: make(chan struct{}, 1), held: map[string]store.Job{}}
	q.running, q.cut = context.WithCancelCause(context.Background())
	return q
}

// Register says how jobs with arguments of type A are done. It is called
// before Start and panics for a kind that is registered already: that is a bug
// which no start survives.
//
// The same job may be done twice (the process dies between the work and its
// note), so work must look first whether it is done.
func Register[A Args](q *Queue, p Policy, work func(ctx context.Context, j Job[A]) error) {
	var zero A
	q.add(&kind{name: zero.Kind(), policy: p, work: func(ctx context.Context, j store.Job, last bool) error {
		typed := Job[A]{ID: j.ID, Attempt: j.Attempts, Last: last}
		if err := json.Unmarshal([]byte(j.Args), &typed.Args); err != nil {
			return Permanent(fmt.Errorf("its arguments cannot be read: %w", err))
		}
		return work(ctx, typed)
	}})
}

// Every has work done again and again, the first time at once, with the given
// pause after each; on an installation of several servers by one of them at a time. It
// is never given up.
func Every(q *Queue, name string, pause time.Duration, work func(ctx context.Context) error) {
	q.add(&kind{name: name, policy: Policy{AtOnce: 1, every: pause}, work: func(ctx context.Context, _ store.Job, _ bool) error {
		return work(ctx)
	}})
}

func (q *Queue) add(k *kind) {
	if q.started || q.kind(k.name) != nil {
		panic("job: " + k.name + " is registered twice or too late")
	}
	if k.policy.Timeout <= 0 {
		k.policy.Timeout = time.Minute
	}
	if k.policy.Attempts <= 0 {
		k.policy.Attempts = 25
	}
	if k.policy.Longest <= 0 {
		k.policy.Longest = time.Hour
	}
	if k.policy.AtOnce <= 0 {
		k.policy.AtOnce = 2
	}
	q.kinds = append(q.kinds, k)
}

func (q *Queue) kind(name string) *kind {
	i := slices.IndexFunc(q.kinds, func(k *kind) bool { return k.name == name })
	if i < 0 {
		return nil
	}
	return q.kinds[i]
}

// Enqueue keeps a job in the transaction of the change that needs it. It is
// taken as soon as the transaction is kept, and never when it is undone.
func (q *Queue) Enqueue(tx *store.Tx, args Args) error {
	return q.EnqueueAt(tx, tx.Now(), args)
}

// EnqueueAt keeps a job that is not to be taken before the given moment.
func (q *Queue) EnqueueAt(tx *store.Tx, due time.Time, args Args) error {
	if q.kind(args.Kind()) == nil {
		return fmt.Errorf("job: nobody works on %s", args.Kind())
	}
	text, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("job: %s: %w", args.Kind(), err)
	}
	j := store.Job{Kind: args.Kind(), Args: string(text), DueAt: due}
	if k, ok := args.(Keyed); ok {
		j.Key = j.Kind + ":" + k.Key()
	}
	if _, err := tx.PutJob(j); err != nil {
		return err
	}
	tx.AfterCommit(q.Nudge)
	return nil
}

// Nudge has the queue look for due jobs now. Enqueue does so by itself.
func (q *Queue) Nudge() {
	select {
	case q.wake <- struct{}{}:
	default: // it is about to look anyway
	}
}

// permanent is a failure that another attempt cannot mend.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// Permanent marks an error that another attempt cannot mend: the job is given
// up at once and kept with the reason.
func Permanent(err error) error { return permanent{err} }

type notYet struct{ error }

func (n notYet) Unwrap() error { return n.error }

// NotYet marks an error that only says that the time for the work has not
// come: the attempt does not count, and the next one is made after 2 seconds
// for a young job, later for one that has waited long, and every 10 minutes
// at the latest.
func NotYet(err error) error { return notYet{err} }

func isNotYet(err error) bool {
	var n notYet
	return errors.As(err, &n)
}

func isPermanent(err error) bool {
	var p permanent
	return errors.As(err, &p)
}
