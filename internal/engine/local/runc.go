package local

import (
	"context"
	"os/exec"
	"time"

	runc "github.com/containerd/go-runc"
	"golang.org/x/sys/unix"
)

// outputDelay is how long something that outlives runc may hold its output
// before it is no longer read.
const outputDelay = time.Second

// wholeGroup starts runc so that, when its time is over, everything it started
// in its process group ends with it. Otherwise what a hanging runc waits for
// would be left, and hold the output that this process waits for.
type wholeGroup struct{ runc.ProcessMonitor }

func (g wholeGroup) Start(cmd *exec.Cmd) (chan runc.Exit, error) {
	return g.ProcessMonitor.Start(bounded(cmd))
}

func (g wholeGroup) StartLocked(cmd *exec.Cmd) (chan runc.Exit, error) {
	return g.ProcessMonitor.StartLocked(bounded(cmd))
}

func bounded(cmd *exec.Cmd) *exec.Cmd {
	// It is over before a second core or collecting its garbage would help,
	// and starting threads for them is a fifth of its work.
	cmd.Env = append(cmd.Env, "GOMAXPROCS=1", "GOGC=400")
	cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGKILL) } // Setpgid: it leads its group
	cmd.WaitDelay = outputDelay
	return cmd
}

// The library that calls runc has one monitor for a process.
func init() { runc.Monitor = wholeGroup{runc.Monitor} }

// whole runs one call of runc that must not be cut in the middle: a half-made
// container has processes that no state tells of.
func (e *Engine) whole(ctx context.Context, call func(context.Context) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.o.RuncLimit)
	defer cancel()
	return call(ctx)
}
