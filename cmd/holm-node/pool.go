package main

import (
	"slices"
	"sync"
	"time"
)

// How long an upstream that did not answer is left alone: it doubles from the
// first to the last with every failure.
const (
	firstRest = 500 * time.Millisecond
	lastRest  = 10 * time.Second
)

// pool is the set of upstreams. The zero value is empty.
type pool struct {
	mu   sync.Mutex
	all  []*upstream
	turn int // where the next search starts, so that equals take turns
}

// upstream is a node that requests may be sent to.
type upstream struct {
	address string
	pool    *pool
	// These are guarded by the pool's lock.
	busy     int // requests under way
	failures int // in a row
	restTill time.Time
}

// set replaces the addresses and says whether that changed anything. Upstreams
// that stay keep their counts; those that go finish what they have.
func (p *pool) set(addresses []string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	old := map[string]*upstream{}
	for _, u := range p.all {
		old[u.address] = u
	}
	fresh := make([]*upstream, 0, len(addresses))
	changed := len(addresses) != len(p.all)
	for _, address := range addresses {
		u := old[address]
		if u == nil {
			u, changed = &upstream{address: address, pool: p}, true
		}
		fresh = append(fresh, u)
	}
	p.all = fresh
	return changed
}

// take chooses the upstream with the fewest requests under way that is not in
// tried, and counts one more for it. Those that failed lately are taken only
// when there is no other. It gives nil when all were tried.
func (p *pool) take(tried []*upstream) *upstream {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	var best *upstream
	for i := range p.all {
		u := p.all[(p.turn+i)%len(p.all)]
		if slices.Contains(tried, u) {
			continue
		}
		if best == nil || u.better(best, now) {
			best = u
		}
	}
	if best == nil {
		return nil
	}
	p.turn = (p.turn + 1) % len(p.all)
	best.busy++
	return best
}

func (u *upstream) better(than *upstream, now time.Time) bool {
	if rests, thanRests := now.Before(u.restTill), now.Before(than.restTill); rests != thanRests {
		return thanRests
	}
	return u.busy < than.busy
}

func (u *upstream) release() {
	u.pool.mu.Lock()
	u.busy--
	u.pool.mu.Unlock()
}

func (u *upstream) worked() {
	u.pool.mu.Lock()
	u.failures, u.restTill = 0, time.Time{}
	u.pool.mu.Unlock()
}

func (u *upstream) failed(now time.Time) {
	u.pool.mu.Lock()
	u.restTill = now.Add(min(firstRest<<min(u.failures, 10), lastRest))
	u.failures++
	u.pool.mu.Unlock()
}
