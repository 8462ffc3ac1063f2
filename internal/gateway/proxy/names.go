package proxy

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// life is how long a lookup is believed. Changes are told by Invalidate;
	// this bounds the harm when one is missed.
	life = time.Second
	// lookupTime is how long a lookup may take.
	lookupTime = 5 * time.Second
	// mostNames bounds what strangers can make the proxy remember by asking
	// for names that do not exist.
	mostNames = 10_000
)

// found is what a lookup gave.
type found struct {
	Target
	name string
	turn *atomic.Uint64 // whose turn it is, kept from lookup to lookup
}

// order lists the addresses in the order in which they are tried: the first
// is another one with each request.
func (f *found) order() []string {
	n := len(f.Addresses)
	if n < 2 {
		return f.Addresses
	}
	first := int((f.turn.Add(1) - 1) % uint64(n))
	return append(append(make([]string, 0, n), f.Addresses[first:]...), f.Addresses[:first]...)
}

// names remembers lookups for a moment. One lookup serves all who wait for
// the same name.
type names struct {
	resolve func(ctx context.Context, name string) (Target, error)
	mu      sync.Mutex
	known   map[string]*lookup
}

type lookup struct {
	found
	err   error
	until time.Time     // zero while the lookup is under way
	done  chan struct{} // closed when it is finished
}

func newNames(resolve func(context.Context, string) (Target, error)) *names {
	return &names{resolve: resolve, known: map[string]*lookup{}}
}

// find gives the environment of a name.
func (n *names) find(ctx context.Context, name string) (*found, error) {
	l := n.lookup(ctx, name)
	select {
	case <-l.done:
		return &l.found, l.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// lookup gives a lookup that is fresh or under way, and starts one if need be.
func (n *names) lookup(ctx context.Context, name string) *lookup {
	now := time.Now()
	n.mu.Lock()
	defer n.mu.Unlock()
	old := n.known[name]
	if old != nil && (old.until.IsZero() || now.Before(old.until)) {
		return old
	}
	l := &lookup{found: found{name: name, turn: new(atomic.Uint64)}, done: make(chan struct{})}
	if old != nil {
		l.turn = old.turn
	}
	if len(n.known) >= mostNames {
		n.sweep(now)
	}
	n.known[name] = l
	// Others may wait for it, so it does not end with the one who asked.
	go n.run(context.WithoutCancel(ctx), l)
	return l
}

func (n *names) run(ctx context.Context, l *lookup) {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	target, err := n.resolve(ctx, l.name)
	n.mu.Lock()
	defer n.mu.Unlock()
	l.Target, l.err, l.until = target, err, time.Now().Add(life)
	close(l.done)
}

// sweep forgets what is old; called with the lock. When everything is fresh,
// somebody asks for very many names, and forgetting them costs least.
func (n *names) sweep(now time.Time) {
	for name, l := range n.known {
		if !l.until.IsZero() && !now.Before(l.until) {
			delete(n.known, name)
		}
	}
	if len(n.known) >= mostNames {
		clear(n.known)
	}
}

// forget drops a name, or whatever has the id. A lookup under way still
// answers those who wait for it, and nobody who comes later.
func (n *names) forget(environment string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !strings.HasPrefix(environment, "env_") {
		n.drop(environment)
		return
	}
	for name, l := range n.known {
		if l.until.IsZero() || string(l.Environment) == environment {
			n.drop(name) // one under way may be this one
		}
	}
}

// drop forgets a lookup but not whose turn it is, so that spreading goes on.
func (n *names) drop(name string) {
	l := n.known[name]
	if l == nil {
		return
	}
	past := &lookup{found: found{name: name, turn: l.turn}, done: l.done, until: time.Now()}
	n.known[name] = past
}
