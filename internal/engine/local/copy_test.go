package local_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

// inCopy runs a line in a node and gives what it printed.
func inCopy(t *testing.T, e engine.Engine, id holm.EnvironmentID, node holm.NodeID, line string) string {
	t.Helper()
	var out, bad bytes.Buffer
	p, err := e.Exec(t.Context(), id, node, engine.Command{Args: []string{"sh", "-c", line}, Stdout: &out, Stderr: &bad})
	must(t, err)
	code, err := p.Wait()
	must(t, err)
	if code != 0 {
		t.Fatalf("%s: exit %d, %s", line, code, bad.String())
	}
	return strings.TrimSpace(out.String())
}

func pairOf(id holm.EnvironmentID, subnet int, first holm.NodeID) engine.Environment {
	w := engine.Environment{ID: id, Name: "copied", Subnet: subnet}
	for i := range 2 {
		w.Nodes = append(w.Nodes, engine.Node{ID: first + holm.NodeID(i), Slot: i + 1, Role: holm.LayerApp, Stack: "static", Hostname: fmt.Sprint("node", int(first)+i), Running: true,
			Limits: engine.Limits{MemoryBytes: 64 << 20, Cores: 0.5, Pids: 64}})
	}
	return w
}

// TestCopy copies two nodes while both write and one of them is hostile.
func TestCopy(t *testing.T) {
	m := newMachine(t, "hcopy", "10.157.0.0/18")
	e := m.engine(t)
	source, target := pairOf("env_source", 0, 1), pairOf("env_target", 1, 11)
	must(t, e.Apply(t.Context(), source))
	for _, n := range source.Nodes {
		for end := time.Now().Add(20 * time.Second); !strings.Contains(inCopy(t, e, source.ID, n.ID, "echo up"), "up") && time.Now().Before(end); {
		}
	}
	secret := t.TempDir()
	must(t, os.Chmod(secret, 0o755))
	must(t, os.WriteFile(filepath.Join(secret, "machine-only"), []byte("a secret of the machine"), 0o644))

	inCopy(t, e, source.ID, 1, `cd /srv/app && mkdir deep && echo one > deep/one && ln deep/one deep/again && ln -s /etc/passwd link && mkfifo pipe && truncate -s 2G sparse && echo tail >> sparse &&
		chmod 750 deep/one && printf 'x' > "$(printf 'a\nb')" && printf 'url=http://copied.holm.example/\nother=10.157.0.31 10.157.0.3\nnode1 is not node10\n' > app.conf && head -c 30000000 /dev/urandom > big && touch -d '2001-02-03 04:05:06' big`)
	busy, stop := context.WithCancel(t.Context())
	defer stop()
	for node, line := range map[holm.NodeID]string{
		// Whoever reads count-b must find count-a as large or one larger.
		1: `cd /srv/app; i=0; while :; do i=$((i+1)); echo $i > count-a; echo $i > count-b; done`,
		2: fmt.Sprintf(`cd /srv/app; mkdir d; echo mine > d/machine-only; while :; do mv d d2; ln -s %s d; rm d; mv d2 d; done`, secret),
	} {
		_, err := e.Exec(busy, source.ID, node, engine.Command{Args: []string{"sh", "-c", line}})
		must(t, err)
	}
	copier := e.(engine.Copier)
	c := engine.Copying{Source: source.ID, Target: target, Nodes: map[holm.NodeID]holm.NodeID{11: 1, 12: 2}, Names: []string{"copied.holm.example", "10.157.0.3", "node1"}}
	var copied engine.Copied
	for round := range 5 {
		var err error
		began := time.Now()
		copied, err = copier.Copy(t.Context(), c)
		must(t, err)
		if copied.Paused > time.Second || copied.Paused == 0 {
			t.Errorf("round %d: the source stood still for %s", round, copied.Paused)
		}
		t.Logf("round %d: %d bytes in %s, paused %s", round, copied.Bytes, time.Since(began), copied.Paused)
		var all bytes.Buffer
		must(t, filepath.WalkDir(filepath.Join(m.options.DataDir, "environments", "env_target"), func(path string, d os.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && d.Name() == "machine-only" {
				data, _ := os.ReadFile(path)
				all.Write(data)
			}
			return err
		}))
		if strings.Contains(all.String(), "secret") {
			t.Fatal("a node got at a file of the machine through its copy")
		}
	}
	must(t, e.Apply(t.Context(), target))
	a, b := inCopy(t, e, target.ID, 11, "cat /srv/app/count-a"), inCopy(t, e, target.ID, 11, "cat /srv/app/count-b")
	var x, y int
	fmt.Sscan(a, &x)
	fmt.Sscan(b, &y)
	// An open file is emptied before it is written, so one of them may be.
	if a != "" && b != "" && x != y && x != y+1 {
		t.Errorf("the copy has %s and %s, which never was", a, b)
	}
	for line, want := range map[string]string{
		"cat /srv/app/deep/again":                                     "one",
		"stat -c '%a %U %h' /srv/app/deep/one":                        "750 app 2",
		"readlink /srv/app/link":                                      "/etc/passwd",
		"test -p /srv/app/pipe && echo pipe":                          "pipe",
		"stat -c %s /srv/app/sparse":                                  "2147483653",
		"test $(du -k /srv/app/sparse | cut -f1) -lt 1000; echo $?":   "0",
		"cat \"$(printf '/srv/app/a\\nb')\"":                          "x",
		"stat -c %Y /srv/app/big":                                     "981173106",
		"cat /etc/hostname":                                           "node11",
		"test -w /srv/app/app.conf && test ! -w /etc/passwd; echo $?": "0",
	} {
		if got := inCopy(t, e, target.ID, 11, "export TZ=UTC; "+line); got != want {
			t.Errorf("%s: %q, not %q", line, got, want)
		}
	}
	if one, two := inCopy(t, e, source.ID, 1, "md5sum < /srv/app/big"), inCopy(t, e, target.ID, 11, "md5sum < /srv/app/big"); one != two {
		t.Error("a large file differs")
	}
	var found []string
	for _, mention := range copied.Mentions {
		found = append(found, fmt.Sprintf("%d%s:%d %s", mention.Node, mention.Path, mention.Line, mention.Name))
	}
	if got, want := strings.Join(found, ", "), "11/srv/app/app.conf:1 copied.holm.example, 11/srv/app/app.conf:2 10.157.0.3, 11/srv/app/app.conf:3 node1"; got != want {
		t.Errorf("mentions: %s, not %s", got, want)
	}
	// The source never stopped, and goes on.
	before := inCopy(t, e, source.ID, 1, "cat /srv/app/count-b; sleep 0.2; cat /srv/app/count-b")
	if parts := strings.Fields(before); len(parts) == 2 && parts[0] == parts[1] {
		t.Error("the source stands still")
	}
	if _, err := copier.Copy(t.Context(), c); holm.CodeOf(err) != holm.CodeConflict {
		t.Errorf("over nodes that run: %v", err)
	}
	stop()
	must(t, e.Remove(t.Context(), source.ID))
	must(t, e.Remove(t.Context(), target.ID))
	m.nothingLeft(t)
}
