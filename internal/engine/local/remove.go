package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/stacks"
)

// removeOthers takes away nodes that are no longer wanted, with their data.
func (e *Engine) removeOthers(ctx context.Context, old, wanted engine.Environment) error {
	entries, err := os.ReadDir(filepath.Join(e.environmentDir(wanted.ID), "nodes"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return internal(err, "The nodes of environment %s cannot be listed.", wanted.Name)
	}
	for _, entry := range entries {
		number, err := strconv.ParseInt(entry.Name(), 10, 64)
		if err != nil {
			continue
		}
		id := holm.NodeID(number)
		if slices.ContainsFunc(wanted.Nodes, func(n engine.Node) bool { return n.ID == id }) {
			continue
		}
		gone := engine.Node{ID: id, Stack: "static"}
		if i := slices.IndexFunc(old.Nodes, func(n engine.Node) bool { return n.ID == id }); i >= 0 {
			gone = old.Nodes[i]
		}
		if err := e.removeNode(ctx, wanted, gone); err != nil {
			return holm.Wrap(holm.CodeUnavailable, err, "Node %d could not be removed.", id)
		}
	}
	return nil
}

func (e *Engine) removeNode(ctx context.Context, w engine.Environment, n engine.Node) error {
	release, err := e.slot(ctx)
	if err != nil {
		return err
	}
	defer release()
	p := e.place(w, n)
	r, err := p.readRecord()
	if err != nil {
		return err
	}
	seconds := 10
	if stack, err := stacks.Get(n.Stack); err == nil {
		seconds = stack.StopSeconds
	}
	if err := e.end(ctx, p, r, seconds); err != nil {
		return err
	}
	e.disk.forget(p.root())
	had := exists(p.imageFile())
	if err := os.RemoveAll(p.dir); err != nil {
		return err
	}
	engine.Pass(engine.StepGone)
	if !had {
		return nil
	}
	return e.sweepLayers()
}

// Remove takes away everything of the environment, and with the last one what
// environments share.
func (e *Engine) Remove(ctx context.Context, id holm.EnvironmentID) error {
	if !idPattern.MatchString(string(id)) {
		return holm.Invalid("environment", "%q cannot be the id of an environment.", id)
	}
	unlock, err := e.locks.lock(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	old, known, err := e.readEnvironment(id)
	if err != nil {
		return internal(err, "What environment %s was cannot be read.", id)
	}
	if known {
		if err := e.removeOthers(ctx, old, engine.Environment{ID: id, Name: old.Name, Subnet: old.Subnet}); err != nil {
			return err
		}
		if err := e.network.removeBridge(old.Subnet); err != nil {
			return holm.Wrap(holm.CodeUnavailable, err, "The network of environment %s could not be removed.", old.Name)
		}
		engine.Pass(engine.StepUnbridged)
	}
	removeCgroup(fmt.Sprintf("/%s/%s", e.o.Prefix, id))
	if err := os.RemoveAll(e.environmentDir(id)); err != nil {
		return internal(err, "The files of environment %s could not be removed.", id)
	}
	return e.removeSharedIfLast()
}

// removeSharedIfLast leaves the machine as it was when nothing needs it.
func (e *Engine) removeSharedIfLast() error {
	e.sharedMu.Lock()
	defer e.sharedMu.Unlock()
	left, err := e.known()
	if err != nil || len(left) > 0 {
		return err
	}
	removeCgroup("/" + e.o.Prefix)
	// Empty by now; what is not stays.
	_ = os.Remove(e.runc.Root)
	_ = os.Remove(e.o.RunDir)
	if err := e.firewall.remove(); err != nil {
		return holm.Wrap(holm.CodeUnavailable, err, "The firewall table %s could not be removed.", e.o.Prefix)
	}
	return nil
}
