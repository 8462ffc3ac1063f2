package app

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

// breaksGlass lets somebody give themselves full in shop, and does it.
func (w *world) breaksGlass(t *testing.T, kind string) ops.AccessRequestView {
	t.Helper()
	w.mayBreak(t, kind, true)
	in := ops.AccessRequestInput{OfEnvironment: shop}
	in.Body.Level, in.Body.Minutes, in.Body.Reason, in.Body.BreakGlass = "full", 60, "The shop is down", true
	return as(t, w, kind, ops.AccessRequest, in)
}

func (w *world) mayBreak(t *testing.T, kind string, may bool) {
	t.Helper()
	in := ops.CollaboratorUpdateInput{OfCollaborator: w.collaborator(kind)}
	in.Body.BreakGlass = &may
	as(t, w, "owner", ops.CollaboratorUpdate, in)
}

func (w *world) collaborator(kind string) ops.OfCollaborator {
	return ops.OfCollaborator{Account: string(w.account.ID), Collaborator: string(w.members[kind].ID)}
}

// TestAccessTokensCannotAsk: a token is no way to make its reach larger by
// asking, nor to end what its person has.
func TestAccessTokensCannotAsk(t *testing.T) {
	w := newWorld(t)
	w.mayBreak(t, "limited", true)
	for what, permissions := range map[string][]string{"narrow": {"environment.see"}, "wide": nil} {
		c, _ := w.token("limited", func(in *ops.TokenCreateInput) { in.Body.Permissions = permissions })
		in := ops.AccessRequestInput{OfEnvironment: shop}
		in.Body.Level, in.Body.Minutes, in.Body.Reason = "full", 60, "The shop is down"
		asks := callAs(w, c, ops.AccessRequest, in)
		in.Body.BreakGlass = true
		for how, err := range map[string]error{"asks": asks, "breaks the glass": callAs(w, c, ops.AccessRequest, in), "takes back": callAs(w, c, ops.AccessWithdraw, ops.AccessWithdrawInput{Request: w.request})} {
			if e := holm.AsError(err); err == nil || e.Code != holm.CodeForbidden || e.Reason != "This needs you to be signed in yourself; an access token cannot do it." {
				t.Errorf("a %s token %s: %v", what, how, err)
			}
		}
	}
	if v, _ := w.shopAs(t, "limited"); v.Level != "limited" {
		t.Errorf("has %s", v.Level)
	}
}

// TestWhatIsOnRequestEndsForGood: an owner who decides anew takes back what
// was approved and what was taken by breaking the glass; what is open is cut,
// and nothing brings it back.
func TestWhatIsOnRequestEndsForGood(t *testing.T) {
	update := func(change func(*ops.CollaboratorUpdateInput)) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			in := ops.CollaboratorUpdateInput{OfCollaborator: w.collaborator("limited")}
			change(&in)
			as(t, w, "owner", ops.CollaboratorUpdate, in)
		}
	}
	share := func(level string) func(*testing.T, *world) {
		return func(t *testing.T, w *world) {
			in := ops.EnvironmentShareInput{OfEnvironment: shop}
			in.Body.Collaborators = []ops.PersonShare{{Collaborator: string(w.members["limited"].ID), Level: level}}
			as(t, w, "owner", ops.EnvironmentShare, in)
		}
	}
	no := false
	for name, take := range map[string]func(*testing.T, *world){
		"collaborator.share to none":     func(t *testing.T, w *world) { w.give(t, "limited", "none") },
		"collaborator.share to a level":  func(t *testing.T, w *world) { w.give(t, "limited", "Deploy only") },
		"environment.share to none":      share("none"),
		"environment.share to a level":   share("Deploy only"),
		"environment.share to inherit":   share("inherit"),
		"suspended":                      update(func(in *ops.CollaboratorUpdateInput) { in.Body.Status = "suspended" }),
		"may not break the glass longer": update(func(in *ops.CollaboratorUpdateInput) { in.Body.BreakGlass = &no }),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.breaksGlass(t, "limited")
			open, err := w.door.Open(context.Background(), w.people["limited"], ops.EnvironmentEvents.Operation, &ops.EnvironmentEventsInput{OfEnvironment: shop})
			must(t, err)
			defer open.Close()
			take(t, w)
			if _, sees := w.shopAs(t, "limited"); sees == (open.Err() != nil) {
				t.Errorf("sees it: %v, and the page: %v", sees, open.Err())
			}
			back := ops.CollaboratorUpdateInput{OfCollaborator: w.collaborator("limited")}
			back.Body.Status = "active"
			as(t, w, "owner", ops.CollaboratorUpdate, back)
			w.mayBreak(t, "limited", true)
			w.give(t, "limited", "limited")
			if v, _ := w.shopAs(t, "limited"); v.Level != "limited" || slices.Contains(v.Permissions, "access.ssh") {
				t.Errorf("it came back: %s %v", v.Level, v.Permissions)
			}
			list := as(t, w, "owner", ops.AccessRequests, ops.AccessRequestsInput{OfAccount: w.mine(), Request: r.ID})
			if len(list.Items) != 1 || list.Items[0].Status != "refused" || list.Items[0].Answer == "" || list.Items[0].AnsweredBy != "owner@example.org" {
				t.Errorf("the request: %+v", list.Items)
			}
			again := ops.AccessAnswerInput{OfAccount: w.mine(), Request: r.ID}
			again.Body.Approve = true
			if e := refused(t, w, "owner", ops.AccessAnswer, again); e.Code != holm.CodeConflict {
				t.Errorf("approved again: %v", e)
			}
		})
	}
}

// TestWhatIsOnRequestStays: a save that leaves the level, a suspension of
// somebody else, and the end of breaking the glass for what was approved.
func TestWhatIsOnRequestStays(t *testing.T) {
	w := newWorld(t)
	w.breaksGlass(t, "limited")
	w.give(t, "limited", "limited")
	if v, _ := w.shopAs(t, "limited"); v.Level != "full" {
		t.Errorf("after a save of the same level: %s", v.Level)
	}
	end := w.now.Add(48 * time.Hour)
	in := ops.CollaboratorShareInput{OfCollaborator: w.collaborator("limited")}
	in.Body.Environments = []ops.Share{{Environment: "shop", Level: "limited", Until: &end}}
	as(t, w, "owner", ops.CollaboratorShare, in)
	if v, _ := w.shopAs(t, "limited"); v.Level != "full" {
		t.Errorf("after a save of another end: %s", v.Level)
	}
	answer := ops.AccessAnswerInput{OfAccount: w.mine(), Request: w.request}
	answer.Body.Approve = true
	as(t, w, "owner", ops.AccessAnswer, answer)
	w.mayBreak(t, "limited", false)
	if v, _ := w.shopAs(t, "limited"); v.Level != "full" {
		t.Errorf("what the owner approved went with the glass: %s", v.Level)
	}
}

// TestPreviewCountsWhatIsOnRequest: both previews tell what goes with it.
func TestPreviewCountsWhatIsOnRequest(t *testing.T) {
	w := newWorld(t)
	w.breaksGlass(t, "limited")
	open, err := w.door.Open(context.Background(), w.people["limited"], ops.EnvironmentEvents.Operation, &ops.EnvironmentEventsInput{OfEnvironment: shop})
	must(t, err)
	defer open.Close()
	person := ops.CollaboratorPreviewInput{OfCollaborator: w.collaborator("limited")}
	person.Body.Environments = []ops.Share{{Environment: "shop", Level: "inherit"}}
	all := ops.EnvironmentPreviewInput{OfEnvironment: shop}
	all.Body.Collaborators = []ops.PersonShare{{Collaborator: string(w.members["limited"].ID), Level: "inherit"}}
	before, _ := w.shopAs(t, "limited")
	said := []ops.PreviewView{as(t, w, "owner", ops.CollaboratorPreview, person), as(t, w, "owner", ops.EnvironmentPreview, all)}
	w.give(t, "limited", "inherit")
	after, _ := w.shopAs(t, "limited")
	if open.Err() == nil {
		t.Error("the page is still open")
	}
	for _, v := range said {
		if len(v.Changes) != 1 || v.Changes[0].Was != "full" || v.Changes[0].Now != "none" || len(v.Sessions) != 1 || v.Sessions[0].Operation != "environment.events" {
			t.Fatalf("told %+v", v)
		}
		lost := v.Changes[0].Lost
		if kept := slices.DeleteFunc(slices.Clone(before.Permissions), func(p string) bool { return slices.Contains(lost, p) }); !slices.Equal(kept, after.Permissions) {
			t.Errorf("told %v, saved %v", kept, after.Permissions)
		}
	}
}
