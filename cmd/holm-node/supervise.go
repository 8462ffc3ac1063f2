package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/holmhq/holm/internal/engine/control"
)

// The pause before a service is started again: it doubles from the first to
// the last, and a run of goodRun starts it over.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 30 * time.Second
	goodRun    = 10 * time.Second
)

// supervise runs the service's command until it is told to stop.
func supervise(config control.Config, places places, log *rotatingLog, reporter *reporter) error {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT,
		syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH)
	s := &supervisor{config: config, log: log, reporter: reporter, reaper: newReaper(), signals: signals, proxyFile: filepath.Join(places.control, control.ProxyFile), upstreams: make(chan struct{}, 1)}
	reporter.phase(control.Starting)
	if config.Upstreams != nil {
		s.writeUpstreams()
		go watchFolder(places.control, func() {
			select {
			case s.upstreams <- struct{}{}:
			default:
			}
		})
	}
	slim()
	pause := firstPause
	for {
		started := time.Now()
		reason, stop := s.runOnce()
		if stop {
			return nil
		}
		if time.Since(started) >= goodRun {
			pause = firstPause
		}
		log.note("%s It is started again in %s.", reason, pause)
		reporter.report(func(st *control.Status) {
			st.Phase, st.Reason = control.Waiting, reason
			st.Restarts++
			st.InARow++
		})
		if s.wait(pause) {
			return nil
		}
		pause = min(pause*2, lastPause)
	}
}

type supervisor struct {
	config   control.Config
	log      *rotatingLog
	reporter *reporter
	reaper   *reaper
	signals  chan os.Signal
	// proxyFile is the list of upstreams, upstreams gets a value when it may
	// have changed.
	proxyFile string
	upstreams chan struct{}
}

// wait pauses; it gives true when the node is to stop.
func (s *supervisor) wait(pause time.Duration) (stop bool) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return false
		case <-s.reaper.ready:
			s.reaper.reap()
		case sig := <-s.signals:
			if isStop(sig) {
				return true
			}
		}
	}
}

// runOnce starts the service and waits for its end. It gives a sentence that
// says how it ended, and whether that was asked for.
func (s *supervisor) runOnce() (reason string, stop bool) {
	output := newTail(s.log)
	pid, copied, err := s.start(output)
	if err != nil {
		return fmt.Sprintf("The service could not be started: %v.", err), false
	}
	ended := s.reaper.watch(pid)
	started := time.Now()
	health := s.newHealth()
	defer health.stop()
	good := time.NewTimer(goodRun)
	defer good.Stop()
	var kill <-chan time.Time
	for {
		select {
		case <-health.due.C:
			health.ask()
		case status := <-health.ended:
			health.answered(status)
		case <-health.late:
			health.giveUp()
		case <-s.upstreams:
			if s.writeUpstreams() {
				_ = syscall.Kill(pid, number(s.config.Upstreams.Signal))
			}
		case <-good.C:
			s.reporter.report(func(st *control.Status) { st.InARow = 0 })
		case <-kill:
			_ = syscall.Kill(-pid, syscall.SIGKILL)
		case <-s.reaper.ready:
			s.reaper.reap()
		case sig := <-s.signals:
			if !isStop(sig) {
				_ = syscall.Kill(pid, sig.(syscall.Signal))
				continue
			}
			stop = true
			s.reporter.phase(control.Stopping)
			kill = time.After(time.Duration(max(s.config.StopSeconds, 1)) * time.Second)
			_ = syscall.Kill(pid, number(s.config.StopSignal))
		case status := <-ended:
			// What the service left behind in its group would keep its port.
			_ = syscall.Kill(-pid, syscall.SIGKILL)
			copied.waitFor(100 * time.Millisecond)
			return describe(status, time.Since(started), output.lastLine()), stop
		}
	}
}

// start starts the service in a process group of its own, its output going
// through a pipe into the log.
func (s *supervisor) start(output io.Writer) (pid int, copied *copying, err error) {
	path, err := exec.LookPath(s.config.Command[0])
	if err != nil {
		return 0, nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return 0, nil, err
	}
	defer w.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		r.Close()
		return 0, nil, err
	}
	defer null.Close()
	pid, err = syscall.ForkExec(path, s.config.Command, &syscall.ProcAttr{
		Dir:   s.config.Root,
		Env:   s.config.Env,
		Files: []uintptr{null.Fd(), w.Fd(), w.Fd()},
		Sys:   &syscall.SysProcAttr{Setpgid: true},
	})
	if err != nil {
		r.Close()
		return 0, nil, err
	}
	// When memory runs out the service must go, not process 1: then the node
	// lives on and can say why.
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid), []byte("500"), 0)
	return pid, copyAll(output, r), nil
}

// number gives a signal by its name; TERM for none.
func number(name string) syscall.Signal {
	if n := unix.SignalNum("SIG" + name); n != 0 {
		return n
	}
	return syscall.SIGTERM
}

func isStop(sig os.Signal) bool {
	return sig == syscall.SIGTERM || sig == syscall.SIGINT || sig == syscall.SIGQUIT
}

// describe says in a sentence how the service ended.
func describe(status syscall.WaitStatus, ran time.Duration, last string) string {
	how := fmt.Sprintf("ended with exit code %d", status.ExitStatus())
	if status.Signaled() {
		how = fmt.Sprintf("was killed by the signal %q", status.Signal())
		if status.Signal() == syscall.SIGKILL {
			how += " (most likely the node's memory limit was reached)"
		}
	}
	text := fmt.Sprintf("The service %s after %s", how, ran.Round(10*time.Millisecond))
	if last != "" {
		text += "; its last line was: " + strings.TrimRight(last, ".")
	}
	return text + "."
}

// copying is a copy of the service's output that is under way.
type copying struct{ done chan struct{} }

func copyAll(to io.Writer, from *os.File) *copying {
	c := &copying{done: make(chan struct{})}
	go func() {
		defer close(c.done)
		defer from.Close()
		_, _ = io.CopyBuffer(to, onlyReader{from}, make([]byte, 8<<10))
	}()
	return c
}

// onlyReader hides the file's other methods, so that the copy goes through
// the small buffer it is given.
type onlyReader struct{ io.Reader }

// waitFor waits until all output has been copied, or a while: a left-over
// process in another group may keep the pipe open.
func (c *copying) waitFor(limit time.Duration) {
	select {
	case <-c.done:
	case <-time.After(limit):
	}
}

// tail passes output on and remembers its last line.
type tail struct {
	to io.Writer
	mu sync.Mutex
	// line is the line being written, last the one before it.
	line, last []byte
}

const tailLine = 300 // bytes kept of a line

func newTail(to io.Writer) *tail { return &tail{to: to} }

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	rest := p
	for {
		part, after, found := bytes.Cut(rest, []byte("\n"))
		if room := tailLine - len(t.line); room > 0 {
			t.line = append(t.line, part[:min(room, len(part))]...)
		}
		if !found {
			break
		}
		if len(bytes.TrimSpace(t.line)) > 0 {
			t.last = append(t.last[:0], t.line...)
		}
		t.line, rest = t.line[:0], after
	}
	t.mu.Unlock()
	return t.to.Write(p)
}

func (t *tail) lastLine() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	line := t.line
	if len(bytes.TrimSpace(line)) == 0 {
		line = t.last
	}
	return strings.TrimSpace(strings.ToValidUTF8(string(line), "?"))
}
