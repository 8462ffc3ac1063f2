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
	"github.com/holmhq/holm/internal/engine/freezer"
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
			p := w.e.place(environment, n)
			r, err := p.readRecord()
			switch {
			case err == nil && w.e.alive(r.Process):
				w.follow(environment, n, *r.Process)
				go w.thaw(p)
			case n.Running:
				w.tell(id)
			}
		}
	}
}

// thaw lets a node go on that a control plane has paused and died, before its
// environment's turn comes. The lock tells it from one that is paused just now.
func (w *watcher) thaw(p place) {
	if is, err := freezer.Asked(cgroupRoot, p.cgroup, unified()); err != nil || !is {
		return
	}
	unlock, err := w.e.locks.lock(w.ctx, p.env)
	if err != nil {
		return
	}
	defer unlock()
	if err := p.thawLeft(); err != nil {
		w.e.o.Log.Error("a node that was left paused cannot go on", "node", p.node, "error", err)
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
