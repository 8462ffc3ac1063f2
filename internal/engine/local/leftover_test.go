package local_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/internal/engine/local"
)

// folders begins the names of folders in which tests run nodes.
const folders = "holm-engine-"

// own waits until no other process runs nodes with the prefix, of which a
// machine has one, and takes away what one that was killed has left, of this
// prefix and of every other that nobody has.
func own(t *testing.T, prefix string) {
	t.Helper()
	release, ok := hold(t, prefix, syscall.LOCK_EX)
	if !ok {
		t.Fatalf("nodes with the prefix %s cannot be locked", prefix)
	}
	t.Cleanup(release)
	left, err := filepath.Glob(filepath.Join(os.TempDir(), folders+"*", noteFile))
	must(t, err)
	for _, path := range left {
		var o local.Options
		data, err := os.ReadFile(path)
		if err != nil || json.Unmarshal(data, &o) != nil || o.Prefix == "" {
			continue // it is just being made, or taken away
		}
		free := func() {}
		if o.Prefix != prefix {
			if free, ok = hold(t, o.Prefix, syscall.LOCK_EX|syscall.LOCK_NB); !ok {
				continue // somebody works there
			}
		}
		if _, err := os.Stat(path); err == nil { // nor was it taken away meanwhile
			t.Logf("taking away what a killed test has left in %s", filepath.Dir(path))
			sweep(t, filepath.Dir(path))
		}
		free()
	}
}

// hold locks a prefix for as long as this process lives, or until release.
func hold(t *testing.T, prefix string, how int) (release func(), ok bool) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(os.TempDir(), "holm-lock-"+prefix), os.O_RDWR|os.O_CREATE, 0o600)
	must(t, err)
	for {
		if err = syscall.Flock(int(f.Fd()), how); err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, false
	}
	return func() { f.Close() }, true
}

const noteFile = "options.json"

// note writes down how the nodes in a folder are run, for who has to take them
// away.
func (m machine) note(t *testing.T, dir string) {
	t.Helper()
	data, err := json.Marshal(m.options)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, noteFile), data, 0o600))
}

// sweep takes away a folder and all that runs there.
func sweep(t *testing.T, dir string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var o local.Options
	if data, err := os.ReadFile(filepath.Join(dir, noteFile)); err == nil {
		must(t, json.Unmarshal(data, &o))
		e, err := local.New(o)
		must(t, err)
		known, err := filepath.Glob(filepath.Join(o.DataDir, "environments", "*"))
		must(t, err)
		for _, environment := range known {
			if err := e.Remove(ctx, holm.EnvironmentID(filepath.Base(environment))); err != nil {
				t.Errorf("what is left in %s cannot be taken away: %v", environment, err)
				return
			}
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Error(err)
	}
}

// TestLeftovers: what a test that was killed has left is taken away by the next
// that comes, with any prefix, and what another one works on is not touched.
func TestLeftovers(t *testing.T) {
	m := newMachine(t, "hleft", "10.154.64.0/18")
	e := m.engine(t)
	w := oneNode("env_left", 0)
	must(t, e.Apply(t.Context(), w))
	running(t, e, w.ID)
	pid := m.pid(t, w.ID, 1)
	t.Run("another works", func(t *testing.T) { newMachine(t, "hleft2", "10.154.128.0/18") })
	if all, err := e.Observe(t.Context(), w.ID); err != nil || len(all) != 1 || all[0].State != holm.StateRunning || m.pid(t, w.ID, 1) != pid {
		t.Fatalf("a test has touched what another works on: %+v, %v", all, err)
	}
	// A killed one holds no lock any more: as if it were of another prefix.
	dead := newDead(t, m)
	t.Run("the next comes", func(t *testing.T) { newMachine(t, "hleft2", "10.154.128.0/18") })
	dead.nothingLeft(t)
	if _, err := os.Stat(filepath.Dir(dead.options.DataDir)); err == nil {
		t.Error("its folder is left")
	}
	must(t, e.Remove(t.Context(), w.ID))
	m.nothingLeft(t)
}

// newDead gives a machine with a node that runs and nobody holds.
func newDead(t *testing.T, m machine) machine {
	t.Helper()
	dir, err := os.MkdirTemp("", folders)
	must(t, err)
	must(t, os.Chmod(dir, 0o711))
	m.options.Prefix, m.options.DataDir, m.options.RunDir = "hdead", filepath.Join(dir, "data"), filepath.Join(dir, "run")
	m.note(t, dir)
	var e engine.Engine = m.engine(t)
	w := oneNode("env_dead", 1)
	must(t, e.Apply(t.Context(), w))
	running(t, e, w.ID)
	return m
}
