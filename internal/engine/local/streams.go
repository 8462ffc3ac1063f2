package local

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"syscall"

	"github.com/containerd/console"
	runc "github.com/containerd/go-runc"
	"golang.org/x/sys/unix"

	"github.com/holmhq/holm/internal/engine"
)

// attached is what runc gives to the process as its files.
type attached struct {
	runc.IO
	in, out, err *os.File
	terminal     bool // all three are runc's own terminal
}

// Set gives the files to the command.
func (a *attached) Set(cmd *exec.Cmd) {
	if a.in != nil {
		cmd.Stdin = a.in
	}
	cmd.Stdout, cmd.Stderr = a.out, a.err
	if a.terminal {
		// Only the leader of a session is told of a new size.
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	}
}

// Close closes what CloseAfterStart has not.
func (a *attached) Close() error {
	a.closeAll()
	return nil
}

// CloseAfterStart closes our ends: runc has its own.
func (a *attached) CloseAfterStart() error {
	a.closeAll()
	return nil
}

func (a *attached) closeAll() {
	for _, f := range []*os.File{a.in, a.out, a.err} {
		if f != nil {
			_ = f.Close()
		}
	}
}

// streams are the pipes between a process and whoever started it.
type streams struct {
	inside       *attached
	in, out, err *os.File
}

func newStreams(c engine.Command) (*streams, error) {
	s := &streams{inside: &attached{}}
	var failure error
	pipe := func() (r, w *os.File) {
		r, w, err := os.Pipe()
		failure = errors.Join(failure, err)
		return r, w
	}
	if c.Stdin != nil {
		s.inside.in, s.in = pipe()
	}
	s.out, s.inside.out = pipe()
	s.err, s.inside.err = pipe()
	if failure != nil {
		s.inside.closeAll()
		s.close()
		return nil, fmt.Errorf("pipes: %w", failure)
	}
	return s, nil
}

// close closes our ends.
func (s *streams) close() {
	for _, f := range []*os.File{s.in, s.out, s.err} {
		if f != nil {
			_ = f.Close()
		}
	}
}

// connect copies until the process has closed its output.
func (s *streams) connect(c engine.Command, drained chan struct{}) {
	if s.in != nil {
		go func() {
			_, _ = io.Copy(s.in, c.Stdin)
			_ = s.in.Close()
		}()
	}
	var all sync.WaitGroup
	copyOut := func(to io.Writer, from *os.File) {
		if to == nil {
			to = io.Discard
		}
		_, _ = io.Copy(to, from)
		_ = from.Close()
	}
	all.Go(func() { copyOut(c.Stdout, s.out) })
	all.Go(func() { copyOut(c.Stderr, s.err) })
	go func() {
		all.Wait()
		close(drained)
	}()
}

// makeTerminal makes a terminal of our own. runc, which makes another inside
// the node, has this one as its own and passes on what is typed, shown and
// resized.
func (s *session) makeTerminal(size engine.Size) (*attached, error) {
	ours, path, err := console.NewPty()
	if err != nil {
		return nil, err
	}
	// Raw, or what is typed before runc takes over would be shown twice.
	err = errors.Join(ours.SetRaw(), ours.Resize(windowSize(size)))
	theirs, openErr := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err = errors.Join(err, openErr); err != nil {
		return nil, errors.Join(err, ours.Close())
	}
	s.terminal = ours
	return &attached{in: theirs, out: theirs, err: theirs, terminal: true}, nil
}

func windowSize(size engine.Size) console.WinSize {
	return console.WinSize{Width: uint16(size.Width), Height: uint16(size.Height)}
}

// connectTerminal copies what is typed and shown until the process has ended.
func (s *session) connectTerminal(c engine.Command) {
	terminal := s.terminal
	if c.Stdin != nil {
		go func() { _, _ = io.Copy(terminal, c.Stdin) }()
	}
	go func() {
		defer close(s.drained)
		to := c.Stdout
		if to == nil {
			to = io.Discard
		}
		_, _ = io.Copy(to, terminal)
	}()
}
