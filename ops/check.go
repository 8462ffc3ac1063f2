package ops

import (
	"reflect"
	"strings"
	"time"

	"github.com/holmhq/holm"
)

// NoTime says whether a time is none at which anything could begin or end.
// Kept, it would mean that there is no time at all: an access without an end.
func NoTime(t time.Time) bool { return t.Year() < 1971 }

// CheckTimes refuses an input in which a time is given that is none. The door
// asks it about every operation.
func CheckTimes(in any) error {
	if name := noTimeIn(reflect.ValueOf(in), ""); name != "" {
		return holm.Invalid(name, "The time is none at which anything could begin or end; leave it out where there is none.")
	}
	return nil
}

var timeType = reflect.TypeFor[time.Time]()

// noTimeIn finds the name of a field that has such a time. A field that is no
// pointer is not given when it is zero.
func noTimeIn(v reflect.Value, name string) string {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		if v.Type().Elem() == timeType && NoTime(v.Elem().Interface().(time.Time)) {
			return name
		}
		return noTimeIn(v.Elem(), name)
	case reflect.Slice:
		for i := range v.Len() {
			if found := noTimeIn(v.Index(i), name); found != "" {
				return found
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			if found := noTimeIn(v.MapIndex(key), name); found != "" {
				return found
			}
		}
	case reflect.Struct:
		if v.Type() == timeType {
			if t := v.Interface().(time.Time); !t.IsZero() && NoTime(t) {
				return name
			}
			return ""
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			if found := noTimeIn(v.Field(i), fieldName(f, name)); found != "" {
				return found
			}
		}
	}
	return ""
}

// fieldName is how a field is called where it is given.
func fieldName(f reflect.StructField, outer string) string {
	for _, key := range []string{"json", "query", "path", "header"} {
		if name, _, _ := strings.Cut(f.Tag.Get(key), ","); name != "" && name != "-" {
			return name
		}
	}
	return outer
}
