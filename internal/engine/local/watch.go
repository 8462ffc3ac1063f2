package local

import (
	"context"
	"encoding/binary"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/stacks"
)

// How often a node's service is asked: quickly while it comes, then rarely.
// holm-node tells of a service that ended by itself at once, so the rare
// question only finds services that hang.
const (
	firstProbe   = 5 * time.Millisecond
	slowestStart = 500 * time.Millisecond
	steadyProbe  = 15 * time.Second
	// repairEvery is how often the firewall is looked after.
	repairEvery = 30 * time.Second
)

// watcher serves one caller of Watch. It follows every running node: its
// process by a pidfd, what holm-node tells by inotify, its service by probes.
type watcher struct {
	e      *Engine
	ctx    context.Context
	notify *os.File // inotify, nil when the kernel refused
	mu     sync.Mutex
	// notifyFD is the same as notify; -1 when it is closed. File.Fd would make
	// reading block a thread.
	notifyFD int
	nodes    map[holm.NodeID]*followed
	folders  map[int32]*followed // by inotify watch
	changed  map[holm.EnvironmentID]bool
	wake     chan struct{}
}

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

// Watch sends the id of each environment in which something changed that Apply
// did not do. Nodes that should run and do not are told once at the start.
func (e *Engine) Watch(ctx context.Context) <-chan holm.EnvironmentID {
	out := make(chan holm.EnvironmentID)
	w := &watcher{e: e, ctx: ctx, nodes: map[holm.NodeID]*followed{}, folders: map[int32]*followed{},
		changed: map[holm.EnvironmentID]bool{}, wake: make(chan struct{}, 1), notifyFD: -1}
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		e.o.Log.Error("nodes cannot tell of changes at once", "error", err)
	} else {
		w.notify, w.notifyFD = os.NewFile(uintptr(fd), "inotify"), fd
		go w.readStatuses()
	}
	e.watchersMu.Lock()
	e.watchers[w] = true
	e.watchersMu.Unlock()
	w.followKnown()
	go w.send(out)
	go w.repair()
	return out
}

// followKnown takes up nodes that ran before the watch began.
func (w *watcher) followKnown() {
	known, err := w.e.known()
	if err != nil {
		w.e.o.Log.Error("environments cannot be listed", "error", err)
	}
	for _, id := range known {
		environment, _, err := w.e.readEnvironment(id)
		if err != nil {
			w.e.o.Log.Error("environment cannot be read", "environment", id, "error", err)
			continue
		}
		for _, n := range environment.Nodes {
			r, err := w.e.place(environment, n).readRecord()
			switch {
			case err == nil && w.e.alive(r.Process):
				w.follow(environment, n, *r.Process)
			case n.Running:
				w.tell(id)
			}
		}
	}
}

// started tells the watchers of a node that Apply has started.
func (e *Engine) started(w engine.Environment, n engine.Node, r record) {
	e.watchersMu.Lock()
	defer e.watchersMu.Unlock()
	for watcher := range e.watchers {
		watcher.follow(w, n, *r.Process)
	}
}

// stopping tells them of one that Apply is going to stop, or has failed to: the
// end of one that is being stopped is no news.
func (e *Engine) stopping(p place, is bool) {
	e.watchersMu.Lock()
	defer e.watchersMu.Unlock()
	for watcher := range e.watchers {
		watcher.mu.Lock()
		if f := watcher.nodes[p.node]; f != nil {
			f.quiet = is
		}
		watcher.mu.Unlock()
	}
}

func (w *watcher) follow(environment engine.Environment, n engine.Node, process process) {
	stack, err := stacks.Get(n.Stack)
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

// readStatuses wakes the probe of each node whose holm-node has told
// something.
func (w *watcher) readStatuses() {
	context.AfterFunc(w.ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.notifyFD = -1 // its number may soon be another file's
		_ = w.notify.Close()
	})
	buffer := make([]byte, 16<<10)
	for {
		n, err := w.notify.Read(buffer)
		if err != nil {
			return
		}
		for at := 0; at+unix.SizeofInotifyEvent <= n; {
			watch, length := inotifyEvent(buffer[at:n])
			at += unix.SizeofInotifyEvent + length
			w.mu.Lock()
			f := w.folders[watch]
			w.mu.Unlock()
			if f != nil {
				select {
				case f.hurry <- struct{}{}:
				default:
				}
			}
		}
	}
}

// inotifyEvent gives the watch of an event and the length of the name after it.
func inotifyEvent(b []byte) (watch int32, length int) {
	return int32(binary.NativeEndian.Uint32(b)), int(binary.NativeEndian.Uint32(b[12:]))
}

// tellOf remembers that a node's environment has changed, unless Apply is just
// stopping the node.
func (w *watcher) tellOf(f *followed) {
	w.mu.Lock()
	quiet := f.quiet
	w.mu.Unlock()
	if !quiet {
		w.tell(f.place.env)
	}
}

// tell remembers that an environment has changed.
func (w *watcher) tell(id holm.EnvironmentID) {
	w.mu.Lock()
	w.changed[id] = true
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// send passes on what was told; an environment told twice before it is taken
// is passed on once.
func (w *watcher) send(out chan<- holm.EnvironmentID) {
	defer close(out)
	defer w.end()
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-w.wake:
		}
		w.mu.Lock()
		changed := w.changed
		w.changed = map[holm.EnvironmentID]bool{}
		w.mu.Unlock()
		for id := range changed {
			select {
			case out <- id:
			case <-w.ctx.Done():
				return
			}
		}
	}
}

func (w *watcher) end() {
	w.e.watchersMu.Lock()
	delete(w.e.watchers, w)
	w.e.watchersMu.Unlock()
}

// repair looks after the firewall: another program may have replaced all
// tables, and nodes must not stand without.
func (w *watcher) repair() {
	ticker := time.NewTicker(repairEvery)
	defer ticker.Stop()
	for {
		select {
		case <-w.ctx.Done():
			return
		case <-ticker.C:
		}
		if err := w.e.repairFirewall(); err != nil {
			w.e.o.Log.Error("the firewall between environments cannot be put right", "error", err)
		}
	}
}

func (e *Engine) repairFirewall() error {
	e.sharedMu.Lock()
	defer e.sharedMu.Unlock()
	if known, err := e.known(); err != nil || len(known) == 0 {
		return err
	}
	return e.firewall.ensure()
}
