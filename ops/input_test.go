package ops_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

func TestPathFor(t *testing.T) {
	layer := ops.LayerScaleInput{OfLayer: ops.OfLayer{Environment: "a/b", Layer: "app"}}
	for _, c := range []struct {
		op   *ops.Operation
		in   any
		want string
	}{
		{ops.LayerScale.Operation, layer, "/v1/environments/a%2Fb/layers/app/nodes"},
		{ops.LayerScale.Operation, &layer, "/v1/environments/a%2Fb/layers/app/nodes"},
		{ops.NodeRestart.Operation, ops.NodeRestartInput{OfNode: ops.OfNode{Environment: "shop", Node: 12}}, "/v1/environments/shop/nodes/12/restart"},
		{ops.InvitationShow.Operation, ops.InvitationShowInput{Token: holm.NewSecret("t0k")}, "/v1/invitations/t0k"},
		{ops.UserShow.Operation, ops.UserShowInput{}, "/v1/user"},
		{ops.LayerScale.Operation, ops.LayerScaleInput{OfLayer: ops.OfLayer{Environment: "{layer}", Layer: "app"}}, "/v1/environments/%7Blayer%7D/layers/app/nodes"},
	} {
		if got, err := c.op.PathFor(c.in); got != c.want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", c.op.Name, got, err, c.want)
		}
	}
	for _, name := range []string{"", ".", ".."} {
		in := ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: name}}
		if got, err := ops.EnvironmentShow.PathFor(in); holm.CodeOf(err) != holm.CodeInvalid {
			t.Errorf("%q: got %q, %v", name, got, err)
		}
	}
}

func TestTargets(t *testing.T) {
	for _, c := range []struct {
		in   ops.Input
		want ops.Target
	}{
		{ops.SessionCreateInput{}, ops.Target{Kind: ops.TargetNobody}},
		{ops.UserShowInput{}, ops.Target{Kind: ops.TargetUser}},
		{ops.CollaborationLeaveInput{Account: "x"}, ops.Target{Kind: ops.TargetUser}},
		{ops.AccountLimitsInput{OfAccount: ops.OfAccount{Account: "me"}}, ops.Target{Kind: ops.TargetAccount, Account: "me"}},
		{ops.CollaboratorShowInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: "c"}}, ops.Target{Kind: ops.TargetAccount, Account: "me", Collaborator: "c"}},
		{ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: "e"}}, ops.Target{Kind: ops.TargetEnvironment, Environment: "e"}},
		{ops.LayerRestartInput{OfLayer: ops.OfLayer{Environment: "e", Layer: "l"}}, ops.Target{Kind: ops.TargetEnvironment, Environment: "e", Layer: "l"}},
		{ops.NodeRestartInput{OfNode: ops.OfNode{Environment: "e", Node: 3}}, ops.Target{Kind: ops.TargetEnvironment, Environment: "e", Node: 3}},
	} {
		if got := ops.TargetOf(c.in); got != c.want {
			t.Errorf("%T: got %+v, want %+v", c.in, got, c.want)
		}
	}
}

func TestFields(t *testing.T) {
	var got []string
	for _, f := range ops.CollaboratorInvite.Fields() {
		s := f.In + " " + f.Name
		if f.Required {
			s += "!"
		}
		got = append(got, s)
	}
	if want := "path account!, body email!, body role, body environments, body until, body all_environments, body all_environments_until, body groups"; strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if ops.Lookup("ssh_key.list").Fields() != nil {
		t.Error("an operation that is not built has fields")
	}
}

func TestPageSizeIsBounded(t *testing.T) {
	for limit, want := range map[int]int{-1: 100, 0: 100, 1: 1, 500: 500, 501: 500} {
		if got := (ops.Paging{Limit: limit}).Size(); got != want {
			t.Errorf("%d: got %d, want %d", limit, got, want)
		}
	}
}

// TestPageEndsWithNull: scripts look for null, not for a missing member.
func TestPageEndsWithNull(t *testing.T) {
	if b, _ := json.Marshal(ops.Page[string]{Items: []string{}}); string(b) != `{"items":[],"next":null}` {
		t.Errorf("got %s", b)
	}
}

// TestAnswersHoldNoSecrets: what is answered is logged by others; where a
// token has to be answered, it is once and says so.
func TestAnswersHoldNoSecrets(t *testing.T) {
	for _, op := range ops.All() {
		if op.Output == nil || op.Output == reflect.TypeFor[ops.SessionCreated]() || op.Output == reflect.TypeFor[ops.TokenCreated]() {
			continue
		}
		for _, f := range reflect.VisibleFields(op.Output) {
			if f.Type == reflect.TypeFor[holm.Secret]() || strings.Contains(f.Tag.Get("json"), "password") && f.Type.Kind() != reflect.Bool || f.Tag.Get("json") == "token" {
				t.Errorf("%s answers %s", op.Name, f.Name)
			}
		}
	}
}
