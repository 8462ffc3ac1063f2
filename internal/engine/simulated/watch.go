package simulated

import (
	"context"
	"sync"

	"github.com/holmhq/holm"
)

// watcher serves one caller of Watch.
type watcher struct {
	mu      sync.Mutex
	changed map[holm.EnvironmentID]bool
	wake    chan struct{}
}

// Watch sends the environments whose nodes were killed, broken or became
// ready.
func (e *Engine) Watch(ctx context.Context) <-chan holm.EnvironmentID {
	out := make(chan holm.EnvironmentID)
	w := &watcher{changed: map[holm.EnvironmentID]bool{}, wake: make(chan struct{}, 1)}
	e.mu.Lock()
	e.watchers[w] = true
	e.mu.Unlock()
	go func() {
		defer close(out)
		defer e.forget(w)
		w.send(ctx, out)
	}()
	return out
}

func (e *Engine) forget(w *watcher) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.watchers, w)
}

// send passes on what was told until ctx ends.
func (w *watcher) send(ctx context.Context, out chan<- holm.EnvironmentID) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		}
		w.mu.Lock()
		changed := w.changed
		w.changed = map[holm.EnvironmentID]bool{}
		w.mu.Unlock()
		for id := range changed {
			select {
			case out <- id:
			case <-ctx.Done():
				return
			}
		}
	}
}

// tell remembers for every watcher that an environment has changed.
func (e *Engine) tell(id holm.EnvironmentID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for w := range e.watchers {
		w.mu.Lock()
		w.changed[id] = true
		w.mu.Unlock()
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}
