package local_test

import (
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/holmhq/holm/internal/engine"
)

// TestExecSpeed measures how long a command takes in a node, from asking until
// how it ended is known, and what of that runc takes alone, and prints both. It
// fails for what is wrong, not for a time.
func TestExecSpeed(t *testing.T) {
	m := newMachine(t, "hexsp", "10.152.64.0/18")
	e := m.engine(t)
	w := oneNode("env_exec", 0)
	w.Nodes[0].Limits.Cores = 1
	must(t, e.Apply(t.Context(), w))
	running(t, e, w.ID)
	var ours, theirs []time.Duration
	for range 15 {
		began := time.Now()
		p, err := e.Exec(t.Context(), w.ID, 1, engine.Command{Args: []string{"true"}})
		must(t, err)
		if code, err := p.Wait(); err != nil || code != 0 {
			t.Fatalf("true: %d, %v", code, err)
		}
		ours = append(ours, time.Since(began))
		began = time.Now()
		must(t, exec.CommandContext(t.Context(), m.options.Runc, "--root", filepath.Join(m.options.RunDir, "runc"), "exec", "1", "true").Run())
		theirs = append(theirs, time.Since(began))
	}
	slices.Sort(ours)
	slices.Sort(theirs)
	t.Logf("exec: median %s, fastest %s; runc exec alone: median %s, fastest %s", ours[7], ours[0], theirs[7], theirs[0])
	must(t, e.Remove(t.Context(), w.ID))
	m.nothingLeft(t)
}
