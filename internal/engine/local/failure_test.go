package local_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

// badRunc stands in for runc and misbehaves at one of its commands while it is
// bad.
type badRunc struct{ path, bad, pids string }

func newBadRunc(t *testing.T, real, command, how string) badRunc {
	t.Helper()
	dir := t.TempDir()
	b := badRunc{filepath.Join(dir, "runc"), filepath.Join(dir, "bad"), filepath.Join(dir, "pids")}
	script := fmt.Sprintf("#!/bin/sh\nif [ -e %s ]; then for a; do if [ \"$a\" = %s ]; then %s; fi; done; fi\nexec %s \"$@\"\n", b.bad, command,
		strings.ReplaceAll(how, "PIDS", b.pids), real)
	must(t, os.WriteFile(b.path, []byte(script), 0o755))
	return b
}

func (b badRunc) turn(t *testing.T, bad bool) {
	t.Helper()
	if bad {
		must(t, os.WriteFile(b.bad, nil, 0o644))
		return
	}
	must(t, os.Remove(b.bad))
}

// noneLeft sees that nothing of a runc that hung still runs.
func (b badRunc) noneLeft(t *testing.T) {
	t.Helper()
	data, err := os.ReadFile(b.pids)
	must(t, err)
	for _, text := range strings.Fields(string(data)) {
		pid, err := strconv.Atoi(text)
		must(t, err)
		for end := time.Now().Add(5 * time.Second); alive(pid); {
			if time.Now().After(end) {
				t.Errorf("process %d of a runc that hung is left", pid)
				break
			}
		}
	}
}

// sentence sees that an error tells people what happened.
func sentence(t *testing.T, err error) {
	t.Helper()
	if holm.CodeOf(err) != holm.CodeUnavailable || !strings.HasSuffix(holm.AsError(err).Detail, ".") {
		t.Errorf("it failed with %v (%s)", err, holm.CodeOf(err))
	}
}

// TestRuncMisbehaves: whatever runc does, the attempt ends with a sentence, in
// bounded time, and the next one succeeds once runc works again.
func TestRuncMisbehaves(t *testing.T) {
	hows := map[string]string{
		"fails": "echo it cannot be done >&2; exit 1",
		// Not with exec: what hangs is a child, as a hook of runc would be.
		"hangs": "echo $$ >> PIDS; sleep 600 & echo $! >> PIDS; wait",
	}
	number := 0
	for _, command := range []string{"run", "delete"} {
		for name, how := range hows {
			number++
			prefix := fmt.Sprintf("hbad%d", number)
			t.Run(command+" "+name, func(t *testing.T) {
				m := newMachine(t, prefix, "10.155.128.0/18")
				b := newBadRunc(t, m.options.Runc, command, how)
				m.options.Runc = b.path
				good := m.engine(t)
				w := oneNode("env_bad", 0)
				if command == "delete" { // of a node that runs
					must(t, good.Apply(t.Context(), w))
					running(t, good, w.ID)
					w.Nodes[0].Restarts++
				}
				m.options.RuncLimit = time.Second
				e := m.engine(t)
				b.turn(t, true)
				began := time.Now()
				sentence(t, e.Apply(t.Context(), w))
				if took := time.Since(began); took > 30*time.Second {
					t.Errorf("it took %s", took)
				}
				if all, err := e.Observe(t.Context(), w.ID); command != "delete" &&
					(err != nil || len(all) != 1 || all[0].State != holm.StateBroken || !strings.HasSuffix(all[0].Reason, ".")) {
					t.Errorf("observed: %+v, %v", all, err)
				}
				b.turn(t, false)
				must(t, good.Apply(t.Context(), w))
				if o := running(t, good, w.ID); o.Restarts != w.Nodes[0].Restarts {
					t.Errorf("after the retry: %+v", o)
				}
				if name == "hangs" {
					b.noneLeft(t)
				}
				must(t, good.Remove(t.Context(), w.ID))
				m.nothingLeft(t)
				if _, err := os.Stat(m.options.RunDir); err == nil {
					t.Error("the empty folder of the runtime is left")
				}
			})
		}
	}
}

// TestExecFails: a command that runc does not start ends with a sentence, and
// the node is as before.
func TestExecFails(t *testing.T) {
	m := newMachine(t, "hexec", "10.155.64.0/18")
	b := newBadRunc(t, m.options.Runc, "exec", "echo it cannot be done >&2; exit 1")
	m.options.Runc = b.path
	e := m.engine(t)
	w := oneNode("env_exec", 0)
	must(t, e.Apply(t.Context(), w))
	running(t, e, w.ID)
	b.turn(t, true)
	_, err := e.Exec(t.Context(), w.ID, 1, engine.Command{Args: []string{"true"}})
	sentence(t, err)
	b.turn(t, false)
	if got := inCopy(t, e, w.ID, 1, "echo again"); got != "again" {
		t.Errorf("after the retry: %q", got)
	}
	must(t, e.Remove(t.Context(), w.ID))
	m.nothingLeft(t)
}

// smallDisk puts a machine's data on a disk of its own that is soon full.
func smallDisk(t *testing.T, m *machine) (fill, free func()) {
	t.Helper()
	disk := filepath.Join(filepath.Dir(m.options.DataDir), "disk")
	must(t, os.Mkdir(disk, 0o711))
	must(t, syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=4m,mode=711"))
	t.Cleanup(func() { must(t, syscall.Unmount(disk, 0)) })
	m.options.DataDir = filepath.Join(disk, "data")
	ballast := filepath.Join(disk, "ballast")
	fill = func() {
		f, err := os.Create(ballast)
		must(t, err)
		defer f.Close()
		for block := make([]byte, 4096); err == nil; {
			_, err = f.Write(block)
		}
	}
	return fill, func() { must(t, os.Remove(ballast)) }
}

// TestDiskFull: on a full disk nothing new starts, with a sentence, what runs
// goes on, can be stopped and deleted, and all goes on when there is room.
func TestDiskFull(t *testing.T) {
	m := newMachine(t, "hfull", "10.155.0.0/18")
	fill, free := smallDisk(t, &m)
	e := m.engine(t)
	first, second, third := oneNode("env_first", 0), oneNode("env_second", 1), oneNode("env_third", 2)
	second.Nodes[0].ID, third.Nodes[0].ID = 2, 3
	third.Nodes[0].Running = false
	for _, w := range []engine.Environment{first, third} {
		must(t, e.Apply(t.Context(), w))
	}
	running(t, e, first.ID)
	fill()
	says := func(err error) {
		t.Helper()
		sentence(t, err)
		if !strings.Contains(holm.AsError(err).Detail, "disk of this server is full") {
			t.Errorf("it says %q", holm.AsError(err).Detail)
		}
	}
	says(e.Apply(t.Context(), second))
	third.Nodes[0].Running = true
	says(e.Apply(t.Context(), third))
	running(t, e, first.ID)
	first.Nodes[0].Running = false
	pid := m.pid(t, first.ID, 1)
	says(e.Apply(t.Context(), first))
	if alive(pid) {
		t.Error("a full disk keeps a node running that was stopped")
	}
	must(t, e.Remove(t.Context(), third.ID))
	free()
	for _, w := range []engine.Environment{first, second} {
		must(t, e.Apply(t.Context(), w))
	}
	running(t, e, second.ID)
	if all, err := e.Observe(t.Context(), first.ID); err != nil || all[0].State != holm.StateStopped || all[0].Reason != "" {
		t.Errorf("the stopped node: %+v, %v", all, err)
	}
	fill()
	must(t, e.Remove(t.Context(), second.ID)) // also while it runs
	must(t, e.Remove(t.Context(), first.ID))
	m.nothingLeft(t)
}

// TestOutOfMemory: a service that takes more than its node has is said to, the
// node is broken and lives on, and once it is mended a restart brings it back.
func TestOutOfMemory(t *testing.T) {
	m := newMachine(t, "hoom", "10.155.192.0/18")
	e := m.engine(t)
	w := oneNode("env_oom", 0)
	w.Nodes[0].Stack, w.Nodes[0].Role, w.Nodes[0].Limits.Cores = "program", holm.LayerApp, 1
	must(t, e.Apply(t.Context(), w))
	running(t, e, w.ID)
	inCopy(t, e, w.ID, 1, "cd /srv/app && cp Procfile good && echo 'web: tail /dev/zero' > Procfile")
	w.Nodes[0].Restarts++
	must(t, e.Apply(t.Context(), w))
	var seen []engine.Observed
	for end := time.Now().Add(time.Minute); len(seen) == 0 || seen[0].State != holm.StateBroken; {
		var err error
		seen, err = e.Observe(t.Context(), w.ID)
		must(t, err)
		if time.Now().After(end) {
			t.Fatalf("it is not broken: %+v", seen)
		}
	}
	if !strings.Contains(seen[0].Reason, "memory limit") || !strings.HasSuffix(seen[0].Reason, ".") {
		t.Errorf("it says %q", seen[0].Reason)
	}
	inCopy(t, e, w.ID, 1, "cd /srv/app && mv good Procfile") // one can get in to mend it
	w.Nodes[0].Restarts++
	must(t, e.Apply(t.Context(), w))
	running(t, e, w.ID)
	must(t, e.Remove(t.Context(), w.ID))
	m.nothingLeft(t)
}
