package reconcile

import (
	"sync"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

const (
	// longestRest bounds how long a node that ends again and again rests
	// before it is started once more.
	longestRest = time.Minute
	// goodLife is how long a node must have lived for its earlier ends to be
	// forgotten.
	goodLife = 5 * time.Minute
)

// crashes remembers nodes that ended by themselves. (A service that ends inside
// a node that lives is holm-node's to start again.) It is kept in memory: a
// control plane that starts anew tries everything at once. The zero value is
// ready.
type crashes struct {
	mu    sync.Mutex
	nodes map[holm.NodeID]crash
}

type crash struct {
	count int
	life  time.Time // which of its lives ended last, by its beginning
	until time.Time // rests until then
}

// note takes up what is seen of an environment's nodes and gives those that
// rest, with until when: not at all after the first end, then 1, 2, 4 … s.
func (c *crashes) note(e holm.Environment, seen map[holm.NodeID]engine.Observed, now time.Time) map[holm.NodeID]time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	resting := map[holm.NodeID]time.Time{}
	for _, l := range e.Layers {
		for _, n := range l.Nodes {
			o, ok := seen[n.ID]
			known, ended := c.nodes[n.ID]
			switch {
			case !ok || e.Wanted != holm.StateRunning:
				delete(c.nodes, n.ID)
			case o.State != holm.StateStopped || o.Reason == "":
				if ended && alive(o) && now.Sub(o.Since) > goodLife {
					delete(c.nodes, n.ID)
				}
			case !known.life.Equal(o.Since) || !ended:
				rest := time.Duration(0)
				if known.count > 0 {
					rest = min(time.Second<<min(known.count-1, 10), longestRest)
				}
				known = crash{known.count + 1, o.Since, now.Add(rest)}
				if c.nodes == nil {
					c.nodes = map[holm.NodeID]crash{}
				}
				c.nodes[n.ID] = known
				fallthrough
			default:
				if known.until.After(now) {
					resting[n.ID] = known.until
				}
			}
		}
	}
	return resting
}

// look puts together what a plan is made from.
func (r *Reconciler) look(e holm.Environment, seen []engine.Observed) view {
	now, byID := time.Now(), index(seen)
	return view{e: e, seen: byID, now: now, resting: r.crashes.note(e, byID, now)}
}
