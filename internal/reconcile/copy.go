package reconcile

import (
	"context"
	"fmt"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/internal/store"
)

// copyPatience is how long the files of an environment may take to be copied.
const copyPatience = 30 * time.Minute

// copy gives nodes that are to begin with the files of others these files,
// before anything of them is started. It counts as done in the same moment as
// it is written down; whoever dies before makes it again from the start.
func (r *Reconciler) copy(ctx context.Context, e *holm.Environment) error {
	pairs := map[holm.NodeID]holm.NodeID{}
	for _, l := range e.Layers {
		for _, n := range l.Nodes {
			if n.CopyOf != 0 {
				pairs[n.ID] = n.CopyOf
			}
		}
	}
	if len(pairs) == 0 && e.CopyOf == "" {
		return nil
	}
	c := engine.Copying{Source: e.ID, Target: view{e: *e}.plan().wanted, Nodes: pairs}
	original := *e
	if e.CopyOf != "" {
		var err error
		if original, err = r.original(ctx, e.CopyOf); err != nil {
			return err
		}
		c.Source, c.Names = original.ID, r.names(original)
	}
	began := time.Now()
	copied, err := r.filesFor(ctx, c)
	if err != nil {
		return err
	}
	report := holm.CopyReport{Of: original.Name, At: began.UTC(), Paused: copied.Paused, Bytes: copied.Bytes, More: copied.More}
	for _, m := range copied.Mentions {
		report.Mentions = append(report.Mentions, holm.Mention(m))
	}
	return r.copied(ctx, e, pairs, report)
}

// filesFor has the engine copy. One that cannot leaves the new nodes of a layer
// as they come, but makes no clone that would be empty.
func (r *Reconciler) filesFor(ctx context.Context, c engine.Copying) (engine.Copied, error) {
	copier, can := r.o.Engine.(engine.Copier)
	if len(c.Nodes) == 0 {
		return engine.Copied{}, nil
	}
	if !can {
		if c.Source != c.Target.ID {
			return engine.Copied{}, holm.Errorf(holm.CodeConflict, "It cannot be a copy: the engine that runs it cannot copy files, and it would be empty. Delete it, or run Holm with an engine that copies.")
		}
		return engine.Copied{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, copyPatience)
	defer cancel()
	return copier.Copy(ctx, c)
}

// original reads the environment that another is made a copy of.
func (r *Reconciler) original(ctx context.Context, id holm.EnvironmentID) (e holm.Environment, err error) {
	err = r.o.Door.SystemRead(ctx, func(tx *store.Tx) (err error) {
		e, err = tx.ToReconcile(id)
		return err
	})
	if err == store.ErrNone {
		return e, holm.Errorf(holm.CodeGone, "The environment that this was to be a copy of was erased before its files were copied. Delete this one.")
	}
	return e, err
}

// names are what copies are searched for: how the original and its nodes are
// called and where they are.
func (r *Reconciler) names(original holm.Environment) (list []string) {
	if r.o.Host != nil {
		list = append(list, r.o.Host(original.Name))
	}
	for _, l := range original.Layers {
		for _, n := range l.Nodes {
			list = append(list, fmt.Sprintf("node%d", n.ID))
			if n.Address != "" {
				list = append(list, n.Address)
			}
		}
	}
	return list
}

// copied writes down that the files are there.
func (r *Reconciler) copied(ctx context.Context, e *holm.Environment, pairs map[holm.NodeID]holm.NodeID, report holm.CopyReport) error {
	return r.o.Door.SystemChange(ctx, "reconciler", func(s *dispatch.Scope) error {
		for id := range pairs {
			if err := s.Tx.Copied(e.ID, id); err != nil {
				return err
			}
		}
		if e.CopyOf == "" {
			return nil
		}
		if err := s.Tx.CopyMade(e.ID, report); err != nil {
			return err
		}
		s.Changed(*e)
		return s.Record(*e, "environment.copy", e.Name, "0", map[string]any{"original": report.Of, "paused_ms": report.Paused.Milliseconds(), "bytes": report.Bytes, "mentions": len(report.Mentions)})
	})
}
