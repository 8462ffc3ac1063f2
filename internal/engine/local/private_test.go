package local_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPrivateFilesOfTheMachine: a node sees the machine's /usr, and its service
// user has the number that somebody of the machine has too. What is theirs alone
// stays theirs.
func TestPrivateFilesOfTheMachine(t *testing.T) {
	m := newMachine(t, "hpriv", "10.154.64.0/18")
	folder, err := os.MkdirTemp("/usr/local/share", "holm-test-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(folder) })
	must(t, os.Chmod(folder, 0o755))
	const service = 1000
	for name, mode := range map[string]os.FileMode{"user": 0o600, "group": 0o040, "all": 0o604} {
		path := filepath.Join(folder, name)
		must(t, os.WriteFile(path, []byte("of "+name), 0o600))
		must(t, os.Chown(path, service, service))
		must(t, os.Chmod(path, mode))
	}
	e := m.engine(t)
	w := oneNode("env_priv", 0)
	must(t, e.Apply(t.Context(), w))
	running(t, e, w.ID)
	if who := strings.TrimSpace(inside(t, e, w.ID, 1, "id -u", "")); who != "1000" {
		t.Fatalf("the service user is %s; the test means 1000", who)
	}
	got := inside(t, e, w.ID, 1, "cd "+folder+"; for f in user group all; do cat $f || true; done", "")
	if strings.Contains(got, "of user") || strings.Contains(got, "of group") || !strings.Contains(got, "of all") {
		t.Errorf("the node reads: %s", got)
	}
	must(t, e.Remove(t.Context(), w.ID))
	m.nothingLeft(t)
}
