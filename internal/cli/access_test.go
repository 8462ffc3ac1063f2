package cli

import (
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/holmhq/holm/ops"
)

// present is an account with something of everything.
func present() accessNow {
	end := time.Date(2030, 1, 2, 3, 4, 5, 6000, time.UTC)
	shop, blog := ops.EnvironmentName{ID: "env_1", Name: "shop"}, ops.EnvironmentName{ID: "env_2", Name: "blog"}
	return accessNow{
		levels: map[string]ops.LevelView{"Deploy only": {ID: "lvl_1", Name: "Deploy only", Permissions: []string{"deploy.git", "environment.see"}}},
		groups: map[string]ops.GroupView{"Developers": {ID: "grp_1", Name: "Developers", AllEnvironments: &ops.WideView{Level: "limited", Until: &end},
			Environments: []ops.SharedView{{Environment: shop, Level: "Deploy only"}}, Members: []ops.GroupMemberView{{Collaborator: ops.Person{ID: "col_1", Email: "bob@example.org"}, Until: &end}}}},
		people: map[string]ops.CollaboratorView{
			"bob@example.org": {ID: "col_1", Email: "bob@example.org", Role: "admin", Until: &end, BreakGlass: true, AllEnvironments: &ops.WideView{Level: "full"},
				Environments: []ops.SharedView{{Environment: shop, Level: "none"}, {Environment: blog, Level: "full", Until: &end}}},
			"eve@example.org": {ID: "col_2", Email: "eve@example.org", Role: "viewer"}},
		owns: map[string]bool{"shop": true, "blog": true}, at: end.Add(-time.Hour),
	}
}

func planned(t *testing.T, text string, now accessNow) string {
	t.Helper()
	f, err := parseAccess([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := checkAccess(f, now); err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, s := range planAccess(ops.OfAccount{Account: "me"}, f, now) {
		words = append(words, s.words)
	}
	return strings.Join(words, "\n")
}

// TestExportPlansNothing: what was exported and is applied changes nothing.
func TestExportPlansNothing(t *testing.T) {
	data, err := yaml.Marshal(present().file())
	if err != nil {
		t.Fatal(err)
	}
	if got := planned(t, string(data), present()); got != "" {
		t.Errorf("%s\nplans\n%s", data, got)
	}
}

func TestPlanAccess(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"whom it does not name is left alone": {"", ""},
		"everything new": {`
levels:
  Logs: [logs.view]
groups:
  Support:
    environments: {shop: Logs}
    members: {new@example.org: }
people:
  new@example.org:
    environments: {blog: {level: limited, until: 2031-01-01T00:00:00Z}}
`, "create level Logs: environment.see, logs.view\ninvite new@example.org as viewer\nshare with new@example.org: blog=limited\ncreate group Support\nchange group Support: shop=Logs, with new@example.org"},
		"whom it names it is complete about": {`
levels: {Deploy only: [deploy.git, deploy.archive]}
groups: {Developers: {}}
people: {bob@example.org: {}}
`, "change level Deploy only to deploy.archive, deploy.git, environment.see\n" +
			"change bob@example.org: role viewer, ends never, may not break the glass, none on all environments\nshare with bob@example.org: blog=inherit, shop=inherit\n" +
			"change group Developers: none on all environments, shop=none, without bob@example.org"},
	} {
		if got := planned(t, c.file, present()); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c.want)
		}
	}
	for _, bad := range []string{"people: {}\n---\npeople: {a@b.c: {}}\n", "people: {}\n---\n", "peple: {}", "people: {a@b.c: {until: tomorrow}}", "people: [a]", "\x00"} {
		if _, err := parseAccess([]byte(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

// TestAccessIsCheckedBeforeTheFirstChange: what a file names and what does not
// exist is told at once, whole, and nothing is done.
func TestAccessIsCheckedBeforeTheFirstChange(t *testing.T) {
	f, err := parseAccess([]byte(`
levels:
  Logs: [logs.view, environment.fly]
  full: [logs.view]
  Deploy only: [environment.delete]
people:
  new@example.org: {environments: {shop: limited, shoop: limited, blog: Lgos}}
  NEW@example.org: {}
  no address: {}
  eve@example.org: {role: king, until: 2020-01-01T00:00:00Z, all_environments: deploy ONLY}
  bob@example.org: {environments: {blog: {level: full, until: 2020-01-01T00:00:00Z}, shop: inherit}}
groups:
  Developers: {environments: {gone: full, shop: inherit}, members: {who@example.org: , new@example.org: , eve@example.org: 2020-01-01T00:00:00Z}}
  "a/b": {}
`))
	if err != nil {
		t.Fatal(err)
	}
	said := checkAccess(f, present()).Error()
	for _, want := range []string{`permission "environment.fly"`, "level full: ", `permission "environment.delete"`, `new@example.org: there is no environment "shoop"`, `blog has the level "Lgos"`,
		"NEW@example.org and new@example.org are one person", "no address: ", `not "king"`, "eve@example.org: the end 2020", "bob@example.org, blog: the end 2020", `group Developers: there is no environment "gone"`,
		`shop has the level "inherit"`, "who@example.org is no collaborator", "group Developers, eve@example.org: the end", "group a/b: "} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %s", want)
		}
	}
	if strings.Count(said, "\n") != 15 {
		t.Errorf("it says more:\n%s", said)
	}
}
