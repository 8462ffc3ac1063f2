// Package ops is the catalogue: every operation of Holm as data. Routes, the
// OpenAPI description, the Go client, the command line, dashboard buttons,
// reference pages and the verbs of the audit log are derived from it.
//
// It knows the vocabulary and the permissions. It must not know how an
// operation is done or how a road asks for it.
package ops

import (
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// Kind says what an operation does to the world.
type Kind string

// The kinds. A read changes nothing; a change is recorded with what it did; a
// session stays open, is recorded when it opens and closes, and is cut when
// the right goes.
const (
	Read    Kind = "read"
	Change  Kind = "change"
	Session Kind = "session"
)

// Operation is one declared thing that a person may do.
type Operation struct {
	Name       string // "environment.start"
	Kind       Kind
	Permission access.Permission
	Method     string // "POST"; "" where no REST route exists
	Path       string // "/v1/environments/{environment}/start"
	Summary    string // what it does, for reference pages and help
	Done       string // for the audit log, after the name: "started {environment}"
	Public     string // why no sign-in is needed, for public ones
	Input      reflect.Type
	Output     reflect.Type // nil when it answers nothing
	Built      bool         // false: declared, built by later work
	Personal   bool         // for people themselves, never for access tokens
	Quiet      bool         // a session that is not worth a row when it opens and closes
}

// Noun is the part before the dot.
func (o *Operation) Noun() string { noun, _, _ := strings.Cut(o.Name, "."); return noun }

// Verb is the part after the dot.
func (o *Operation) Verb() string { _, verb, _ := strings.Cut(o.Name, "."); return verb }

// Offers says whether something in this version asks for a permission. The
// table has rows for what is built later, so that a level keeps its meaning.
func Offers(p access.Permission) bool {
	switch p {
	case access.EnvironmentSee, access.NotifyNodePassword, access.AuditView:
		return true // without an operation of their own
	}
	return slices.ContainsFunc(order, func(o *Operation) bool { return o.Built && o.Permission == p })
}

// Op is an operation with its types. Features bind an implementation to it,
// roads call it.
type Op[I Input, O any] struct{ *Operation }

// None is the output of operations that answer nothing.
type None struct{}

var (
	catalogue = map[string]*Operation{}
	order     []*Operation
)

// declare adds a built operation. It panics on a declaration that does not
// make sense: that is a bug which no start of the program survives.
func declare[I Input, O any](name string, kind Kind, permission access.Permission, route, summary, done string) Op[I, O] {
	o := add(name, kind, permission, route, summary)
	o.Built = true
	o.Done = done
	o.Input = reflect.TypeFor[I]()
	if out := reflect.TypeFor[O](); out != reflect.TypeFor[None]() {
		o.Output = out
	}
	if reason, nobody := nobodyReason(o.Input); nobody {
		if permission != access.Public || reason == "" {
			panic("ops: " + name + ": only public operations have no target, and each says why")
		}
		o.Public = reason
	}
	return Op[I, O]{o}
}

// quiet marks a session that is nothing but looking, so that the audit log is
// not filled by open pages; its refusals are recorded all the same.
func quiet[I Input, O any](op Op[I, O]) Op[I, O] {
	op.Quiet = true
	return op
}

// personal marks what only people themselves do: who holds an access token
// must not be able to make it into more.
func personal[I Input, O any](op Op[I, O]) Op[I, O] {
	op.Personal = true
	return op
}

// later adds an operation that is declared but not built yet.
func later(name string, kind Kind, permission access.Permission, route, summary string) {
	add(name, kind, permission, route, summary)
}

func add(name string, kind Kind, permission access.Permission, route, summary string) *Operation {
	if access.ScopeOf(permission) == "" {
		panic("ops: " + name + ": no such permission " + string(permission))
	}
	if catalogue[name] != nil {
		panic("ops: " + name + " is declared twice")
	}
	method, path, ok := strings.Cut(route, " ")
	if !ok {
		method, path = "", route
	}
	o := &Operation{Name: name, Kind: kind, Permission: permission, Method: method, Path: path, Summary: summary}
	catalogue[name] = o
	order = append(order, o)
	return o
}

// All lists every operation by name.
func All() []*Operation {
	list := append([]*Operation(nil), order...)
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

// Lookup finds an operation by its name, nil when there is none.
func Lookup(name string) *Operation { return catalogue[name] }

// Field is one input field with the place where it is given.
type Field struct {
	Name string // in the place: "environment", "confirm", "name"
	In   string // "path", "query" or "body"
	Type reflect.Type
	Doc  string
	// Index is where the field is in the input, for reflect.FieldByIndex.
	Index    []int
	Required bool
}

// Fields lists the inputs of an operation: path, then query, then the fields
// of the body.
func (o *Operation) Fields() []Field {
	if o.Input == nil {
		return nil
	}
	var list []Field
	for _, in := range []string{"path", "query"} {
		for _, f := range reflect.VisibleFields(o.Input) {
			if name := f.Tag.Get(in); name != "" {
				list = append(list, Field{Name: name, In: in, Type: f.Type, Doc: f.Tag.Get("doc"), Index: f.Index, Required: in == "path" || f.Tag.Get("required") == "true"})
			}
		}
	}
	if body, ok := o.Input.FieldByName("Body"); ok {
		for _, f := range reflect.VisibleFields(body.Type) {
			name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "" || name == "-" || f.Anonymous {
				continue
			}
			index := append(append([]int(nil), body.Index...), f.Index...)
			list = append(list, Field{Name: name, In: "body", Type: f.Type, Doc: f.Tag.Get("doc"), Index: index, Required: !strings.Contains(opts, "omitempty")})
		}
	}
	return list
}

// PathFor fills the route's parameters from an input. A parameter that is
// missing, or that cannot be a path segment, is CodeInvalid.
func (o *Operation) PathFor(in any) (string, error) {
	v := reflect.Indirect(reflect.ValueOf(in))
	path := o.Path
	for _, f := range o.Fields() {
		if f.In != "path" {
			continue
		}
		value := text(v.FieldByIndex(f.Index).Interface())
		// A dot or two would be another path altogether.
		if value == "" || value == "." || value == ".." {
			return "", holm.Invalid(f.Name, "Give the %s.", strings.ReplaceAll(f.Name, "_", " "))
		}
		path = strings.ReplaceAll(path, "{"+f.Name+"}", escapeSegment(value))
	}
	return path, nil
}

// text writes a path or query value; secrets are needed in the open here.
func text(v any) string {
	if s, ok := v.(holm.Secret); ok {
		return s.Reveal()
	}
	return fmt.Sprint(v)
}
