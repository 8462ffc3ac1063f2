package app

import (
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// knows lists what somebody could have read: "variable KEY asked open".
func (w *world) knows(who string) (list []string) {
	w.t.Helper()
	out, err := call(w, "owner", ops.CredentialListing, ops.CredentialListInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: who + "@example.org"}})
	must(w.t, err)
	for _, x := range out.Items {
		if x.Environment != nil {
			list = append(list, strings.Join([]string{x.Kind, x.Name, x.How, x.State}, " "))
		}
	}
	return list
}

func (w *world) knowsAre(t *testing.T, when, who string, want ...string) {
	t.Helper()
	if got := w.knows(who); strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("%s, %s could have read %q, want %q", when, who, got, want)
	}
}

func (w *world) rotate(who string) ops.CredentialRotated {
	w.t.Helper()
	out, err := call(w, "owner", ops.CredentialRotate, ops.CredentialRotateInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: who + "@example.org"}})
	must(w.t, err)
	return out
}

func (w *world) removes(who string) {
	w.t.Helper()
	_, err := call(w, "owner", ops.CollaboratorRemove, ops.CollaboratorRemoveInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: who + "@example.org"}})
	must(w.t, err)
}

func TestWhoLeavesLeavesAList(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		later := func() { w.now = w.now.Add(time.Minute) }
		_, err := w.setVariables("owner", "KEY", "1", "OTHER", "2")
		must(t, err)
		later()
		_, err = w.variables("full", true)
		must(t, err)
		later()
		_, err = w.setVariables("owner", "OTHER", "3") // after full has asked
		must(t, err)
		w.write(func(tx *store.Tx) error {
			return tx.PasswordMailed(w.shop.ID, w.layer.ID, w.people["full"].User)
		})
		full := []string{"variable KEY asked open", "variable OTHER listed open", "password app mailed open"}
		w.knowsAre(t, "before", "full", full...)
		w.knowsAre(t, "before", "limited", "variable KEY inside open", "variable OTHER inside open")
		w.knowsAre(t, "before", "none")
		w.knowsAre(t, "with an end that is over", "expired", "variable KEY listed open", "variable OTHER listed open")

		later()
		w.removes("full")
		w.knowsAre(t, "removed", "full", full...)
		later()
		if out := w.rotate("full"); out.Servers != 1 || out.Variables != 2 || len(out.Left) != 0 {
			t.Errorf("rotated: %+v", out)
		}
		w.knowsAre(t, "marked", "full", "variable KEY asked marked", "variable OTHER listed marked", "password app mailed open")
		list, err := w.variables("owner", false)
		must(t, err)
		if list.Items[0].Rotate == nil {
			t.Error("the variable is not marked where it is set")
		}
		later()
		_, err = w.setVariables("owner", "KEY", "1") // the same value is no new one
		must(t, err)
		w.knowsAre(t, "set to the same", "full", "variable KEY asked marked", "variable OTHER listed marked", "password app mailed open")
		_, err = w.setVariables("owner", "KEY", "new")
		must(t, err)
		in := ops.VariableSetInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}
		in.Body.Remove = []string{"OTHER"}
		_, err = call(w, "owner", ops.VariableSet, in)
		must(t, err)
		w.write(func(tx *store.Tx) error { return tx.PasswordMailed(w.shop.ID, w.layer.ID, w.account.Owner) })
		w.knowsAre(t, "after", "full", "variable KEY asked rotated", "variable OTHER listed gone", "password app mailed rotated")
		if _, err := call(w, "full", ops.CredentialListing, ops.CredentialListInput{OfCollaborator: ops.OfCollaborator{Account: string(w.account.ID), Collaborator: "limited@example.org"}}); holm.CodeOf(err) != holm.CodeNotFound {
			t.Errorf("who was removed looks at others: %v", err)
		}
	})
}

// The mail about somebody who left says how much they could have read, and
// leads to it.
func TestLeavingIsToldWithWhatTheyKnow(t *testing.T) {
	w := newWorld(t)
	_, err := w.setVariables("owner", "KEY", "1")
	must(t, err)
	for who, what := range map[string]string{"full": "1 secret", "none": ""} {
		_, err := call(w, who, ops.CollaborationLeave, ops.CollaborationLeaveInput{Account: string(w.account.ID)})
		must(t, err)
		l := w.lastLetter(holm.LetterLeft, "owner@example.org")
		if l.What != what || strings.HasSuffix(l.Path, "/credentials") != (what != "") {
			t.Errorf("%s: %q, %s", who, l.What, l.Path)
		}
	}
}

// A password that cannot be set now is said so, and the rest is done.
func TestRotatingSaysWhatIsLeft(t *testing.T) {
	w := newWorld(t)
	_, err := w.setVariables("owner", "KEY", "1")
	must(t, err)
	w.write(func(tx *store.Tx) error {
		if err := tx.PasswordMailed(w.shop.ID, w.layer.ID, w.people["full"].User); err != nil {
			return err
		}
		return tx.Want(w.shop.ID, holm.StateStopped, holm.StateStopped)
	})
	out := w.rotate("full")
	if out.Variables != 1 || out.Servers != 0 || len(out.Left) != 1 || !strings.Contains(out.Left[0], "start it first") {
		t.Errorf("rotated: %+v", out)
	}
	rows := w.audit(w.account.ID)
	if rows[0].Operation != "credential.rotate" {
		t.Errorf("the log ends with %s", rows[0].Operation)
	}
}
