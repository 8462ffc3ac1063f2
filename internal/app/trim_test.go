package app

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

// reviewOf gives what the review says of somebody in shop.
func (w *world) reviewOf(t *testing.T, kind string) ops.ReviewEnvironment {
	t.Helper()
	page := as(t, w, "owner", ops.AccessReview, ops.AccessReviewInput{OfAccount: w.mine()})
	for _, p := range page.Items {
		for _, e := range p.Environments {
			if p.Collaborator.Email == kind+"@example.org" && e.Environment.Name == "shop" {
				return e
			}
		}
	}
	t.Fatalf("%s is not in the review", kind)
	return ops.ReviewEnvironment{}
}

// TestTrimKeepsWhatWasUsed: what a review says would go is what goes; what was
// used, and what leaves no record, stays.
func TestTrimKeepsWhatWasUsed(t *testing.T) {
	w := newWorld(t)
	as(t, w, "full", ops.LayerScale, *sample(w, ops.LayerScale.Operation).(*ops.LayerScaleInput))
	before, _ := w.shopAs(t, "full")
	said := w.reviewOf(t, "full")
	if said.Trim == nil || !said.Trim.New || slices.Contains(said.Trim.Loses, "scale.nodes") || !slices.Contains(said.Trim.Loses, "environment.stop") || slices.Contains(said.Trim.Loses, "usage.view") {
		t.Fatalf("the review says %+v", said.Trim)
	}
	in := ops.AccessTrimInput{OfCollaborator: ops.OfCollaborator{Account: string(w.account.ID), Collaborator: "full@example.org"}}
	in.Body.Environment, in.Body.Loses = "shop", []string{"scale.nodes"}
	if e := refused(t, w, "owner", ops.AccessTrim, in); e.Code != holm.CodeConflict {
		t.Errorf("trimmed to what was not seen: %v", e)
	}
	in.Body.Loses = said.Trim.Loses
	after := as(t, w, "owner", ops.AccessTrim, in)
	if after.Level != said.Trim.Level || after.Trim != nil {
		t.Errorf("after the trim: %+v", after)
	}
	now, _ := w.shopAs(t, "full")
	if kept := slices.DeleteFunc(before.Permissions, func(p string) bool { return slices.Contains(said.Trim.Loses, p) }); !slices.Equal(kept, now.Permissions) {
		t.Errorf("said %v, has %v", kept, now.Permissions)
	}
	in.Body.Loses = nil
	if again := as(t, w, "owner", ops.AccessTrim, in); again.Level != after.Level {
		t.Errorf("trimmed twice: %+v", again)
	}
}

// TestTrimMakesNothingLasting: what was given on request, for a time, is no
// part of the level that a trim gives.
func TestTrimMakesNothingLasting(t *testing.T) {
	w := newWorld(t)
	ask := ops.AccessRequestInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}
	ask.Body.Permission, ask.Body.Minutes, ask.Body.Reason = "scale.nodes", 60, "Sale"
	r := as(t, w, "limited", ops.AccessRequest, ask)
	answer := ops.AccessAnswerInput{OfAccount: w.mine(), Request: r.ID}
	answer.Body.Approve = true
	as(t, w, "owner", ops.AccessAnswer, answer)
	as(t, w, "limited", ops.LayerScale, *sample(w, ops.LayerScale.Operation).(*ops.LayerScaleInput))
	in := ops.AccessTrimInput{OfCollaborator: ops.OfCollaborator{Account: string(w.account.ID), Collaborator: "limited@example.org"}}
	in.Body.Environment = "shop"
	as(t, w, "owner", ops.AccessTrim, in)
	if v, _ := w.shopAs(t, "limited"); !slices.Contains(v.Permissions, "scale.nodes") {
		t.Error("what was given on request is gone before its time")
	}
	w.now = w.now.Add(2 * time.Hour)
	if v, visible := w.shopAs(t, "limited"); !visible || slices.Contains(v.Permissions, "scale.nodes") || slices.Contains(v.Permissions, "environment.stop") {
		t.Errorf("two hours later: %v", v.Permissions)
	}
	in.Collaborator = "none@example.org"
	if _, err := dispatch.Call(context.Background(), w.door, w.people["owner"], ops.AccessTrim, in); err != nil {
		t.Errorf("somebody without access: %v", err)
	}
}
