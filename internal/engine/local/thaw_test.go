package local_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/holmhq/holm/internal/engine/freezer"
)

// TestLeftPaused: a control plane died while it copied a node, which stands
// still. The next one lets it go on as soon as it watches, without an Apply.
func TestLeftPaused(t *testing.T) {
	m := newMachine(t, "hthaw", "10.154.0.0/18")
	e := m.engine(t)
	w := oneNode("env_thaw", 0)
	must(t, e.Apply(t.Context(), w))
	running(t, e, w.ID)
	const root = "/sys/fs/cgroup"
	_, err := os.Stat(filepath.Join(root, "cgroup.controllers"))
	unified, cgroup := err == nil, "/hthaw/env_thaw/1"
	must(t, freezer.Freeze(t.Context(), root, cgroup, unified))
	e = m.engine(t)
	e.Watch(t.Context())
	for end := time.Now().Add(10 * time.Second); ; {
		is, err := freezer.Frozen(root, cgroup, unified)
		must(t, err)
		if !is {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the node still stands")
		}
	}
	running(t, e, w.ID)
	must(t, e.Remove(t.Context(), w.ID))
	m.nothingLeft(t)
}
