package local

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/containerd/console"
	runc "github.com/containerd/go-runc"
	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/stacks"
)

// execStart is how long runc may take to start a process in a node.
const execStart = 15 * time.Second

// Exec starts a process inside a running node, as its service user.
func (e *Engine) Exec(ctx context.Context, id holm.EnvironmentID, node holm.NodeID, command engine.Command) (engine.Process, error) {
	if len(command.Args) == 0 {
		return nil, holm.Invalid("command", "There is no command to run.")
	}
	w, n, p, err := e.find(id, node)
	if err != nil {
		return nil, err
	}
	r, err := p.readRecord()
	if err != nil {
		return nil, internal(err, "What node %d does cannot be read.", node)
	}
	if !e.alive(r.Process) {
		return nil, holm.Errorf(holm.CodeConflict, "Node %d does not run. Start its environment first.", node)
	}
	stack, err := stacks.Get(n.Stack)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(e.o.RunDir, "exec-")
	if err != nil {
		return nil, internal(err, "A process in node %d could not be started.", node)
	}
	s := &session{folder: folder, ended: make(chan struct{}), drained: make(chan struct{})}
	offer, err := p.asImage(stacks.Offer{Stack: stack})
	if err != nil {
		return nil, internal(err, "What image node %d has cannot be read.", node)
	}
	spec := serviceProcess(w, n, offer)
	if spec.Env, err = p.startedWith(spec.Env); err != nil {
		return nil, errors.Join(internal(err, "What node %d was started with cannot be read.", node), os.RemoveAll(folder))
	}
	spec.Args = command.Args
	spec.Env = append(spec.Env, command.Env...)
	if command.Dir != "" {
		spec.Cwd = command.Dir
	}
	if err := s.start(ctx, e.runc, p, spec, command); err != nil {
		return nil, errors.Join(holm.Wrap(holm.CodeUnavailable, err, "The process could not be started in node %d: %s.", node, plain(err)), os.RemoveAll(folder))
	}
	return s, nil
}

// session is a process inside a node. runc stays beside it as long as it runs
// and passes its exit code on.
type session struct {
	folder  string // its pid file, log and socket
	pid     int    // on this machine
	ended   chan struct{}
	drained chan struct{} // all output was passed on
	code    int
	err     error

	mu       sync.Mutex
	terminal console.Console // our end; nil without a terminal and when ended
}

func (s *session) path(name string) string { return filepath.Join(s.folder, name) }

// start starts the process and returns when it runs.
func (s *session) start(ctx context.Context, driver *runc.Runc, p place, spec *specs.Process, c engine.Command) error {
	opts := &runc.ExecOpts{LogFile: s.path("log"), PidFile: s.path("pid")}
	var connect, abandon func()
	if c.TTY != nil {
		inside, err := s.makeTerminal(*c.TTY)
		if err != nil {
			return err
		}
		spec.Terminal = true
		spec.ConsoleSize = &specs.Box{Width: uint(c.TTY.Width), Height: uint(c.TTY.Height)}
		spec.Env = append([]string{"TERM=xterm-256color"}, spec.Env...)
		opts.IO = inside
		connect, abandon = func() { s.connectTerminal(c) }, func() { _ = s.terminal.Close() }
	} else {
		pipes, err := newStreams(c)
		if err != nil {
			return err
		}
		opts.IO = pipes.inside
		connect, abandon = func() { pipes.connect(c, s.drained) }, pipes.close
	}
	// The driver's context does not end with ctx: runc has to outlive the
	// process to tell how it ended. killWith ends the process, and so runc.
	// Only one that does not even start the process is ended itself.
	alive, giveUp := context.WithCancel(context.Background())
	go s.run(alive, giveUp, driver, p, *spec, opts)
	if err := s.awaitPid(); err != nil {
		giveUp()
		abandon()
		return err
	}
	connect()
	go s.killWith(ctx)
	return nil
}

// run runs runc until the process has ended.
func (s *session) run(ctx context.Context, release func(), driver *runc.Runc, p place, spec specs.Process, opts *runc.ExecOpts) {
	defer release()
	quiet := *driver
	quiet.LogFormat = runc.JSON
	err := quiet.Exec(ctx, p.container(), spec, opts)
	var exit *runc.ExitError
	switch {
	case err == nil:
	case errors.As(err, &exit):
		s.code = exit.Status
	default:
		s.err = err
	}
	close(s.ended)
}

// awaitPid waits for the file in which runc writes the process id: only then
// does the process exist.
func (s *session) awaitPid() error {
	deadline := time.Now().Add(execStart)
	for pause := time.Millisecond; time.Now().Before(deadline); pause = min(pause*2, 20*time.Millisecond) {
		data, err := os.ReadFile(s.path("pid"))
		if err == nil {
			s.pid, err = strconv.Atoi(strings.TrimSpace(string(data)))
			if err == nil {
				return nil
			}
		}
		select {
		case <-s.ended:
			if data, err := os.ReadFile(s.path("pid")); err == nil {
				s.pid, err = strconv.Atoi(strings.TrimSpace(string(data)))
				return err
			}
			return errors.New(lastLogLine(s.path("log")))
		case <-time.After(pause):
		}
	}
	return errors.New("runc did not start it in time")
}

// killWith kills the process when the context ends before it.
func (s *session) killWith(ctx context.Context) {
	select {
	case <-s.ended:
	case <-ctx.Done():
		_ = s.signal(unix.SIGKILL)
		<-s.ended
	}
	// What the process left behind may hold the output open for ever.
	select {
	case <-s.drained:
	case <-time.After(2 * time.Second):
	}
	s.mu.Lock()
	if s.terminal != nil {
		_ = s.terminal.Close()
		s.terminal = nil
	}
	s.mu.Unlock()
	_ = os.RemoveAll(s.folder)
}

// Wait gives the exit code once the process has ended and its output was
// passed on.
func (s *session) Wait() (int, error) {
	<-s.ended
	select {
	case <-s.drained:
	case <-time.After(2 * time.Second):
	}
	if s.err != nil {
		return 0, internal(s.err, "How the process ended is not known.")
	}
	return s.code, nil
}

// Resize changes the terminal's size; without a terminal it does nothing.
func (s *session) Resize(size engine.Size) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.terminal == nil {
		return nil
	}
	return s.terminal.Resize(windowSize(size))
}

// Signal sends a signal to the process and what it started in its group.
func (s *session) Signal(name string) error {
	number := unix.SignalNum("SIG" + strings.TrimPrefix(strings.ToUpper(name), "SIG"))
	if number == 0 {
		return holm.Invalid("signal", "There is no signal %q.", name)
	}
	return s.signal(number)
}

func (s *session) signal(number unix.Signal) error {
	select {
	case <-s.ended:
		return nil
	default:
	}
	err := unix.Kill(-s.pid, number)
	if errors.Is(err, unix.ESRCH) { // it leads no group
		err = unix.Kill(s.pid, number)
	}
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	return err
}

// plain shortens an error of runc to what says something to a person.
func plain(err error) string {
	text := err.Error()
	if _, after, ok := strings.Cut(text, "unable to start container process: "); ok {
		text = after
	}
	return strings.TrimSuffix(text, ".")
}
