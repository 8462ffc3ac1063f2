package cli

import (
	"strings"
	"testing"

	"github.com/holmhq/holm/ops"
)

func TestCompletion(t *testing.T) {
	w := newWorld(t)
	w.answer("environment.list", 200, ops.Page[ops.EnvironmentView]{Items: []ops.EnvironmentView{{Name: "shop", State: "running"}, {Name: "blog", Alias: "x\x1b[2J"}}})
	w.answer("environment.show", 200, ops.EnvironmentView{Layers: []ops.LayerView{{Role: "app", Stack: "nodejs", Nodes: []ops.NodeView{{ID: 12, State: "running"}}}}})
	w.answer("collaborator.list", 200, ops.Page[ops.CollaboratorView]{Items: []ops.CollaboratorView{{Email: "bob@example.org", Status: "active"}}})
	w.answer("collaboration.list", 200, ops.Page[ops.CollaborationView]{Items: []ops.CollaborationView{{Account: ops.Person{Email: "ana@example.org"}}}})
	w.answer("session.list", 200, ops.Page[ops.SessionView]{Items: []ops.SessionView{{ID: "ses_1", Device: "holm/1"}}})
	for line, want := range map[string]string{
		"environment show ":                        "shop blog",
		"environment show sh":                      "shop",
		"environment show shop ":                   "",
		"environment create shop --account ":       "ana@example.org",
		"environment list --state st":              "stopped",
		"layer scale shop ":                        "app",
		"node restart shop ":                       "12",
		"collaborator show ":                       "bob@example.org",
		"collaborator update bob --role ":          "viewer admin",
		"collaborator share bob@example.org s":     "shop=",
		"collaborator share bob@example.org shop=": "shop=limited shop=full shop=none",
		"environment share shop ":                  "bob@example.org=",
		"why bob":                                  "bob@example.org",
		"why bob environment.del":                  "environment.delete",
		"why bob ftp":                              "", // not built
		"why environment.delete ":                  "shop blog",
		"why bob environment.delete b":             "blog",
		"why bob environment.delete shop ":         "",
		"audit list shop --result for":             "forbidden",
		"session delete ":                          "ses_1",
		"completion ":                              "bash zsh fish",
	} {
		stdout, _, code := w.run(append([]string{"__complete"}, strings.Split(line, " ")...)...)
		var got []string
		for _, s := range strings.Split(stdout, "\n") {
			if name, _, _ := strings.Cut(s, "\t"); name != "" && !strings.HasPrefix(name, ":") {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != want || code != 0 || strings.Contains(stdout, "\x1b") {
			t.Errorf("%q: exit %d, got %q, want %q", line, code, stdout, want)
		}
	}
}

func TestCompletionIsQuietWithoutServer(t *testing.T) {
	w := newWorld(t)
	for _, server := range []string{"", "http://127.0.0.1:1"} {
		w.env["HOLM_SERVER"] = server
		if stdout, _, code := w.run("__complete", "environment", "show", ""); code != 0 || stdout != ":4\n" {
			t.Errorf("%q: exit %d, got %q", server, code, stdout)
		}
	}
}

func TestCompletionScripts(t *testing.T) {
	w := newWorld(t)
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if stdout, _, code := w.run("completion", shell); code != 0 || !strings.Contains(stdout, "__complete") {
			t.Errorf("%s: exit %d, %d bytes", shell, code, len(stdout))
		}
	}
}
