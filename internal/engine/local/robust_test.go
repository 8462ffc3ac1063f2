package local_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

// TestManyNodes starts, restarts, stops and deletes many nodes twice over and
// counts what is left: nothing. HOLM_MANY says how many; 200 are meant for a
// machine that does nothing else.
func TestManyNodes(t *testing.T) {
	count := 24
	if text := os.Getenv("HOLM_MANY"); text != "" {
		var err error
		count, err = strconv.Atoi(text)
		must(t, err)
	}
	m := newMachine(t, "hmany", "10.155.192.0/18")
	e := m.engine(t)
	files := openFiles(t)
	for round := range 2 {
		worlds := manyNodes(count)
		started := time.Now()
		applyAll(t, e, worlds)
		awaitAll(t, e, worlds, holm.StateRunning)
		t.Logf("round %d: %d nodes run after %s", round+1, count, time.Since(started).Round(time.Millisecond))
		t.Logf("round %d: %s", round+1, m.memory(t))
		began := time.Now()
		took := func(what string) {
			t.Logf("round %d: %s after %s", round+1, what, time.Since(began).Round(time.Millisecond))
			began = time.Now()
		}
		for i := range worlds {
			for j := range worlds[i].Nodes {
				worlds[i].Nodes[j].Restarts++
			}
		}
		applyAll(t, e, worlds)
		awaitAll(t, e, worlds, holm.StateRunning)
		took("restarted")
		for i := range worlds {
			for j := range worlds[i].Nodes {
				worlds[i].Nodes[j].Running = false
			}
		}
		applyAll(t, e, worlds)
		awaitAll(t, e, worlds, holm.StateStopped)
		took("stopped")
		if n := m.processes(t); n != 0 {
			t.Errorf("%d processes of stopped nodes are left", n)
		}
		all(worlds, func(w engine.Environment) {
			if err := e.Remove(t.Context(), w.ID); err != nil {
				t.Errorf("Remove of %s: %v", w.ID, err)
			}
		})
		took("deleted")
		m.nothingLeft(t)
	}
	if now := openFiles(t); now > files+8 {
		t.Errorf("%d files were open before and %d are after", files, now)
	}
}

func manyNodes(count int) (out []engine.Environment) {
	const each = 20
	for i := 0; i < count; i += each {
		number := i / each
		w := engine.Environment{ID: holm.EnvironmentID(fmt.Sprintf("env_many%d", number)), Name: fmt.Sprintf("many%d", number), Subnet: number}
		for j := range min(each, count-i) {
			id := holm.NodeID(i + j + 1)
			w.Nodes = append(w.Nodes, engine.Node{ID: id, Slot: j + 1, Role: holm.LayerApp, Stack: "static", Hostname: fmt.Sprintf("node%d", id), Running: true,
				Limits: engine.Limits{MemoryBytes: holm.CloudletMemoryBytes(1), Cores: holm.CloudletCores(1), Pids: 64}})
		}
		out = append(out, w)
	}
	return out
}

func all(worlds []engine.Environment, do func(engine.Environment)) {
	var group sync.WaitGroup
	for _, w := range worlds {
		group.Go(func() { do(w) })
	}
	group.Wait()
}

func applyAll(t *testing.T, e engine.Engine, worlds []engine.Environment) {
	t.Helper()
	all(worlds, func(w engine.Environment) {
		if err := e.Apply(t.Context(), w); err != nil {
			t.Errorf("Apply of %s: %v", w.ID, err)
		}
	})
}

func awaitAll(t *testing.T, e engine.Engine, worlds []engine.Environment, state holm.State) {
	t.Helper()
	all(worlds, func(w engine.Environment) {
		deadline, tick := time.Now().Add(2*time.Minute), time.NewTicker(20*time.Millisecond)
		defer tick.Stop()
		for range tick.C {
			seen, err := e.Observe(t.Context(), w.ID)
			there := 0
			for _, o := range seen {
				if o.State == state {
					there++
				}
			}
			if err == nil && there == len(w.Nodes) {
				return
			}
			if time.Now().After(deadline) {
				t.Errorf("%d of %d nodes of %s are %s (%v)", there, len(w.Nodes), w.ID, state, err)
				return
			}
		}
	})
}

// processes counts those in the cgroups of this machine's nodes.
func (m machine) processes(t *testing.T) (n int) {
	t.Helper()
	for _, pattern := range []string{"/sys/fs/cgroup/pids/", "/sys/fs/cgroup/"} {
		files, err := filepath.Glob(pattern + m.options.Prefix + "/*/*/cgroup.procs")
		must(t, err)
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err == nil {
				n += len(strings.Fields(string(data)))
			}
		}
	}
	return n
}

// memory says what a node costs: what only it has, and its share of the rest.
func (m machine) memory(t *testing.T) string {
	t.Helper()
	var nodes, own, share, most int64
	for _, pattern := range []string{"/sys/fs/cgroup/pids/", "/sys/fs/cgroup/"} {
		files, err := filepath.Glob(pattern + m.options.Prefix + "/*/*/cgroup.procs")
		must(t, err)
		for _, file := range files {
			data, err := os.ReadFile(file)
			must(t, err)
			nodes++
			for _, pid := range strings.Fields(string(data)) {
				rollup, err := os.ReadFile("/proc/" + pid + "/smaps_rollup")
				must(t, err)
				all := map[string]int64{}
				for line := range strings.Lines(string(rollup)) {
					if fields := strings.Fields(line); len(fields) == 3 {
						all[fields[0]], _ = strconv.ParseInt(fields[1], 10, 64)
					}
				}
				own, share, most = own+all["Anonymous:"], share+all["Pss:"], max(most, all["Rss:"])
			}
		}
	}
	return fmt.Sprintf("a node has %d KiB of its own and %d with its share; the largest has %d resident", own/nodes, share/nodes, most)
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	return len(entries)
}
