package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/internal/engine/control"
	"github.com/holmhq/holm/internal/engine/freezer"
	"github.com/holmhq/holm/internal/engine/tree"
)

// Copying goes over the files again and again while the sources run, until
// what changed meanwhile is little, and once more while they are paused.
const (
	mostPasses   = 6
	littleBytes  = 32 << 20
	longestFroze = 900 * time.Millisecond // a bound that is kept; the copy fails instead
)

var _ engine.Copier = (*Engine)(nil)

// Copy gives nodes the files that other nodes have at one moment.
func (e *Engine) Copy(ctx context.Context, c engine.Copying) (engine.Copied, error) {
	var out engine.Copied
	if err := e.checkWanted(c.Target); err != nil {
		return out, err
	}
	source, known, err := e.readEnvironment(c.Source)
	if err != nil || !known {
		return out, internal(errors.Join(err, errors.New("no such environment")), "What environment %s is cannot be read.", c.Source)
	}
	pairs, err := e.pairs(source, c)
	if err != nil {
		return out, err
	}
	for range mostPasses {
		changed, err := e.pass(ctx, pairs)
		if err != nil {
			return out, e.uncopied(pairs, err)
		}
		engine.Pass(engine.StepCopying)
		if changed < littleBytes {
			break
		}
	}
	if out.Paused, err = e.frozenPass(ctx, source, pairs); err != nil {
		return out, e.uncopied(pairs, err)
	}
	engine.Pass(engine.StepCopied)
	for _, p := range pairs {
		out.Bytes += p.tree.Size
		if err := p.settle(); err != nil {
			return out, e.uncopied(pairs, err)
		}
	}
	engine.Pass(engine.StepSettled)
	for _, p := range pairs {
		if len(c.Names) > 0 {
			found, more := tree.Search(ctx, p.to.root(), c.Names, ours)
			for _, f := range found {
				out.Mentions = append(out.Mentions, engine.Mention{Node: p.to.node, Path: f.Path, Line: f.Line, Name: f.Name})
			}
			out.More = out.More || more
		}
	}
	return out, nil
}

// pair is a node that gets files and the one it gets them from.
type pair struct {
	from, to place
	hostname string
	tree     *tree.Tree
}

// pairs finds the places, and removes what the targets had: they never ran.
func (e *Engine) pairs(source engine.Environment, c engine.Copying) (list []*pair, err error) {
	for target, from := range c.Nodes {
		i := slices.IndexFunc(source.Nodes, func(n engine.Node) bool { return n.ID == from })
		j := slices.IndexFunc(c.Target.Nodes, func(n engine.Node) bool { return n.ID == target })
		if i < 0 || j < 0 {
			return nil, holm.Errorf(holm.CodeConflict, "Node %d, whose files are to be copied, is not there any more.", from)
		}
		p := &pair{from: e.place(source, source.Nodes[i]), to: e.place(c.Target, c.Target.Nodes[j]), hostname: c.Target.Nodes[j].Hostname}
		r, err := p.to.readRecord()
		if err != nil {
			return nil, err
		}
		if e.alive(r.Process) {
			return nil, holm.Errorf(holm.CodeConflict, "Node %d runs; its files are not replaced.", target)
		}
		if err := e.folders(p.to); err != nil {
			return nil, err
		}
		for _, old := range []string{p.to.root(), p.to.root() + ".new"} {
			if err := os.RemoveAll(old); err != nil {
				return nil, err
			}
		}
		p.tree = &tree.Tree{From: p.from.firstU, To: p.to.firstU, IDs: idsPerEnvironment, Skip: serviceLog, Mapped: p.from.mapped}
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b *pair) int { return int(a.to.node - b.to.node) })
	return list, nil
}

// uncopied takes back what a failed copy has made.
func (e *Engine) uncopied(pairs []*pair, why error) error {
	for _, p := range pairs {
		why = errors.Join(why, os.RemoveAll(p.to.root()+".new"))
	}
	switch {
	case full(why):
		return noRoom(why, "The files could not be copied.")
	case holm.CodeOf(why) != holm.CodeInternal:
		return why
	}
	return holm.Wrap(holm.CodeUnavailable, why, "The files could not be copied; it is tried again.")
}

// pass copies what is new or changed since the pass before and gives its size.
func (e *Engine) pass(ctx context.Context, pairs []*pair) (changed int64, err error) {
	for _, p := range pairs {
		before := p.tree.Written
		if err := p.tree.Sync(ctx, p.from.root(), p.to.root()+".new"); err != nil {
			return 0, err
		}
		changed += p.tree.Written - before
	}
	return changed, nil
}

// frozenPass makes the last pass while nothing in the source changes, and
// gives how long its nodes stood still. The lock keeps nodes of the source
// from being started or stopped meanwhile.
func (e *Engine) frozenPass(ctx context.Context, source engine.Environment, pairs []*pair) (stood time.Duration, err error) {
	unlock, err := e.locks.lock(ctx, source.ID)
	if err != nil {
		return 0, err
	}
	defer unlock()
	var running []place
	for _, n := range source.Nodes {
		p := e.place(source, n)
		if r, err := p.readRecord(); err == nil && e.alive(r.Process) {
			running = append(running, p)
		}
	}
	limited, cancel := context.WithTimeout(ctx, longestFroze)
	defer cancel()
	began := time.Now()
	// Whatever happens, they go on.
	defer func() {
		for _, p := range running {
			err = errors.Join(err, freezer.Thaw(cgroupRoot, p.cgroup, unified()))
		}
		stood = time.Since(began)
	}()
	failures := make([]error, len(running))
	var all sync.WaitGroup
	for i, p := range running {
		all.Go(func() { failures[i] = freezer.Freeze(limited, cgroupRoot, p.cgroup, unified()) })
	}
	all.Wait()
	if err := first(failures); err != nil {
		return 0, err
	}
	engine.Pass(engine.StepFrozen)
	_, err = e.pass(limited, pairs)
	if limited.Err() != nil && ctx.Err() == nil {
		err = holm.Errorf(holm.CodeConflict, "Too much changes in %s just now to copy it without stopping it for more than a second. Try again when less is written.", source.Name)
	}
	return 0, err
}

// settle gives a copy what makes it a node of its own, and its place.
func (p *pair) settle() error {
	fresh := p.to.root() + ".new"
	root, err := os.OpenRoot(fresh)
	if err != nil {
		return err
	}
	defer root.Close()
	// The tree came out of a node: what it has at this path may be a link.
	if err := root.Remove("etc/hostname"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := root.WriteFile("etc/hostname", []byte(p.hostname+"\n"), 0o644); err != nil {
		return err
	}
	if err := root.Lchown("etc/hostname", p.to.hostID(0), p.to.hostID(0)); err != nil {
		return err
	}
	return os.Rename(fresh, p.to.root())
}

// thawLeft lets a node go on that a control plane has paused and died.
func (p place) thawLeft() error {
	if is, err := freezer.Asked(cgroupRoot, p.cgroup, unified()); err != nil || !is {
		return nil
	}
	if err := freezer.Thaw(cgroupRoot, p.cgroup, unified()); err != nil {
		return fmt.Errorf("node %d stands still and cannot go on: %w", p.node, err)
	}
	return nil
}

// serviceLog says whether a file of a node is the engine's record of what its
// service printed, which is not the copy's.
func serviceLog(path string) bool {
	return path == control.LogFile[1:] || path == control.LogFile[1:]+".1"
}

// ours says whether a file is one that the engine writes.
func ours(path string) bool { return path == "etc/hostname" }
