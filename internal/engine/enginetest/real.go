package enginetest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

func limitsInKernel(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true})
	w.apply()
	before := w.await(0, holm.StateRunning)
	if got := s.Limits(t, w.w.ID, w.w.Nodes[0].ID); got != small {
		t.Errorf("the kernel has %+v, not %+v", got, small)
	}
	larger := engine.Limits{MemoryBytes: 256 << 20, Cores: 1.5, Pids: 99}
	w.w.Nodes[0].Limits = larger
	w.apply()
	if got := s.Limits(t, w.w.ID, w.w.Nodes[0].ID); got != larger {
		t.Errorf("the kernel has %+v, not %+v", got, larger)
	}
	if after := w.observe(0); !after.Since.Equal(before.Since) {
		t.Error("changing limits restarted the node")
	}
	w.w.Nodes[0].Limits.MemoryBytes = 64 << 10
	if err := w.e.Apply(t.Context(), w.w); code(err) != holm.CodeConflict || !errors.Is(err, engine.ErrInUse) {
		t.Errorf("limiting memory below what is used: %v", err)
	}
	if after := w.observe(0); !after.Since.Equal(before.Since) || after.State != holm.StateRunning {
		t.Error("a refused limit hurt the node")
	}
	w.w.Nodes[0].Limits = larger
	w.apply()
}

// limitsUnderLoad changes what a node may use while it serves: no request
// fails, the node is not restarted, and the kernel has each new limit when
// Apply returns.
func limitsUnderLoad(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true})
	w.apply()
	before := w.await(0, holm.StateRunning)
	load := startLoad(t, fmt.Sprintf("http://%s:%d/", before.Address, before.Port))
	var took []time.Duration
	for i := range 12 {
		cloudlets := 1 + i%2*7
		w.w.Nodes[0].Limits = engine.Limits{MemoryBytes: holm.CloudletMemoryBytes(cloudlets), Cores: holm.CloudletCores(cloudlets), Pids: 128}
		started := time.Now()
		w.apply()
		took = append(took, time.Since(started))
		if got := s.Limits(t, w.w.ID, w.w.Nodes[0].ID); got != w.w.Nodes[0].Limits {
			t.Errorf("the kernel has %+v, not %+v", got, w.w.Nodes[0].Limits)
		}
		load.atLeast(t, 10)
	}
	load.end(t)
	if after := w.observe(0); !after.Since.Equal(before.Since) {
		t.Error("changing limits restarted the node")
	}
	slices.Sort(took)
	t.Logf("a change of limits took %s in the middle, %s at most", took[len(took)/2], took[len(took)-1])
}

// failingService makes a service fail and sees that the node says why, and
// that it comes back when mended.
func failingService(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true, Stack: "python"})
	if err := w.e.Apply(t.Context(), w.w); err != nil {
		t.Skipf("python cannot be had here: %v", err)
	}
	changes := w.e.Watch(t.Context())
	w.await(0, holm.StateRunning)
	replace := "cp /srv/app/app.py /srv/app/good.py; echo 'raise SystemExit(\"the flux is missing\")' > /srv/app/app.py; kill $(cat /proc/[0-9]*/stat | awk '$2==\"(python3)\" || $2 ~ /python/ {print $1}')"
	if out, exit := w.output(t, 0, "sh", "-c", replace); exit != 0 {
		t.Fatalf("replacing the application: %d %s", exit, out)
	}
	awaitChange(t, changes, w.w.ID, func() (bool, string) {
		o := w.observe(0)
		return o.State == holm.StateBroken && strings.Contains(o.Reason, "the flux is missing"), fmt.Sprintf("it is %s: %s", o.State, o.Reason)
	})
	if log, _ := w.output(t, 0, "cat", "/var/log/service.log"); !strings.Contains(log, "the flux is missing") {
		t.Errorf("the log does not say why:\n%s", log)
	}
	w.output(t, 0, "cp", "/srv/app/good.py", "/srv/app/app.py")
	w.w.Nodes[0].Restarts++
	w.apply()
	w.await(0, holm.StateRunning)
}

// isolation tries, from inside a node, what must not work.
func isolation(t *testing.T, s Subject) {
	ours := newWorld(t, s, engine.Node{Running: true}, engine.Node{Running: true})
	theirs := newWorld(t, s, engine.Node{Running: true})
	ours.apply()
	theirs.apply()
	friend, stranger := ours.await(1, holm.StateRunning), theirs.await(0, holm.StateRunning)
	ours.await(0, holm.StateRunning)

	if !ours.reaches(t, 10, friend.Address, friend.Port) {
		t.Error("a node cannot reach its own environment")
	}
	if ours.reaches(t, 1, stranger.Address, stranger.Port) {
		t.Error("a node reaches another environment")
	}
	for _, address := range append(gateways(t, friend.Address, stranger.Address), s.HostAddress) {
		port := listen(t, address)
		if ours.reaches(t, 1, address, port) {
			t.Errorf("a node reaches the machine at %s", address)
		}
	}
	forbidden := map[string]string{
		"write /usr":               "touch /usr/intruder",
		"write the control folder": "touch /run/holm/intruder",
		"mount":                    "mount -t tmpfs none /tmp",
		"make a name space":        "unshare -U true",
		"become another user":      "su -c true root </dev/null",
		"see the machine's files":  "cat /etc/shadow || cat /proc/1/root/etc/shadow",
		"make a device":            "mknod /tmp/disk b 8 0",
		"read kernel memory":       "cat /proc/kcore | head -c 1 | grep -q .",
		"write kernel settings":    "echo 1 > /proc/sys/kernel/sysrq",
		"change its network":       "ip addr add 10.9.9.9/24 dev eth0",
	}
	var script strings.Builder
	for what, command := range forbidden {
		fmt.Fprintf(&script, "if (%s) >/dev/null 2>&1; then echo %q; fi\n", command, what)
	}
	out, exit := ours.output(t, 0, "sh", "-c", script.String()+"echo tried all; ls -d /proc/[0-9]* | wc -l")
	done, processes, ok := strings.Cut(out, "tried all\n")
	if done != "" || !ok || exit != 0 {
		t.Errorf("a node can: %s", out)
	}
	if n, err := strconv.Atoi(strings.TrimSpace(processes)); err != nil || n > 10 {
		t.Errorf("a node sees %s processes", strings.TrimSpace(processes))
	}
}

// reaches tries for some seconds to connect from node 0.
func (w *world) reaches(t *testing.T, seconds int, address string, port int) bool {
	t.Helper()
	_, exit := w.output(t, 0, "timeout", strconv.Itoa(seconds), "bash", "-c", fmt.Sprintf("exec 3<>/dev/tcp/%s/%d", address, port))
	return exit == 0
}

// gateways gives the machine's own addresses on the networks of nodes.
func gateways(t *testing.T, nodes ...string) (out []string) {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		network, ok := a.(*net.IPNet)
		for _, node := range nodes {
			if ok && network.Contains(net.ParseIP(node)) {
				out = append(out, network.IP.String())
			}
		}
	}
	return out
}

// listen opens a port on the machine until the test ends.
func listen(t *testing.T, address string) (port int) {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().(*net.TCPAddr).Port
}

// terminalSize changes the size of a terminal and waits until a program inside
// sees it.
func terminalSize(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true})
	w.apply()
	shown := &screen{}
	keys, typed := io.Pipe()
	defer typed.Close()
	p, err := w.exec(t, 0, engine.Command{Args: []string{"sh", "-c", "while read line; do stty size; done"},
		Stdin: keys, Stdout: shown, TTY: &engine.Size{Width: 80, Height: 24}})
	if err != nil {
		t.Fatal(err)
	}
	await := func(size string) {
		t.Helper()
		eventually(t, func() (bool, string) {
			if _, err := io.WriteString(typed, "\r"); err != nil {
				t.Fatal(err)
			}
			return strings.Contains(shown.String(), size), fmt.Sprintf("%q is not shown: %q", size, shown.String())
		})
	}
	await("24 80")
	if err := p.Resize(engine.Size{Width: 132, Height: 43}); err != nil {
		t.Fatal(err)
	}
	await("43 132")
	if _, err := io.WriteString(typed, "\x03"); err != nil { // Ctrl-C
		t.Fatal(err)
	}
	if exit, err := p.Wait(); err != nil || exit == 0 {
		t.Errorf("after Ctrl-C: %d, %v", exit, err)
	}
}

// screen is a buffer that one goroutine may read while another writes.
type screen struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func namesAndVariables(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true, Env: map[string]string{"COLOUR": "green"}}, engine.Node{Running: true})
	w.apply()
	other := w.await(1, holm.StateRunning)
	hosts, _ := w.output(t, 0, "cat", "/etc/hosts")
	if !strings.Contains(hosts, other.Address+"\t"+w.w.Nodes[1].Hostname) {
		t.Errorf("/etc/hosts does not name the other node:\n%s", hosts)
	}
	if out, _ := w.output(t, 0, "sh", "-c", "echo $COLOUR $HOLM_ENVIRONMENT $(hostname)"); out != fmt.Sprintf("green %s %s\n", w.w.Name, w.w.Nodes[0].Hostname) {
		t.Errorf("inside: %q", out)
	}
	// What a node keeps survives a restart, and other nodes do not see it.
	w.output(t, 0, "sh", "-c", "echo kept > /home/app/note")
	before := w.observe(0)
	w.w.Nodes[0].Env = map[string]string{"COLOUR": "blue"}
	w.apply()
	if after := w.await(0, holm.StateRunning); !after.Since.Equal(before.Since) {
		t.Error("a changed variable restarted the node")
	}
	if out, _ := w.output(t, 0, "sh", "-c", "echo $COLOUR"); out != "green\n" {
		t.Errorf("before the restart: %q", out)
	}
	w.w.Nodes[0].Restarts++
	w.apply()
	w.await(0, holm.StateRunning)
	if out, _ := w.output(t, 0, "sh", "-c", "cat /home/app/note; echo $COLOUR"); out != "kept\nblue\n" {
		t.Errorf("after the restart: %q", out)
	}
	if _, exit := w.output(t, 1, "cat", "/home/app/note"); exit == 0 {
		t.Error("a node reads another node's files")
	}
}

// get asks once and gives the status and the body.
func get(client *http.Client, url string) (int, string, error) {
	response, err := client.Get(url)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), err
}

func clientFor(t *testing.T) *http.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 8}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 10 * time.Second}
}
