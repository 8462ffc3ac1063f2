package reconcile

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/engine"
)

// verdict is what an environment is said to be doing, from what its nodes
// are seen doing.
type verdict struct {
	state  holm.State
	reason string
	done   bool // what is wanted is reached
}

// judge compares what is seen with what is wanted.
func judge(e holm.Environment, nodes []holm.Node, p plan, failed error) verdict {
	pending := errors.Is(failed, engine.ErrInUse)
	if failed != nil && !pending {
		return verdict{state: holm.StateBroken, reason: holm.AsError(failed).Detail}
	}
	waiting := len(p.waiting)
	for _, n := range nodes {
		switch {
		case n.State == holm.StateBroken:
			return verdict{state: holm.StateBroken, reason: strings.TrimSpace(fmt.Sprintf("Node %d: %s %s", n.ID, n.Reason, p.halted)), done: true}
		case n.State != e.Wanted:
			waiting++
		}
	}
	if pending {
		// It serves as before; the new limit holds as soon as it can.
		return verdict{state: holm.StateUpdating, reason: holm.AsError(failed).Detail}
	}
	if waiting == 0 {
		return verdict{state: e.Wanted, done: true}
	}
	// On the way there: what it was said to be doing, if that fits.
	switch e.State {
	case holm.StateRunning, holm.StateStopped, holm.StateBroken:
		if e.Wanted == holm.StateRunning {
			return verdict{state: holm.StateStarting}
		}
		return verdict{state: holm.StateStopping}
	}
	return verdict{state: e.State}
}

// write puts what is seen into the store and tells who follows, when it is
// news.
func (r *Reconciler) write(ctx context.Context, e holm.Environment, seen []engine.Observed, p plan, failed error) error {
	nodes := merge(e, seen, p)
	v := judge(e, nodes, p, failed)
	if known(e, nodes, v) {
		return nil
	}
	return r.o.Door.SystemChange(ctx, "reconciler", func(s *dispatch.Scope) error {
		done := int64(0)
		if v.done {
			done = e.Generation
		}
		current, err := s.Tx.Observe(e.ID, e.Generation, done, v.state, v.reason)
		if err != nil || !current {
			return err // asked for something else meanwhile; that work sees anew
		}
		news := v.state != e.State || v.reason != e.Reason
		for _, n := range nodes {
			changed, err := s.Tx.ObserveNode(e.ID, n)
			if err != nil {
				return err
			}
			news = news || changed
		}
		if news {
			s.Changed(e)
		}
		if v.state == holm.StateBroken && e.State != holm.StateBroken {
			return s.Record(e, "environment.fail", e.Name, string(holm.CodeUnavailable), map[string]any{"error": v.reason})
		}
		return nil
	})
}

// known says that the store has it all already. After a start that is so for
// nearly every environment, and a transaction for each would hold up others.
func known(e holm.Environment, nodes []holm.Node, v verdict) bool {
	if v.state != e.State || v.reason != e.Reason || v.done && e.Done < e.Generation {
		return false
	}
	i := 0
	for _, l := range e.Layers {
		for _, n := range l.Nodes {
			if nodes[i] != n {
				return false
			}
			i++
		}
	}
	return true
}

// merge puts what is seen of each node beside what is stored. A node that
// nothing is seen of keeps its state.
func merge(e holm.Environment, seen []engine.Observed, p plan) []holm.Node {
	byID := index(seen)
	var nodes []holm.Node
	for _, l := range e.Layers {
		for _, n := range l.Nodes {
			if o, ok := byID[n.ID]; ok {
				n.State, n.Reason, n.Address, n.Port, n.Variables = o.State, o.Reason, o.Address, o.Port, o.EnvVersion
				switch why, waits := p.waiting[n.ID]; {
				case waits && o.State == holm.StateStopped:
					n.State = holm.StateStarting
					if why != waitsForOrder {
						n.Reason = why
					}
				case waits: // for its restart; it serves until then
				case o.State == holm.StateRunning && o.Restarts < n.Restarts:
					n.State = holm.StateRestarting
				}
			}
			nodes = append(nodes, n)
		}
	}
	return nodes
}

func index(seen []engine.Observed) map[holm.NodeID]engine.Observed {
	byID := make(map[holm.NodeID]engine.Observed, len(seen))
	for _, o := range seen {
		byID[o.Node] = o
	}
	return byID
}

// announce takes nodes that are about to stop or restart out of the store's
// list of those that serve, so that nobody sends requests to them any more.
func (r *Reconciler) announce(ctx context.Context, e holm.Environment, leaving map[holm.NodeID]holm.State) error {
	return r.o.Door.SystemChange(ctx, "reconciler", func(s *dispatch.Scope) error {
		news := false
		for _, l := range e.Layers {
			for _, n := range l.Nodes {
				state, leaves := leaving[n.ID]
				if !leaves {
					continue
				}
				n.State, n.Reason = state, ""
				changed, err := s.Tx.ObserveNode(e.ID, n)
				if err != nil {
					return err
				}
				news = news || changed
			}
		}
		if news {
			s.Changed(e)
		}
		return nil
	})
}
