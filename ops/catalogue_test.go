package ops_test

import (
	"encoding/csv"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/ops"
)

// additions are the operations that the design's list does not have, each with
// why it is there.
var additions = map[string]string{
	"invitation.preview": "access may be given with an invitation, and what it comes to with groups is worth seeing first",
	"session.begin":      "a passkey and a sign-in provider need a question before the answer",
	"passkey.update":     "a passkey is told from others by its name, which people get wrong the first time",
	"recovery.create":    "who has used up the recovery codes needs new ones",
	"identity.link":      "a login at the sign-in provider belongs to nobody until its person says so",
	"identity.unlink":    "what can be linked can be unlinked",
	"user.security":      "the page on which people see what they sign in with",
	"account.security":   "the owner sees what the account asks of collaborators",
	"account.secure":     "the owner requires a second factor of collaborators",
	"audit.tail":         "an audit log is followed live, as an environment is",
	"operator.audit":     "who was turned away without being known, and what Holm noticed, belongs to no account and must be seen by somebody",
	"operator.mails":     "an installation without mail server has an outbox, which somebody has to open",
	"operator.mail":      "the text of a mail may be as good as a password, so reading one is an act of its own",
	"access.requests":    "an owner has to find what waits for an answer",
	"access.asked":       "who asked sees what became of it",
	"access.withdraw":    "who needs it no longer takes it back, or ends early what was approved",
	"credential.list":    "the design asks for the list of off-boarding (7.9) and names no operation",
	"credential.rotate":  "the design asks that all of that list be rotated at once, and names no operation",
	"transfer.show":      "who is to own an environment looks at what is offered first",
	"transfer.decline":   "who is offered an environment can say no, and its owner hears that",
	"view.start":         "an owner looks as a collaborator would, and that it began is a row like any other",
	"view.show":          "the dashboard says as whom one looks, and until when",
	"view.end":           "what begins by an operation ends by one",
	"access.trim":        "what a review finds unused is taken away in one change, with a level of its own where none fits",

	"environment.preview": "an environment's own sharing is previewed as a person's is",
	"group.preview":       "a change of a group reaches everybody in it",
	"level.preview":       "a change of a level reaches everybody who has it",
}

// design reads the design's list of operations.
func design(t *testing.T) map[string][]string {
	t.Helper()
	file, err := os.Open("testdata/operations.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	m := map[string][]string{}
	for _, l := range lines[1:] {
		if m[l[0]] != nil {
			t.Errorf("the design has %s twice", l[0])
		}
		m[l[0]] = l
	}
	return m
}

// TestCatalogueIsTheDesign compares both, in both directions.
func TestCatalogueIsTheDesign(t *testing.T) {
	want := design(t)
	for _, op := range ops.All() {
		line := want[op.Name]
		delete(want, op.Name)
		if line == nil {
			if additions[op.Name] == "" {
				t.Errorf("%s is not in the design and not on the list of additions", op.Name)
			}
			continue
		}
		if additions[op.Name] != "" {
			t.Errorf("%s is in the design; it is no addition", op.Name)
		}
		got := []string{op.Name, string(op.Kind), string(op.Permission), strings.TrimSpace(op.Method + " " + op.Path), op.Summary}
		if !slices.Equal(got, line) {
			t.Errorf("%s\n got  %q\n want %q", op.Name, got, line)
		}
	}
	for name := range want {
		t.Errorf("%s is in the design and not in the catalogue", name)
	}
	for name := range additions {
		if ops.Lookup(name) == nil {
			t.Errorf("the addition %s is not in the catalogue", name)
		}
	}
}

// TestNotYetBuilt prints what later work has to build.
func TestNotYetBuilt(t *testing.T) {
	var built, later []string
	for _, op := range ops.All() {
		if op.Built {
			built = append(built, op.Name)
		} else {
			later = append(later, op.Name)
		}
		if op.Built != (op.Input != nil) {
			t.Errorf("%s: built %v, input %v", op.Name, op.Built, op.Input)
		}
	}
	t.Logf("%d operations are built, %d are not yet:\n  %s", len(built), len(later), strings.Join(later, "\n  "))
}

var (
	routeParameter = regexp.MustCompile(`\{([^}]*)\}`)
	snakeCase      = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	operationName  = regexp.MustCompile(`^[a-z_]+\.[a-z_]+$`)
)

// TestRoutesAndInputsFit: every parameter of a route is a field of the input
// and the other way round; routes are unique.
func TestRoutesAndInputsFit(t *testing.T) {
	routes := map[string]string{}
	for _, op := range ops.All() {
		if !operationName.MatchString(op.Name) || op.Noun()+"."+op.Verb() != op.Name {
			t.Errorf("%q is no name", op.Name)
		}
		if op.Method != "" {
			route := op.Method + " " + routeParameter.ReplaceAllString(op.Path, "{}")
			if other := routes[route]; other != "" {
				t.Errorf("%s and %s have the same route", op.Name, other)
			}
			routes[route] = op.Name
		}
		if !op.Built {
			continue
		}
		var route, input []string
		for _, m := range routeParameter.FindAllStringSubmatch(op.Path, -1) {
			route = append(route, m[1])
		}
		for _, f := range op.Fields() {
			if f.In == "path" {
				input = append(input, f.Name)
			}
		}
		slices.Sort(route)
		slices.Sort(input)
		if !slices.Equal(route, input) {
			t.Errorf("%s: the route has %q, the input %q", op.Name, route, input)
		}
		if strings.HasSuffix(op.Name, ".preview") {
			continue // a read whose question is as long as a save
		}
		if reading := op.Method == "GET"; (op.Kind == ops.Change) == reading {
			t.Errorf("%s is a %s by %s", op.Name, op.Kind, op.Method)
		}
	}
}

// TestFieldsAreNamedAndExplained: every input field says what it means, in one
// style of names.
func TestFieldsAreNamedAndExplained(t *testing.T) {
	for _, op := range ops.All() {
		seen := map[string]bool{}
		for _, f := range op.Fields() {
			if !snakeCase.MatchString(f.Name) || seen[f.Name] {
				t.Errorf("%s: the name %q, seen before: %v", op.Name, f.Name, seen[f.Name])
			}
			seen[f.Name] = true
			explained(t, op.Name+" "+f.Name, f.Type, f.Doc)
			if got := op.Input.FieldByIndex(f.Index); got.Type != f.Type {
				t.Errorf("%s: %s is not where it says", op.Name, f.Name)
			}
			secret := f.Type == reflect.TypeFor[holm.Secret]()
			if hidden := strings.Contains(f.Name, "password") || strings.Contains(f.Name, "token") && op.Name != "token.delete" || strings.HasSuffix(f.Name, "code"); hidden != secret {
				t.Errorf("%s: %s sounds secret: %v, is secret: %v", op.Name, f.Name, hidden, secret)
			}
		}
	}
}

// explained holds a field, and the fields of structs in it, to having a doc.
func explained(t *testing.T, where string, typ reflect.Type, doc string) {
	if doc == "" || strings.HasSuffix(doc, ".") {
		t.Errorf("%s has the doc %q", where, doc)
	}
	for typ.Kind() == reflect.Slice || typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || !strings.HasSuffix(typ.PkgPath(), "/ops") {
		return
	}
	for _, f := range reflect.VisibleFields(typ) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !snakeCase.MatchString(name) {
			t.Errorf("%s: the name %q of %s", where, name, f.Name)
		}
		explained(t, where+"."+name, f.Type, f.Tag.Get("doc"))
	}
}

// TestEveryOperationIsTold: a sentence for the audit log whose gaps can be
// filled, a summary, an existing permission, and a target that fits.
func TestEveryOperationIsTold(t *testing.T) {
	for _, op := range ops.All() {
		if op.Summary == "" || strings.HasSuffix(op.Summary, ".") || access.ScopeOf(op.Permission) == "" {
			t.Errorf("%s: summary %q, permission %q", op.Name, op.Summary, op.Permission)
		}
		if !op.Built {
			continue
		}
		if op.Done == "" || strings.HasSuffix(op.Done, ".") || op.Done != strings.TrimSpace(op.Done) || op.Done[0] < 'a' || op.Done[0] > 'z' {
			t.Errorf("%s: the sentence %q", op.Name, op.Done)
		}
		target := ops.TargetOf(reflect.New(op.Input).Elem().Interface().(ops.Input))
		for _, m := range routeParameter.FindAllStringSubmatch(op.Done, -1) {
			// What makes an environment names the one it made.
			about := target.Kind == ops.TargetEnvironment || op.Output == reflect.TypeFor[ops.EnvironmentView]()
			if m[1] != "target" && (m[1] != "environment" || !about) {
				t.Errorf("%s: nothing fills %s of %q", op.Name, m[0], op.Done)
			}
		}
		wants(t, op, target.Kind)
	}
}

// wants holds the target of an operation to what its permission is about.
func wants(t *testing.T, op *ops.Operation, kind ops.TargetKind) {
	switch access.ScopeOf(op.Permission) {
	case access.ScopeEnvironment:
		if kind != ops.TargetEnvironment {
			t.Errorf("%s needs %s of an environment and is about %s", op.Name, op.Permission, kind)
		}
	case access.ScopeAccount:
		if kind != ops.TargetAccount {
			t.Errorf("%s needs %s of an account and is about %s", op.Name, op.Permission, kind)
		}
	case access.ScopePublic:
		if kind != ops.TargetNobody || op.Public == "" {
			t.Errorf("%s is public, about %s, because %q", op.Name, kind, op.Public)
		}
	default:
		if kind == ops.TargetEnvironment || kind == ops.TargetNobody {
			t.Errorf("%s needs %s and is about %s", op.Name, op.Permission, kind)
		}
	}
}

func TestLookupFindsAll(t *testing.T) {
	names := []string{}
	for _, op := range ops.All() {
		names = append(names, op.Name)
		if ops.Lookup(op.Name) != op {
			t.Errorf("%s is not found", op.Name)
		}
	}
	if !slices.IsSorted(names) || ops.Lookup("environment.explode") != nil {
		t.Error("the order is not by name, or something is found that is not there")
	}
}
