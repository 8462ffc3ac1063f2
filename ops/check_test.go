package ops_test

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

// fills calls try for each time of an input, with a function that sets it.
func fills(t reflect.Type, at func(root reflect.Value) reflect.Value, try func(func(root reflect.Value, to time.Time))) {
	switch {
	case t == reflect.TypeFor[*time.Time]():
		try(func(root reflect.Value, to time.Time) { at(root).Set(reflect.ValueOf(&to)) })
	case t == reflect.TypeFor[time.Time]():
		try(func(root reflect.Value, to time.Time) { at(root).Set(reflect.ValueOf(to)) })
	case t.Kind() == reflect.Pointer:
		fills(t.Elem(), func(root reflect.Value) reflect.Value {
			v := at(root)
			if v.IsNil() {
				v.Set(reflect.New(t.Elem()))
			}
			return v.Elem()
		}, try)
	case t.Kind() == reflect.Slice:
		fills(t.Elem(), func(root reflect.Value) reflect.Value {
			v := at(root)
			if v.Len() == 0 {
				v.Set(reflect.MakeSlice(t, 1, 1))
			}
			return v.Index(0)
		}, try)
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			if t.Field(i).IsExported() {
				fills(t.Field(i).Type, func(root reflect.Value) reflect.Value { return at(root).Field(i) }, try)
			}
		}
	}
}

// A time that would be kept as no time at all is refused wherever one is
// given: it must not make an access that ends into one that does not.
func TestNoInputTakesATimeThatIsNone(t *testing.T) {
	times := 0
	for _, op := range ops.All() {
		if !op.Built {
			continue
		}
		fills(op.Input, func(root reflect.Value) reflect.Value { return root.Elem() }, func(set func(reflect.Value, time.Time)) {
			times++
			rapid.Check(t, func(t *rapid.T) {
				in := reflect.New(op.Input)
				when := time.Date(rapid.IntRange(1, 1970).Draw(t, "year"), 1, rapid.IntRange(1, 300).Draw(t, "day"), 0, 0, 1, 0, time.UTC)
				set(in, when)
				if err := ops.CheckTimes(in.Interface()); holm.CodeOf(err) != holm.CodeInvalid || err == nil {
					t.Fatalf("%s takes %s: %v", op.Name, when, err)
				}
				in = reflect.New(op.Input)
				set(in, time.Date(rapid.IntRange(1971, 9999).Draw(t, "year"), 1, 1, 0, 0, 0, 0, time.UTC))
				if err := ops.CheckTimes(in.Interface()); err != nil {
					t.Fatalf("%s: %v", op.Name, err)
				}
			})
		})
	}
	if times < 20 {
		t.Errorf("only %d times were found", times)
	}
	var in ops.CollaboratorInviteInput
	in.Body.Until = new(time.Time)
	if err := ops.CheckTimes(&in); err == nil || holm.AsError(err).Fields[0].Name != "until" {
		t.Errorf("the zero time: %v", err)
	}
}
