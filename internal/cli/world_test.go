package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/holmhq/holm/ops"
)

// noon is when the tests happen.
var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// world is a command line with a server made from the catalogue: every built
// operation answers with the zero value of its output, or as a test says.
type world struct {
	t        *testing.T
	app      *app
	server   *httptest.Server
	answers  map[string]func(r *http.Request) (status int, body any)
	requests []request
	tty      bool     // a person sits at all streams
	stdin    string   // what comes in
	typed    []string // passwords, in order
	env      map[string]string
}

// request is a request as the server took it.
type request struct {
	op, path, query, body, token, road string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, answers: map[string]func(*http.Request) (int, any){}, env: map[string]string{}}
	mux := http.NewServeMux()
	for _, op := range ops.All() {
		if offered(op) {
			mux.HandleFunc(op.Method+" "+op.Path, func(rw http.ResponseWriter, r *http.Request) { w.serve(op, rw, r) })
		}
	}
	w.server = httptest.NewServer(mux)
	t.Cleanup(w.server.Close)
	w.env["HOLM_CONFIG"] = filepath.Join(t.TempDir(), "holm", "config.json")
	w.env["HOLM_SERVER"], w.env["HOLM_TOKEN"] = w.server.URL, "tok"
	return w
}

func (w *world) serve(op *ops.Operation, rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.requests = append(w.requests, request{op.Name, r.URL.EscapedPath(), r.URL.RawQuery, string(body),
		strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), r.Header.Get("Holm-Road")})
	status, answer := http.StatusOK, any(nil)
	if op.Output != nil {
		answer = reflect.New(op.Output).Interface()
	}
	if f := w.answers[op.Name]; f != nil {
		status, answer = f(r)
	}
	kind := "application/json"
	if status >= 400 {
		kind = "application/problem+json"
	}
	if s, ok := answer.(string); ok { // as it is, for streams
		kind = "text/event-stream"
		rw.Header().Set("Content-Type", kind)
		rw.WriteHeader(status)
		io.WriteString(rw, s)
		return
	}
	rw.Header().Set("Content-Type", kind)
	rw.WriteHeader(status)
	if answer != nil {
		_ = json.NewEncoder(rw).Encode(answer)
	}
}

// answer makes an operation answer this.
func (w *world) answer(op string, status int, body any) {
	if ops.Lookup(op) == nil {
		w.t.Fatalf("no operation %s", op)
	}
	w.answers[op] = func(*http.Request) (int, any) { return status, body }
}

// root gives a fresh tree: flags keep their values.
func (w *world) root() *cobra.Command {
	w.app = newApp("1.2.3")
	w.app.getenv = func(name string) string { return w.env[name] }
	w.app.now = func() time.Time { return noon }
	w.app.terminal = func(any) bool { return w.tty }
	w.app.poll = time.Microsecond
	w.app.password = func(io.Reader) (string, error) {
		if len(w.typed) == 0 {
			return "", io.EOF
		}
		first := w.typed[0]
		w.typed = w.typed[1:]
		return first, nil
	}
	return w.app.root(nil)
}

// run runs a command line.
func (w *world) run(args ...string) (stdout, stderr string, code int) {
	w.t.Helper()
	root := w.root()
	var out, errs bytes.Buffer
	root.SetIn(strings.NewReader(w.stdin))
	root.SetOut(&out)
	root.SetErr(&errs)
	w.requests = nil
	code = Execute(context.Background(), root, args)
	return out.String(), errs.String(), code
}

// asks runs a command line that has to work and gives its last request.
func (w *world) asks(args ...string) request {
	w.t.Helper()
	_, stderr, code := w.run(args...)
	if code != 0 || len(w.requests) == 0 {
		w.t.Fatalf("holm %s: exit %d after %d requests: %s", strings.Join(args, " "), code, len(w.requests), stderr)
	}
	return w.requests[len(w.requests)-1]
}

// fails runs a command line that has to fail before it asks the server.
func (w *world) fails(code int, contains string, args ...string) {
	w.t.Helper()
	stdout, stderr, got := w.run(args...)
	if got != code || !strings.Contains(stderr, contains) || stdout != "" || len(w.requests) > 0 {
		w.t.Errorf("holm %s: exit %d, want %d; %d requests; out %q; err %q, want %q", strings.Join(args, " "), got, code, len(w.requests), stdout, stderr, contains)
	}
}
