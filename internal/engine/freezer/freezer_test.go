package freezer

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestBothVersions writes what each version of cgroups expects: the files here
// are plain ones, so a freeze is seen in version 1 at once and in version 2
// only when the kernel says so.
func TestBothVersions(t *testing.T) {
	root := t.TempDir()
	one, two := filepath.Join(root, "freezer", "a"), filepath.Join(root, "a")
	for _, dir := range []string{one, two} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	said := func(path string) string { data, _ := os.ReadFile(path); return string(data) }
	if err := Freeze(t.Context(), root, "a", false); err != nil || said(filepath.Join(one, "freezer.state")) != "FROZEN" {
		t.Errorf("version 1: %v", err)
	}
	if is, err := Frozen(root, "a", false); err != nil || !is {
		t.Errorf("version 1 is frozen: %v, %v", is, err)
	}
	if err := Thaw(root, "a", false); err != nil || said(filepath.Join(one, "freezer.state")) != "THAWED" {
		t.Errorf("version 1 thawed: %v", err)
	}
	events := filepath.Join(two, "cgroup.events")
	if err := os.WriteFile(events, []byte("populated 1\nfrozen 0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := Freeze(short, root, "a", true); err == nil || said(filepath.Join(two, "cgroup.freeze")) != "1" {
		t.Errorf("version 2 does not freeze: %v", err)
	}
	if err := os.WriteFile(events, []byte("populated 1\nfrozen 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if is, err := Frozen(root, "a", true); err != nil || !is {
		t.Errorf("version 2 is frozen: %v, %v", is, err)
	}
	if err := Thaw(root, "gone", true); err != nil {
		t.Errorf("a cgroup that is gone: %v", err)
	}
}

// TestAskedToStand: a cgroup that does not stand entirely yet was asked to all
// the same, and whoever finds it so must let it go on.
func TestAskedToStand(t *testing.T) {
	root := t.TempDir()
	one, two := filepath.Join(root, "freezer", "a"), filepath.Join(root, "a")
	for _, c := range []struct {
		dir, file, content string
		unified, want      bool
	}{
		{one, "freezer.state", "THAWED\n", false, false},
		{one, "freezer.state", "FREEZING\n", false, true},
		{one, "freezer.state", "FROZEN\n", false, true},
		{two, "cgroup.freeze", "0\n", true, false},
		{two, "cgroup.freeze", "1\n", true, true},
	} {
		if err := os.MkdirAll(c.dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(c.dir, c.file), []byte(c.content), 0o644); err != nil {
			t.Fatal(err)
		}
		if is, err := Asked(root, "a", c.unified); err != nil || is != c.want {
			t.Errorf("%q: %v, %v", c.content, is, err)
		}
	}
	if is, err := Asked(root, "b", false); err == nil || is {
		t.Errorf("one that is not there: %v, %v", is, err)
	}
}
