package local

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/stacks"
)

// followed is a running node.
type followed struct {
	place   place
	process process
	stack   stacks.Stack
	address string
	cancel  context.CancelFunc
	hurry   chan struct{} // ask its service now
	watch   int32
	quiet   bool // it is being stopped; guarded by the watcher's lock
}

func (w *watcher) follow(environment engine.Environment, n engine.Node, process process) {
	stack, err := w.e.place(environment, n).stack(n)
	if err != nil {
		return
	}
	w.unfollow(n.ID, nil)
	ctx, cancel := context.WithCancel(w.ctx)
	f := &followed{place: w.e.place(environment, n), process: process, stack: stack, cancel: cancel,
		address: w.e.network.node(environment.Subnet, n.Slot).String(), hurry: make(chan struct{}, 1), watch: -1}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.notifyFD >= 0 {
		if watch, err := unix.InotifyAddWatch(w.notifyFD, f.place.status(), unix.IN_MOVED_TO); err == nil {
			f.watch = int32(watch)
			w.folders[f.watch] = f
		}
	}
	w.nodes[n.ID] = f
	go w.awaitEnd(ctx, f)
	go w.probe(ctx, f)
}

// unfollow forgets a node; with only given, not if it is another start of it.
// It says whether the end of the node would be news.
func (w *watcher) unfollow(id holm.NodeID, only *followed) (news bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.nodes[id]
	if f == nil || (only != nil && f != only) {
		return false
	}
	f.cancel()
	delete(w.nodes, id)
	if f.watch >= 0 && w.notifyFD >= 0 && w.folders[f.watch] == f {
		delete(w.folders, f.watch)
		_, _ = unix.InotifyRmWatch(w.notifyFD, uint32(f.watch))
	}
	return !f.quiet
}

// awaitEnd waits until the node's first process ends.
func (w *watcher) awaitEnd(ctx context.Context, f *followed) {
	fd, err := unix.PidfdOpen(f.process.Pid, unix.PIDFD_NONBLOCK)
	if err == nil {
		file := os.NewFile(uintptr(fd), "pidfd")
		stop := context.AfterFunc(ctx, func() { _ = file.SetReadDeadline(time.Unix(1, 0)) })
		if w.e.alive(&f.process) {
			awaitReadable(file)
		}
		stop()
		_ = file.Close()
	}
	if ctx.Err() != nil {
		return
	}
	if w.unfollow(f.place.node, f) {
		w.tell(f.place.env)
	}
}

// awaitReadable waits until a file can be read without reading it: a pidfd can
// when its process has ended. It ends early with the file's deadline.
func awaitReadable(file *os.File) {
	raw, err := file.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Read(func(fd uintptr) bool {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		return n > 0 || (err != nil && err != unix.EINTR)
	})
}

// probe asks the service again and again and tells when the answer changes.
func (w *watcher) probe(ctx context.Context, f *followed) {
	last, pause := holm.StateStarting, firstProbe
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-f.hurry:
			pause = firstProbe
		}
		state, _ := w.e.serviceState(ctx, f.place, f.stack, f.address)
		if ctx.Err() != nil {
			return
		}
		if state != last {
			w.tellOf(f)
			last, pause = state, firstProbe
		}
		if state == holm.StateRunning {
			pause = steadyProbe
		} else {
			pause = min(pause*2, slowestStart)
		}
		timer.Reset(pause)
	}
}
