package local_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/vishvananda/netlink"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

func oneNode(id holm.EnvironmentID, subnet int) engine.Environment {
	return engine.Environment{ID: id, Name: "crash", Subnet: subnet, Nodes: []engine.Node{
		{ID: 1, Slot: 1, Role: holm.LayerApp, Stack: "static", Hostname: "node1", Running: true,
			Limits: engine.Limits{MemoryBytes: 64 << 20, Cores: 0.2, Pids: 32}},
	}}
}

// running waits until the only node answers.
func running(t *testing.T, e engine.Engine, id holm.EnvironmentID) engine.Observed {
	t.Helper()
	for {
		all, err := e.Observe(t.Context(), id)
		must(t, err)
		if len(all) == 1 && all[0].State == holm.StateRunning {
			return all[0]
		}
		if t.Context().Err() != nil || len(all) != 1 || all[0].State == holm.StateBroken {
			t.Fatalf("the node does not run: %+v", all)
		}
	}
}

// TestMachineStartsAnew takes away everything that a machine forgets when it
// is switched off; Apply has to bring it all back.
func TestMachineStartsAnew(t *testing.T) {
	m := newMachine(t, "hboot", "10.156.0.0/18")
	e := m.engine(t)
	w := oneNode("env_boot", 3)
	must(t, e.Apply(t.Context(), w))
	before := running(t, e, w.ID)
	m.kill(t, w.ID, 1)
	must(t, os.RemoveAll(m.options.RunDir))
	bridge, err := netlink.LinkByName("hboot-3")
	must(t, err)
	must(t, netlink.LinkDel(bridge))
	e = m.engine(t)
	must(t, e.Apply(t.Context(), w))
	if after := running(t, e, w.ID); !after.Since.After(before.Since) {
		t.Error("the node did not start again")
	}
	must(t, e.Remove(t.Context(), w.ID))
	m.nothingLeft(t)
}

// TestBridgeComesBack removes the bridge under a running node, as a network
// manager might.
func TestBridgeComesBack(t *testing.T) {
	m := newMachine(t, "hbr", "10.156.64.0/18")
	e := m.engine(t)
	w := oneNode("env_bridge", 0)
	must(t, e.Apply(t.Context(), w))
	before := running(t, e, w.ID)
	bridge, err := netlink.LinkByName("hbr-0")
	must(t, err)
	must(t, netlink.LinkDel(bridge))
	must(t, e.Apply(t.Context(), w))
	if after := running(t, e, w.ID); !after.Since.Equal(before.Since) {
		t.Error("the node was restarted for its cable")
	}
	must(t, e.Remove(t.Context(), w.ID))
	m.nothingLeft(t)
}

// TestLostState removes what runc remembers while the node runs, as when runc
// was killed between making a node and writing that down.
func TestLostState(t *testing.T) {
	m := newMachine(t, "hlost", "10.156.128.0/18")
	e := m.engine(t)
	w := oneNode("env_lost", 0)
	must(t, e.Apply(t.Context(), w))
	running(t, e, w.ID)
	old := m.pid(t, w.ID, 1)
	must(t, os.RemoveAll(filepath.Join(m.options.RunDir, "runc")))
	must(t, os.Remove(filepath.Join(m.options.DataDir, "environments", "env_lost", "nodes", "1", "record.json")))
	e = m.engine(t)
	must(t, e.Apply(t.Context(), w))
	running(t, e, w.ID)
	if m.pid(t, w.ID, 1) == old || alive(old) {
		t.Error("the lost process still runs")
	}
	must(t, e.Remove(t.Context(), w.ID))
	m.nothingLeft(t)
}

// alive says whether a process runs; one that only waits to be reaped does not.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !bytes.Contains(stat, []byte(") Z "))
}

// TestFailedStart sees that a node that cannot start says why and leaves
// nothing.
func TestFailedStart(t *testing.T) {
	m := newMachine(t, "hfail", "10.156.192.0/18")
	truth, err := exec.LookPath("true")
	must(t, err)
	m.options.Runc = truth // makes no container, but does not fail
	e := m.engine(t)
	w := oneNode("env_fail", 0)
	if err := e.Apply(t.Context(), w); holm.CodeOf(err) != holm.CodeUnavailable {
		t.Errorf("Apply: %v", err)
	}
	all, err := e.Observe(t.Context(), w.ID)
	must(t, err)
	if len(all) != 1 || all[0].State != holm.StateBroken || all[0].Reason == "" {
		t.Errorf("observed: %+v", all)
	}
	must(t, e.Remove(t.Context(), w.ID))
	m.nothingLeft(t)
}
