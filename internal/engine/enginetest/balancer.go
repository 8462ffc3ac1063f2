package enginetest

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

// balancerLoad sends requests without pause while upstreams come, go, stop and
// restart; none may fail.
func balancerLoad(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true, Stack: "balancer", Role: holm.LayerBalancer},
		engine.Node{Running: true}, engine.Node{Running: true})
	w.spread(1, 2)
	w.apply()
	front := w.await(0, holm.StateRunning)
	w.await(1, holm.StateRunning)
	w.await(2, holm.StateRunning)
	url := fmt.Sprintf("http://%s:%d/", front.Address, front.Port)
	seenBy := w.seen(t, url)
	if len(seenBy) != 2 {
		t.Errorf("requests reach %d nodes, not 2", len(seenBy))
	}
	load := startLoad(t, url)
	w.w.Nodes = append(w.w.Nodes, w.complete(engine.Node{Running: true}, 4))
	w.spread(1, 2, 3) // one more
	w.apply()
	w.await(3, holm.StateRunning)
	load.atLeast(t, 50)
	w.w.Nodes[1].Restarts++ // one starts again
	w.apply()
	w.await(1, holm.StateRunning)
	load.atLeast(t, 50)
	w.w.Nodes[2].Running = false // one stops
	w.spread(1, 3)
	w.apply()
	load.atLeast(t, 50)
	w.w.Nodes = append(w.w.Nodes[:1], w.w.Nodes[2:]...) // one goes
	w.spread(2)
	w.apply()
	load.atLeast(t, 50)
	load.end(t)
	if after := w.observe(0); !after.Since.Equal(front.Since) {
		t.Error("the balancer was restarted")
	}
}

// spread makes nodes (by their place in the test) the balancer's upstreams.
func (w *world) spread(nodes ...int) {
	w.w.Nodes[0].Upstreams = nil
	for _, i := range nodes {
		w.w.Nodes[0].Upstreams = append(w.w.Nodes[0].Upstreams, engine.Upstream{Node: w.w.Nodes[i].ID})
	}
}

// seen gives which of the environment's nodes answer requests.
func (w *world) seen(t *testing.T, url string) map[string]bool {
	out := map[string]bool{}
	client := clientFor(t)
	for range 20 {
		_, body, err := get(client, url)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range w.w.Nodes {
			if mark := fmt.Sprintf("<dd>%d</dd>", n.ID); strings.Contains(body, mark) {
				out[mark] = true
			}
		}
	}
	return out
}

// load is a stream of requests.
type load struct {
	stop chan struct{}
	all  sync.WaitGroup
	good atomic.Int64
	bad  chan string
}

func startLoad(t *testing.T, url string) *load {
	l := &load{stop: make(chan struct{}), bad: make(chan string, 1000)}
	for range 4 {
		client := clientFor(t)
		l.all.Go(func() {
			for {
				select {
				case <-l.stop:
					return
				default:
				}
				status, body, err := get(client, url)
				if err == nil && status == 200 {
					l.good.Add(1)
					continue
				}
				select {
				case l.bad <- fmt.Sprintf("status %d, error %v, %s", status, err, strings.TrimSpace(body)):
				default:
				}
			}
		})
	}
	return l
}

// atLeast waits until so many more requests have been answered.
func (l *load) atLeast(t *testing.T, n int64) {
	t.Helper()
	from := l.good.Load()
	eventually(t, func() (bool, string) {
		return l.good.Load() >= from+n, "too few requests are answered"
	})
}

func (l *load) end(t *testing.T) {
	t.Helper()
	close(l.stop)
	l.all.Wait()
	close(l.bad)
	for text := range l.bad {
		t.Errorf("a request failed: %s", text)
	}
	t.Logf("%d requests answered", l.good.Load())
}
