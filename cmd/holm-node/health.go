package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/holmhq/holm/internal/engine/control"
)

// How often the health command is run: soon while the service comes, then
// rarely. It may take healthLimit; after unhealthy failures in a row a service
// that answered does not any more.
const (
	firstHealth  = 50 * time.Millisecond
	slowHealth   = time.Second
	steadyHealth = 10 * time.Second
	healthLimit  = 5 * time.Second
	unhealthy    = 3
)

// health tells when one run of the service answers. Without a command it does
// after a second. All of it happens in the supervisor's goroutine.
type health struct {
	s        *supervisor
	due      *time.Timer
	ended    <-chan syscall.WaitStatus // of the command that runs now
	late     <-chan time.Time
	pid      int
	pause    time.Duration
	healthy  bool
	failures int
}

func (s *supervisor) newHealth() *health {
	h := &health{s: s, pause: firstHealth, due: time.NewTimer(time.Second)}
	if len(s.config.Health) > 0 {
		h.due.Reset(h.pause)
		s.reporter.report(func(st *control.Status) { st.Phase = control.Starting })
	}
	return h
}

func (h *health) stop() {
	h.due.Stop()
	if h.ended != nil {
		_ = syscall.Kill(-h.pid, syscall.SIGKILL)
	}
}

// ask starts the command.
func (h *health) ask() {
	command := h.s.config.Health
	if len(command) == 0 {
		h.s.reporter.phase(control.Running)
		return
	}
	path, err := exec.LookPath(command[0])
	if err == nil {
		h.pid, err = h.start(path, command)
	}
	if err != nil {
		h.failed(fmt.Sprintf("The health check could not be started: %v.", err))
		return
	}
	h.ended, h.late = h.s.reaper.watch(h.pid), time.After(healthLimit)
}

func (h *health) start(path string, command []string) (int, error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	return syscall.ForkExec(path, command, &syscall.ProcAttr{Dir: "/", Env: h.s.config.Env,
		Files: []uintptr{null.Fd(), null.Fd(), null.Fd()}, Sys: &syscall.SysProcAttr{Setpgid: true}})
}

// answered takes the command's end.
func (h *health) answered(status syscall.WaitStatus) {
	h.ended, h.late = nil, nil
	if !status.Exited() || status.ExitStatus() != 0 {
		h.failed("The service runs, but its health check fails.")
		return
	}
	h.failures = 0
	if !h.healthy {
		h.healthy = true
		h.s.reporter.report(func(st *control.Status) { st.Phase, st.Reason = control.Running, "" })
	}
	h.due.Reset(steadyHealth)
}

// giveUp ends a command that takes too long.
func (h *health) giveUp() {
	_ = syscall.Kill(-h.pid, syscall.SIGKILL)
	h.late = nil
}

func (h *health) failed(reason string) {
	h.failures++
	if h.healthy && h.failures >= unhealthy {
		h.healthy = false
		h.s.reporter.report(func(st *control.Status) { st.Phase, st.Reason = control.Starting, reason })
	}
	if !h.healthy {
		h.pause = min(h.pause*2, slowHealth)
	} else {
		h.pause = slowHealth
	}
	h.due.Reset(h.pause)
}
