package reconcile

import (
	"sync"
	"time"

	"github.com/holmhq/holm"
)

// queue hands out environments, each to one worker at a time. An environment
// that is added while it is worked on comes again afterwards.
type queue struct {
	mu       sync.Mutex
	ready    *sync.Cond
	list     []holm.EnvironmentID
	waiting  map[holm.EnvironmentID]bool
	working  map[holm.EnvironmentID]bool
	failures map[holm.EnvironmentID]int
	closed   bool
}

func newQueue() *queue {
	q := &queue{waiting: map[holm.EnvironmentID]bool{}, working: map[holm.EnvironmentID]bool{}, failures: map[holm.EnvironmentID]int{}}
	q.ready = sync.NewCond(&q.mu)
	return q
}

func (q *queue) add(id holm.EnvironmentID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiting[id] || q.closed {
		return
	}
	q.waiting[id] = true
	if !q.working[id] {
		q.list = append(q.list, id)
		q.ready.Signal()
	}
}

// take waits for an environment; false when the queue is closed.
func (q *queue) take() (holm.EnvironmentID, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.list) == 0 && !q.closed {
		q.ready.Wait()
	}
	if q.closed {
		return "", false
	}
	id := q.list[0]
	q.list = q.list[1:]
	delete(q.waiting, id)
	q.working[id] = true
	return id, true
}

// done ends the work on an environment; with again set it comes back after
// that time.
func (q *queue) done(id holm.EnvironmentID, again time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.working, id)
	if q.waiting[id] {
		q.list = append(q.list, id)
		q.ready.Signal()
		return
	}
	if again > 0 && !q.closed {
		time.AfterFunc(again, func() { q.add(id) })
	}
}

const longestWait = time.Minute

// failed counts a failure and gives the time to wait: 1, 2, 4 … seconds.
func (q *queue) failed(id holm.EnvironmentID) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	wait := min(time.Second<<min(q.failures[id], 10), longestWait)
	q.failures[id]++
	return wait
}

func (q *queue) forgive(id holm.EnvironmentID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.failures, id)
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.ready.Broadcast()
}
