package cli

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

func TestExitCodes(t *testing.T) {
	w := newWorld(t)
	seen := map[int]bool{}
	for _, code := range holm.Codes {
		w.answer("user.show", 500, map[string]any{"code": code, "detail": "A sentence."})
		stdout, stderr, exit := w.run("whoami")
		if exit != exitCodes[code] || exit == 0 || seen[exit] || stdout != "" || !strings.HasPrefix(stderr, "holm: A sentence.\n") {
			t.Errorf("%s: exit %d, out %q, err %q", code, exit, stdout, stderr)
		}
		seen[exit] = true
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	root := w.root()
	root.SetErr(&strings.Builder{})
	if exit := Execute(ctx, root, []string{"whoami"}); exit != exitInterrupted {
		t.Errorf("interrupted: exit %d", exit)
	}
}

func TestErrorsAreToldInTwoLinesOrJSON(t *testing.T) {
	w := newWorld(t)
	w.answer("environment.delete", 403, map[string]any{"code": "forbidden", "detail": "You may not delete shop.", "permission": "environment.delete",
		"reason": "Your access to this environment is full.", "grantable_by": "ana@example.org\x1b[2J"})
	line := []string{"environment", "delete", "shop", "--confirm", "shop"}
	_, stderr, exit := w.run(line...)
	if want := "holm: You may not delete shop.\n  Your access to this environment is full. This needs environment.delete, which ana@example.org\\u001b[2J can give.\n"; exit != 4 || stderr != want {
		t.Errorf("exit %d, got %q, want %q", exit, stderr, want)
	}
	w.answer("environment.stop", 403, map[string]any{"code": "forbidden", "detail": "You may not stop: your access is none.", "permission": "environment.stop", "reason": "Your access is none."})
	if _, stderr, _ = w.run("environment", "stop", "shop"); stderr != "holm: You may not stop: your access is none.\n  This needs environment.stop.\n" {
		t.Errorf("got %q", stderr)
	}
	stdout, stderr, exit := w.run(append(line, "--json")...)
	var got failure
	if err := json.Unmarshal([]byte(stderr), &got); err != nil || exit != 4 || stdout != "" || got.Permission != "environment.delete" || got.Code != "forbidden" {
		t.Errorf("exit %d, got %q, %v", exit, stderr, err)
	}
	w.answer("environment.create", 422, map[string]any{"code": "invalid", "detail": "Two inputs make no sense.",
		"errors": []map[string]string{{"location": "body.name", "message": "taken"}, {"name": "layers", "reason": "too many"}}})
	if _, stderr, _ = w.run("environment", "create", "shop"); stderr != "holm: Two inputs make no sense.\n  name: taken · layers: too many\n" {
		t.Errorf("got %q", stderr)
	}
	if _, stderr, _ = w.run("environment", "shw", "--json"); !strings.HasPrefix(stderr, `{"code":"invalid","detail":"holm environment has no command`) {
		t.Errorf("got %q", stderr)
	}
	w.env["HOLM_SERVER"] = "http://127.0.0.1:1"
	if _, stderr, exit = w.run("whoami"); exit != 10 || !strings.HasPrefix(stderr, "holm: The server at http://127.0.0.1:1 does not answer.\n  dial tcp") {
		t.Errorf("exit %d, got %q", exit, stderr)
	}
}

func TestJSONIsTheServersOwn(t *testing.T) {
	w := newWorld(t)
	raw := json.RawMessage(`{"id":"env_1","name":"a<b","newer":{"x":[1,2]},"layers":null}`)
	w.answer("environment.show", 200, raw)
	if stdout, _, _ := w.run("environment", "show", "shop", "--json"); stdout != string(mustEncode(raw)) {
		t.Errorf("got %q", stdout)
	}
	if stdout, _, code := w.run("collaborator", "remove", "bob@example.org", "--json"); stdout != "" || code != 0 {
		t.Errorf("exit %d, got %q", code, stdout)
	}
	if stdout, _, _ := w.run("version", "--json"); stdout != "{\"version\":\"1.2.3\"}\n" {
		t.Errorf("got %q", stdout)
	}
}

func mustEncode(v any) []byte {
	var b strings.Builder
	_ = json.NewEncoder(&b).Encode(v) // as the fake server writes it
	return []byte(b.String())
}

func TestBodyFromFile(t *testing.T) {
	w := newWorld(t)
	path := filepath.Join(t.TempDir(), "body.json")
	_ = os.WriteFile(path, []byte(`{"alias":"From file","layers":[{"role":"app","stack":"python"}]}`), 0o600)
	if got := w.asks("environment", "create", "shop", "--body", path); got.body != `{"name":"shop","alias":"From file","layers":[{"role":"app","stack":"python"}]}` {
		t.Errorf("asked %s", got.body)
	}
	w.stdin = `{"email":"bob@example.org","password":"from a file"}`
	if got := w.asks("session", "create", "--body", "-"); got.body != w.stdin {
		t.Errorf("asked %s", got.body)
	}
	w.stdin = `{"alais":"x"}`
	w.fails(2, `unknown field "alais"`, "environment", "update", "shop", "--body", "-")
	w.fails(2, "The body cannot be read", "environment", "update", "shop", "--body", path+"x")
}

func TestDeleteAsksForTheName(t *testing.T) {
	w := newWorld(t)
	w.tty, w.stdin = true, "shop\n"
	if got := w.asks("environment", "delete", "shop"); got.query != "confirm=shop" {
		t.Errorf("asked %+v", got)
	}
	w.stdin = "\n"
	w.fails(2, "nothing is deleted", "environment", "delete", "shop")
}

func TestSecretsAreNoArguments(t *testing.T) {
	w := newWorld(t)
	w.stdin = "old password\nnew password\n"
	got := w.asks("user", "update", "--password-stdin", "--current-password-stdin")
	if got.body != `{"password":"new password","current_password":"old password"}` {
		t.Errorf("asked %s", got.body)
	}
	w.tty, w.typed = true, []string{"old password", "new password", "new password"}
	got = w.asks("user", "update", "--password", "--current-password", "--name", "Ana")
	if got.body != `{"name":"Ana","password":"new password","current_password":"old password"}` {
		t.Errorf("asked %s", got.body)
	}
	w.typed = []string{"one password", "another password"}
	w.fails(2, "The two are not the same", "user", "update", "--password")
	w.tty, w.stdin = false, "t0k\nnew password\n"
	if got = w.asks("password", "reset", "-", "--password-stdin"); got.path != "/v1/password-resets/t0k" || got.body != `{"password":"new password"}` {
		t.Errorf("asked %+v", got)
	}
	w.stdin = ""
	w.fails(2, "no password on standard input", "session", "create", "--email", "ana@example.org", "--password-stdin")
}

func TestAcceptAsANewPerson(t *testing.T) {
	w := noServer(t)
	w.answer("invitation.show", 200, ops.InvitationView{Email: "bob@example.org", Inviter: ops.Person{Email: "ana@example.org"}})
	w.answer("invitation.accept", 200, ops.InvitationAccepted{Account: ops.Person{Email: "ana@example.org"}, Role: "viewer",
		User:    ops.UserView{Email: "bob@example.org"},
		Session: &ops.SessionCreated{Token: "t-bob", User: ops.UserView{Email: "bob@example.org"}}})
	w.tty, w.stdin, w.typed = true, "Bob\n", []string{"a long password", "a long password"}
	stdout, stderr, code := w.run("invitation", "accept", w.server.URL+"/invitations/t0k")
	if code != 0 || !strings.Contains(stdout, "You now work with ana@example.org as viewer.") || strings.Contains(stdout+stderr, "t-bob") {
		t.Errorf("exit %d, %q, %q", code, stdout, stderr)
	}
	if last := w.requests[len(w.requests)-1]; last.path != "/v1/invitations/t0k/accept" || last.body != `{"name":"Bob","password":"a long password"}` {
		t.Errorf("asked %+v", last)
	}
	if got := w.asks("whoami"); got.token != "t-bob" {
		t.Errorf("asked %+v", got)
	}
}

func TestAcceptAsSomebodyKnown(t *testing.T) {
	w := noServer(t)
	w.answer("invitation.show", 200, ops.InvitationView{Email: "ana@example.org", Known: true})
	if _, stderr, code := w.run("invitation", "accept", w.server.URL+"/invitations/t0k"); code != 3 || !strings.Contains(stderr, "holm login "+w.server.URL+" --email ana@example.org") {
		t.Errorf("exit %d, %q", code, stderr)
	}
	w.signIn()
	if got := w.asks("invitation", "accept", w.server.URL+"/invitations/t0k"); got.op != "invitation.accept" || got.body != "{}" || got.token != "t-ana" {
		t.Errorf("asked %+v", got)
	}
}

func TestWait(t *testing.T) {
	w := newWorld(t)
	states := []string{"creating", "starting", "running"}
	w.answer("environment.create", 200, ops.EnvironmentView{ID: "env_1", Name: "shop", State: "creating"})
	w.answers["environment.show"] = func(*http.Request) (int, any) {
		s := states[0]
		states = states[1:]
		return 200, ops.EnvironmentView{ID: "env_1", Name: "shop", State: s, Reason: "no memory"}
	}
	stdout, _, code := w.run("environment", "create", "shop", "--wait")
	if code != 0 || !strings.Contains(stdout, "running") || len(states) != 0 {
		t.Errorf("exit %d, %q, left %q", code, stdout, states)
	}
	states = []string{"broken"}
	if _, stderr, code := w.run("environment", "create", "shop", "--wait"); code != 10 || !strings.Contains(stderr, "shop is broken: no memory") {
		t.Errorf("exit %d, %q", code, stderr)
	}
	w.answer("environment.delete", 200, ops.EnvironmentView{ID: "env_1", Name: "shop", State: "deleting"})
	w.answer("environment.show", 404, map[string]string{"code": "not_found", "detail": "No."})
	if stdout, _, code := w.run("environment", "delete", "shop", "--confirm", "shop", "--wait"); code != 0 || stdout != "Deleted shop.\n" {
		t.Errorf("exit %d, %q", code, stdout)
	}
}

func TestEvents(t *testing.T) {
	w := newWorld(t)
	w.answer("environment.events", 200, "id: 1\nevent: state\ndata: {\"id\":1,\"type\":\"state\",\ndata: \"time\":\"2026-05-04T12:00:00Z\",\"environment\":{\"name\":\"shop\",\"state\":\"running\"}}\n\n"+
		"id: 2\nevent: removed\ndata: {\"id\":2,\"type\":\"removed\",\"time\":\"2026-05-04T12:00:01Z\"}\n\n")
	if stdout, _, code := w.run("environment", "follow", "shop"); code != 0 || stdout != "2026-05-04T12:00:00Z\tstate\tshop\trunning\t0 of 0 nodes running\n2026-05-04T12:00:01Z\tremoved\n" {
		t.Errorf("exit %d, %q", code, stdout)
	}
	if stdout, _, _ := w.run("environment", "events", "shop", "--json"); strings.Count(stdout, "\n") != 2 || !strings.HasPrefix(stdout, `{"id":1,"type":"state","time"`) {
		t.Errorf("got %q", stdout)
	}
}

func TestListsGoOn(t *testing.T) {
	w := newWorld(t)
	next := "c2"
	w.answer("audit.list", 200, ops.Page[ops.AuditRow]{Next: &next})
	if _, stderr, _ := w.run("audit", "list", "shop"); stderr != "There are more: --cursor c2\n" {
		t.Errorf("got %q", stderr)
	}
	w.answers["environment.list"] = func(r *http.Request) (int, any) {
		if r.URL.Query().Get("cursor") == "" {
			return 200, ops.Page[ops.EnvironmentView]{Items: []ops.EnvironmentView{{Name: "one"}}, Next: &next}
		}
		return 200, ops.Page[ops.EnvironmentView]{Items: []ops.EnvironmentView{{Name: "two"}}}
	}
	if stdout, stderr, _ := w.run("environment", "list"); strings.Count(stdout, "\n") != 2 || stderr != "" {
		t.Errorf("got %q, %q", stdout, stderr)
	}
	if stdout, stderr, _ := w.run("environment", "list", "--limit", "1"); strings.Count(stdout, "\n") != 1 || stderr == "" {
		t.Errorf("got %q, %q", stdout, stderr)
	}
}

// Everybody is named the same way wherever a command takes a person.
func TestPeopleByNameAndID(t *testing.T) {
	w := newWorld(t)
	w.answer("collaborator.list", 200, ops.Page[ops.CollaboratorView]{Items: []ops.CollaboratorView{{Email: "bob@example.org", Name: "Robert Dole"}, {Email: "eve@example.org"}}})
	w.answer("environment.sharing", 200, ops.Page[ops.SharingRow]{Items: []ops.SharingRow{{Name: "Robert Dole", Collaborator: ops.Person{Email: "bob@example.org"}}}})
	for who, want := range map[string]string{"bob": "bob@example.org", "Robert": "bob@example.org", "Bob@example.org": "Bob@example.org", "col_7": "col_7"} {
		for _, line := range []string{"collaborator share WHO shop=full", "collaborator show WHO", "environment share shop WHO=full", "why WHO environment.stop shop"} {
			_, stderr, code := w.run(strings.Split(strings.Replace(line, "WHO", who, 1), " ")...)
			last := w.requests[len(w.requests)-1]
			if asked, _ := url.QueryUnescape(last.path + "?" + last.query + last.body); code != 0 || !strings.Contains(strings.ToLower(asked), strings.ToLower(want)) {
				t.Errorf("%s of %s asks %q: exit %d, %q", line, who, asked, code, stderr)
			}
		}
	}
}

func TestWhoIsAmbiguous(t *testing.T) {
	w := newWorld(t)
	w.answer("environment.sharing", 200, ops.Page[ops.SharingRow]{Items: []ops.SharingRow{
		{Collaborator: ops.Person{Email: "bob@example.org"}}, {Collaborator: ops.Person{Email: "bob@example.net"}}}})
	for name, says := range map[string]string{"bob": "bob@example.org or bob@example.net", "ana": "Nobody called ana"} {
		if _, stderr, code := w.run("why", name, "environment.delete", "shop"); code == 0 || !strings.Contains(stderr, says) {
			t.Errorf("%s: exit %d, %q", name, code, stderr)
		}
	}
}
