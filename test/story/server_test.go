package story

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/holmhq/holm/internal/pgtest"
)

type serverKey struct{}

// running is the server of a story.
type running struct {
	t         *testing.T
	bin, work string
	address   string
	flags     []string
	cmd       *exec.Cmd
	ended     chan struct{}
	log       lockedBuffer
	disk      string          // mounted for its data; "" for none
	links     map[string]bool // that people have taken out of their mails
	loads     map[string]*visitors
}

// lockedBuffer collects output of a process that still writes.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func of(ts *testscript.TestScript) *running { return ts.Value(serverKey{}).(*running) }

// patience is the longest that a story waits for anything.
const patience = 60 * time.Second

// eventuallyTrue asks until the answer is yes or patience ends.
func eventuallyTrue(f func() bool) bool {
	for deadline := time.Now().Add(patience); ; {
		if f() {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
		pause()
	}
}

// pause gives the other processes the processor between two looks.
func pause() { time.Sleep(20 * time.Millisecond) }

// server start [flags…] starts one whose first user is Ana, and signs her in;
// stop ends it cleanly, kill does not, again [flags…] starts it over the same
// data.
// programs FOLDER, before start, takes the programs from there; disk SIZE gives
// its data a disk of that size.
// With "postgresql" as first flag its data is in a real PostgreSQL.
func server(ts *testscript.TestScript, neg bool, args []string) {
	r := of(ts)
	switch args[0] {
	case "start":
		flags := args[1:]
		if len(flags) > 0 && flags[0] == "postgresql" {
			flags = append([]string{"--database", pgtest.New(r.t)}, flags[1:]...)
		}
		r.flags = flags
		r.address = freeAddress(ts)
		ts.Check(r.start())
		ts.Setenv("URL", "http://"+r.address)
		_, port, _ := net.SplitHostPort(r.address)
		ts.Setenv("PORT", port)
		signIn(ts, "ana")
	case "again":
		r.flags = append(r.flags, args[1:]...)
		ts.Check(r.start())
	case "stop":
		began := time.Now()
		r.cmd.Process.Signal(syscall.SIGTERM)
		<-r.ended
		if took := time.Since(began); took > 5*time.Second {
			ts.Fatalf("the server took %v to end", took)
		}
		if code := r.cmd.ProcessState.ExitCode(); code != 0 {
			ts.Fatalf("the server ended with %d:\n%s", code, r.log.String())
		}
	case "programs": // are in another folder than bin
		r.bin = ts.MkAbs(args[1])
	case "disk": // of that size, for its data alone
		data := filepath.Join(r.work, "data")
		ts.Check(os.Mkdir(data, 0o711))
		ts.Check(syscall.Mount("tmpfs", data, "tmpfs", 0, "mode=711,size="+args[1]))
		r.disk = data
	case "kill":
		r.cmd.Process.Kill()
		<-r.ended
	default:
		ts.Fatalf("server start|again|stop|kill|programs|disk")
	}
}

func freeAddress(ts *testscript.TestScript) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer l.Close()
	return l.Addr().String()
}

func (r *running) start() error {
	flags := append([]string{"serve", "--data", filepath.Join(r.work, "data"), "--http", r.address, "--mail-dir", filepath.Join(r.work, "mails"), "--keep-deleted", "0",
		"--operator-email", "ana@example.org", "--operator-password", password("ana")}, r.flags...)
	r.cmd = exec.Command(filepath.Join(r.bin, "holm"), flags...)
	r.cmd.Stdout, r.cmd.Stderr = &r.log, &r.log
	r.cmd.Env = append(os.Environ(), "HOLM_DIE_AT="+r.dieAt())
	if err := r.cmd.Start(); err != nil {
		return err
	}
	r.ended = make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) { cmd.Wait(); close(ended) }(r.cmd, r.ended)
	ready := eventuallyTrue(func() bool {
		select {
		case <-r.ended:
			return true
		default:
		}
		response, err := http.Get("http://" + r.address + "/readyz")
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	select {
	case <-r.ended:
		return fmt.Errorf("the server ended at once:\n%s", r.log.String())
	default:
	}
	if !ready {
		return fmt.Errorf("the server is not ready:\n%s", r.log.String())
	}
	return nil
}

// cleanUp erases every environment, so that nothing of the story stays on
// the machine, and ends the server.
func (r *running) cleanUp() {
	if r.disk != "" {
		defer func() {
			if err := syscall.Unmount(r.disk, 0); err != nil {
				r.t.Errorf("the disk of a story is still used: %v", err)
			}
		}()
	}
	if r.cmd == nil {
		return
	}
	// What the story keeps after deleting it must go too.
	if slices.Contains(r.flags, "--keep-deleted") {
		r.cmd.Process.Kill()
		<-r.ended
		r.flags = append(r.flags, "--keep-deleted", "0")
	}
	select {
	case <-r.ended:
		if r.start() != nil {
			return
		}
	default:
	}
	for _, who := range people {
		for _, name := range r.names(who) {
			r.holm(who, "environment", "delete", name, "--confirm", name).Run()
		}
	}
	for _, who := range people {
		eventuallyTrue(func() bool { return len(r.names(who)) == 0 && len(r.names(who, "--deleted")) == 0 })
	}
	r.cmd.Process.Signal(syscall.SIGTERM)
	<-r.ended
}

// names lists the environments that a person owns.
func (r *running) names(who string, flags ...string) (names []string) {
	list, _ := r.holm(who, append([]string{"environment", "list", "--owner", "me", "--json"}, flags...)...).Output()
	for _, part := range strings.Split(string(list), `"name":`)[1:] {
		names = append(names, strings.SplitN(strings.TrimLeft(part, ` "`), `"`, 2)[0])
	}
	return names
}

// holm is a command of the command line as a person.
func (r *running) holm(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(r.bin, "holm"), args...)
	cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+filepath.Join(r.work, name))
	return cmd
}

func body(response *http.Response) string {
	defer response.Body.Close()
	raw, _ := io.ReadAll(response.Body)
	return string(raw)
}
