package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/origin"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

func TestOperationsAreServedFromTheirDeclaration(t *testing.T) {
	w := newWorld(t, Options{})
	ana := w.meet("ana")
	e := w.environment(ana, "shop")
	got := w.ask("GET", "/v1/environments/shop", ana.token, "")
	w.is(got, 200, "")
	if got.body["id"] != string(e.ID) || len(got.body["permissions"].([]any)) < 20 {
		t.Fatal(got.raw)
	}
	w.is(w.ask("PATCH", "/v1/environments/"+string(e.ID), ana.token, `{"alias":"The shop"}`), 200, "")
	got = w.ask("GET", "/v1/environments/shop", ana.token, "")
	if got.body["alias"] != "The shop" {
		t.Fatal(got.raw)
	}
	if got := w.ask("POST", "/v1/environments/shop/start", ana.token, "{}"); got.status != 200 {
		t.Fatal(got.raw)
	}
	w.is(w.ask("POST", "/v1/accounts/me/environments", ana.token, `{"name":"blog","layers":[{"role":"app","stack":"static"}]}`), 201, "")
	w.is(w.ask("DELETE", "/v1/environments/shop?confirm=shop", ana.token, ""), 200, "")
	got = w.ask("DELETE", "/v1/user/sessions/current", ana.token, "")
	if got.status != 204 || got.raw != "" {
		t.Fatal(got.status, got.raw)
	}
	w.is(w.ask("GET", "/v1/environments", ana.token, ""), 401, holm.CodeUnauthorized)
}

func TestListsAreNeverNull(t *testing.T) {
	w := newWorld(t, Options{})
	got := w.ask("GET", "/v1/environments?limit=5", w.meet("ana").token, "")
	if strings.TrimSpace(got.raw) != `{"items":[],"next":null}` {
		t.Fatal(got.raw)
	}
}

func TestOnlyABearerTokenIsProof(t *testing.T) {
	w := newWorld(t, Options{})
	ana := w.meet("ana")
	w.environment(ana, "shop")
	for name, options := range map[string][]string{
		"nothing":        nil,
		"a cookie":       {"Cookie: holm_session=" + ana.token},
		"a basic header": {"Authorization: Basic " + ana.token},
		"no scheme":      {"Authorization: " + ana.token},
		"a wrong token":  {"Authorization: Bearer holm_nobodys"},
		"an empty token": {"Authorization: Bearer "},
		"a long token":   {"Authorization: Bearer " + strings.Repeat("x", 4000)},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.ask("GET", "/v1/environments/shop", "", "", options...)
			w.is(got, 401, holm.CodeUnauthorized)
			if got.header.Get("WWW-Authenticate") != `Bearer realm="holm"` {
				t.Error("no WWW-Authenticate")
			}
			if strings.Contains(got.raw, "nobodys") || strings.Contains(got.raw, ana.token) {
				t.Error("the answer has the token in it")
			}
		})
	}
	w.is(w.ask("GET", "/v1/environments/shop", "", "", "Authorization: bearer "+ana.token), 200, "")
}

func TestTokensOnPublicOperations(t *testing.T) {
	w := newWorld(t, Options{})
	ana := w.meet("ana")
	dead := "Authorization: Bearer holm_dead"
	w.is(w.ask("POST", "/v1/sessions", "", `{"email":"ana@example.org","password":"correct horse"}`, dead), 201, "")
	w.is(w.ask("POST", "/v1/sessions", "", `{"email":"ana@example.org","password":"wrong"}`), 401, holm.CodeUnauthorized)
	w.is(w.ask("POST", "/v1/invitations/x/accept", "", ``, dead), 401, holm.CodeUnauthorized)
	w.is(w.ask("POST", "/v1/invitations/x/accept", "", ``), 200, "")
	if got := w.ask("POST", "/v1/invitations/x/accept", ana.token, ""); !strings.Contains(got.raw, "ana@example.org") {
		t.Fatal("the signed-in caller was lost:", got.raw)
	}
}

func TestRoadsAndAddressesAreRecorded(t *testing.T) {
	w := newWorld(t, Options{Proxies: origin.Proxies{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}})
	ana := w.meet("ana")
	w.environment(ana, "shop")
	w.is(w.ask("POST", "/v1/environments/shop/start", ana.token, "", "Holm-Road: cli", "X-Forwarded-For: 198.51.100.9, 203.0.113.7, 10.1.1.1"), 200, "")
	w.tx(func(tx *store.Tx) error {
		rows, err := tx.Audit(store.FilterFor(ana.user.ID, ana.account.ID, tx.Now(), false), store.AuditQuery{Account: ana.account.ID, Limit: 1})
		if err != nil {
			return err
		}
		if rows[0].Road != holm.RoadCommandLine || rows[0].Address != "203.0.113.7" {
			t.Errorf("%s from %s", rows[0].Road, rows[0].Address)
		}
		return nil
	})
}

func TestWhatMayNotBeSeenLooksLikeWhatIsNotThere(t *testing.T) {
	w := newWorld(t, Options{})
	ana, bob := w.meet("ana"), w.meet("bob")
	e := w.environment(ana, "shop")
	for _, c := range []struct{ method, path, body string }{
		{"GET", "/v1/environments/%s", ""},
		{"PATCH", "/v1/environments/%s", `{"alias":"mine"}`},
		{"PATCH", "/v1/environments/%s", `{"alias":`},
		{"PATCH", "/v1/environments/%s", `{"nonsense":true}`},
		{"DELETE", "/v1/environments/%s", ""},
		{"PUT", "/v1/environments/%s/layers/app/nodes", `{"nodes":"many"}`},
		{"POST", "/v1/environments/%s/nodes/1/restart", ""},
		{"POST", "/v1/environments/%s/nodes/one/restart", ""},
		{"GET", "/v1/environments/%s/events", ""},
	} {
		path := func(name string) string { return strings.Replace(c.path, "%s", name, 1) }
		there := w.ask(c.method, path("shop"), bob.token, c.body)
		byID := w.ask(c.method, path(string(e.ID)), bob.token, c.body)
		absent := w.ask(c.method, path("nope"), bob.token, c.body)
		w.is(there, 404, holm.CodeNotFound)
		for _, a := range []*reply{&there, &byID, &absent} {
			a.header.Del("Date")
		}
		if there.raw != absent.raw || byID.raw != absent.raw {
			t.Errorf("%s %s: bodies differ:\n%s%s%s", c.method, c.path, there.raw, byID.raw, absent.raw)
		}
		if x, y, z := dump(there.header), dump(byID.header), dump(absent.header); x != z || y != z {
			t.Errorf("%s %s: headers differ:\n%s\n%s\n%s", c.method, c.path, x, y, z)
		}
	}
	unknown := w.ask("GET", "/v1/no/such/path", bob.token, "")
	if hidden := w.ask("GET", "/v1/environments/shop", bob.token, ""); unknown.raw != hidden.raw {
		t.Errorf("an unknown path is told differently: %s", unknown.raw)
	}
}

func dump(h http.Header) string {
	var b bytes.Buffer
	h.Write(&b)
	return b.String()
}

func TestRefusalsComeBeforeWhatIsWrongWithTheInput(t *testing.T) {
	w := newWorld(t, Options{})
	ana, bob := w.meet("ana"), w.meet("bob")
	w.share(ana, bob, w.environment(ana, "shop"), holm.LevelLimited)
	got := w.ask("PATCH", "/v1/environments/shop", bob.token, `{"nonsense":`)
	w.is(got, 403, holm.CodeForbidden)
	if got.body["permission"] != "environment.rename" || got.body["grantable_by"] != "ana@example.org" || got.body["reason"] == "" {
		t.Fatal(got.raw)
	}
	w.is(w.ask("PATCH", "/v1/environments/shop", "", `{"nonsense":`), 401, holm.CodeUnauthorized)
	w.is(w.ask("DELETE", "/v1/environments/shop", bob.token, ""), 403, holm.CodeForbidden)
	w.is(w.ask("DELETE", "/v1/environments/shop", ana.token, ""), 422, holm.CodeInvalid)
}

func TestProtocolFaultsAreProblemsToo(t *testing.T) {
	w := newWorld(t, Options{})
	ana := w.meet("ana")
	w.environment(ana, "shop")
	got := w.ask("PUT", "/v1/environments/shop", ana.token, "")
	w.is(got, 405, holm.CodeInvalid)
	if got.header.Get("Allow") != "GET, HEAD, PATCH, DELETE" {
		t.Fatal(got.header.Get("Allow"))
	}
	w.is(w.ask("POST", "/healthz", "", ""), 405, holm.CodeInvalid)
	for _, path := range []string{"/v1/nope", "/v1/", "/v1", "/v1//environments", "/v1/x/../environments", "/v1/environments/", "/"} {
		w.is(w.ask("GET", path, ana.token, ""), 404, holm.CodeNotFound)
	}
	for _, path := range []string{"/v1/environments/%ff", "/v1/environments/a%00b", "/v1/environments/a%2Fb", "/v1/environments/%2e%2e"} {
		w.is(w.ask("GET", path, ana.token, ""), 404, holm.CodeNotFound)
	}
	w.is(w.ask("PATCH", "/v1/environments/shop", ana.token, `alias=x`, "Content-Type: application/x-www-form-urlencoded"), 415, holm.CodeInvalid)
	w.is(w.ask("PATCH", "/v1/environments/shop", ana.token, `{"alias":"x"}`, "Content-Type: "), 415, holm.CodeInvalid)
	w.is(w.ask("PATCH", "/v1/environments/shop", ana.token, `{"alias":`), 400, holm.CodeInvalid)
	w.is(w.ask("PATCH", "/v1/environments/shop", ana.token, `{} {}`), 400, holm.CodeInvalid)
	w.is(w.ask("PATCH", "/v1/environments/shop", ana.token, "{\"alias\":\"\xff\"}"), 400, holm.CodeInvalid)
	w.is(w.ask("PATCH", "/v1/environments/shop", ana.token, `{"alias":"`+strings.Repeat("x", 1<<20)+`"}`), 413, holm.CodeInvalid)
	w.is(w.ask("GET", "/v1/environments?limit=%zz", ana.token, ""), 400, holm.CodeInvalid)
	if got := w.ask("HEAD", "/v1/environments/shop", ana.token, ""); got.status != 200 || got.raw != "" {
		t.Fatal(got.status, got.raw)
	}
}

func TestWrongInputsAreNamed(t *testing.T) {
	w := newWorld(t, Options{})
	ana := w.meet("ana")
	w.environment(ana, "shop")
	for _, c := range []struct{ method, path, body, want string }{
		{"PATCH", "/v1/environments/shop", `{"alais":"x"}`, "alais: There is no such field."},
		{"PATCH", "/v1/environments/shop", `{"Alias":"x"}`, "Alias: There is no such field."},
		{"PATCH", "/v1/environments/shop", `{"alias":7}`, "alias: It must be text."},
		{"PATCH", "/v1/environments/shop", `{"alias":"a\u0000b"}`, "alias: It must not have the character NUL."},
		{"PATCH", "/v1/environments/shop", `[]`, ": It must be an object."},
		{"PUT", "/v1/environments/shop/layers/app/nodes", ``, "nodes: It is required."},
		{"PUT", "/v1/environments/shop/layers/app/nodes", `{"nodes":1.5}`, "nodes: It must be a whole number."},
		{"PUT", "/v1/environments/shop/layers/app/nodes", `{"nodes":1e300}`, "nodes: The value does not fit."},
		{"PUT", "/v1/environments/shop/layers/app/nodes", `{"nodes":null}`, "nodes: It must be a whole number."},
		{"PATCH", "/v1/environments/shop", `{"alias":"x","alias":"y"}`, "alias: It is given twice in one object; which of the two is meant cannot be known."},
		{"PATCH", "/v1/environments/shop", `{"alias":"x","al\u0069as":"y"}`, "alias: It is given twice in one object; which of the two is meant cannot be known."},
		{"PUT", "/v1/accounts/me/collaborators/x/environments", `{"environments":[{"environment":"shop","level":"none"},{"environment":"blog","level":"none","level":"full"}]}`, "level: It is given twice in one object; which of the two is meant cannot be known."},
		{"PUT", "/v1/accounts/me/collaborators/x/environments", `{"environments":[{"environment":"shop","level":"full","until":"0001-01-01T00:00:00Z"}]}`, "until: The time is none at which anything could begin or end; leave it out where there is none."},
		{"GET", "/v1/environments?limit=x", "", "limit: It must be a whole number."},
		{"GET", "/v1/environments?limit=0", "", "limit: It must be number >= 1."},
		{"GET", "/v1/environments?limit=-1", "", "limit: It must be number >= 1."},
		{"GET", "/v1/environments?limit=501", "", "limit: It must be number <= 500."},
		{"GET", "/v1/environments?ower=x", "", "ower: There is no such parameter."},
		{"GET", "/v1/environments?name=a&name=b", "", "name: Give it once."},
		{"GET", "/v1/environments?name=%00", "", "name: It must be text in UTF-8 without NUL."},
		{"DELETE", "/v1/environments/shop", "", "confirm: It is required, in the query of the address."},
		{"PUT", "/v1/accounts/me/collaborators/x/environments", `{"environments":[{"environment":"shop","level":1}]}`, `environments[0].level: It must be text.`},
		{"PUT", "/v1/accounts/me/collaborators/x/environments", `{"environments":[{"environment":"shop","level":"full","until":"tomorrow"}]}`, `environments[0].until: It must be RFC 3339 date-time.`},
		{"POST", "/v1/sessions", `{"email":"x"}`, "password: Write your password."},
	} {
		got := w.ask(c.method, c.path, ana.token, c.body)
		w.is(got, 422, holm.CodeInvalid)
		if got.named() != c.want {
			t.Errorf("%s %s %s:\n got %s\nwant %s", c.method, c.path, c.body, got.named(), c.want)
		}
	}
	w.is(w.ask("POST", "/v1/environments/shop/start", ana.token, `{"force":true}`), 422, holm.CodeInvalid)
	many := w.ask("PATCH", "/v1/environments/shop", ana.token, `{"a":1,"b":1,"c":1}`)
	if many.body["detail"] != "3 inputs do not make sense; errors says which." {
		t.Fatal(many.raw)
	}
}

func TestPanicsAreAnsweredAndLogged(t *testing.T) {
	w := newWorld(t, Options{})
	got := w.ask("GET", "/v1/stacks", w.meet("ana").token, "")
	w.is(got, 500, holm.CodeInternal)
	if strings.Contains(got.raw, "secret") || !strings.Contains(w.log.String(), "request panicked") {
		t.Fatal(got.raw)
	}
}

func TestTheLogHasNoTokensOrBodies(t *testing.T) {
	w := newWorld(t, Options{})
	ana := w.meet("ana")
	w.ask("POST", "/v1/sessions", ana.token, `{"email":"ana@example.org","password":"canary-password"}`)
	w.ask("POST", "/v1/invitations/canary-link/accept", ana.token, `{"password":"canary-password"}`)
	w.ask("GET", "/v1/environments?cursor=canary-query", ana.token, "")
	text := w.log.String()
	if strings.Contains(text, "canary") || strings.Contains(text, ana.token) {
		t.Fatal(text)
	}
	if !strings.Contains(text, `"operation":"session.create","status":401`) {
		t.Fatal("requests are not logged:", text)
	}
}

func TestHealth(t *testing.T) {
	var unready error
	w := newWorld(t, Options{Ready: func(ctx context.Context) error { return unready }})
	w.is(w.ask("GET", "/healthz", "", ""), 200, "")
	w.is(w.ask("GET", "/readyz", "", ""), 200, "")
	unready = holm.Errorf(holm.CodeUnavailable, "password=canary")
	got := w.ask("GET", "/readyz", "", "")
	w.is(got, 503, holm.CodeUnavailable)
	if strings.Contains(got.raw, "canary") {
		t.Fatal(got.raw)
	}
	w.is(w.ask("GET", "/healthz", "", ""), 200, "")
}

func TestDescription(t *testing.T) {
	w := newWorld(t, Options{PublicURL: "https://holm.example.org/"})
	got := w.ask("GET", "/v1/openapi.json", "", "")
	w.is(got, 200, "")
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Permission  string `json:"x-permission"`
			Summary     string
			Tags        []string
			Responses   map[string]any
		}
	}
	if err := json.Unmarshal([]byte(got.raw), &doc); err != nil {
		t.Fatal(err)
	}
	n := 0
	for path, methods := range doc.Paths {
		for method, o := range methods {
			n++
			op := ops.Lookup(o.OperationID)
			if op == nil || op.Path != path || !strings.EqualFold(op.Method, method) || string(op.Permission) != o.Permission || o.Summary != op.Summary || o.Tags[0] != op.Noun() || o.Responses["default"] == nil {
				t.Errorf("%s %s is described as %+v", method, path, o)
			}
		}
	}
	if want := 14; n != want {
		t.Errorf("%d operations are described, %d are bound", n, want)
	}
	for _, schema := range []string{`"LayerScaleBody":{"additionalProperties":false`, `"EnvironmentView":{"properties"`, `"openapi":"3.1.0"`, `"url":"https://holm.example.org"`, `"bearer"`} {
		if !strings.Contains(got.raw, schema) {
			t.Errorf("the description has no %s", schema)
		}
	}
	once, err := Describe(w.door)
	if err != nil {
		t.Fatal(err)
	}
	twice, _ := Describe(w.door)
	if !bytes.Equal(once, twice) || !bytes.Contains(once, []byte("operationId: environment.show")) {
		t.Error("the description is not the same each time")
	}
}

func TestReference(t *testing.T) {
	w := newWorld(t, Options{Version: "1.2.3"})
	got := w.ask("GET", "/docs", "", "")
	w.is(got, 200, "")
	for _, part := range []string{`id="environment.show"`, "1.2.3", "environments[].level", `id="error-quota"`, "environments[].until"} {
		if !strings.Contains(got.raw, part) {
			t.Errorf("the reference has no %q", part)
		}
	}
	for _, part := range []string{"<script", "style=", "http://", "src="} {
		if strings.Contains(got.raw, part) {
			t.Errorf("the reference has %q", part)
		}
	}
	if policy := got.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Error(policy)
	}
	w.is(w.ask("GET", "/docs/style.css", "", ""), 200, "")
}

// TestRoutesFitOneMux holds that no two operations of the whole catalogue,
// built or not, ask for paths that a mux cannot tell apart.
func TestRoutesFitOneMux(t *testing.T) {
	mux := http.NewServeMux()
	for _, op := range ops.All() {
		if op.Method != "" {
			mux.HandleFunc(op.Method+" "+op.Path, func(http.ResponseWriter, *http.Request) {})
		}
	}
}

func FuzzBody(f *testing.F) {
	for _, seed := range []string{`{}`, `{"alias":"x"}`, `[[[[`, `{"environments":[{"environment":"shop","level":"full"}]}`, `{"nodes":3}`, "\x00", `{"":{"":[null]}}`, `{"nodes":1e999}`} {
		f.Add([]byte(seed))
	}
	a := build(newWorld(f, Options{}).door, Options{})
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, rt := range a.routes {
			r, rec := request(rt.op.Method, "/", "", body)
			if _, wrong := a.read(rec, r, rt); wrong == nil {
				continue
			} else if p := problemOf(wrong); p.Status >= 500 || p.Detail == "" || len(p.Errors) > mostFields {
				t.Fatalf("%s %q: %+v", rt.op.Name, body, p)
			}
		}
	})
}
