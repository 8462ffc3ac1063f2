package simulated

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

// Program is what a simulated process does; it gives the exit code. It has to
// return when ctx ends.
type Program func(ctx context.Context, c engine.Command) int

// programs are those every simulated node has. "sh -c" runs the line's first
// simple command with the same programs, which is enough for "exit 3".
func (e *Engine) program(name string) Program {
	if p, ok := e.o.Programs[name]; ok {
		return p
	}
	switch name {
	case "true":
		return func(context.Context, engine.Command) int { return 0 }
	case "false":
		return func(context.Context, engine.Command) int { return 1 }
	case "exit":
		return exit
	case "echo":
		return echo
	case "cat":
		return cat
	case "sleep":
		return sleep
	case "sh":
		return e.shell
	}
	return nil
}

func exit(_ context.Context, c engine.Command) int {
	if len(c.Args) < 2 {
		return 0
	}
	code, err := strconv.Atoi(c.Args[1])
	if err != nil {
		return 2
	}
	return code
}

func echo(_ context.Context, c engine.Command) int {
	if c.Stdout != nil {
		end := "\n"
		if c.TTY != nil {
			end = "\r\n"
		}
		fmt.Fprint(c.Stdout, strings.Join(c.Args[1:], " "), end)
	}
	return 0
}

func cat(_ context.Context, c engine.Command) int {
	if c.Stdin == nil || c.Stdout == nil {
		return 0
	}
	if _, err := io.Copy(c.Stdout, c.Stdin); err != nil {
		return 1
	}
	return 0
}

func sleep(ctx context.Context, c engine.Command) int {
	seconds := 0
	if len(c.Args) > 1 {
		seconds, _ = strconv.Atoi(c.Args[1])
	}
	timer := time.NewTimer(time.Duration(seconds) * time.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
		return 0
	case <-ctx.Done():
		return 137
	}
}

func (e *Engine) shell(ctx context.Context, c engine.Command) int {
	if len(c.Args) < 3 || c.Args[1] != "-c" {
		return 2
	}
	line, _, _ := strings.Cut(c.Args[2], ";")
	c.Args = strings.Fields(line)
	if len(c.Args) == 0 {
		return 0
	}
	if p := e.program(c.Args[0]); p != nil {
		return p(ctx, c)
	}
	if c.Stderr != nil {
		fmt.Fprintf(c.Stderr, "sh: %s: not found\n", c.Args[0])
	}
	return 127
}

// Exec runs one of the simulated programs.
func (e *Engine) Exec(ctx context.Context, id holm.EnvironmentID, nodeID holm.NodeID, c engine.Command) (engine.Process, error) {
	if len(c.Args) == 0 {
		return nil, holm.Invalid("command", "There is no command to run.")
	}
	e.mu.Lock()
	n := e.environments[id].find(nodeID)
	running := n != nil && !n.started.IsZero()
	e.mu.Unlock()
	if n == nil {
		return nil, holm.ErrNotFound()
	}
	if !running {
		return nil, holm.Errorf(holm.CodeConflict, "Node %d does not run. Start its environment first.", nodeID)
	}
	program := e.program(c.Args[0])
	if program == nil {
		return nil, holm.Errorf(holm.CodeUnavailable, "The process could not be started in node %d: a simulated node has no program %q.", nodeID, c.Args[0])
	}
	ctx, cancel := context.WithCancel(ctx)
	p := &process{cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer cancel()
		defer close(p.ended)
		code := program(ctx, c)
		if ctx.Err() != nil {
			code = 137
		}
		p.code = code
	}()
	return p, nil
}

// process is a simulated process.
type process struct {
	cancel context.CancelFunc
	ended  chan struct{}
	code   int
}

// Wait gives the exit code.
func (p *process) Wait() (int, error) {
	<-p.ended
	return p.code, nil
}

// Resize does nothing: there is no terminal.
func (p *process) Resize(engine.Size) error { return nil }

// Signal ends the process for signals that end processes.
func (p *process) Signal(name string) error {
	switch name {
	case "INT", "TERM", "KILL", "HUP", "QUIT":
		p.cancel()
	}
	return nil
}
