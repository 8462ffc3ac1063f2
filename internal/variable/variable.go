// Package variable is the feature of environment variables: what the services
// of an environment are told at their start, often secrets.
//
// It must not know how a node gets them, nor decide who may read them. It
// keeps values out of everything but the one answer that was asked for them.
package variable

import (
	"slices"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

// Bind binds the feature's operations.
func Bind(d *dispatch.Door) {
	dispatch.Bind(d, ops.VariableListing, list)
	dispatch.Bind(d, ops.VariableSet, set)
}

func list(s *dispatch.Scope, in *ops.VariableListInput) (out ops.VariableList, err error) {
	if in.Values {
		s.Note("values", true)
		if err := s.Tx.ReadVariables(s.Environment.ID, s.User.ID); err != nil {
			return out, err
		}
	}
	return view(s, in.Values)
}

func view(s *dispatch.Scope, values bool) (out ops.VariableList, err error) {
	out = ops.VariableList{Items: []ops.VariableView{}, Stale: []int64{}}
	variables, err := s.Tx.Variables(s.Environment.ID)
	if err != nil {
		return out, err
	}
	for _, v := range variables {
		shown := ops.VariableView{Name: v.Name, SetBy: v.SetBy, SetAt: v.SetAt, Rotate: ops.TimeOrNull(v.RotateAt)}
		if values {
			text := v.Value.Reveal()
			shown.Value = &text
		}
		out.Items = append(out.Items, shown)
	}
	e, err := s.Tx.Environment(string(s.Environment.ID))
	if err != nil {
		return out, err
	}
	layers, err := s.Tx.Layers(e.ID)
	for _, l := range layers {
		if l.Role != holm.LayerApp && l.Role != holm.LayerCustom {
			continue // these are given none
		}
		for _, n := range l.Nodes {
			if n.Variables < e.Variables && slices.Contains(alive, n.State) {
				out.Stale = append(out.Stale, int64(n.ID))
			}
		}
	}
	return out, err
}

// alive are the states in which a node has been started.
var alive = []holm.State{holm.StateRunning, holm.StateStarting, holm.StateRestarting, holm.StateUpdating, holm.StateBroken}

func set(s *dispatch.Scope, in *ops.VariableSetInput) (none ops.VariableList, err error) {
	if len(in.Body.Variables) == 0 && len(in.Body.Remove) == 0 {
		return none, holm.Invalid("variables", "Name at least one variable to set or to remove.")
	}
	before, err := s.Tx.Variables(s.Environment.ID)
	if err != nil {
		return none, err
	}
	had := map[string]holm.Variable{}
	for _, v := range before {
		had[v.Name] = v
	}
	now, err := wanted(in, had)
	if err != nil {
		return none, err
	}
	if err := save(s, in, had, now); err != nil {
		return none, err
	}
	return view(s, false)
}

// wanted gives the values that there will be, or what is wrong with them.
func wanted(in *ops.VariableSetInput, had map[string]holm.Variable) (map[string]holm.Secret, error) {
	now, named := map[string]holm.Secret{}, map[string]bool{}
	for name, v := range had {
		now[name] = v.Value
	}
	for _, name := range in.Body.Remove {
		if _, ok := had[name]; !ok {
			return nil, holm.Invalid("remove", "There is no variable %q.", holm.LoggedVariableName(name))
		}
		named[name] = true
		delete(now, name)
	}
	for _, v := range in.Body.Variables {
		if err := holm.CheckVariableName(v.Name); err != nil {
			return nil, err
		}
		if err := holm.CheckVariableValue(v.Name, v.Value); err != nil {
			return nil, err
		}
		if named[v.Name] {
			return nil, holm.Invalid("variables", "The variable %s is named twice.", v.Name)
		}
		named[v.Name] = true
		now[v.Name] = v.Value
	}
	size := 0
	for name, value := range now {
		size += len(name) + len(value.Reveal()) + 2
	}
	switch {
	case len(now) > holm.MostVariables:
		return nil, holm.Invalid("variables", "That makes %d variables; an environment has at most %d.", len(now), holm.MostVariables)
	case size > holm.LongestVariables:
		return nil, holm.Invalid("variables", "That makes %d bytes of names and values; at most %d are possible.", size, holm.LongestVariables)
	}
	return now, nil
}

// save writes what is different. The row in the log says of which variables,
// never what they are.
func save(s *dispatch.Scope, in *ops.VariableSetInput, had map[string]holm.Variable, now map[string]holm.Secret) error {
	changed := false
	for _, name := range in.Body.Remove {
		if _, err := s.Tx.RemoveVariable(s.Environment.ID, name); err != nil {
			return err
		}
		s.NoteChange("variable", name, "set", "removed")
		changed = true
	}
	for _, v := range in.Body.Variables {
		old, was := had[v.Name]
		if was && old.Value.Reveal() == now[v.Name].Reveal() {
			continue // a value that stays is not a new one
		}
		if err := s.Tx.SetVariable(s.Environment.ID, v.Name, v.Value, s.User.ID); err != nil {
			return err
		}
		before := "none"
		if was {
			before = "set"
		}
		s.NoteChange("variable", v.Name, before, "set anew")
		changed = true
	}
	if !changed {
		return nil
	}
	s.Changed(s.Environment)
	return s.Tx.VariablesChanged(s.Environment.ID)
}
