package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/client"
	"github.com/holmhq/holm/internal/cli"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/httpapi"
	"github.com/holmhq/holm/internal/web"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// serve makes a world answer over HTTP like the program does.
func (w *world) serve() string {
	api := httpapi.New(w.door, httpapi.Options{Version: "test", Clock: func() time.Time { return w.now }})
	dashboard := web.New(site.Options{Door: w.door, Log: slog.New(slog.DiscardHandler), Version: "test", BaseDomain: "example.test", SignUpOpen: true})
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/") {
			api.ServeHTTP(rw, r)
			return
		}
		dashboard.ServeHTTP(rw, r)
	}))
	w.t.Cleanup(server.Close)
	return server.URL
}

// token is the proof of a kind of person; populate hands them out.
func token(kind string) string {
	if kind == "nobody" {
		return ""
	}
	return kind
}

// road executes an operation as a kind of person on one road and says what
// came of it in the words of the matrix, "" when the road does not offer it.
type road struct {
	name string
	road holm.Road // as the audit log must name it
	try  func(w *world, at string, op *ops.Operation, kind string) string
}

var roads = []road{
	{"rest", holm.RoadAPI, overREST},
	{"command line", holm.RoadCommandLine, overCommandLine},
	{"dashboard", holm.RoadDashboard, overDashboard},
}

func overREST(w *world, at string, op *ops.Operation, kind string) string {
	if op.Method == "" {
		return ""
	}
	c := client.New(at, token(kind))
	in := sample(w, op)
	if op.Kind == ops.Session && op.Method == http.MethodGet {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		for _, err := range c.Stream(ctx, op, in) {
			return outcome(err) // the first message is the state as it is
		}
		return "ended without a word"
	}
	_, err := c.Do(context.Background(), op, in)
	return outcome(err)
}

func outcome(err error) string {
	if err == nil {
		return "yes"
	}
	return string(holm.CodeOf(err))
}

// overCommandLine types the operation's command: parameters of the path as
// arguments, those of the query as flags, the body from a file.
func overCommandLine(w *world, at string, op *ops.Operation, kind string) string {
	if op.Method == "" {
		return ""
	}
	w.t.Setenv("HOLM_CONFIG", filepath.Join(w.t.TempDir(), "config.json"))
	w.t.Setenv("HOLM_SERVER", at)
	w.t.Setenv("HOLM_TOKEN", token(kind))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	root := cli.Root("test", nil)
	var out, errs bytes.Buffer
	root.SetIn(strings.NewReader(""))
	root.SetOut(&stopAtLine{&out, cancel})
	root.SetErr(&errs)
	line := words(w.t, op, sample(w, op), at)
	code := cli.Execute(ctx, root, line)
	var problem struct{ Code string }
	if json.Unmarshal(errs.Bytes(), &problem) == nil && problem.Code != "" {
		if out.Len() > 0 && op.Kind == ops.Session { // was followed, and left by us
			return "yes"
		}
		return problem.Code
	}
	if code != 0 && op.Kind != ops.Session {
		return fmt.Sprintf("holm %q: exit %d, %s", line, code, errs.String())
	}
	return "yes"
}

// stopAtLine ends a command that would go on forever once it has said
// something.
type stopAtLine struct {
	to   *bytes.Buffer
	stop func()
}

func (s *stopAtLine) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte("\n")) {
		defer s.stop()
	}
	return s.to.Write(b)
}

// words is what is typed for an operation with an input.
func words(t testing.TB, op *ops.Operation, in any, at string) []string {
	t.Helper()
	line := []string{strings.ReplaceAll(op.Noun(), "_", "-"), strings.ReplaceAll(op.Verb(), "_", "-"), "--json"}
	if why, ok := in.(*ops.AccessWhyInput); ok {
		return append(line, why.Operation, why.Environment)
	}
	v := reflect.ValueOf(in).Elem()
	_, about := op.Input.FieldByName("OfAccount")
	person := false // the account is a flag, and the thing in it an argument
	for _, of := range []string{"OfCollaborator", "OfLevel", "OfGroup"} {
		_, is := op.Input.FieldByName(of)
		person = person || is
	}
	for _, f := range op.Fields() {
		value := v.FieldByIndex(f.Index)
		switch text := fmt.Sprint(value.Interface()); {
		case f.In == "body":
		case f.In == "path" && f.Name == "account" && (about || person):
			line = append(line, "--account="+text)
		case f.In == "path" && f.Type == reflect.TypeFor[holm.Secret]():
			line = append(line, at+"/"+op.Noun()+"s/"+value.Interface().(holm.Secret).Reveal())
		case f.In == "path":
			line = append(line, text)
		case !value.IsZero():
			line = append(line, "--"+strings.ReplaceAll(f.Name, "_", "-")+"="+text)
		}
	}
	if body := v.FieldByName("Body"); body.IsValid() {
		file := filepath.Join(t.TempDir(), "body.json")
		must(t, os.WriteFile(file, revealed(t, body), 0o600))
		line = append(line, "--body="+file)
	}
	if lifted := map[string]string{"environment.create": "Name", "environment.clone": "Name", "collaborator.invite": "Email", "invitation.preview": "Email", "transfer.request": "Email", "level.create": "Name", "group.create": "Name", "token.create": "Name"}[op.Name]; lifted != "" {
		line = append(line, v.FieldByName("Body").FieldByName(lifted).String())
	}
	return line
}

// revealed writes a body with its secrets, which marshal as a mask.
func revealed(t testing.TB, body reflect.Value) []byte {
	t.Helper()
	members := map[string]any{}
	for _, f := range reflect.VisibleFields(body.Type()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		value := body.FieldByIndex(f.Index)
		if s, ok := value.Interface().(holm.Secret); ok {
			if !s.Empty() {
				members[name] = s.Reveal()
			}
		} else if name != "" && name != "-" && !value.IsZero() {
			members[name] = value.Interface()
		}
	}
	data, err := json.Marshal(members)
	must(t, err)
	return data
}

// forms are the dashboard's ways to operations on what is shared, as a
// browser sends them. Every operation whose permission the sharing decides
// has one, or a page that reads it; formless says why not.
var forms = map[string]func(w *world) (method, path string, form url.Values){
	"environment.start":  post("/environments/shop/start"),
	"environment.stop":   post("/environments/shop/stop"),
	"environment.delete": post("/environments/shop/delete", "confirm", "shop"),
	"environment.restore": func(w *world) (string, string, url.Values) {
		sample(w, ops.EnvironmentRestore.Operation) // deletes what is restored
		return http.MethodPost, "/deleted/" + string(w.shop.ID) + "/restore", nil
	},
	"environment.clone":   post("/environments/shop/clone", "name", "shop-copy"),
	"environment.update":  post("/environments/shop/alias", "alias", "The shop"),
	"environment.show":    get("/environments/shop"),
	"environment.sharing": get("/environments/shop/sharing"),
	"audit.list":          get("/environments/shop/audit"),
	"environment.create": func(w *world) (string, string, url.Values) {
		return http.MethodPost, "/environments/new", url.Values{"account": {string(w.account.ID)}, "name": {"blog"}, "filled": {"1"}, "app": {"on"}, "app-stack": {"static"}, "app-nodes": {"1"}, "app-cloudlets": {"2"}}
	},
	"access.request": post("/environments/shop/ask", "want", "level full", "minutes", "60", "reason", "The shop is down"),
	"layer.add":      post("/environments/shop/layers/new", "stack", "balancer", "nodes", "1", "cloudlets", "1"),
	"layer.reset_password": func(w *world) (string, string, url.Values) {
		return http.MethodPost, "/environments/shop/layers/" + string(w.layer.ID) + "/password", nil
	},
	"layer.remove": func(w *world) (string, string, url.Values) {
		sample(w, ops.LayerRemove.Operation) // adds a second one
		return http.MethodPost, "/environments/shop/layers/" + string(w.layer.ID) + "/remove", url.Values{"confirm": {string(w.layer.Role)}}
	},
	"node.remove": func(w *world) (string, string, url.Values) {
		in := sample(w, ops.NodeRemove.Operation).(*ops.NodeRemoveInput)
		return http.MethodPost, fmt.Sprintf("/environments/shop/nodes/%d/remove", in.Node), nil
	},
	"variable.list": post("/environments/shop/variables/show"),
	"variable.set":  post("/environments/shop/variables", "variable", "KEY", "value", "value"),
	"transfer.request": func(w *world) (string, string, url.Values) {
		w.noOffer()
		return http.MethodPost, "/environments/shop/transfer", url.Values{"email": {"stranger@example.org"}}
	},
	"transfer.cancel": func(w *world) (string, string, url.Values) {
		w.offer("stranger@example.org")
		return http.MethodPost, "/environments/shop/transfer/cancel", nil
	},
	"layer.scale": func(w *world) (string, string, url.Values) {
		return http.MethodPost, "/environments/shop/layers/" + string(w.layer.ID) + "/nodes", url.Values{"nodes": {"2"}}
	},
	"layer.limit": func(w *world) (string, string, url.Values) {
		return http.MethodPost, "/environments/shop/layers/" + string(w.layer.ID) + "/cloudlets", url.Values{"cloudlets": {"3"}}
	},
	"layer.restart": func(w *world) (string, string, url.Values) {
		return http.MethodPost, "/environments/shop/layers/" + string(w.layer.ID) + "/restart", nil
	},
	"node.restart": func(w *world) (string, string, url.Values) {
		return http.MethodPost, fmt.Sprintf("/environments/shop/nodes/%d/restart", w.layer.Nodes[0].ID), nil
	},
}

func post(path string, form ...string) func(*world) (string, string, url.Values) {
	values := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	return func(*world) (string, string, url.Values) { return http.MethodPost, path, values }
}

func get(path string) func(*world) (string, string, url.Values) {
	return func(*world) (string, string, url.Values) { return http.MethodGet, path, nil }
}

func overDashboard(w *world, at string, op *ops.Operation, kind string) string {
	way := forms[op.Name]
	if way == nil {
		return ""
	}
	method, path, form := way(w)
	var body *strings.Reader = strings.NewReader(form.Encode())
	req, err := http.NewRequest(method, at+path, body)
	must(w.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if kind != "nobody" {
		req.AddCookie(&http.Cookie{Name: site.Cookie, Value: token(kind)})
	}
	res, err := http.DefaultTransport.RoundTrip(req) // which follows nowhere
	must(w.t, err)
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	must(w.t, err)
	return pageOutcome(res)
}

func pageOutcome(res *http.Response) string {
	switch {
	case res.StatusCode == http.StatusSeeOther && strings.HasPrefix(res.Header.Get("Location"), "/sign-in"):
		return string(holm.CodeUnauthorized)
	case res.StatusCode == http.StatusOK, res.StatusCode == http.StatusSeeOther:
		return "yes"
	case res.StatusCode == http.StatusForbidden:
		return string(holm.CodeForbidden)
	case res.StatusCode == http.StatusNotFound:
		return string(holm.CodeNotFound)
	case res.StatusCode == http.StatusConflict:
		return string(holm.CodeConflict)
	}
	return fmt.Sprint("status ", res.StatusCode)
}

// TestEveryRoadGivesTheSameAnswer executes every operation as every kind of
// person on every road that offers it. What a road says must be what the door
// says, which TestMatrix compares with the permission table; and the audit log
// must know which road it was.
func TestEveryRoadGivesTheSameAnswer(t *testing.T) {
	for _, r := range roads {
		t.Run(r.name, func(t *testing.T) {
			said := answers(t)
			var w *world
			var at string
			for _, op := range ops.All() {
				if !op.Built {
					continue
				}
				for _, kind := range kinds {
					if w == nil {
						w = newWorld(t)
						at = w.serve()
					}
					got := r.try(w, at, op, kind)
					if got == "" {
						continue
					}
					if want := said[op.Name][kind]; got != want {
						t.Errorf("%s as %s: %s, the door says %s", op.Name, kind, got, want)
					}
					if op.Kind == ops.Change {
						w.recorded(t, r, op, kind, got)
					}
					if spent(op, got) {
						w = nil
					}
				}
			}
		})
	}
}

// recorded checks that a change, done or refused, is in the account's log with
// its road; who is not signed in, or asks for what is not there for them,
// leaves no row there.
func (w *world) recorded(t *testing.T, r road, op *ops.Operation, kind, got string) {
	t.Helper()
	scope := access.ScopeOf(op.Permission)
	if scope != access.ScopeEnvironment && scope != access.ScopeAccount || got != "yes" && got != string(holm.CodeForbidden) {
		return
	}
	in := ops.AuditAccountInput{OfAccount: ops.OfAccount{Account: string(w.account.ID)}}
	in.Operation, in.Who = op.Name, kind+"@example.org"
	log, err := dispatch.Call(context.Background(), w.door, w.people["owner"], ops.AuditAccount, in)
	must(t, err)
	if len(log.Items) == 0 || log.Items[0].Road != string(r.road) {
		t.Errorf("%s as %s on the %s is not in the log as that: %+v", op.Name, kind, r.name, log.Items)
	}
}

// formless are the operations decided by sharing that the dashboard asks for
// in no form of its own path.
var formless = map[string]string{
	"environment.share":   "the sharing tab's form has a field for each person; held by internal/web/environment and test/browser",
	"environment.preview": "the sharing tab asks it with the form of what would be shared; held by internal/web/environment",
	"environment.events":  "the page follows it through its own stream, which asks the door the same; held by internal/web/environment",
	"access.why":          "the page beside a refused button; held by internal/web/environment",
}

// TestEveryFormIsTried keeps the table of forms whole: an operation on what is
// shared has a form in it, or a reason.
func TestEveryFormIsTried(t *testing.T) {
	for _, op := range ops.All() {
		if !op.Built || access.ScopeOf(op.Permission) != access.ScopeEnvironment {
			continue
		}
		if _, ok := forms[op.Name]; ok == (formless[op.Name] != "") {
			t.Errorf("%s: a form that is tried, or a reason why not (and not both)", op.Name)
		}
	}
}
