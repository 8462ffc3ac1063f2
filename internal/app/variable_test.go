package app

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// hush is a value that must be found nowhere but where it was asked for.
const hush = "a-value-nobody-may-come-upon-4711"

func (w *world) setVariables(kind string, pairs ...string) (ops.VariableList, error) {
	in := ops.VariableSetInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		in.Body.Variables = append(in.Body.Variables, ops.VariableInput{Name: pairs[i], Value: holm.NewSecret(pairs[i+1])})
	}
	return call(w, kind, ops.VariableSet, in)
}

func (w *world) variables(kind string, values bool) (ops.VariableList, error) {
	return call(w, kind, ops.VariableListing, ops.VariableListInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}, Values: values})
}

func TestVariablesAreMaskedUntilAsked(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		out, err := w.setVariables("full", "KEY", hush, "EMPTY", "")
		must(t, err)
		if len(out.Items) != 2 || out.Items[1].Name != "KEY" || out.Items[1].SetBy != "full@example.org" || out.Items[1].Value != nil {
			t.Errorf("set: %+v", out)
		}
		rows := len(w.audit(w.account.ID))
		masked, err := w.variables("owner", false)
		must(t, err)
		if masked.Items[0].Value != nil || len(w.audit(w.account.ID)) != rows {
			t.Errorf("looking without asking: %+v", masked.Items)
		}
		shown, err := w.variables("owner", true)
		must(t, err)
		if *shown.Items[1].Value != hush || *shown.Items[0].Value != "" {
			t.Error("the values asked for are not those that were set")
		}
		if r := w.audit(w.account.ID)[0]; r.Operation != "variable.list" || r.Result != "0" || r.Email != "owner@example.org" {
			t.Errorf("the asking is not in the log: %+v", r)
		}
		if _, err := w.variables("limited", true); holm.CodeOf(err) != holm.CodeForbidden {
			t.Errorf("limited: %v", err)
		}
		for _, r := range w.audit(w.account.ID) {
			if raw, _ := json.Marshal(r); strings.Contains(string(raw), hush) || strings.Contains(string(r.Line), hush) {
				t.Errorf("the value is in the log: %s", raw)
			}
		}
	})
}

// The database file alone gives no value away.
func TestVariablesAreKeptEncrypted(t *testing.T) {
	dir := t.TempDir()
	w := newWorldIn(t, store.Options{URL: "sqlite", Dir: dir})
	_, err := w.setVariables("owner", "KEY", hush)
	must(t, err)
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	must(t, err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		must(t, err)
		if strings.Contains(string(data), hush) {
			t.Errorf("%s holds the value", file)
		}
	}
	w.write(func(tx *store.Tx) error {
		list, err := tx.Variables(w.shop.ID)
		if err == nil && list[0].Value.Reveal() != hush {
			t.Error("it is not read back")
		}
		return err
	})
}

func TestVariablesSaySince(t *testing.T) {
	w := newWorld(t)
	node := w.layer.Nodes[0]
	w.write(func(tx *store.Tx) error {
		node.State = holm.StateRunning
		_, err := tx.ObserveNode(w.shop.ID, node)
		return err
	})
	out, err := w.setVariables("owner", "A", "1")
	must(t, err)
	if len(out.Stale) != 1 || out.Stale[0] != int64(node.ID) {
		t.Errorf("still without: %v", out.Stale)
	}
	w.write(func(tx *store.Tx) error {
		e, err := tx.Environment("shop")
		node.Variables = e.Variables
		if err == nil {
			_, err = tx.ObserveNode(w.shop.ID, node)
		}
		return err
	})
	out, err = w.setVariables("owner", "A", "1")
	must(t, err)
	if len(out.Stale) != 0 {
		t.Errorf("the same value again makes nodes old: %v", out.Stale)
	}
	in := ops.VariableSetInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}
	in.Body.Remove = []string{"A"}
	out, err = call(w, "owner", ops.VariableSet, in)
	must(t, err)
	if len(out.Items) != 0 || len(out.Stale) != 1 {
		t.Errorf("after the removal: %+v", out)
	}
}

func TestVariablesHaveBounds(t *testing.T) {
	w := newWorld(t)
	big := strings.Repeat("x", holm.LongestVariable)
	for name, pairs := range map[string][]string{
		"a reserved name": {"PATH", "/x"}, "a bad name": {"A-B", "1"}, "twice": {"A", "1", "A", "2"}, "too long": {"A", big + "x"}, "NUL": {"A", "x\x00"}, "none": {},
		"together": {"A", big, "B", big, "C", big, "D", big, "E", big, "F", big, "G", big, "H", big},
	} {
		if _, err := w.setVariables("owner", pairs...); holm.CodeOf(err) != holm.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	var many []string
	for i := range holm.MostVariables + 1 {
		many = append(many, "A"+strings.Repeat("B", i/26)+string(rune('A'+i%26)), "1")
	}
	if _, err := w.setVariables("owner", many...); holm.CodeOf(err) != holm.CodeInvalid {
		t.Errorf("too many: %v", err)
	}
	if out, err := w.variables("owner", false); err != nil || len(out.Items) != 0 {
		t.Errorf("a refused save left %d, %v", len(out.Items), err)
	}
}

func TestVariablesGoWithTheEnvironment(t *testing.T) {
	w := newWorld(t)
	_, err := w.setVariables("owner", "KEY", hush)
	must(t, err)
	in := ops.EnvironmentCloneInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}
	in.Body.Name = "shop-copy"
	made, err := call(w, "owner", ops.EnvironmentClone, in)
	must(t, err)
	list, err := call(w, "owner", ops.VariableListing, ops.VariableListInput{OfEnvironment: ops.OfEnvironment{Environment: "shop-copy"}, Values: true})
	if err != nil || len(list.Items) != 1 || *list.Items[0].Value != hush {
		t.Errorf("the copy has %+v, %v", list.Items, err)
	}
	w.write(func(tx *store.Tx) error { return tx.CopyMade(holm.EnvironmentID(made.ID), holm.CopyReport{Of: "shop"}) })
	_, err = w.takeOver("stranger", w.offered("stranger@example.org"), false)
	must(t, err)
	if list, err := w.variables("stranger", true); err != nil || len(list.Items) != 1 || *list.Items[0].Value != hush {
		t.Errorf("the new owner has %+v, %v", list.Items, err)
	}
	if _, err := w.variables("owner", true); holm.CodeOf(err) != holm.CodeNotFound {
		t.Errorf("the old owner: %v", err)
	}
}
