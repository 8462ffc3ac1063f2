package local_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/internal/engine/enginetest"
	"github.com/holmhq/holm/internal/engine/local"
)

// machine is where the tests of this package run nodes.
type machine struct{ options local.Options }

// program finds one of the programs that make builds.
func program(t *testing.T, variable, name string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		path = filepath.Join("..", "..", "..", "bin", name)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is missing: run make, or name it in %s (%v)", name, variable, err)
	}
	return path
}

// newMachine gives folders of their own. They cannot be t.TempDir, which only
// its owner may pass through.
func newMachine(t *testing.T, prefix, privateRange string) machine {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("nodes need root: these tests do not run for other users")
	}
	own(t, prefix)
	dir, err := os.MkdirTemp("", folders)
	must(t, err)
	t.Cleanup(func() { sweep(t, dir) })
	must(t, os.Chmod(dir, 0o711))
	m := machine{local.Options{
		DataDir: filepath.Join(dir, "data"), RunDir: filepath.Join(dir, "run"),
		Runc: program(t, "HOLM_RUNC", "runc"), HolmNode: program(t, "HOLM_NODE", "holm-node"),
		Prefix: prefix, Range: netip.MustParsePrefix(privateRange),
	}}
	m.note(t, dir)
	return m
}

func (m machine) engine(t *testing.T) engine.Engine {
	t.Helper()
	e, err := local.New(m.options)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestConformance(t *testing.T) {
	m := newMachine(t, "htest", "10.159.0.0/18")
	enginetest.Run(t, enginetest.Subject{New: m.engine, Kill: m.kill, Limits: m.limits, HostAddress: hostAddress(t),
		Programs: []string{m.options.Runc, m.options.HolmNode}})
	m.nothingLeft(t)
}

// pid gives a node's first process.
func (m machine) pid(t *testing.T, id holm.EnvironmentID, node holm.NodeID) int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(m.options.DataDir, "environments", string(id), "nodes", fmt.Sprint(node), "record.json"))
	if err != nil {
		t.Fatal(err)
	}
	var record struct{ Process struct{ Pid int } }
	if err := json.Unmarshal(data, &record); err != nil {
		t.Fatal(err)
	}
	return record.Process.Pid
}

func (m machine) kill(t *testing.T, id holm.EnvironmentID, node holm.NodeID) {
	t.Helper()
	if err := syscall.Kill(m.pid(t, id, node), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// limits reads what the kernel holds a node to, by the cgroups its first
// process is in.
func (m machine) limits(t *testing.T, id holm.EnvironmentID, node holm.NodeID) engine.Limits {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", m.pid(t, id, node)))
	if err != nil {
		t.Fatal(err)
	}
	groups := map[string]string{}
	for line := range strings.Lines(string(data)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		for _, controller := range strings.Split(parts[1], ",") {
			groups[controller] = parts[2]
		}
	}
	read := func(controller, name string) []string {
		path := filepath.Join("/sys/fs/cgroup", controller, groups[controller], name)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Fields(string(data))
	}
	number := func(text string) int64 {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil {
		cpu := read("", "cpu.max")
		if swap := read("", "memory.swap.max")[0]; swap != "0" {
			t.Errorf("swap is not off: %s", swap)
		}
		return engine.Limits{MemoryBytes: number(read("", "memory.max")[0]), Pids: number(read("", "pids.max")[0]),
			Cores: float64(number(cpu[0])) / float64(number(cpu[1]))}
	}
	memory := number(read("memory", "memory.limit_in_bytes")[0])
	if both := number(read("memory", "memory.memsw.limit_in_bytes")[0]); both != memory {
		t.Errorf("swap is not off: %d, with swap %d", memory, both)
	}
	return engine.Limits{MemoryBytes: memory, Pids: number(read("pids", "pids.max")[0]),
		Cores: float64(number(read("cpu", "cpu.cfs_quota_us")[0])) / float64(number(read("cpu", "cpu.cfs_period_us")[0]))}
}

// hostAddress gives an address of this machine that is no loopback one.
func hostAddress(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if network, ok := a.(*net.IPNet); ok && network.IP.To4() != nil && !network.IP.IsLoopback() {
			return network.IP.String()
		}
	}
	return "127.0.0.1"
}

// nothingLeft sees that no trace of nodes is left on the machine.
func (m machine) nothingLeft(t *testing.T) {
	t.Helper()
	cards, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, card := range cards {
		if strings.HasPrefix(card.Name, m.options.Prefix+"-") {
			t.Errorf("the network card %s is left", card.Name)
		}
	}
	for _, pattern := range []string{"/sys/fs/cgroup/", "/sys/fs/cgroup/*/"} {
		if left, _ := filepath.Glob(pattern + m.options.Prefix); len(left) > 0 {
			t.Errorf("cgroups are left: %v", left)
		}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(mounts), m.options.DataDir) {
		t.Error("mounts are left")
	}
	if left, _ := filepath.Glob(filepath.Join(m.options.DataDir, "environments", "*")); len(left) > 0 {
		t.Errorf("files are left: %v", left)
	}
	if left, _ := filepath.Glob(filepath.Join(m.options.RunDir, "runc", "*")); len(left) > 0 {
		t.Errorf("states of runc are left: %v", left)
	}
	if tables := tableNames(t); strings.Contains(tables, " "+m.options.Prefix+" ") {
		t.Errorf("the firewall table is left: %s", tables)
	}
}
