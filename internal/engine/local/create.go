package local

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"

	runc "github.com/containerd/go-runc"
)

// create makes the container: all name spaces, mounts and limits are there,
// the first process runs and waits to be told what to do.
func (e *Engine) create(ctx context.Context, p place) (pid int, err error) {
	if err := os.MkdirAll(e.o.RunDir, 0o711); err != nil {
		return 0, err
	}
	_ = os.Remove(p.runcLog())
	quiet := *e.runc
	quiet.Log, quiet.LogFormat = p.runcLog(), runc.JSON
	err = e.whole(ctx, func(ctx context.Context) error {
		_, err := quiet.Run(ctx, p.container(), p.bundle(), &runc.CreateOpts{IO: nowhere{null: e.null}, PidFile: p.pidFile(), Detach: true})
		return err
	})
	if err != nil {
		return 0, errors.Join(errors.New(lastLogLine(p.runcLog())), err)
	}
	data, err := os.ReadFile(p.pidFile())
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(data)))
}

// nowhere connects a node to nothing: it must not keep pipes or files of ours
// open, and what it prints is kept by holm-node.
type nowhere struct {
	runc.IO
	null *os.File
}

func (nowhere) Close() error { return nil }

// Set leaves input empty. Output has to be a file: for a pipe, go-runc would
// wait until the node ends.
func (n nowhere) Set(cmd *exec.Cmd) { cmd.Stdout, cmd.Stderr = n.null, n.null }

// lastLogLine gives the message of the last error that runc logged.
func lastLogLine(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return "runc failed without a message"
	}
	defer f.Close()
	message := "runc failed without a message"
	scanner := bufio.NewScanner(f)
	for scanner.Scan() {
		var entry struct{ Level, Msg string }
		if json.Unmarshal(scanner.Bytes(), &entry) == nil && entry.Level == "error" {
			message = entry.Msg
		}
	}
	return message
}
