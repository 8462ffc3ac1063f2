package httpapi

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

// apiVersion is the version of the contract, that of the paths.
const apiVersion = "1"

const introduction = `Everything that Holm does, for scripts and programs.

Sign in with ` + "`POST /v1/sessions`" + ` and send the token as ` + "`Authorization: Bearer …`" + `. What you may not see is
answered like what does not exist. Errors are problem documents with a ` + "`code`" + ` from a closed list; refusals name
the missing permission, the rule that decided and who can give the right. Lists have ` + "`items`" + ` and the cursor
` + "`next`" + `, null on the last page. Times are RFC 3339 in UTC.`

// Describe gives the OpenAPI 3.1 description of everything that the door has
// bound, as YAML. The same catalogue gives the same bytes.
func Describe(door *dispatch.Door) ([]byte, error) {
	return build(door, Options{}).openapi().YAML()
}

// description serves the same as JSON.
func (a *api) description() http.HandlerFunc {
	doc := a.openapi()
	return func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, "application/json", doc)
	}
}

func (a *api) openapi() *huma.OpenAPI {
	doc := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{Title: "Holm", Version: apiVersion, Description: introduction,
			License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}},
		Components: &huma.Components{
			Schemas: a.schemas.registry,
			SecuritySchemes: map[string]*huma.SecurityScheme{"bearer": {Type: "http", Scheme: "bearer",
				Description: "The token that session.create gives."}},
		},
		Security: []map[string][]string{{"bearer": {}}},
	}
	if a.o.PublicURL != "" {
		doc.Servers = []*huma.Server{{URL: a.o.PublicURL}}
	}
	tagged := map[string]bool{}
	for _, rt := range a.routes {
		if noun := rt.op.Noun(); !tagged[noun] {
			tagged[noun] = true
			doc.Tags = append(doc.Tags, &huma.Tag{Name: noun})
		}
		doc.AddOperation(describe(rt))
	}
	return doc
}

func describe(rt *route) *huma.Operation {
	op := &huma.Operation{
		OperationID: rt.op.Name, Method: rt.op.Method, Path: rt.op.Path,
		Summary: rt.op.Summary, Description: whoMay(rt.op), Tags: []string{rt.op.Noun()},
		Extensions: map[string]any{"x-permission": string(rt.op.Permission), "x-kind": string(rt.op.Kind)},
	}
	if rt.op.Public != "" {
		op.Security = []map[string][]string{{}, {"bearer": {}}}
	}
	for _, p := range rt.params {
		op.Parameters = append(op.Parameters, &huma.Param{Name: p.name, In: p.in, Description: p.doc, Required: p.required, Schema: p.schema})
	}
	if rt.body != nil {
		op.RequestBody = &huma.RequestBody{Required: rt.body.required, Content: media("application/json", rt.body.schema)}
	}
	done := &huma.Response{Description: http.StatusText(rt.status)}
	if rt.output != nil {
		done.Content = media("application/json", rt.output)
	}
	if rt.stream != nil {
		done.Description = "Messages of the described type as data of server-sent events; the stream ends with the event closed"
		done.Content = media("text/event-stream", rt.output)
	}
	op.Responses = map[string]*huma.Response{
		strconv.Itoa(rt.status): done,
		"default":               {Description: "A problem", Content: media("application/problem+json", &huma.Schema{Ref: schemaPrefix + "Problem"})},
	}
	return op
}

func media(kind string, s *huma.Schema) map[string]*huma.MediaType {
	return map[string]*huma.MediaType{kind: {Schema: s}}
}

// whoMay says in a sentence who may do an operation, from the table.
func whoMay(op *ops.Operation) string {
	row, ok := access.Lookup(op.Permission)
	switch {
	case op.Public != "":
		return "No sign-in needed: " + op.Public + "."
	case op.Permission == access.Operator:
		return "For operators of the installation."
	case !ok:
		return "For everybody who is signed in, about their own."
	}
	names := [3]string{"the owner", "collaborators with full access", "collaborators with limited access"}
	if row.Scope == access.ScopeAccount {
		names = [3]string{"the owner", "collaborators with role admin", "collaborators with role viewer"}
	}
	var may []string
	for i, cell := range []access.Cell{row.Owner, row.Upper, row.Lower} {
		switch cell {
		case access.Yes:
			may = append(may, names[i])
		case access.OwnRows:
			may = append(may, names[i]+" (their own rows)")
		}
	}
	return "For " + joined(may) + "."
}

// joined makes "a, b and c".
func joined(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}
