package httpapi

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

// route is an operation as HTTP has it: where its inputs are, what they must
// look like, and what status says that it is done.
type route struct {
	op     *ops.Operation
	params []param
	body   *body // nil when the operation takes none
	output *huma.Schema
	status int
	stream func(a *api, rt *route) http.HandlerFunc // for sessions
}

// param is one input of the path, the query or a header.
type param struct {
	name     string
	in       string
	doc      string
	index    []int
	schema   *huma.Schema
	required bool
}

// body is the input that comes as JSON.
type body struct {
	index    []int
	schema   *huma.Schema
	required bool // some field is
}

// streams are the sessions that REST can hold open.
var streams = map[string]func(*api, *route) http.HandlerFunc{
	ops.EnvironmentEvents.Name: (*api).events,
	ops.AuditTail.Name:         (*api).tail,
}

// shown are the operations that streams tell the answers of.
var shown = map[string]string{
	ops.EnvironmentEvents.Name: ops.EnvironmentShow.Name,
	ops.AuditTail.Name:         ops.AuditAccount.Name,
}

// offered says whether an operation has a route here.
func offered(door *dispatch.Door, op *ops.Operation) bool {
	if !op.Built || op.Method == "" {
		return false
	}
	if op.Kind == ops.Session {
		return streams[op.Name] != nil && door.Bound(shown[op.Name])
	}
	return door.Bound(op.Name)
}

// creating are the verbs after which there is something new to look at.
var creating = map[string]bool{"create": true, "invite": true, "sign_up": true}

func statusOf(op *ops.Operation) int {
	switch {
	case op.Output == nil:
		return http.StatusNoContent
	case op.Method == http.MethodPost && creating[op.Verb()]:
		return http.StatusCreated
	}
	return http.StatusOK
}

// params finds the inputs that are not in the body.
func (s schemas) params(op *ops.Operation) (list []param) {
	for _, in := range []string{"path", "query", "header"} {
		for _, f := range reflect.VisibleFields(op.Input) {
			name := f.Tag.Get(in)
			if name == "" {
				continue
			}
			list = append(list, param{name: name, in: in, doc: f.Tag.Get("doc"), index: f.Index,
				schema: huma.SchemaFromField(s.registry, f, name), required: in == "path" || f.Tag.Get("required") == "true"})
		}
	}
	return list
}

// serve answers an operation.
func (a *api) serve(rt *route) http.HandlerFunc {
	if rt.stream != nil {
		return rt.stream(a, rt)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := a.begin(w, r, rt)
		if err != nil {
			writeError(w, err)
			return
		}
		in, wrong := a.read(w, r, rt)
		if wrong != nil && rt.op.Public != "" {
			writeError(w, wrong) // there is no target that the answer could give away
			return
		}
		if in, ok := in.(*ops.AuditAccountInput); ok && wrong == nil && in.Format != "" && in.Format != "json" {
			a.export(w, r, c, in)
			return
		}
		out, err := a.door.Do(r.Context(), c, rt.op, in, func() error { return wrong })
		switch {
		case err != nil:
			writeError(w, err)
		case rt.op.Output == nil:
			w.WriteHeader(rt.status)
		default:
			writeJSON(w, rt.status, "application/json", withLists(out))
		}
	}
}

// begin finds out who asks and notes it for the log.
func (a *api) begin(w http.ResponseWriter, r *http.Request, rt *route) (dispatch.Caller, error) {
	x := w.(*exchange)
	x.operation = rt.op.Name
	c, err := a.caller(r, rt.op, x.address)
	x.user, x.road = c.User, c.Road
	return c, err
}

// withLists makes empty lists of those that an output left out, since readers
// rely on a list being there. Only the outer value is touched: what it points
// to may be shared.
func withLists(out any) any {
	v := reflect.ValueOf(out)
	if v.Kind() != reflect.Struct {
		return out
	}
	copied := reflect.New(v.Type()).Elem()
	copied.Set(v)
	for i := range copied.NumField() {
		if f := copied.Field(i); f.Kind() == reflect.Slice && f.IsNil() && f.CanSet() {
			f.Set(reflect.MakeSlice(f.Type(), 0, 0))
		}
	}
	return copied.Interface()
}
