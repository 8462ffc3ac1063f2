package enginetest

import (
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

// variablesWait holds that new variables leave a running node alone, and that
// it says which ones it has.
func variablesWait(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true, Env: map[string]string{"A": "1"}, EnvVersion: 3})
	w.apply()
	first := w.await(0, holm.StateRunning)
	if first.EnvVersion != 3 {
		t.Errorf("the node started with variables %d, not 3", first.EnvVersion)
	}
	w.w.Nodes[0].Env, w.w.Nodes[0].EnvVersion = map[string]string{"A": "2"}, 4
	w.apply()
	if second := w.observe(0); second.EnvVersion != 3 || !second.Since.Equal(first.Since) {
		t.Errorf("new variables made %+v of %+v", second, first)
	}
	w.w.Nodes[0].Restarts++
	w.apply()
	if third := w.await(0, holm.StateRunning); third.EnvVersion != 4 {
		t.Errorf("after a restart it has variables %d, not 4", third.EnvVersion)
	}
	w.w.Nodes[0].Running = false
	w.w.Nodes[0].Env, w.w.Nodes[0].EnvVersion = nil, 5
	w.apply()
	w.await(0, holm.StateStopped)
	w.w.Nodes[0].Running = true
	w.apply()
	if fourth := w.await(0, holm.StateRunning); fourth.EnvVersion != 5 {
		t.Errorf("after a stop and a start it has variables %d, not 5", fourth.EnvVersion)
	}
}
