package reconcile

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

const (
	// measureEvery is how often memory is measured, and measureMost of how many
	// environments each time: of very many, each is measured less often.
	measureEvery = 3 * time.Second
	measureMost  = 500
	// useAge is how long a measurement says anything.
	useAge = time.Minute
)

// use remembers what running nodes were last seen using, so that who asks for
// less can be told at once. A node that grows afterwards is the engine's to
// find. The zero value is ready.
type use struct {
	mu    sync.Mutex
	known map[holm.EnvironmentID]measured
	order []holm.EnvironmentID // whose turn it is
}

type measured struct {
	at    time.Time
	bytes map[holm.NodeID]int64
}

// follow takes an environment up when something in it runs.
func (u *use) follow(id holm.EnvironmentID, seen []engine.Observed) {
	if !slices.ContainsFunc(seen, alive) {
		u.forget(id)
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.known == nil {
		u.known = map[holm.EnvironmentID]measured{}
	}
	if _, ok := u.known[id]; !ok {
		u.known[id] = measured{}
		u.order = append(u.order, id)
	}
}

func (u *use) forget(id holm.EnvironmentID) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.known, id) // its turn is skipped when it comes
}

// next gives those that are to be measured now.
func (u *use) next() (list []holm.EnvironmentID) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.order = slices.DeleteFunc(u.order, func(id holm.EnvironmentID) bool { _, ok := u.known[id]; return !ok })
	n := min(measureMost, len(u.order))
	list = slices.Clone(u.order[:n])
	u.order = append(u.order[n:], list...)
	return list
}

func (u *use) keep(id holm.EnvironmentID, bytes map[holm.NodeID]int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, ok := u.known[id]; ok {
		u.known[id] = measured{time.Now(), bytes}
	}
}

// measure asks the engine now and then, if it can tell.
func (r *Reconciler) measure(ctx context.Context) {
	gauge, can := r.o.Engine.(engine.Gauge)
	if !can {
		return
	}
	tick := time.NewTicker(measureEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for _, id := range r.use.next() {
			if bytes, err := gauge.Memory(ctx, id); err == nil {
				r.use.keep(id, bytes)
			}
		}
	}
}

// Used gives the memory that the running nodes of an environment were seen
// using a moment ago, in bytes; nothing of those that were not looked at. It
// answers from memory.
func (r *Reconciler) Used(id holm.EnvironmentID) map[holm.NodeID]int64 {
	r.use.mu.Lock()
	defer r.use.mu.Unlock()
	m := r.use.known[id]
	if time.Since(m.at) > useAge {
		return nil
	}
	return m.bytes
}
