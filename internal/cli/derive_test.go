package cli

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/holmhq/holm/ops"
)

// walk visits every command of a tree.
func walk(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, c := range cmd.Commands() {
		walk(c, visit)
	}
}

// TestEveryOperationHasOneCommand: no operation is forgotten, none has two.
func TestEveryOperationHasOneCommand(t *testing.T) {
	count := map[string]int{}
	walk(newWorld(t).root(), func(c *cobra.Command) {
		name := c.Annotations[noteOperation]
		if name == "" {
			return
		}
		count[name]++
		op := ops.Lookup(name)
		if want := "holm " + hyphens(op.Noun()) + " " + hyphens(op.Verb()); c.CommandPath() != want {
			t.Errorf("%s is %q, want %q", name, c.CommandPath(), want)
		}
	})
	for _, op := range ops.All() {
		want := 0
		if offered(op) {
			want = 1
		}
		if count[op.Name] != want {
			t.Errorf("%s has %d commands, want %d", op.Name, count[op.Name], want)
		}
	}
}

// TestEveryInputCanBeGiven: each field of each input is an argument or a flag,
// or at least part of --body.
func TestEveryInputCanBeGiven(t *testing.T) {
	w := newWorld(t)
	w.root()
	for _, op := range ops.All() {
		if !offered(op) || op == ops.AccessWhy.Operation { // why has its own, tested below
			continue
		}
		c := w.app.derive(op)
		given := map[string]bool{}
		for _, in := range append(c.arguments, c.flags...) {
			given[in.field.In+in.field.Name] = true
		}
		for _, f := range op.Fields() {
			if !given[f.In+f.Name] && f.In != "body" {
				t.Errorf("%s: %s %s cannot be given", op.Name, f.In, f.Name)
			}
			if in := w.app.input(op, f); f.In == "body" && in.scalar() && !given["body"+f.Name] {
				t.Errorf("%s: %s cannot be given", op.Name, f.Name)
			}
		}
	}
}

// TestEveryCommandIsPresented: it says what it does, and belongs somewhere.
func TestEveryCommandIsPresented(t *testing.T) {
	root := newWorld(t).root()
	walk(root, func(c *cobra.Command) {
		if c.Short == "" {
			t.Errorf("%s does not say what it does", c.CommandPath())
		}
		if c.Parent() == root && c.GroupID == "" && !c.Hidden && c.Name() != "help" {
			t.Errorf("%s is in no group", c.CommandPath())
		}
		if strings.ContainsAny(c.Name(), "_.") {
			t.Errorf("%s has a name that is not typed like this", c.CommandPath())
		}
	})
	for _, path := range daily {
		if c, _, err := root.Find(strings.Fields(path)); err != nil || c.CommandPath() != "holm "+path {
			t.Errorf("the daily command %q is none", path)
		}
	}
	for name := range nouns {
		if c, _, _ := root.Find([]string{hyphens(name)}); c == root {
			t.Errorf("the noun %s has no command", name)
		}
	}
}

// TestRequests: a command line becomes this request.
func TestRequests(t *testing.T) {
	w := newWorld(t)
	w.answer("environment.sharing", 200, ops.Page[ops.SharingRow]{Items: []ops.SharingRow{
		{Collaborator: ops.Person{Email: "bob@example.org"}, Name: "Bob B"}, {Collaborator: ops.Person{Email: "eve@example.org"}}}})
	for _, c := range []struct{ line, op, path, query, body string }{
		{"environment list --owner me --state running --limit 5", "environment.list", "/v1/environments", "limit=5&owner=me&state=running", ""},
		{"environment show shop", "environment.show", "/v1/environments/shop", "", ""},
		{"environment create shop", "environment.create", "/v1/accounts/me/environments", "",
			`{"name":"shop","layers":[{"role":"balancer","stack":"balancer","nodes":1},{"role":"app","stack":"static","nodes":1}]}`},
		{"environment create shop --account ana@example.org --alias Shop --layer balancer --layer app:nodejs@24:2:4", "environment.create", "/v1/accounts/ana@example.org/environments", "",
			`{"name":"shop","alias":"Shop","layers":[{"role":"balancer","stack":"balancer"},{"role":"app","stack":"nodejs","version":"24","nodes":2,"cloudlets":4}]}`},
		{"environment update shop --alias Laden", "environment.update", "/v1/environments/shop", "", `{"alias":"Laden"}`},
		{"environment update shop --alias=", "environment.update", "/v1/environments/shop", "", `{"alias":""}`},
		{"environment delete shop --confirm shop", "environment.delete", "/v1/environments/shop", "confirm=shop", ""},
		{"environment share shop bob@example.org=limited,until=7d eve@example.org=none", "environment.share", "/v1/environments/shop/collaborators", "",
			`{"collaborators":[{"collaborator":"bob@example.org","level":"limited","until":"2026-05-11T12:00:00Z"},{"collaborator":"eve@example.org","level":"none"}]}`},
		{"layer scale shop app 3", "layer.scale", "/v1/environments/shop/layers/app/nodes", "", `{"nodes":3}`},
		{"layer scale shop app --nodes 3", "layer.scale", "/v1/environments/shop/layers/app/nodes", "", `{"nodes":3}`},
		{"layer limit shop app --cloudlets 4", "layer.limit", "/v1/environments/shop/layers/app/cloudlets", "", `{"cloudlets":4}`},
		{"node restart shop 12", "node.restart", "/v1/environments/shop/nodes/12/restart", "", ""},
		{"collaborator invite bob@example.org --role admin --environment shop=full --environment blog=limited,until=2026-12-31 --until 2027-01-31T00:00:00Z", "collaborator.invite", "/v1/accounts/me/collaborators", "",
			`{"email":"bob@example.org","role":"admin","environments":[{"environment":"shop","level":"full"},{"environment":"blog","level":"limited","until":"2027-01-01T00:00:00Z"}],"until":"2027-01-31T00:00:00Z"}`},
		{"collaborator share bob@example.org shop=full blog=none", "collaborator.share", "/v1/accounts/me/collaborators/bob@example.org/environments", "",
			`{"environments":[{"environment":"shop","level":"full"},{"environment":"blog","level":"none"}]}`},
		{"collaborator update bob@example.org --status suspended", "collaborator.update", "/v1/accounts/me/collaborators/bob@example.org", "", `{"status":"suspended"}`},
		{"collaboration leave ana@example.org", "collaboration.leave", "/v1/user/collaborations/ana@example.org", "", ""},
		{"invitation show t0k", "invitation.show", "/v1/invitations/t0k", "", ""},
		{"access why environment.delete shop", "access.why", "/v1/environments/shop/why", "operation=environment.delete", ""},
		{"why bob@example.org environment.delete shop", "access.why", "/v1/environments/shop/why", "operation=environment.delete&person=bob%40example.org", ""},
		{"why bob environment.delete shop", "access.why", "/v1/environments/shop/why", "operation=environment.delete&person=bob%40example.org", ""},
		{"why EVE environment.delete shop", "access.why", "/v1/environments/shop/why", "operation=environment.delete&person=eve%40example.org", ""},
		{"audit list shop --since 7d --result refused", "audit.list", "/v1/environments/shop/audit", "result=refused&since=2026-04-27T12%3A00%3A00Z", ""},
		{"audit account --account ana@example.org --who bob@example.org --until 2026-05-01", "audit.account", "/v1/accounts/ana@example.org/audit", "until=2026-05-01T00%3A00%3A00Z&who=bob%40example.org", ""},
		{"operator update-user bob@example.org --type full --suspended=false", "operator.update_user", "/v1/operator/users/bob@example.org", "", `{"type":"full","suspended":false}`},
		{"operator update-user bob@example.org --suspended", "operator.update_user", "/v1/operator/users/bob@example.org", "", `{"suspended":true}`},
		{"session delete current", "session.delete", "/v1/user/sessions/current", "", ""},
		{"password forget --email ana@example.org", "password.forget", "/v1/password-resets", "", `{"email":"ana@example.org"}`},
		{"whoami", "user.show", "/v1/user", "", ""},
	} {
		got := w.asks(splitLine(c.line)...)
		if got.op != c.op || got.path != c.path || got.query != c.query || got.body != c.body || got.token != "tok" || got.road != "cli" {
			t.Errorf("holm %s\n asked %+v\n want  %+v", c.line, got, c)
		}
	}
}

// splitLine splits at blanks; "--alias=" stays an empty value.
func splitLine(s string) []string { return strings.Fields(s) }

// TestRefusedLines: what makes no sense is told before the server is asked.
func TestRefusedLines(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ line, says string }{
		{"enviroment list", `Did you mean environment?`},
		{"environment lst", `Did you mean list?`},
		{"environment show", "ENVIRONMENT is missing: holm environment show ENVIRONMENT"},
		{"environment show shop blog", `"blog" is one argument too many`},
		{"environment show shop --colour", "Unknown flag: --colour."},
		{"environment create Shop", "'S' does not fit"},
		{"environment create shop --layer app", "Write a layer as role:stack"},
		{"environment create shop --layer web:nginx", "role is balancer, app"},
		{"environment create shop --layer app:static:17", "1 to 16"},
		{"environment delete shop", "Give --confirm"},
		{"environment show ..", "Give the environment."},
		{"layer scale shop app", "Give the number of nodes, 1 to 16."},
		{"layer scale shop app three", "The nodes is a whole number"},
		{"layer scale shop app 3 4", "one argument too many"},
		{"node restart shop web", `The node is a whole number, not "web".`},
		{"collaborator invite bob@example.org --role owner", "The role is viewer or admin"},
		{"collaborator invite bob@example.org --until yesterday", "Write a time as"},
		{"collaborator invite bob@example.org --until 2026-05-03", "over already"},
		{"collaborator share bob@example.org", "Say what to share"},
		{"collaborator share bob@example.org shop", "name=level"},
		{"collaborator share bob@example.org shop=full shop=none", "named twice"},
		{"why shop", "Something is missing: holm why [PERSON] OPERATION ENVIRONMENT"},
		{"why shop environment.delete", "There is no operation"},
		{"why a b c d", "one argument too many"},
		{"user sign-up", "Give --email, or the link of the mail."},
		{"user sign-up https://holm.example.org/sign-up/token", "--password-stdin"},
		{"session create", "Nobody can be asked for the password"},
		{"password forget", "Give --email."},
		{"audit list shop --since soon", "Write a time as"},
		{"completion tcsh", "bash, zsh or fish"},
		{"version 2", "takes no argument"},
		{"environment show shop --context work", `There is no login called "work"`},
	} {
		w.fails(2, c.says, strings.Fields(c.line)...)
	}
}
