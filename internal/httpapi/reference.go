package httpapi

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/holmhq/holm"
)

//go:embed reference.gohtml reference.css
var files embed.FS

var page = template.Must(template.ParseFS(files, "reference.gohtml"))

// referencePolicy lets the page use its own style and nothing else.
const referencePolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// reference serves a page about every operation, made once from the
// catalogue. It needs no script and nothing from anywhere else.
func (a *api) reference() http.HandlerFunc {
	var made bytes.Buffer
	if err := page.Execute(&made, a.referenceData()); err != nil {
		panic(fmt.Errorf("httpapi: the reference cannot be made: %w", err))
	}
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", referencePolicy)
		w.Write(made.Bytes())
	}
}

// style serves the style of the reference.
func style(w http.ResponseWriter, r *http.Request) {
	raw, err := files.ReadFile("reference.css")
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Write(raw)
}

// The data of the reference page.
type (
	referenceData struct {
		Version string
		URL     string
		Groups  []referenceGroup
		Errors  []referenceError
	}
	referenceGroup struct {
		Noun, Title string
		Operations  []referenceOperation
	}
	referenceOperation struct {
		Name, Method, Path, Summary, Permission, Who string
		Public                                       bool
		Inputs, Outputs                              []referenceField
		Stream                                       bool
		Status                                       int
		Example                                      string
	}
	referenceField struct {
		Name, In, Type, Doc string
		Required            bool
	}
	referenceError struct {
		Code   holm.Code
		Status int
		Title  string
	}
)

func (a *api) referenceData() referenceData {
	d := referenceData{Version: a.o.Version, URL: a.o.PublicURL}
	for _, rt := range a.routes {
		noun := rt.op.Noun()
		if len(d.Groups) == 0 || d.Groups[len(d.Groups)-1].Noun != noun {
			title := strings.ReplaceAll(noun, "_", " ")
			d.Groups = append(d.Groups, referenceGroup{Noun: noun, Title: strings.ToUpper(title[:1]) + title[1:]})
		}
		g := &d.Groups[len(d.Groups)-1]
		g.Operations = append(g.Operations, a.referenceOperation(rt))
	}
	for _, code := range holm.Codes {
		d.Errors = append(d.Errors, referenceError{code, answers[code].status, answers[code].title})
	}
	return d
}

func (a *api) referenceOperation(rt *route) referenceOperation {
	o := referenceOperation{
		Name: rt.op.Name, Method: rt.op.Method, Path: rt.op.Path, Summary: rt.op.Summary, Permission: string(rt.op.Permission),
		Who: whoMay(rt.op), Public: rt.op.Public != "", Stream: rt.stream != nil, Status: rt.status, Example: a.example(rt),
	}
	for _, p := range rt.params {
		o.Inputs = append(o.Inputs, referenceField{p.name, p.in, typeName(p.schema), p.doc, p.required})
	}
	if rt.body != nil {
		o.Inputs = append(o.Inputs, a.fields("", "body", rt.body.schema, nil)...)
	}
	if rt.output != nil {
		o.Outputs = a.fields("", "", rt.output, nil)
	}
	return o
}

// fields lists what an object has, with what is inside of it. inside holds the references on the way, since types may contain
// themselves.
func (a *api) fields(at, in string, s *huma.Schema, inside []string) (list []referenceField) {
	if s.Ref != "" && slices.Contains(inside, s.Ref) {
		return nil
	}
	inside = append(slices.Clip(inside), s.Ref)
	object := a.schemas.resolve(s)
	for _, name := range inOrder(object) {
		p := object.Properties[name]
		path := strings.TrimPrefix(at+"."+name, ".")
		list = append(list, referenceField{path, in, typeName(p), p.Description, in != "" && slices.Contains(object.Required, name)})
		if p.Type == "array" {
			p, path = p.Items, path+"[]"
		}
		if len(p.AnyOf) > 0 {
			p = p.AnyOf[0]
		}
		if p.Ref != "" {
			list = append(list, a.fields(path, in, p, inside)...)
		}
	}
	return list
}

// inOrder lists the fields of an object: first those that are always there,
// as they were declared, then the others by name.
func inOrder(object *huma.Schema) []string {
	list := slices.Clone(object.Required)
	optional := len(list)
	for name := range object.Properties {
		if !slices.Contains(object.Required, name) {
			list = append(list, name)
		}
	}
	slices.Sort(list[optional:])
	return list
}

// typeName says what kind of value a schema wants, in a few words.
func typeName(s *huma.Schema) string {
	switch {
	case len(s.Enum) > 0:
		words := make([]string, len(s.Enum))
		for i, v := range s.Enum {
			words[i] = fmt.Sprint(v)
		}
		return strings.Join(words, " | ")
	case s.Ref != "" || s.Type == "object":
		return "object"
	case len(s.AnyOf) > 0:
		return typeName(s.AnyOf[0]) + " or null"
	}
	name := s.Type
	switch {
	case s.Type == "array":
		name = "list of " + typeName(s.Items)
	case s.Format == "date-time":
		name = "time"
	case s.Type == "string":
		name = "text"
	}
	if s.Nullable {
		name += " or null"
	}
	return name
}

// example is a command that asks for an operation.
func (a *api) example(rt *route) string {
	address := a.o.PublicURL
	if address == "" {
		address = "https://holm.example.org"
	}
	var b strings.Builder
	b.WriteString("curl")
	if rt.stream != nil {
		b.WriteString(" -N")
	}
	if rt.op.Method != http.MethodGet {
		b.WriteString(" -X " + rt.op.Method)
	}
	if rt.op.Public == "" {
		b.WriteString(` -H "Authorization: Bearer $HOLM_TOKEN"`)
	}
	query := ""
	for _, p := range rt.params {
		if p.in == "query" && p.required {
			query += "&" + p.name + "=…"
		}
	}
	if query != "" {
		query = "?" + query[1:]
	}
	if rt.body != nil {
		raw, err := json.Marshal(a.sample(rt.body.schema))
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(&b, " \\\n  -H \"Content-Type: application/json\" -d '%s'", raw)
	}
	fmt.Fprintf(&b, " \\\n  '%s%s%s'", address, rt.op.Path, query)
	return b.String()
}

// sample makes a value of the required fields of a schema.
func (a *api) sample(s *huma.Schema) any {
	s = a.schemas.resolve(s)
	switch {
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Type == "object":
		m := map[string]any{}
		for _, name := range s.Required {
			m[name] = a.sample(s.Properties[name])
		}
		return m
	case s.Type == "array":
		return []any{a.sample(s.Items)}
	case s.Type == "integer", s.Type == "number":
		return 2
	case s.Type == "boolean":
		return true
	}
	return "…"
}
