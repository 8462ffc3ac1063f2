package app

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// passwordServers are the servers in the world's nodes.
type passwordServers struct {
	mu   sync.Mutex
	took []string
}

func (w *world) takePassword(_ context.Context, c engine.Command) int {
	data, _ := io.ReadAll(c.Stdin)
	w.servers.mu.Lock()
	defer w.servers.mu.Unlock()
	w.servers.took = append(w.servers.took, strings.TrimSpace(string(data)))
	return 0
}

// TestNodePassword resets a layer's password as a collaborator with full
// access: owner and full get the password that the server took, in a mail,
// nobody else, and no row of the audit log has it.
func TestNodePassword(t *testing.T) {
	w := newWorld(t)
	wanted := engine.Environment{ID: w.shop.ID, Name: "shop", Subnet: w.shop.Subnet}
	for _, n := range w.layer.Nodes {
		wanted.Nodes = append(wanted.Nodes, engine.Node{ID: n.ID, Slot: n.Slot, Role: w.layer.Role, Stack: "static", Hostname: "node", Running: true})
	}
	must(t, w.engine.Apply(t.Context(), wanted))
	var in ops.LayerResetPasswordInput
	in.Environment, in.Layer = "shop", string(w.layer.ID)
	out, err := call(w, "full", ops.LayerResetPassword, in)
	must(t, err)
	if out.Login != "admin" {
		t.Errorf("the answer is %+v", out)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	must(t, w.jobs.Start(ctx))
	letters := w.passwordLetters(t)
	must(t, w.jobs.Stop(t.Context()))
	w.knowsAre(t, "once mailed", "full", "password app mailed open")
	w.knowsAre(t, "once mailed", "limited")

	w.servers.mu.Lock()
	defer w.servers.mu.Unlock()
	if len(w.servers.took) != len(w.layer.Nodes) || len(w.servers.took) == 0 {
		t.Fatalf("%d servers took %d passwords", len(w.layer.Nodes), len(w.servers.took))
	}
	secret := w.servers.took[0]
	if len(secret) < 20 {
		t.Errorf("the password has %d characters", len(secret))
	}
	var told []string
	for _, l := range letters {
		told = append(told, l.To)
		if l.Password.Reveal() != secret {
			t.Errorf("the letter to %s has another password than the server", l.To)
		}
	}
	slices.Sort(told)
	if want := []string{"full@example.org", "owner@example.org"}; !slices.Equal(told, want) {
		t.Errorf("the password is mailed to %v, not to %v", told, want)
	}
	w.auditWithout(t, secret)
}

// A new layer's servers get a password by themselves once they run, and it is
// mailed to the same people.
func TestFirstNodePassword(t *testing.T) {
	w := newWorld(t)
	wanted := engine.Environment{ID: w.shop.ID, Name: "shop", Subnet: w.shop.Subnet}
	for _, n := range w.layer.Nodes {
		wanted.Nodes = append(wanted.Nodes, engine.Node{ID: n.ID, Slot: n.Slot, Role: w.layer.Role, Stack: "static", Hostname: "node", Running: true})
	}
	must(t, w.engine.Apply(t.Context(), wanted))
	must(t, w.door.SystemChange(t.Context(), "test", func(s *dispatch.Scope) error {
		if err := s.Tx.SetNodeStates(w.shop.ID, holm.StateRunning); err != nil {
			return err
		}
		return w.firstPassword(s, w.layer)
	}))
	must(t, w.jobs.Start(t.Context()))
	letters := w.passwordLetters(t)
	must(t, w.jobs.Stop(t.Context()))
	var told []string
	for _, l := range letters {
		told = append(told, l.To)
		if !l.First || l.Actor != "" || l.Password.Reveal() != w.servers.took[0] {
			t.Errorf("the letter to %s: first %v, by %q", l.To, l.First, l.Actor)
		}
	}
	slices.Sort(told)
	if want := []string{"full@example.org", "owner@example.org"}; !slices.Equal(told, want) {
		t.Errorf("the password is mailed to %v, not to %v", told, want)
	}
	w.knowsAre(t, "once mailed", "full", "password app mailed open")
}

// passwordLetters waits until the job has written its letters.
func (w *world) passwordLetters(t *testing.T) (out []holm.Letter) {
	t.Helper()
	deadline, tick := time.After(30*time.Second), time.NewTicker(10*time.Millisecond)
	defer tick.Stop()
	for {
		out = out[:0]
		// The letters are written in a transaction, which this waits for.
		w.write(func(*store.Tx) error {
			for _, l := range w.letters {
				if l.Kind == holm.LetterNodePassword {
					out = append(out, l)
				}
			}
			return nil
		})
		if len(out) > 0 {
			return out
		}
		select {
		case <-deadline:
			t.Fatal("no password was mailed")
		case <-tick.C:
		}
	}
}

// auditWithout reads the owner's whole log: the reset is there, the secret is
// not.
func (w *world) auditWithout(t *testing.T, secret string) {
	t.Helper()
	page, err := call(w, "owner", ops.AuditAccount, ops.AuditAccountInput{OfAccount: ops.OfAccount{Account: string(w.account.ID)}})
	must(t, err)
	data, err := json.Marshal(page)
	must(t, err)
	if strings.Contains(string(data), secret) {
		t.Error("the audit log has the password")
	}
	for _, name := range []string{"layer.reset_password", "layer.password_set"} {
		if !strings.Contains(string(data), name) {
			t.Errorf("the audit log does not tell of %s", name)
		}
	}
}
