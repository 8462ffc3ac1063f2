package app

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/collaboration"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// as asks for an operation in somebody's name.
func as[I ops.Input, O any](t *testing.T, w *world, kind string, op ops.Op[I, O], in I) O {
	t.Helper()
	out, err := dispatch.Call(context.Background(), w.door, w.people[kind], op, in)
	must(t, err)
	return out
}

func refused[I ops.Input, O any](t *testing.T, w *world, kind string, op ops.Op[I, O], in I) *holm.Error {
	t.Helper()
	_, err := dispatch.Call(context.Background(), w.door, w.people[kind], op, in)
	if err == nil {
		t.Fatalf("%s may %s", kind, op.Name)
	}
	return holm.AsError(err)
}

func (w *world) mine() ops.OfAccount { return ops.OfAccount{Account: string(w.account.ID)} }

func (w *world) shopAs(t *testing.T, kind string) (ops.EnvironmentView, bool) {
	t.Helper()
	v, err := dispatch.Call(context.Background(), w.door, w.people[kind], ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}})
	if err != nil && holm.CodeOf(err) != holm.CodeNotFound {
		t.Fatal(err)
	}
	list := as(t, w, kind, ops.EnvironmentList, ops.EnvironmentListInput{})
	if listed := slices.ContainsFunc(list.Items, func(e ops.EnvironmentView) bool {
		return e.Name == "shop" && slices.Equal(e.Permissions, v.Permissions) && e.Level == v.Level
	}); listed != (err == nil) {
		t.Errorf("%s: shown %v, listed %v", kind, err == nil, listed)
	}
	return v, err == nil
}

func (w *world) give(t *testing.T, kind, level string) {
	t.Helper()
	in := ops.CollaboratorShareInput{OfCollaborator: ops.OfCollaborator{Account: string(w.account.ID), Collaborator: string(w.members[kind].ID)}}
	in.Body.Environments = []ops.Share{{Environment: "shop", Level: level}}
	as(t, w, "owner", ops.CollaboratorShare, in)
}

// TestOwnLevels: what an own level gives counts at once, for what is open too,
// and only what is not the owner's alone can be in it.
func TestOwnLevels(t *testing.T) {
	w := newWorld(t)
	w.give(t, "limited", "deploy ONLY")
	v, _ := w.shopAs(t, "limited")
	if v.Level != "Deploy only" || !slices.Equal(v.Permissions, []string{"deploy.git", "environment.see"}) {
		t.Fatalf("has %s: %v", v.Level, v.Permissions)
	}
	logs, err := w.door.Open(context.Background(), w.people["limited"], ops.EnvironmentEvents.Operation, &ops.EnvironmentEventsInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}})
	must(t, err)
	defer logs.Close()
	update := func(permissions ...string) ops.LevelUpdateInput {
		return ops.LevelUpdateInput{OfLevel: ops.OfLevel{Account: string(w.account.ID), Level: "Deploy only"}, Body: ops.LevelChange{Name: "Deploy only", Permissions: permissions}}
	}
	as(t, w, "owner", ops.LevelUpdate, update("environment.start"))
	if v, _ := w.shopAs(t, "limited"); !slices.Equal(v.Permissions, []string{"environment.start", "environment.see"}) {
		t.Errorf("after the change: %v", v.Permissions)
	}
	if logs.Err() != nil {
		t.Error("a page that may stay was cut")
	}
	for _, p := range []string{"environment.delete", "environment.clone", "environment.transfer", "environment.share", "account.manage_collaborators", "operator", "nonsense"} {
		if e := refused(t, w, "owner", ops.LevelUpdate, update(p)); e.Code != holm.CodeInvalid {
			t.Errorf("%s: %v", p, e)
		}
	}
	if e := refused(t, w, "owner", ops.LevelDelete, ops.LevelDeleteInput{OfLevel: ops.OfLevel{Account: string(w.account.ID), Level: "Deploy only"}}); e.Code != holm.CodeConflict {
		t.Errorf("a level that is given was deleted: %v", e)
	}
	for _, name := range []string{"full", "None", "a=b", "a,b", "lvl_1", "", " x", "DEPLOY only"} {
		if e := refused(t, w, "owner", ops.LevelCreate, ops.LevelCreateInput{OfAccount: w.mine(), Body: ops.LevelBody{Name: name}}); e.Code != holm.CodeInvalid && e.Code != holm.CodeConflict {
			t.Errorf("%q: %v", name, e)
		}
	}
	w.give(t, "limited", "none")
	if logs.Err() == nil {
		t.Error("what was open is not cut")
	}
}

// TestGroupsAndAllEnvironments walks through the order: direct beats groups
// beats all environments, one way adds up, and a direct none hides.
func TestGroupsAndAllEnvironments(t *testing.T) {
	w := newWorld(t)
	member := ops.GroupUpdateInput{OfGroup: ops.OfGroup{Account: string(w.account.ID), Group: "developers"}}
	member.Body.Members = []ops.GroupMember{{Collaborator: "admin@example.org"}}
	member.Body.Environments = []ops.Share{{Environment: "shop", Level: "limited"}}
	as(t, w, "owner", ops.GroupUpdate, member)
	if _, sees := w.shopAs(t, "admin"); sees {
		t.Error("a direct none does not hide")
	}
	w.give(t, "admin", "inherit")
	if v, _ := w.shopAs(t, "admin"); v.Level != "limited" {
		t.Errorf("through the group: %q", v.Level)
	}
	more := ops.GroupCreateInput{OfAccount: w.mine()}
	more.Body.Name, more.Body.Members, more.Body.Environments = "Deployers", member.Body.Members, []ops.Share{{Environment: "shop", Level: "Deploy only"}}
	as(t, w, "owner", ops.GroupCreate, more)
	if v, _ := w.shopAs(t, "admin"); v.Level != "limited" || !slices.Contains(v.Permissions, "logs.view") {
		t.Errorf("two groups come to %q: %v", v.Level, v.Permissions)
	}
	all := ops.CollaboratorUpdateInput{OfCollaborator: ops.OfCollaborator{Account: string(w.account.ID), Collaborator: "admin@example.org"}}
	full := "full"
	all.Body.AllEnvironments = &full
	as(t, w, "owner", ops.CollaboratorUpdate, all)
	if v, _ := w.shopAs(t, "admin"); v.Level != "limited" {
		t.Errorf("all environments beat a group: %q", v.Level)
	}
	as(t, w, "owner", ops.GroupDelete, ops.GroupDeleteInput{OfGroup: ops.OfGroup{Account: string(w.account.ID), Group: "Developers"}})
	as(t, w, "owner", ops.GroupDelete, ops.GroupDeleteInput{OfGroup: ops.OfGroup{Account: string(w.account.ID), Group: "Deployers"}})
	v, _ := w.shopAs(t, "admin")
	why := as(t, w, "owner", ops.AccessWhy, ops.AccessWhyInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}, Operation: "node.shell", Person: "admin@example.org"})
	if v.Level != "full" || !why.Allowed || why.Rule != "level full on all environments" || why.Reason != "admin@example.org's access to all environments of this account is full." {
		t.Errorf("%q, %+v", v.Level, why)
	}
	create := ops.EnvironmentCreateInput{OfAccount: w.mine()}
	create.Body.Name, create.Body.Layers = "later", []ops.LayerInput{{Role: "app", Stack: "static"}}
	as(t, w, "owner", ops.EnvironmentCreate, create)
	if list := as(t, w, "admin", ops.EnvironmentList, ops.EnvironmentListInput{}); len(list.Items) != 2 {
		t.Errorf("an environment made later is not seen: %d", len(list.Items))
	}
	show := as(t, w, "owner", ops.CollaboratorShow, ops.CollaboratorShowInput{OfCollaborator: all.OfCollaborator})
	if show.Shared != 2 || len(show.Effective) != 2 || show.Effective[1].From[0].Through != "all" || show.AllEnvironments == nil || show.AllEnvironments.Level != "full" {
		t.Errorf("the owner sees %+v", show)
	}
}

// TestWhyOfAnInvitation: who is invited is no stranger.
func TestWhyOfAnInvitation(t *testing.T) {
	w := newWorld(t)
	for person, want := range map[string]string{
		"pending@example.org":  "pending@example.org is invited and has not accepted yet.",
		"unknown@example.org":  "unknown@example.org does not collaborate on this account.",
		"stranger@example.org": "stranger@example.org does not collaborate on this account.",
		"limited@example.org":  "limited@example.org's access to this environment is limited.",
		"expired@example.org":  "expired@example.org's access ended on 4 May 2030, 11:59 UTC.",
	} {
		v := as(t, w, "owner", ops.AccessWhy, ops.AccessWhyInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}, Operation: "node.shell", Person: person})
		if v.Allowed || v.Reason != want || v.GrantableBy != "owner@example.org" {
			t.Errorf("%s: %+v", person, v)
		}
	}
}

// TestPreviewIsTheSave: what a preview tells is what the save then does.
func TestPreviewIsTheSave(t *testing.T) {
	w := newWorld(t)
	as(t, w, "full", ops.LayerScale, *sample(w, ops.LayerScale.Operation).(*ops.LayerScaleInput))
	open, err := w.door.Open(context.Background(), w.people["full"], ops.EnvironmentEvents.Operation, &ops.EnvironmentEventsInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}})
	must(t, err)
	defer open.Close()
	in := ops.CollaboratorPreviewInput{OfCollaborator: ops.OfCollaborator{Account: string(w.account.ID), Collaborator: string(w.members["full"].ID)}}
	in.Body.Environments = []ops.Share{{Environment: "shop", Level: "Deploy only"}}
	before, _ := w.shopAs(t, "full")
	v := as(t, w, "owner", ops.CollaboratorPreview, in)
	if len(v.Changes) != 1 || v.Changes[0].Was != "full" || v.Changes[0].Now != "Deploy only" || len(v.Sessions) != 0 ||
		len(v.Refused) != 1 || v.Refused[0].Operation != "layer.scale" || v.Refused[0].Times != 1 {
		t.Fatalf("%+v", v)
	}
	if now, _ := w.shopAs(t, "full"); !slices.Equal(now.Permissions, before.Permissions) {
		t.Error("looking ahead changed something")
	}
	w.give(t, "full", "Deploy only")
	after, _ := w.shopAs(t, "full")
	if kept := slices.DeleteFunc(before.Permissions, func(p string) bool { return slices.Contains(v.Changes[0].Lost, p) }); !slices.Equal(kept, after.Permissions) {
		t.Errorf("told %v, saved %v", kept, after.Permissions)
	}
	in.Body.Environments[0].Level = "none"
	if v := as(t, w, "owner", ops.CollaboratorPreview, in); len(v.Sessions) != 1 || v.Sessions[0].Operation != "environment.events" {
		t.Errorf("what would be cut: %+v", v.Sessions)
	}
	in.Body.Environments[0].Level = "royal"
	if e := refused(t, w, "owner", ops.CollaboratorPreview, in); e.Code != holm.CodeInvalid {
		t.Errorf("%v", e)
	}
}

// TestAskAndApprove: what is approved is added for its time and ends by
// itself.
func TestAskAndApprove(t *testing.T) {
	w := newWorld(t)
	ask := ops.AccessRequestInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}
	ask.Body.Permission, ask.Body.Minutes, ask.Body.Reason = "access.ssh", 60, "The import hangs"
	r := as(t, w, "limited", ops.AccessRequest, ask)
	if v, _ := w.shopAs(t, "limited"); slices.Contains(v.Permissions, "access.ssh") {
		t.Fatal("asking gives")
	}
	answer := ops.AccessAnswerInput{OfAccount: w.mine(), Request: r.ID}
	answer.Body.Approve = true
	if e := refused(t, w, "full", ops.AccessAnswer, answer); e.Code != holm.CodeForbidden {
		t.Errorf("a collaborator answers: %v", e)
	}
	as(t, w, "owner", ops.AccessAnswer, answer)
	if v, _ := w.shopAs(t, "limited"); v.Level != "limited + access.ssh" || !slices.Contains(v.Permissions, "access.ssh") {
		t.Errorf("approved: %s %v", v.Level, v.Permissions)
	}
	w.now = w.now.Add(time.Hour)
	if v, _ := w.shopAs(t, "limited"); v.Level != "limited" {
		t.Errorf("an hour later: %s", v.Level)
	}
	ask.Body.BreakGlass = true
	if e := refused(t, w, "limited", ops.AccessRequest, ask); e.Code != holm.CodeForbidden || !strings.Contains(e.Detail, "owner@example.org") {
		t.Errorf("the glass broke: %v", e)
	}
	may := true
	allow := ops.CollaboratorUpdateInput{OfCollaborator: ops.OfCollaborator{Account: string(w.account.ID), Collaborator: "limited@example.org"}}
	allow.Body.BreakGlass = &may
	as(t, w, "owner", ops.CollaboratorUpdate, allow)
	w.letters = nil
	as(t, w, "limited", ops.AccessRequest, ask)
	if v, _ := w.shopAs(t, "limited"); !slices.Contains(v.Permissions, "access.ssh") || len(w.letters) != 1 || w.letters[0].Kind != holm.LetterGlass || w.letters[0].To != "owner@example.org" {
		t.Errorf("%v, letters %+v", v.Permissions, w.letters)
	}
}

// TestReminders: a day before the end both sides get one mail, and only one.
func TestReminders(t *testing.T) {
	w := newWorld(t)
	must(t, collaboration.Remind(context.Background(), w.door))
	end := w.now.Add(48 * time.Hour)
	w.write(func(tx *store.Tx) error {
		return tx.SetGrant(holm.Grant{Collaborator: w.members["full"].ID, Environment: w.shop.ID, Level: holm.LevelFull, Until: end}, w.account.Owner)
	})
	w.letters = nil
	for range 30 {
		must(t, collaboration.Remind(context.Background(), w.door))
		w.now = w.now.Add(time.Hour)
	}
	if len(w.letters) != 2 || w.letters[0].Kind != holm.LetterEnding || w.letters[0].To != "full@example.org" || !w.letters[0].Until.Equal(end) ||
		w.letters[1].Kind != holm.LetterEndings || w.letters[1].To != "owner@example.org" {
		t.Errorf("%+v", w.letters)
	}
}

// TestEndsCutByThemselves: what is open ends with the right, also when the end
// was set while it was open.
func TestEndsCutByThemselves(t *testing.T) {
	w := newWorld(t)
	w.clock = time.Now
	open, err := w.door.Open(context.Background(), w.people["full"], ops.EnvironmentEvents.Operation, &ops.EnvironmentEventsInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}})
	must(t, err)
	defer open.Close()
	end := time.Now().Add(300 * time.Millisecond)
	in := ops.CollaboratorShareInput{OfCollaborator: ops.OfCollaborator{Account: string(w.account.ID), Collaborator: string(w.members["full"].ID)}}
	in.Body.Environments = []ops.Share{{Environment: "shop", Level: "full", Until: &end}}
	as(t, w, "owner", ops.CollaboratorShare, in)
	if open.Err() != nil {
		t.Fatal("it was cut before its end")
	}
	select {
	case <-open.Done():
		if late := time.Since(end); late < 0 || late > 250*time.Millisecond {
			t.Errorf("cut %v after the end", late)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("it was not cut")
	}
}

// TestWhyByID: people are named by address or id; an id tells nobody but the
// owner whether it is somebody's.
func TestWhyByID(t *testing.T) {
	w := newWorld(t)
	ask := func(person string) ops.AccessWhyInput {
		return ops.AccessWhyInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}, Operation: "environment.delete", Person: person}
	}
	id := string(w.members["limited"].ID)
	email := w.members["limited"].Email
	if byID, byAddress := as(t, w, "owner", ops.AccessWhy, ask(id)), as(t, w, "owner", ops.AccessWhy, ask(email)); byID.Person != email || byID.Reason != byAddress.Reason || byID.Allowed {
		t.Errorf("by id %+v, by address %+v", byID, byAddress)
	}
	if v := as(t, w, "limited", ops.AccessWhy, ask(id)); v.Person != email {
		t.Errorf("one's own id: %+v", v)
	}
	known, nobody := refused(t, w, "full", ops.AccessWhy, ask(id)), refused(t, w, "full", ops.AccessWhy, ask("col_nobody"))
	if known.Code != holm.CodeForbidden || known.Detail != nobody.Detail || known.Code != nobody.Code {
		t.Errorf("somebody else's id: %v; nobody's: %v", known, nobody)
	}
	if e := refused(t, w, "owner", ops.AccessWhy, ask("col_nobody")); e.Code != holm.CodeNotFound {
		t.Errorf("nobody's id: %v", e)
	}
}
