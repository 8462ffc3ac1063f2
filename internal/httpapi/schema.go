package httpapi

import (
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

const schemaPrefix = "#/components/schemas/"

// schemas describe every type that goes in or out.
type schemas struct{ registry huma.Registry }

func init() {
	// Lists are never null here, and field names are written one way only.
	huma.DefaultArrayNullable = false
	huma.ValidateStrictCasing = true
}

func newSchemas() schemas {
	return schemas{huma.NewMapRegistry(schemaPrefix, huma.DefaultSchemaNamer)}
}

// routes makes the routes of what the door has bound. Inputs come first: they
// refuse fields they do not know, so that a typing error is not silence;
// outputs allow them, so that Holm may say more tomorrow.
func (s schemas) routes(door *dispatch.Door) (list []*route) {
	for _, op := range ops.All() {
		if offered(door, op) {
			list = append(list, &route{op: op, params: s.params(op), body: s.body(op), status: statusOf(op), stream: streams[op.Name]})
		}
	}
	strict := map[string]bool{}
	for name := range s.registry.Map() {
		strict[name] = true
	}
	for _, rt := range list {
		if rt.op.Output != nil {
			rt.output = s.registry.Schema(rt.op.Output, true, rt.op.Output.Name())
		}
	}
	s.registry.Schema(reflect.TypeFor[Problem](), true, "Problem")
	for name, schema := range s.registry.Map() {
		s.allowNull(name, schema)
		if _, closed := schema.AdditionalProperties.(bool); closed && !strict[name] {
			schema.AdditionalProperties = nil
		}
	}
	return list
}

// body describes the JSON input of an operation.
func (s schemas) body(op *ops.Operation) *body {
	f, ok := op.Input.FieldByName("Body")
	if !ok {
		return nil
	}
	b := &body{index: f.Index, schema: s.registry.Schema(f.Type, true, strings.TrimSuffix(op.Input.Name(), "Input")+"Body")}
	b.required = len(s.resolve(b.schema).Required) > 0
	return b
}

// allowNull says of pointers to objects that they may be null; huma says so
// of scalars only.
func (s schemas) allowNull(name string, schema *huma.Schema) {
	t := s.registry.TypeFromRef(schemaPrefix + name)
	if t == nil || t.Kind() != reflect.Struct {
		return
	}
	for _, f := range reflect.VisibleFields(t) {
		key, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		p := schema.Properties[key]
		if p == nil || p.Ref == "" || f.Type.Kind() != reflect.Pointer || strings.Contains(options, "omitempty") {
			continue
		}
		schema.Properties[key] = &huma.Schema{Description: p.Description, AnyOf: []*huma.Schema{{Ref: p.Ref}, {Type: "null"}}}
	}
}

// resolve follows references.
func (s schemas) resolve(schema *huma.Schema) *huma.Schema {
	for schema != nil && schema.Ref != "" {
		schema = s.registry.SchemaFromRef(schema.Ref)
	}
	return schema
}
