package local_test

import (
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

// TestCopySpeed measures how long it is from asking for a copy of a node with
// 100 MB of its own until the copy runs, and prints it. It fails for what is
// wrong in the copy, not for a time.
func TestCopySpeed(t *testing.T) {
	m := newMachine(t, "hcpsp", "10.152.0.0/18")
	e := m.engine(t)
	source, target := pairOf("env_source", 0, 1), pairOf("env_target", 1, 11)
	source.Nodes, target.Nodes = source.Nodes[:1], target.Nodes[:1]
	must(t, e.Apply(t.Context(), source))
	ready(t, e, source.ID, 1)
	inCopy(t, e, source.ID, 1, "cd /srv/app && for i in 0 1 2 3 4 5 6 7 8 9; do head -c 10000000 /dev/urandom > file$i; done")
	sum := inCopy(t, e, source.ID, 1, "cat /srv/app/file* | md5sum")
	for round := range 5 {
		began := time.Now()
		copied, err := e.(engine.Copier).Copy(t.Context(), engine.Copying{Source: source.ID, Target: target, Nodes: map[holm.NodeID]holm.NodeID{11: 1}})
		must(t, err)
		files := time.Since(began)
		must(t, e.Apply(t.Context(), target))
		ready(t, e, target.ID, 11)
		t.Logf("round %d: %d bytes, files %s, running %s, paused %s", round, copied.Bytes, files, time.Since(began), copied.Paused)
		if got := inCopy(t, e, target.ID, 11, "cat /srv/app/file* | md5sum"); got != sum {
			t.Errorf("round %d: the copy differs", round)
		}
		must(t, e.Remove(t.Context(), target.ID))
	}
	must(t, e.Remove(t.Context(), source.ID))
	m.nothingLeft(t)
}
