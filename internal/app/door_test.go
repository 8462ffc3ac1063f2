package app

import (
	"context"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

func call[I ops.Input, O any](w *world, kind string, op ops.Op[I, O], in I) (O, error) {
	return dispatch.Call(context.Background(), w.door, w.people[kind], op, in)
}

func (w *world) share(kind string, level holm.Level) {
	w.t.Helper()
	in := ops.CollaboratorShareInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: string(w.members[kind].ID)}}
	in.Body.Environments = []ops.Share{{Environment: "shop", Level: string(level)}}
	_, err := call(w, "owner", ops.CollaboratorShare, in)
	must(w.t, err)
}

func (w *world) audit(account holm.AccountID) (rows []store.AuditEntry) {
	w.t.Helper()
	must(w.t, w.store.Read(context.Background(), func(tx *store.Tx) (err error) {
		rows, err = tx.Audit(store.FilterFor("", "", w.now, false), store.AuditQuery{Account: account, Limit: 100})
		return err
	}))
	return rows
}

func TestRevokedRightCutsOpenStreams(t *testing.T) {
	w := newWorld(t)
	ends := map[string]func(){
		"level taken away": func() { w.share("limited", holm.LevelNone) },
		"suspended": func() {
			in := ops.CollaboratorUpdateInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: "full@example.org"}}
			in.Body.Status = "suspended"
			_, err := call(w, "owner", ops.CollaboratorUpdate, in)
			must(t, err)
		},
	}
	for name, person := range map[string]string{"level taken away": "limited", "suspended": "full"} {
		stream, err := w.door.Follow(context.Background(), w.people[person], "shop", 0)
		must(t, err)
		other, err := w.door.Follow(context.Background(), w.people["owner"], "shop", 0)
		must(t, err)
		began := time.Now()
		ends[name]()
		select {
		case <-stream.Session.Done():
		case <-time.After(5 * time.Second):
			t.Fatalf("%s: the stream is still open", name)
		}
		if took := time.Since(began); took > 250*time.Millisecond {
			t.Errorf("%s: cut after %v", name, took)
		}
		if !stream.Session.WasCut() {
			t.Errorf("%s: ended for another reason", name)
		}
		if other.Session.Err() != nil {
			t.Errorf("%s: the owner's stream was cut too", name)
		}
		stream.Close()
		other.Close()
	}
}

func TestStreamEndsWithTheAccess(t *testing.T) {
	w := newWorld(t)
	w.now = time.Now().UTC() // timers run on the machine's clock
	end := w.now.Add(time.Hour)
	in := ops.CollaboratorShareInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: "limited@example.org"}}
	in.Body.Environments = []ops.Share{{Environment: "shop", Level: "limited", Until: &end}}
	_, err := call(w, "owner", ops.CollaboratorShare, in)
	must(t, err)
	w.now = end.Add(-50 * time.Millisecond)
	stream, err := w.door.Follow(context.Background(), w.people["limited"], "shop", 0)
	must(t, err)
	defer stream.Close()
	w.now = end
	select {
	case <-stream.Session.Done():
	case <-time.After(5 * time.Second):
		t.Fatal("the stream outlives the access")
	}
}

func TestRefusalsAreRecordedWhereTheyBelong(t *testing.T) {
	w := newWorld(t)
	before := len(w.audit(w.account.ID))
	in := ops.EnvironmentDeleteInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}, Confirm: "shop"}
	_, err := call(w, "limited", ops.EnvironmentDelete, in)
	if e := holm.AsError(err); e.Code != holm.CodeForbidden || e.Permission != "environment.delete" || e.Reason == "" {
		t.Fatalf("not an explained refusal: %+v", e)
	}
	rows := w.audit(w.account.ID)
	if len(rows) != before+1 || rows[0].Result != "forbidden" || rows[0].Email != "limited@example.org" || rows[0].Operation != "environment.delete" {
		t.Errorf("the owner's log does not have the refusal: %+v", rows[0])
	}
	// A stranger learns nothing, and leaves no different trace for what is
	// there and what is not.
	for _, name := range []string{"shop", "nothing"} {
		in := ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: name}}
		_, err := call(w, "stranger", ops.EnvironmentShow, in)
		if holm.CodeOf(err) != holm.CodeNotFound || err.Error() != holm.ErrNotFound().Error() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(w.audit(w.account.ID)) != before+1 {
		t.Error("a stranger wrote into the owner's log")
	}
	own, err := call(w, "stranger", ops.AuditAccount, ops.AuditAccountInput{OfAccount: ops.OfAccount{Account: "me"}})
	must(t, err)
	if len(own.Items) != 2 || own.Items[0].Target != "nothing" || own.Items[1].Target != "shop" || own.Items[0].Result != own.Items[1].Result {
		t.Errorf("the stranger's own log: %+v", own.Items)
	}
}

func TestFailedChangeLeavesOnlyItsRow(t *testing.T) {
	w := newWorld(t)
	in := ops.CollaboratorShareInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: "none@example.org"}}
	in.Body.Environments = []ops.Share{{Environment: "shop", Level: "full"}, {Environment: "missing", Level: "full"}}
	w.letters = nil
	if _, err := call(w, "owner", ops.CollaboratorShare, in); holm.CodeOf(err) != holm.CodeInvalid {
		t.Fatalf("got %v", err)
	}
	if _, err := call(w, "none", ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}); holm.CodeOf(err) != holm.CodeNotFound {
		t.Errorf("half of the save was kept: %v", err)
	}
	if len(w.letters) != 0 {
		t.Errorf("%d mails about something that did not happen", len(w.letters))
	}
	if row := w.audit(w.account.ID)[0]; row.Operation != "collaborator.share" && row.Result != "invalid" {
		t.Errorf("the failed save is not recorded: %+v", row)
	}
}

func TestSecretsAreInNoAuditRow(t *testing.T) {
	w := newWorld(t)
	in := ops.SessionCreateInput{}
	in.Body.Email, in.Body.Password = "owner@example.org", holm.NewSecret("canary-password")
	if _, err := call(w, "nobody", ops.SessionCreate, in); holm.CodeOf(err) != holm.CodeUnauthorized {
		t.Fatal(err)
	}
	row := w.audit(w.account.ID)[0]
	if row.Operation != "session.create" || row.Result != "unauthorized" || row.Detail["password"] == "canary-password" {
		t.Errorf("%+v", row)
	}
}

func TestEventsAreNotLostOverABrokenConnection(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	rename := func(alias string) {
		in := ops.EnvironmentUpdateInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}
		in.Body.Alias = &alias
		_, err := call(w, "owner", ops.EnvironmentUpdate, in)
		must(t, err)
	}
	stream, err := w.door.Follow(ctx, w.people["limited"], "shop", 0)
	must(t, err)
	rename("one")
	first, ok := stream.Next()
	if !ok {
		t.Fatal("no event")
	}
	stream.Close()
	rename("two")
	stream, err = w.door.Follow(ctx, w.people["limited"], "shop", first.ID)
	must(t, err)
	if e, ok := stream.Next(); !ok || e.Type != dispatch.EventEnvironment || e.ID <= first.ID {
		t.Errorf("the event missed meanwhile: %+v", e)
	}
	stream.Close()
	stream, err = w.door.Follow(ctx, w.people["limited"], "shop", 5) // of an earlier run
	must(t, err)
	defer stream.Close()
	if e, _ := stream.Next(); e.Type != dispatch.EventReset {
		t.Errorf("an old number is answered with %+v", e)
	}
}
