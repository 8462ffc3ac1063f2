package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	runc "github.com/containerd/go-runc"
	"golang.org/x/sys/unix"

	"github.com/holmhq/holm/internal/engine"
)

// stop ends a node if it runs. The record says it afterwards.
func (e *Engine) stop(ctx context.Context, p place, r *record, seconds int) error {
	if err := e.end(ctx, p, *r, seconds); err != nil {
		return err
	}
	if r.Process == nil && r.Failure == "" {
		return nil
	}
	engine.Pass(engine.StepDiscarded)
	r.Process, r.Failure, r.Since = nil, "", time.Now().UTC()
	if _, err := os.Stat(p.dir); err != nil {
		return nil
	}
	return p.writeRecord(*r)
}

// end ends a node if it runs: its service gets the time its stack allows, then
// everything in it is killed. It writes nothing, so it works on a full disk.
func (e *Engine) end(ctx context.Context, p place, r record, seconds int) error {
	if e.alive(r.Process) {
		if err := p.thawLeft(); err != nil { // what stands cannot end
			return err
		}
		e.stopping(p, true)
		// holm-node itself kills the service after these seconds; one more
		// lets it end by itself.
		if err := e.terminate(ctx, r.Process, time.Duration(seconds+1)*time.Second); err != nil {
			e.stopping(p, false)
			return err
		}
		engine.Pass(engine.StepEnded)
	}
	return e.discard(ctx, p)
}

// terminate asks a process to end and waits, at most for grace.
func (e *Engine) terminate(ctx context.Context, p *process, grace time.Duration) error {
	fd, err := unix.PidfdOpen(p.Pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if !e.alive(p) { // the pid may be somebody else's by now
		return nil
	}
	if err := unix.PidfdSendSignal(fd, unix.SIGTERM, nil, 0); err != nil {
		return nil // it has just ended
	}
	deadline := time.Now().Add(grace)
	for time.Now().Before(deadline) {
		if err := ctx.Err(); err != nil {
			return err
		}
		ready, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 200)
		if ready > 0 || (err != nil && !errors.Is(err, unix.EINTR)) {
			return nil
		}
	}
	return nil
}

// discard takes away what is left of a container: processes, cgroup, runc's
// state, its cable. It is fine when there is nothing.
func (e *Engine) discard(ctx context.Context, p place) error {
	state := filepath.Join(e.runc.Root, p.container())
	if _, err := os.Stat(state); err == nil {
		err := e.whole(ctx, func(ctx context.Context) error {
			return e.runc.Delete(ctx, p.container(), &runc.DeleteOpts{Force: true})
		})
		if _, gone := os.Stat(state); gone == nil {
			return fmt.Errorf("runc cannot delete node %d: %w", p.node, err)
		}
	}
	// runc may have been killed before it wrote down what it had made.
	if err := killCgroup(ctx, p.cgroup); err != nil {
		return err
	}
	removeCgroup(p.cgroup)
	return removeLink(p.netdev)
}
