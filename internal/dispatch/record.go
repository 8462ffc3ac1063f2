package dispatch

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// recordable says whether a failed attempt gets a row: every refusal of
// somebody known, and every failed change. Anonymous knocking at closed doors
// does not, or anybody could fill the log; a failed sign-in does (its
// implementation names the account).
func (s *Scope) recordable(e *holm.Error) bool {
	if s == nil || s.Operation == nil {
		return false
	}
	if s.User.ID == "" && s.logged == "" {
		return false
	}
	return s.refused || s.Operation.Kind == ops.Change
}

// entry makes the row of an attempt. A refusal about something the caller may
// not see goes into the caller's own log, whether it exists or not.
func (s *Scope) entry(in any, e *holm.Error) store.AuditEntry {
	a := store.AuditEntry{
		Account: s.logged, Environment: s.Environment.ID, User: s.User.ID, Email: s.Caller.Email,
		Road: s.Caller.Road, Operation: s.Operation.Name, Target: s.target, Result: "0", Detail: s.parameters(in), Address: s.Caller.Address,
	}
	if a.Account == "" {
		a.Account = s.Account.ID
	}
	if a.Account == "" {
		a.Account = s.Own.ID
	}
	if s.view.ID != "" {
		a.Detail["looks_as"] = s.view.Email
	}
	if s.asOther {
		a.User = s.viewer.ID
		if a.Account == "" {
			a.Account = s.view.Account
		}
	}
	if s.who != nil {
		a.User, a.Email = s.who.ID, s.who.Email
	}
	if ops.TargetKindOf(s.Operation) == ops.TargetEnvironment && s.Environment.Name != "" {
		a.Detail["environment"] = s.Environment.Name
		if s.target == string(s.Environment.ID) || s.target == "" {
			a.Target = s.Environment.Name
		}
	}
	a.Target = holm.Visible(clip(a.Target, 200))
	if s.token.ID != "" {
		a.Detail["access_token"] = s.token.Name
	}
	if e == nil {
		s.changed(a.Detail)
	} else {
		a.Result = string(e.Code)
		a.Detail["error"] = e.Detail
		if e.Permission != "" {
			a.Detail["permission"], a.Detail["reason"] = e.Permission, e.Reason
		}
	}
	a.Detail = visible(a.Detail).(map[string]any)
	return a
}

// parameters gives the body of an input with secrets masked (holm.Secret
// marshals as a mask) and the notes of the implementation.
func (s *Scope) parameters(in any) map[string]any {
	detail := map[string]any{}
	if in != nil {
		v := reflect.Indirect(reflect.ValueOf(in))
		if body := v.FieldByName("Body"); body.IsValid() {
			kept := body.Interface()
			if l, ok := in.(ops.Logger); ok {
				kept = l.Logged()
			}
			raw, err := json.Marshal(kept)
			switch {
			case err != nil:
			case len(raw) < longestInput:
				json.Unmarshal(raw, &detail)
			default:
				detail["too_long"] = len(raw) // nobody may fill the log with one attempt
			}
		}
		for _, f := range s.Operation.Fields() {
			value := v.FieldByIndex(f.Index)
			if f.In == "path" && f.Name != "account" && f.Name != "environment" && f.Type != reflect.TypeFor[holm.Secret]() {
				detail[f.Name] = clip(reflectText(value), 200)
			}
		}
	}
	for key, value := range s.detail {
		detail[key] = value
	}
	return detail
}

// visible writes out what cannot be seen in the texts of a row: somebody wrote
// them who was perhaps refused for it, and somebody else reads them.
func visible(v any) any {
	switch v := v.(type) {
	case string:
		return holm.Visible(v)
	case map[string]any:
		shown := make(map[string]any, len(v))
		for key, value := range v {
			shown[holm.Visible(key)] = visible(value)
		}
		return shown
	case []any:
		for i := range v {
			v[i] = visible(v[i])
		}
	}
	return v
}

// longestInput is how much of what was asked for a row keeps, in bytes. What
// was changed is kept whole.
const longestInput = 16 << 10

// changed tells in a row what is different now. Notes "was_x" of what x was
// before become changes; lists of what was wanted give way to what came of
// them.
func (s *Scope) changed(detail map[string]any) {
	changes := s.changes
	for _, key := range slices.Sorted(maps.Keys(detail)) {
		what, isOld := strings.CutPrefix(key, "was_")
		now, given := detail[what]
		if !isOld || !given {
			continue
		}
		if was := plain(detail[key]); !reflect.DeepEqual(was, plain(now)) {
			changes = append(changes, holm.AuditChange{What: what, Was: was, Now: plain(now)})
		}
		delete(detail, key)
		delete(detail, what)
	}
	if len(changes) == 0 {
		return
	}
	for key, value := range detail {
		if _, list := value.([]any); list && len(s.changes) > 0 {
			delete(detail, key)
		}
	}
	detail["changes"] = changes
}

// plain is a value as JSON has it, for comparing.
func plain(v any) (same any) {
	raw, err := json.Marshal(v)
	if err != nil || json.Unmarshal(raw, &same) != nil {
		return v
	}
	return same
}

// spell puts names people know into the row of an attempt that was refused
// before its target's parts were looked up. Who may see the environment may
// see those.
func (s *Scope) spell(tx *store.Tx, a *store.AuditEntry) {
	name, _ := a.Detail["layer"].(string)
	if s.Environment.ID == "" || name == "" || strings.HasPrefix(a.Target, s.Environment.Name+" ") {
		return
	}
	if l, err := tx.Layer(s.Environment.ID, name); err == nil {
		a.Target = s.Environment.Name + " " + string(l.Role)
	}
}

func reflectText(v reflect.Value) string {
	raw, err := json.Marshal(v.Interface())
	if err != nil {
		return ""
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

func clip(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return text[:most]
}

// Record adds a row for a change that Holm made by itself.
func (s *Scope) Record(e holm.Environment, operation, target, result string, detail map[string]any) error {
	return s.Tx.Record(store.AuditEntry{Account: e.Account, Environment: e.ID, Email: s.Caller.Email, Road: holm.RoadSystem,
		Operation: operation, Target: target, Result: result, Detail: detail})
}
