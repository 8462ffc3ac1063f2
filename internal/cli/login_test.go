package cli

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holmhq/holm/ops"
)

// noServer is a world in which no environment variable names a server.
func noServer(t *testing.T) *world {
	w := newWorld(t)
	delete(w.env, "HOLM_SERVER")
	delete(w.env, "HOLM_TOKEN")
	w.answer("session.create", 200, ops.SessionCreated{Token: "t-ana", User: ops.UserView{Email: "ana@example.org"}})
	return w
}

func (w *world) signIn() {
	w.t.Helper()
	w.stdin = "correct horse\n"
	if _, stderr, code := w.run("login", w.server.URL, "--email", "ana@example.org", "--password-stdin"); code != 0 {
		w.t.Fatalf("exit %d: %s", code, stderr)
	}
}

func TestLoginIsKeptPrivately(t *testing.T) {
	w := noServer(t)
	w.signIn()
	if got := w.requests[0]; got.body != `{"email":"ana@example.org","password":"correct horse"}` || got.token != "" {
		t.Errorf("asked %+v", got)
	}
	path := w.env["HOLM_CONFIG"]
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	data, _ := os.ReadFile(path)
	if !strings.Contains(string(data), `"t-ana"`) || strings.Contains(string(data), "horse") {
		t.Errorf("kept %s", data)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".config-*")); len(left) > 0 {
		t.Errorf("left behind %q", left)
	}
	if got := w.asks("whoami"); got.token != "t-ana" {
		t.Errorf("asked %+v", got)
	}
}

func TestLoginAsksAPerson(t *testing.T) {
	w := noServer(t)
	w.tty, w.stdin, w.typed = true, "ana@example.org\n", []string{"correct horse"}
	stdout, stderr, code := w.run("login", w.server.URL)
	if code != 0 || !strings.Contains(stdout, "as ana@example.org") || stderr != "E-mail: Password: \n" {
		t.Errorf("exit %d, out %q, err %q", code, stdout, stderr)
	}
	w.typed = []string{"again"}
	if got := w.asks("login"); got.op != "session.create" || !strings.Contains(got.body, "ana@example.org") {
		t.Errorf("signing in again asked %+v", got)
	}
	if stdout, stderr, _ = w.run("login", w.server.URL, "--email", "ana@example.org"); strings.Contains(stdout+stderr, "again") {
		t.Errorf("the password shows: %q %q", stdout, stderr)
	}
}

func TestTokensGoToTheirServerOnly(t *testing.T) {
	w := noServer(t)
	w.signIn()
	other := newWorld(t)
	w.env["HOLM_SERVER"] = other.server.URL
	w.fails(3, "not signed in to "+other.server.URL, "whoami")
	delete(w.env, "HOLM_SERVER")
	w.run("invitation", "show", other.server.URL+"/invitations/t0k")
	if len(other.requests) != 1 || other.requests[0].token != "" || other.requests[0].path != "/v1/invitations/t0k" {
		t.Errorf("asked %+v", other.requests)
	}
	w.env["HOLM_TOKEN"] = "t-env"
	w.run("invitation", "show", other.server.URL+"/invitations/t0k")
	if last := other.requests[len(other.requests)-1]; last.token != "" {
		t.Errorf("HOLM_TOKEN went to a link's server: %+v", last)
	}
	if got := w.asks("whoami"); got.token != "t-env" {
		t.Errorf("asked %+v", got)
	}
}

func TestContexts(t *testing.T) {
	w := noServer(t)
	w.signIn()
	w.answer("session.create", 200, ops.SessionCreated{Token: "t-bob", User: ops.UserView{Email: "bob@example.org"}})
	w.stdin = "x\n"
	w.run("login", w.server.URL, "--email", "bob@example.org", "--password-stdin", "--name", "bob")
	if got := w.asks("whoami"); got.token != "t-bob" {
		t.Errorf("asked %+v", got)
	}
	host := strings.TrimPrefix(w.server.URL, "http://")
	if got := w.asks("whoami", "--context", host); got.token != "t-ana" {
		t.Errorf("asked %+v", got)
	}
	w.env["HOLM_CONTEXT"] = host
	if got := w.asks("whoami"); got.token != "t-ana" {
		t.Errorf("asked %+v", got)
	}
	delete(w.env, "HOLM_CONTEXT")
	if stdout, _, _ := w.run("context"); stdout != host+"\t"+w.server.URL+"\tana@example.org\t\nbob\t"+w.server.URL+"\tbob@example.org\tcurrent\n" {
		t.Errorf("got %q", stdout)
	}
	w.run("context", host)
	if got := w.asks("whoami"); got.token != "t-ana" {
		t.Errorf("asked %+v", got)
	}
	if _, _, code := w.run("context", "nobody"); code != 5 {
		t.Errorf("exit %d", code)
	}
}

func TestLogout(t *testing.T) {
	for _, status := range []int{200, 401, 500} {
		w := noServer(t)
		w.signIn()
		w.answers["session.delete"] = func(*http.Request) (int, any) {
			return status, map[string]string{"detail": "No.", "code": map[int]string{401: "unauthorized", 500: "internal"}[status]}
		}
		_, stderr, code := w.run("logout")
		if (code == 0) != (status != 500) || w.requests[0].path != "/v1/user/sessions/current" || w.requests[0].token != "t-ana" {
			t.Errorf("%d: exit %d, %s, asked %+v", status, code, stderr, w.requests)
		}
		data, _ := os.ReadFile(w.env["HOLM_CONFIG"])
		if strings.Contains(string(data), "t-ana") {
			t.Errorf("%d: still kept %s", status, data)
		}
		w.fails(3, "holm login URL", "whoami")
	}
}

func TestPlainHTTPIsWarnedOf(t *testing.T) {
	w := noServer(t)
	w.stdin = "x\n"
	_, stderr, code := w.run("login", "http://holm.invalid", "--email", "ana@example.org", "--password-stdin")
	if code != 10 || !strings.HasPrefix(stderr, "Careful: http://holm.invalid is not encrypted") {
		t.Errorf("exit %d, %q", code, stderr)
	}
}

func TestServerAddress(t *testing.T) {
	for in, want := range map[string]string{
		"https://holm.example.org/": "https://holm.example.org", "Holm.Example.org": "https://holm.example.org",
		"localhost:8080": "http://localhost:8080", "127.0.0.1:80/": "http://127.0.0.1:80", "holm.localhost:8080": "http://holm.localhost:8080",
		"https://example.org/holm/": "https://example.org/holm", "ftp://x": "", "": "", "http://": "", "https://u:p@x y": "",
	} {
		if got, err := serverAddress(in); got != want || (err != nil) != (want == "") {
			t.Errorf("%q: got %q, %v, want %q", in, got, err, want)
		}
	}
}

func TestLinks(t *testing.T) {
	for in, want := range map[string][2]string{
		"t0k": {"", "t0k"},
		"https://holm.example.org/invitations/t0k":      {"https://holm.example.org", "t0k"},
		"https://holm.example.org/invitations/t0k/?a=b": {"https://holm.example.org", "t0k"},
		"http://localhost:8080/holm/invitations/t%2Fk#": {"http://localhost:8080/holm", "t/k"},
		"https://holm.example.org/t0k":                  {},
		"https://holm.example.org":                      {},
		"ftp://holm.example.org/invitations/t0k":        {},
	} {
		server, token, err := linkServer(in)
		if err != nil {
			server, token = "", ""
		}
		if [2]string{server, token} != want {
			t.Errorf("%q: got %q %q %v, want %q", in, server, token, err, want)
		}
	}
}

func TestBrokenFileOfLogins(t *testing.T) {
	w := noServer(t)
	_ = os.MkdirAll(filepath.Dir(w.env["HOLM_CONFIG"]), 0o700)
	_ = os.WriteFile(w.env["HOLM_CONFIG"], []byte("{"), 0o600)
	w.fails(2, "mend or delete it", "whoami")
}
