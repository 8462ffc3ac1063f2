package local

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holmhq/holm/internal/engine"
)

// fake makes a hierarchy of cgroups with these control files in it.
func fake(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(data))
}

// TestLimitsOfVersion2 sees what is written on a machine with cgroup version 2
// only.
func TestLimitsOfVersion2(t *testing.T) {
	files := map[string]string{}
	for _, name := range []string{"memory.max", "memory.swap.max", "pids.max", "cpu.max", "cpu.max.burst"} {
		files["h/env/1/"+name] = ""
	}
	root := fake(t, files)
	must := func(l engine.Limits, want map[string]string) {
		t.Helper()
		for name := range files { // the kernel replaces, a file is written over
			if err := os.Truncate(filepath.Join(root, name), 0); err != nil {
				t.Fatal(err)
			}
		}
		if err := put(settings(root, true, "/h/env/1", l, true)); err != nil {
			t.Fatal(err)
		}
		for name, value := range want {
			if got := content(t, filepath.Join(root, "h/env/1", name)); got != value {
				t.Errorf("%+v: %s is %q, not %q", l, name, got, value)
			}
		}
	}
	must(engine.Limits{MemoryBytes: 256 << 20, Cores: 0.4, Pids: 99},
		map[string]string{"memory.max": "268435456", "memory.swap.max": "0", "pids.max": "99", "cpu.max": "40000 100000", "cpu.max.burst": "40000"})
	must(engine.Limits{}, map[string]string{"memory.max": "max", "pids.max": "max", "cpu.max": "max 100000", "cpu.max.burst": "0"})
}

// TestOldKernels do not have all control files: without swap accounting and
// bursts a node is bounded all the same, without memory it is an error.
func TestOldKernels(t *testing.T) {
	root := fake(t, map[string]string{"n/memory.max": "", "n/pids.max": "", "n/cpu.max": ""})
	if err := put(settings(root, true, "n", engine.Limits{MemoryBytes: 1 << 20}, false)); err != nil {
		t.Error(err)
	}
	root = fake(t, map[string]string{"n/pids.max": "", "n/cpu.max": ""})
	if err := put(settings(root, true, "n", engine.Limits{MemoryBytes: 1 << 20}, false)); err == nil {
		t.Error("a node without a bound of its memory is taken for bounded")
	}
}

// TestOrderOfVersion1: memory with swap is raised first and lowered last, and
// a burst is never larger than the quota.
func TestOrderOfVersion1(t *testing.T) {
	order := func(growing bool) (out []string) {
		for _, s := range settings("/", false, "n", engine.Limits{MemoryBytes: 1 << 20, Cores: 1, Pids: 5}, growing) {
			out = append(out, filepath.Base(s.path)+"="+s.value)
		}
		return out
	}
	rest := " pids.max=5 cpu.cfs_burst_us=0 cpu.cfs_period_us=100000 cpu.cfs_quota_us=100000 cpu.cfs_burst_us=100000"
	if got := strings.Join(order(true), " "); got != "memory.memsw.limit_in_bytes=1048576 memory.limit_in_bytes=1048576"+rest {
		t.Errorf("growing: %s", got)
	}
	if got := strings.Join(order(false), " "); got != "memory.limit_in_bytes=1048576 memory.memsw.limit_in_bytes=1048576"+rest {
		t.Errorf("shrinking: %s", got)
	}
}

// TestReadingBothVersions reads numbers, tables and transfers as the kernel
// writes them.
func TestReadingBothVersions(t *testing.T) {
	root := fake(t, map[string]string{"current": "4096\n", "max": "max\n", "stat": "anon 12\ninactive_file 7\nodd\n",
		"v1": "8:0 Read 10\n8:0 Write 20\n8:16 Read 1\n8:0 Sync 30\nTotal 31\n", "v2": "8:0 rbytes=10 wbytes=20 rios=1\n254:0 rbytes=1 wbytes=2\n"})
	if n, err := readNumber(filepath.Join(root, "current")); n != 4096 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := readNumber(filepath.Join(root, "max")); n != -1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if table, err := readTable(filepath.Join(root, "stat")); table["anon"] != 12 || table["inactive_file"] != 7 || len(table) != 2 || err != nil {
		t.Errorf("%v, %v", table, err)
	}
	for name, want := range map[string][2]int64{"v1": {11, 20}, "v2": {11, 22}} {
		f, err := os.Open(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if r, w, err := sumTransfer(f); r != want[0] || w != want[1] || err != nil {
			t.Errorf("%s: %d, %d, %v", name, r, w, err)
		}
		f.Close()
	}
}
