package story

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/holmhq/holm/internal/engine"
)

// dieAt is the file that names the step at which the server is to die.
func (r *running) dieAt() string { return filepath.Join(r.work, "die-at") }

// dies STEP WHO ARGS… asks for something as a person, sees the server die at
// that step as by kill -9, and starts it again.
func dies(ts *testscript.TestScript, neg bool, args []string) {
	r := of(ts)
	// Else it would die for what was asked before.
	if !eventuallyTrue(func() bool {
		list, err := r.holm(args[1], "environment", "list", "--json").Output()
		return err == nil && !onItsWay.Match(list)
	}) {
		ts.Fatalf("what was asked before is not done")
	}
	ts.Check(os.WriteFile(r.dieAt(), []byte(args[0]), 0o600))
	said, unanswered := r.holm(args[1], args[2:]...).CombinedOutput()
	if !eventuallyTrue(func() bool {
		select {
		case <-r.ended:
			return true
		default:
			return false
		}
	}) {
		ts.Fatalf("the server did not come by the step %s: %s", args[0], said)
	}
	if status, ok := r.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		ts.Fatalf("the server ended by itself:\n%s", r.log.String())
	}
	ts.Check(os.Remove(r.dieAt()))
	ts.Check(r.start())
	if unanswered != nil {
		// It died before it answered, perhaps before it heard; like anybody
		// who is not told, they ask again.
		again, _ := r.holm(args[1], args[2:]...).CombinedOutput()
		ts.Logf("asked again: %s%s", said, again)
	}
}

var onItsWay = regexp.MustCompile(`"state":\s*"(creating|starting|stopping|restarting|cloning|updating|deleting)"`)

// machine has ENVIRONMENTS NODES waits until the machine has exactly what so
// many environments with so many running nodes need: bridges, cables, cgroups
// with processes and without, states of runc, folders; nothing half-made, and
// nothing that stands still.
func machine(ts *testscript.TestScript, neg bool, args []string) {
	environments, err := strconv.Atoi(args[1])
	ts.Check(err)
	nodes, err := strconv.Atoi(args[2])
	ts.Check(err)
	want := footprint{bridges: environments, cables: nodes, busy: nodes, states: nodes, folders: environments}
	var is footprint
	if !eventuallyTrue(func() bool { is = of(ts).footprint(ts); return is == want }) {
		ts.Fatalf("the machine has %+v, not %+v", is, want)
	}
}

// footprint is what an installation has on the machine.
type footprint struct{ bridges, cables, busy, idle, frozen, states, folders, half int }

func (r *running) footprint(ts *testscript.TestScript) (f footprint) {
	raw, err := os.ReadFile(filepath.Join(r.work, "data", "name"))
	ts.Check(err)
	name := strings.TrimSpace(string(raw))
	count := func(pattern string) int { found, _ := filepath.Glob(pattern); return len(found) }
	f.cables = count("/sys/class/net/" + name + "-*-*")
	f.bridges = count("/sys/class/net/"+name+"-*") - f.cables
	for _, root := range []string{"/sys/fs/cgroup/pids/", "/sys/fs/cgroup/"} {
		groups, _ := filepath.Glob(root + name + "/*/*/cgroup.procs")
		for _, group := range groups {
			if processes, _ := os.ReadFile(group); len(processes) > 0 {
				f.busy++
			} else {
				f.idle++
			}
		}
	}
	for _, pattern := range []string{"/sys/fs/cgroup/freezer/" + name + "/*/*/freezer.state", "/sys/fs/cgroup/" + name + "/*/*/cgroup.freeze"} {
		states, _ := filepath.Glob(pattern)
		for _, state := range states {
			if text, _ := os.ReadFile(state); strings.TrimSpace(string(text)) != "THAWED" && strings.TrimSpace(string(text)) != "0" {
				f.frozen++
			}
		}
	}
	f.states = count("/run/holm-" + name + "/runc/*")
	f.folders = count(filepath.Join(r.work, "data/nodes/environments/*"))
	f.half = count(filepath.Join(r.work, "data/nodes/environments/*/nodes/*/*.new"))
	return f
}

// TestEveryStepIsDiedAt sees that the stories die at every step there is.
func TestEveryStepIsDiedAt(t *testing.T) {
	stories, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, name := range stories {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(raw)
	}
	for _, step := range engine.Steps() {
		if !strings.Contains(all.String(), fmt.Sprintf("\ndies %s ", step)) {
			t.Errorf("no story dies at %q", step)
		}
	}
}
