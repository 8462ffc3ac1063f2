package cli

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm/ops"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file, or writes it with -update.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(want, got) {
		t.Errorf("%s is not what it was; if this is meant, run the test with -update.\n%s", path, difference(string(want), string(got)))
	}
}

// difference shows the first line that differs.
func difference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range g {
		if i >= len(w) || w[i] != g[i] {
			return fmt.Sprintf("line %d\n got  %q\n want %q", i+1, g[i], append(w, make([]string, len(g))...)[i])
		}
	}
	return "it is shorter"
}

func at(hours int) time.Time { return noon.Add(time.Duration(hours) * time.Hour) }

func ptr[T any](v T) *T { return &v }

// samples are one answer of each kind that has its own look, and some that
// have not.
func samples() []any {
	shop := ops.EnvironmentView{ID: "env_1", Name: "shop", Alias: "The shop", State: "running", URL: "http://shop.holm.localhost:8080/",
		Owner: ops.Person{ID: "usr_1", Email: "ana@example.org"}, Level: "owner", CreatedAt: at(-24 * 400),
		Layers: []ops.LayerView{
			{ID: "lay_1", Role: "balancer", Stack: "balancer", Version: "1", Cloudlets: 1, Nodes: []ops.NodeView{{ID: 11, State: "running", Address: "10.7.0.2"}}},
			{ID: "lay_2", Role: "app", Stack: "nodejs", Version: "24", Cloudlets: 4, Nodes: []ops.NodeView{{ID: 12, State: "running", Address: "10.7.0.3"}, {ID: 13, State: "broken", Reason: "It ran out of memory."}}},
		},
		Permissions: []string{"environment.start", "environment.stop"}}
	blog := ops.EnvironmentView{ID: "env_2", Name: "blog", Alias: "evil\x1b]0;title\x07\nline", State: "stopped", URL: "http://blog.holm.localhost:8080/",
		Owner: ops.Person{Email: "bob@example.org"}, Level: "limited", LevelUntil: ptr(at(50)), Layers: []ops.LayerView{{Stack: "static", Nodes: []ops.NodeView{{ID: 20, State: "stopped"}}}}}
	var shared ops.SharedView
	shared.Environment.Name, shared.Environment.Alias, shared.Level, shared.Until = "shop", "The shop", "full", ptr(at(24*7))
	bob := ops.CollaboratorView{ID: "col_1", Email: "bob@example.org", Name: "Bob", Role: "admin", Status: "active", Shared: 1, CreatedAt: at(-90), AcceptedAt: ptr(at(-80)), LastSeenAt: ptr(at(-2)), Environments: []ops.SharedView{shared}}
	eve := ops.CollaboratorView{Email: "eve@example.org", Role: "viewer", Status: "pending", CreatedAt: at(-1), Until: ptr(at(24 * 100))}
	return []any{
		ops.Page[ops.EnvironmentView]{Items: []ops.EnvironmentView{blog, shop}}, ops.Page[ops.EnvironmentView]{}, shop,
		ops.Page[ops.CollaboratorView]{Items: []ops.CollaboratorView{bob, eve}}, bob, eve,
		ops.Page[ops.SharingRow]{Items: []ops.SharingRow{{Collaborator: ops.Person{Email: "bob@example.org"}, Role: "viewer", Status: "suspended", Level: "none"}}},
		ops.InvitationView{Email: "bob@example.org", Account: ops.Person{Email: "ana@example.org"}, Inviter: ops.Person{Email: "ana@example.org"}, Role: "viewer", LinkUntil: at(24 * 6), Environments: []ops.SharedView{shared}},
		ops.AccessWhyView{Person: "bob@example.org", Operation: "environment.delete", Permission: "environment.delete", Rule: "level full", Reason: "Only the owner of the environment may do this."},
		ops.AccessWhyView{Person: "bob@example.org", Operation: "layer.scale", Permission: "scale.nodes", Rule: "level limited", Reason: "Your access to this environment is limited.", GrantableBy: "ana@example.org"},
		ops.AccessWhyView{Person: "bob@example.org", Operation: "environment.start", Permission: "environment.start", Allowed: true, Rule: "level full", Reason: "Your access to this environment is full."},
		ops.Page[ops.AuditRow]{Items: []ops.AuditRow{
			{Time: at(-1), Who: ops.Person{Email: "bob@example.org"}, Road: "cli", Operation: "node.restart", Sentence: "restarted node 12 of shop", Result: "0", Address: "192.0.2.7"},
			{Time: at(-30), Who: ops.Person{Email: "eve@example.org"}, Road: "api", Operation: "environment.delete", Sentence: "deleted shop", Result: "forbidden", Address: "192.0.2.8"}}},
		ops.Page[ops.StackView]{Items: []ops.StackView{{Name: "python", Title: "Python", Role: "app", Versions: []ops.StackVersion{{Version: "3.13", Source: "host", Available: true}, {Version: "3.9", Source: "image", Reason: "No image is here."}}}}},
		ops.Page[ops.MailView]{Items: []ops.MailView{{ID: "mai_1", To: "bob@example.org", Subject: "Ana invites you", CreatedAt: at(-1), Attempts: 3, LastError: "refused"}, {To: "ana@example.org", Subject: "Hello", CreatedAt: at(-2), SentAt: ptr(at(-2))}}},
		ops.StatusView{Version: "1.2.3", Engine: "local", Database: "sqlite", Mail: "outbox", Users: 2, Parts: []ops.Health{{Name: "jobs", OK: true, Detail: "idle"}, {Name: "mail", Detail: "no answer"}}},
		ops.UserView{ID: "usr_1", Email: "ana@example.org", Name: "Ana", Account: ops.AccountView{ID: "acc_1", Type: "full"}},
		ops.Page[ops.SessionView]{Items: []ops.SessionView{{ID: "ses_1", Road: "cli", Device: "holm/1.2.3", Address: "192.0.2.7", CreatedAt: at(-3), UsedAt: at(0), Current: true}, {ID: "ses_2", Road: "dashboard", CreatedAt: at(-300), UsedAt: at(-100)}}},
		ops.Page[ops.SessionView]{}, ops.LimitsView{Type: "trial"},
	}
}

func TestRendering(t *testing.T) {
	for name, p := range map[string]printer{"terminal": {terminal: true}, "colour": {terminal: true, color: true}, "piped": {}} {
		var b bytes.Buffer
		p.w, p.now = &b, noon
		for _, v := range samples() {
			fmt.Fprintf(&b, "── %s\n", strings.ReplaceAll(reflect.TypeOf(v).String(), "github.com/holmhq/holm/", ""))
			p.value(v)
		}
		golden(t, filepath.Join("testdata", name+".txt"), b.Bytes())
		if out := b.String(); strings.ContainsAny(out, "\x07\r") || name != "colour" && strings.Contains(out, "\x1b") {
			t.Errorf("%s: a control character came through", name)
		}
	}
}

func TestEveryAnswerCanBeShown(t *testing.T) {
	for _, op := range ops.All() {
		if op.Built && op.Output != nil {
			for _, terminal := range []bool{true, false} {
				p := printer{w: &bytes.Buffer{}, terminal: terminal, now: noon}
				p.value(reflect.New(op.Output).Elem().Interface())
			}
		}
	}
}

func TestRelativeTimes(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "now", 59 * time.Second: "now", -time.Minute: "in 1 min", time.Hour: "1 h ago", 47 * time.Hour: "47 h ago",
		-50 * time.Hour: "in 2 days", 30 * 24 * time.Hour: "30 days ago", -100 * 24 * time.Hour: "12 Aug 2026",
	} {
		if got := relative(noon, noon.Add(-d)); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

func TestColoursOnlyWhereWanted(t *testing.T) {
	w := newWorld(t)
	w.answer("environment.show", 200, ops.EnvironmentView{Name: "shop", State: "running"})
	for _, c := range []struct {
		tty  bool
		env  [2]string
		want bool
	}{{true, [2]string{}, true}, {false, [2]string{}, false}, {true, [2]string{"NO_COLOR", "1"}, false}, {true, [2]string{"TERM", "dumb"}, false}} {
		w.tty = c.tty
		w.env[c.env[0]] = c.env[1]
		stdout, _, _ := w.run("environment", "show", "shop")
		delete(w.env, c.env[0])
		if got := strings.Contains(stdout, "\x1b["); got != c.want {
			t.Errorf("%+v: colours %v", c, got)
		}
	}
}
