package app

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/collaboration"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// looking begins a view of the owner as a kind of collaborator, and gives the
// owner's caller as the next request has it.
func (w *world) looking(t *testing.T, kind string) dispatch.Caller {
	t.Helper()
	in := ops.ViewStartInput{OfCollaborator: ops.OfCollaborator{Account: string(w.account.ID), Collaborator: string(w.members[kind].ID)}}
	as(t, w, "owner", ops.ViewStart, in)
	c, err := w.door.Authenticate(t.Context(), "owner", dispatch.Caller{Road: holm.RoadDashboard, Address: "192.0.2.1"})
	must(t, err)
	if c.View == "" || c.User != w.people["owner"].User {
		t.Fatalf("the caller who looks is %+v", c)
	}
	return c
}

// withOthers gives the limited collaborator what the owner must not see: an
// environment of the stranger's that is shared with them, a request there, and
// a second environment of the owner's that is not shared.
func (w *world) withOthers(t *testing.T) {
	t.Helper()
	for kind, name := range map[string]string{"stranger": "secret-shop", "owner": "unshared"} {
		in := ops.EnvironmentCreateInput{OfAccount: ops.OfAccount{Account: "me"}}
		in.Body.Name, in.Body.Layers = name, []ops.LayerInput{{Role: "app", Stack: "static", Nodes: 1, Cloudlets: 1}}
		as(t, w, kind, ops.EnvironmentCreate, in)
	}
	w.write(func(tx *store.Tx) error {
		e, err := tx.Environment("secret-shop")
		if err != nil {
			return err
		}
		c, err := tx.PutInvitation(holm.Collaborator{Account: e.Account, Email: "limited@example.org", Role: holm.RoleViewer, InvitedBy: w.people["stranger"].User, LinkUntil: w.now.Add(time.Hour)}, dispatch.HashToken("other link"))
		if err != nil {
			return err
		}
		if _, err := tx.AcceptInvitation(c.ID, w.people["limited"].User); err != nil {
			return err
		}
		if err := tx.SetGrant(holm.Grant{Collaborator: c.ID, Environment: e.ID, Level: holm.LevelLimited}, w.people["stranger"].User); err != nil {
			return err
		}
		_, err = tx.PutRequest(holm.AccessRequest{Account: e.Account, Collaborator: c.ID, Environment: e.ID, EnvironmentName: "secret-shop", Level: holm.LevelFull, For: time.Hour, Reason: "secret reason", Status: holm.RequestOpen})
		return err
	})
}

// TestAViewChangesNothing tries every operation of the catalogue through a
// view: what is not marked for it is refused with a sentence that says why, on
// the owner's behalf, and recorded as that; nothing is changed.
func TestAViewChangesNothing(t *testing.T) {
	w := newWorld(t)
	var inputs []any
	var tried []*ops.Operation
	for _, op := range ops.All() {
		if op.Built {
			inputs, tried = append(inputs, sample(w, op)), append(tried, op)
		}
	}
	c := w.looking(t, "full")
	before := w.everything(t)
	for i, op := range tried {
		var err error
		if op.Kind == ops.Session {
			var o *dispatch.Session
			if o, err = w.door.Open(t.Context(), c, op, inputs[i]); err == nil {
				o.Close()
			}
		} else if op != ops.ViewEnd.Operation {
			_, err = w.door.Do(t.Context(), c, op, inputs[i])
		}
		switch {
		case op.LeavesView():
			if err != nil {
				t.Errorf("%s: %v", op.Name, err)
			}
		case !op.Viewed():
			if holm.CodeOf(err) != holm.CodeForbidden || !strings.Contains(err.Error(), "You look as full@example.org") {
				t.Errorf("%s: %v", op.Name, err)
			}
		case op.Kind == ops.Change:
			t.Errorf("%s is a change and let through", op.Name)
		case op.Kind == ops.Session && !op.Quiet:
			t.Errorf("%s stays open and is let through", op.Name)
		}
	}
	if after := w.everything(t); after != before {
		t.Errorf("something was changed:\n%s\n%s", before, after)
	}
	w.write(func(tx *store.Tx) error {
		rows, err := tx.Audit(store.FilterFor(w.account.Owner, w.account.ID, w.now, false), store.AuditQuery{Account: w.account.ID, Operation: "token.create", Limit: 1})
		if err == nil && (len(rows) != 1 || rows[0].Result != "forbidden" || rows[0].User != w.account.Owner || rows[0].Detail["looks_as"] != "full@example.org") {
			t.Errorf("the refused token is recorded as %+v", rows)
		}
		return err
	})
}

// everything is what of a world changes would change.
func (w *world) everything(t *testing.T) string {
	t.Helper()
	var all []any
	must(t, w.store.Read(t.Context(), func(tx *store.Tx) error {
		for _, kind := range []string{"owner", "full", "limited", "stranger", "operator"} {
			u, err := tx.User(w.people[kind].User)
			if err != nil {
				return err
			}
			sessions, err := tx.Sessions(u.ID)
			if err != nil {
				return err
			}
			tokens, err := tx.Tokens(u.ID)
			if err != nil {
				return err
			}
			all = append(all, u, len(sessions), len(tokens))
		}
		people, err := tx.Collaborators(w.account.ID, "all", "", 100)
		if err != nil {
			return err
		}
		for _, c := range people {
			c.LastSeenAt = time.Time{}
			all = append(all, c)
		}
		requests, err := tx.Requests(w.account.ID, "all", "", 100)
		all = append(all, requests)
		return err
	}))
	raw, err := json.Marshal(all)
	must(t, err)
	return string(raw)
}

// TestAViewShowsOneAccount: what the person has elsewhere does not exist in a
// view, by any of its operations; and what the owner does not share neither.
func TestAViewShowsOneAccount(t *testing.T) {
	w := newWorld(t)
	w.withOthers(t)
	c := w.looking(t, "limited")
	ask := func(op *ops.Operation, in any) string {
		t.Helper()
		out, err := w.door.Do(t.Context(), c, op, in)
		must(t, err)
		raw, err := json.Marshal(out)
		must(t, err)
		return string(raw)
	}
	seen := ask(ops.EnvironmentList.Operation, &ops.EnvironmentListInput{}) +
		ask(ops.EnvironmentList.Operation, &ops.EnvironmentListInput{Owner: "stranger@example.org"}) +
		ask(ops.EnvironmentList.Operation, &ops.EnvironmentListInput{Owner: "me"}) +
		ask(ops.EnvironmentList.Operation, &ops.EnvironmentListInput{Deleted: true}) +
		ask(ops.EnvironmentList.Operation, &ops.EnvironmentListInput{Name: "s"}) +
		ask(ops.CollaborationList.Operation, &ops.CollaborationListInput{}) +
		ask(ops.AccessAsked.Operation, &ops.AccessAskedInput{}) +
		ask(ops.AccessAsked.Operation, &ops.AccessAskedInput{Environment: "secret-shop"})
	if !strings.Contains(seen, `"shop"`) || !strings.Contains(seen, "The shop is down") {
		t.Errorf("what is shared is not seen: %s", seen)
	}
	for _, hidden := range []string{"secret", "stranger", "unshared"} {
		if strings.Contains(seen, hidden) {
			t.Errorf("%s is seen: %s", hidden, seen)
		}
	}
	for _, name := range []string{"secret-shop", "unshared", "nothing"} {
		of := ops.OfEnvironment{Environment: name}
		_, show := dispatch.Call(t.Context(), w.door, c, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: of})
		_, why := dispatch.Call(t.Context(), w.door, c, ops.AccessWhy, ops.AccessWhyInput{OfEnvironment: of, Operation: "environment.stop"})
		_, log := dispatch.Call(t.Context(), w.door, c, ops.AuditList, ops.AuditListInput{OfEnvironment: of})
		_, follow := w.door.Follow(t.Context(), c, name, 0)
		for _, err := range []error{show, why, log, follow} {
			if holm.CodeOf(err) != holm.CodeNotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	v, err := dispatch.Call(t.Context(), w.door, c, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}})
	must(t, err)
	theirs, _ := w.shopAs(t, "limited")
	if a, b := mustJSON(t, v), mustJSON(t, theirs); a != b {
		t.Errorf("the view shows\n%s\nthe person sees\n%s", a, b)
	}
	why, err := dispatch.Call(t.Context(), w.door, c, ops.AccessWhy, ops.AccessWhyInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}, Operation: "environment.delete"})
	if must(t, err); why.Person != "limited@example.org" || why.Allowed {
		t.Errorf("why says %+v", why)
	}
	if _, err := dispatch.Call(t.Context(), w.door, c, ops.AccessWhy, ops.AccessWhyInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}, Operation: "environment.delete", Person: "full@example.org"}); holm.CodeOf(err) != holm.CodeForbidden {
		t.Errorf("in a view the owner's questions are asked: %v", err)
	}
	// Nothing of it is in anybody's log but the owner's.
	must(t, w.store.Read(t.Context(), func(tx *store.Tx) error {
		a, err := tx.AccountOf(w.people["limited"].User)
		if err != nil {
			return err
		}
		rows, err := tx.Audit(store.FilterFor(a.Owner, a.ID, w.now, false), store.AuditQuery{Account: a.ID, Limit: 10})
		if len(rows) > 0 {
			t.Errorf("the person's own log has %+v", rows)
		}
		return err
	}))
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	must(t, err)
	return string(raw)
}

// TestAViewEnds: by its owner, and by itself after 30 minutes; nothing that was
// opened in it stays open; who still has its page cannot change anything with
// it, until they say that they are themselves again.
func TestAViewEnds(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		mine, err := w.door.Follow(t.Context(), w.people["owner"], "shop", 0)
		must(t, err)
		defer mine.Close()
		c := w.looking(t, "full")
		if !mine.Session.WasCut() {
			t.Error("a page of before goes on in the view")
		}
		list, err := w.door.FollowList(t.Context(), c, 0)
		must(t, err)
		defer list.Close()
		one, err := w.door.Follow(t.Context(), c, "shop", 0)
		must(t, err)
		defer one.Close()
		if _, err := dispatch.Call(t.Context(), w.door, c, ops.ViewEnd, ops.ViewEndInput{}); err != nil {
			t.Fatal(err)
		}
		if !list.Session.WasCut() || !one.Session.WasCut() {
			t.Error("a stream outlives the view")
		}
		stop := ops.EnvironmentStopInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}
		if _, err := dispatch.Call(t.Context(), w.door, c, ops.EnvironmentStop, stop); holm.CodeOf(err) != holm.CodeUnauthorized {
			t.Errorf("a request of the view that comes late: %v", err)
		}
		c = w.looking(t, "full")
		one, err = w.door.Follow(t.Context(), c, "shop", 0)
		must(t, err)
		defer one.Close()
		w.now = w.now.Add(holm.ViewLongest)
		for _, try := range []func() error{
			func() error {
				_, err := dispatch.Call(t.Context(), w.door, c, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: stop.OfEnvironment})
				return err
			},
			func() error { _, err := dispatch.Call(t.Context(), w.door, c, ops.EnvironmentStop, stop); return err },
			func() error { _, err := w.door.Follow(t.Context(), c, "shop", 0); return err },
		} {
			if err := try(); holm.CodeOf(err) != holm.CodeForbidden || !strings.Contains(err.Error(), "that is over") {
				t.Errorf("after its end: %v", err)
			}
		}
		for range 2 {
			must(t, collaboration.EndViews(t.Context(), w.door))
		}
		if !one.Session.WasCut() {
			t.Error("a stream outlives the view that ended by itself")
		}
		again, err := w.door.Authenticate(t.Context(), "owner", dispatch.Caller{Road: holm.RoadDashboard})
		must(t, err)
		if _, err := dispatch.Call(t.Context(), w.door, again, ops.EnvironmentStop, stop); holm.CodeOf(err) != holm.CodeForbidden {
			t.Errorf("a page of the view that is still open changed something: %v", err)
		}
		if v, err := dispatch.Call(t.Context(), w.door, again, ops.ViewShow, ops.ViewShowInput{}); err != nil || !v.Over {
			t.Errorf("over: %+v %v", v, err)
		}
		_, err = dispatch.Call(t.Context(), w.door, again, ops.ViewEnd, ops.ViewEndInput{})
		must(t, err)
		again, err = w.door.Authenticate(t.Context(), "owner", dispatch.Caller{Road: holm.RoadDashboard})
		must(t, err)
		_, err = dispatch.Call(t.Context(), w.door, again, ops.EnvironmentStop, stop)
		must(t, err)
		log := as(t, w, "owner", ops.AuditAccount, ops.AuditAccountInput{OfAccount: w.mine(), AuditFilter: ops.AuditFilter{Operation: "view."}})
		var told []string
		for _, r := range log.Items {
			told = append(told, r.Operation+" "+r.Target+" "+r.Road)
		}
		if got := strings.Join(told, ", "); got != "view.end full@example.org dashboard, view.end full@example.org system, view.start full@example.org api, view.end full@example.org dashboard, view.start full@example.org api" {
			t.Errorf("the log has %s", got)
		}
	})
}

// TestAViewFollowsThePerson: what they lose is lost in the view in the same
// moment, and a preview does not take the view for something of theirs.
func TestAViewFollowsThePerson(t *testing.T) {
	w := newWorld(t)
	c := w.looking(t, "full")
	one, err := w.door.Follow(t.Context(), c, "shop", 0)
	must(t, err)
	defer one.Close()
	in := ops.CollaboratorPreviewInput{OfCollaborator: ops.OfCollaborator{Account: string(w.account.ID), Collaborator: string(w.members["full"].ID)}}
	in.Body.Environments = []ops.Share{{Environment: "shop", Level: "none"}}
	if v := as(t, w, "owner", ops.CollaboratorPreview, in); len(v.Sessions) != 0 {
		t.Errorf("the preview would cut %+v", v.Sessions)
	}
	w.give(t, "full", "none")
	if !one.Session.WasCut() {
		t.Error("the view still follows what the person lost")
	}
}

// TestNoStreamSlipsThroughTheEnd opens streams while the view ends.
func TestNoStreamSlipsThroughTheEnd(t *testing.T) {
	w := newWorld(t)
	for range 30 {
		c := w.looking(t, "full")
		var mu sync.Mutex
		var open []*dispatch.Stream
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if s, err := w.door.Follow(context.Background(), c, "shop", 0); err == nil {
					mu.Lock()
					open = append(open, s)
					mu.Unlock()
				}
			})
		}
		if _, err := dispatch.Call(t.Context(), w.door, c, ops.ViewEnd, ops.ViewEndInput{}); err != nil {
			t.Fatal(err)
		}
		all.Wait()
		for _, s := range open {
			if s.Session.Err() == nil {
				t.Fatal("a stream slipped through")
			}
			s.Close()
		}
	}
}

// TestWhoMayBeLookedAs: people who are active collaborators of one's own, by a
// sign-in of one's own.
func TestWhoMayBeLookedAs(t *testing.T) {
	w := newWorld(t)
	of := func(who string) ops.ViewStartInput {
		return ops.ViewStartInput{OfCollaborator: ops.OfCollaborator{Account: string(w.account.ID), Collaborator: who}}
	}
	for _, who := range []string{"suspended@example.org", "pending@example.org"} {
		if e := refused(t, w, "owner", ops.ViewStart, of(who)); e.Code != holm.CodeConflict {
			t.Errorf("%s: %v", who, e)
		}
	}
	if e := refused(t, w, "owner", ops.ViewStart, of("stranger@example.org")); e.Code != holm.CodeNotFound {
		t.Errorf("a stranger: %v", e)
	}
	token := as(t, w, "owner", ops.TokenCreate, *sample(w, ops.TokenCreate.Operation).(*ops.TokenCreateInput))
	c, err := w.door.Authenticate(t.Context(), token.Token, dispatch.Caller{Road: holm.RoadAPI})
	must(t, err)
	if _, err := dispatch.Call(t.Context(), w.door, c, ops.ViewStart, of("full@example.org")); holm.CodeOf(err) != holm.CodeForbidden {
		t.Errorf("by an access token: %v", err)
	}
	looks := w.looking(t, "full")
	if _, err := dispatch.Call(t.Context(), w.door, looks, ops.ViewStart, of("limited@example.org")); holm.CodeOf(err) != holm.CodeForbidden {
		t.Errorf("a view in a view: %v", err)
	}
	// Another sign-in of the owner's is untouched.
	var other string
	w.write(func(tx *store.Tx) error {
		s, err := tx.CreateSession(holm.Session{User: w.account.Owner, ExpiresAt: w.now.Add(time.Hour)}, dispatch.HashToken("other"))
		other = s.ID
		return err
	})
	c, err = w.door.Authenticate(t.Context(), "other", dispatch.Caller{Road: holm.RoadAPI})
	if must(t, err); c.Session != other || c.View != "" {
		t.Errorf("the other sign-in: %+v", c)
	}
}
