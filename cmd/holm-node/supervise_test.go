package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/holmhq/holm/internal/engine/control"
)

// TestMain lets the test program be holm-node: process 1 reaps every child,
// so it cannot be tried inside the test process.
func TestMain(m *testing.M) {
	if folder := os.Getenv("HOLM_NODE_TEST"); folder != "" {
		if err := runInit([]string{folder}); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// node starts holm-node over a control folder and gives both.
func node(t *testing.T, script string, change ...func(*control.Config)) (*exec.Cmd, string) {
	t.Helper()
	folder := t.TempDir()
	config := control.Config{Command: []string{"/bin/sh", "-c", script}, Root: folder, StopSeconds: 1,
		Env: []string{"PATH=/usr/bin:/bin", "GREETING=hello"}}
	for _, c := range change {
		c(&config)
	}
	if err := control.Write(filepath.Join(folder, control.ConfigFile), config, 0o644); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), "HOLM_NODE_TEST="+folder)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	// Asked and not killed: in a node the kernel ends what process 1 leaves
	// behind; here nobody would.
	t.Cleanup(func() { _ = command.Process.Signal(syscall.SIGTERM); _ = command.Wait() })
	return command, folder
}

// await polls until the status is as wanted.
func await(t *testing.T, folder string, wanted func(control.Status) bool) control.Status {
	t.Helper()
	var s control.Status
	deadline := time.After(20 * time.Second)
	for {
		s, _ = control.ReadStatus(filepath.Join(folder, control.StatusFile))
		if wanted(s) {
			return s
		}
		select {
		case <-deadline:
			t.Fatalf("the status is %+v", s)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func logOf(t *testing.T, folder string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, "service.log"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(data)
}

func TestFailingServiceIsStartedAgain(t *testing.T) {
	_, folder := node(t, "echo $GREETING; echo the wheel is broken >&2; exit 7")
	s := await(t, folder, func(s control.Status) bool { return s.InARow >= 3 })
	for _, part := range []string{"exit code 7", "the wheel is broken"} {
		if !strings.Contains(s.Reason, part) {
			t.Errorf("the reason %q does not say %q", s.Reason, part)
		}
	}
	if log := logOf(t, folder); !strings.Contains(log, "hello\n") || !strings.Contains(log, "started again in 200ms") {
		t.Errorf("the log is %q", log)
	}
}

func TestServiceStopsWithTheNode(t *testing.T) {
	command, folder := node(t, "trap 'echo goodbye; exit 0' TERM; while :; do sleep 0.05; done")
	await(t, folder, func(s control.Status) bool { return s.Phase == control.Running })
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("holm-node ended with %v", err)
	}
	if log := logOf(t, folder); !strings.Contains(log, "goodbye") {
		t.Errorf("the service could not say goodbye: %q", log)
	}
}

func TestStubbornServiceIsKilled(t *testing.T) {
	command, folder := node(t, "trap '' TERM; while :; do sleep 0.05; done")
	await(t, folder, func(s control.Status) bool { return s.Phase == control.Running })
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("holm-node ended with %v", err)
	}
}

func TestSignalsReachTheService(t *testing.T) {
	command, folder := node(t, "trap 'echo reloaded' HUP; while :; do sleep 0.05; done")
	await(t, folder, func(s control.Status) bool { return s.Phase == control.Running })
	if err := command.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	await(t, folder, func(control.Status) bool { return strings.Contains(logOf(t, folder), "reloaded") })
}

// TestHealthCommandDecides: a service counts as running when its check says so,
// and not any more when the check fails again and again.
func TestHealthCommandDecides(t *testing.T) {
	_, folder := node(t, "while :; do sleep 0.05; done", func(c *control.Config) {
		c.Health = []string{"/bin/sh", "-c", "test -e " + c.Root + "/up"}
	})
	if s := await(t, folder, func(s control.Status) bool { return s.Phase != "" }); s.Phase != control.Starting {
		t.Errorf("before the check succeeds the phase is %s", s.Phase)
	}
	if err := os.WriteFile(filepath.Join(folder, "up"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	await(t, folder, func(s control.Status) bool { return s.Phase == control.Running && s.Reason == "" })
}

// TestUpstreamsAreWrittenForPrograms: a balancer that is a program finds its
// list in its own words, before it starts and after each change.
func TestUpstreamsAreWrittenForPrograms(t *testing.T) {
	_, folder := node(t, "trap 'cat list' HUP; cat list; while :; do sleep 0.05; done", func(c *control.Config) {
		c.Upstreams = &control.UpstreamFile{File: filepath.Join(c.Root, "list"), Line: "server {{address}};", Empty: "server none;", Signal: "HUP"}
		if err := control.Write(filepath.Join(c.Root, control.ProxyFile), control.Upstreams{}, 0o644); err != nil {
			t.Fatal(err)
		}
	})
	await(t, folder, func(control.Status) bool { return strings.Contains(logOf(t, folder), "server none;") })
	list := control.Upstreams{Addresses: []string{"10.0.0.2:80", "10.0.0.3:80"}}
	if err := control.Write(filepath.Join(folder, control.ProxyFile), list, 0o644); err != nil {
		t.Fatal(err)
	}
	await(t, folder, func(control.Status) bool {
		return strings.Contains(logOf(t, folder), "server 10.0.0.2:80;\nserver 10.0.0.3:80;")
	})
}

// TestStopSignal asks the service to end in the way it wants to be asked.
func TestStopSignal(t *testing.T) {
	command, folder := node(t, "trap 'echo quits; exit 0' QUIT; while :; do sleep 0.05; done", func(c *control.Config) { c.StopSignal = "QUIT" })
	await(t, folder, func(s control.Status) bool { return s.Phase == control.Running })
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil || !strings.Contains(logOf(t, folder), "quits") {
		t.Errorf("%v: %s", err, logOf(t, folder))
	}
}

func TestMissingProgramIsTold(t *testing.T) {
	folder := t.TempDir()
	log, err := openLog(filepath.Join(folder, "log"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	s := &supervisor{config: control.Config{Command: []string{"/no/such/program"}, Root: folder}, log: log,
		reporter: newReporter(filepath.Join(folder, "status")), reaper: newReaper()}
	if reason, stop := s.runOnce(); stop || !strings.Contains(reason, "/no/such/program") {
		t.Errorf("%q, %t", reason, stop)
	}
}

func TestLogStaysSmall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	log, err := openLog(path, 1000)
	if err != nil {
		t.Fatal(err)
	}
	line := bytes.Repeat([]byte("x"), 99)
	line = append(line, '\n')
	for range 100 {
		if n, err := log.Write(line); n != len(line) || err != nil {
			t.Fatal(n, err)
		}
	}
	for _, name := range []string{path, path + ".1"} {
		info, err := os.Stat(name)
		if err != nil || info.Size() > 1000 || info.Size() == 0 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

func TestTailKeepsTheLastLine(t *testing.T) {
	for input, want := range map[string]string{
		"one\ntwo\n": "two", "one\ntwo": "two", "one\n\n": "one", "": "",
		"one\ntwo\n   \n": "two", "a" + strings.Repeat("b", 1000): "a" + strings.Repeat("b", tailLine-1),
	} {
		var to bytes.Buffer
		l := newTail(&to)
		for _, b := range []byte(input) {
			_, _ = l.Write([]byte{b})
		}
		if got := l.lastLine(); got != want || to.String() != input {
			t.Errorf("%q: last line %q", input, got)
		}
	}
}
