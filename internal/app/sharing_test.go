package app

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

func (w *world) shareFrom(person, level string, was *ops.Held) error {
	in := ops.EnvironmentShareInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}
	in.Body.Collaborators = []ops.PersonShare{{Collaborator: person + "@example.org", Level: level, Was: was}}
	_, err := call(w, "owner", ops.EnvironmentShare, in)
	return err
}

// Two people who look at the same sharing and save at one instant: one is
// told, and nothing of what the other saved is lost unseen.
func TestOfTwoSavesAtOnceOneIsTold(t *testing.T) {
	w := newWorld(t)
	var together sync.WaitGroup
	results := make([]error, 6)
	for i := range results {
		together.Go(func() {
			if i%2 == 0 {
				results[i] = w.shareFrom("limited", "full", &ops.Held{Level: "limited"})
				return
			}
			in := ops.CollaboratorShareInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: "limited@example.org"}}
			in.Body.Environments = []ops.Share{{Environment: "shop", Level: "none", Was: &ops.Held{Level: "limited"}}}
			_, results[i] = call(w, "owner", ops.CollaboratorShare, in)
		})
	}
	together.Wait()
	saved := 0
	for _, err := range results {
		switch {
		case err == nil:
			saved++
		case holm.CodeOf(err) != holm.CodeConflict:
			t.Error(err)
		}
	}
	if saved != 1 {
		t.Errorf("%d of %d saves went through", saved, len(results))
	}
}

func TestWhatWasSeenCountsWithItsEnd(t *testing.T) {
	w := newWorld(t)
	end := w.now.Add(24 * time.Hour)
	in := ops.EnvironmentShareInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}
	in.Body.Collaborators = []ops.PersonShare{{Collaborator: "limited@example.org", Level: "limited", Until: &end, Was: &ops.Held{Level: "limited"}}}
	_, err := call(w, "owner", ops.EnvironmentShare, in)
	must(t, err)
	if err := w.shareFrom("limited", "full", &ops.Held{Level: "limited"}); holm.CodeOf(err) != holm.CodeConflict {
		t.Errorf("the end was not seen: %v", err)
	}
	must(t, w.shareFrom("limited", "full", &ops.Held{Level: "limited", Until: &end}))
	if err := w.shareFrom("none", "full", &ops.Held{Level: "limited"}); holm.CodeOf(err) != holm.CodeConflict {
		t.Errorf("nothing was there: %v", err)
	}
	must(t, w.shareFrom("none", "limited", &ops.Held{Level: "none"}))
}

// On a suspended account the list of what one may do, from which buttons are
// made, says what the door would.
func TestSuspendedOwnersAreNotPromisedWhatIsRefused(t *testing.T) {
	w := newWorld(t)
	w.write(func(tx *store.Tx) error { return tx.SuspendUser(w.account.Owner, true) })
	for _, person := range []string{"limited", "full"} {
		v, err := call(w, person, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}})
		must(t, err)
		_, err = call(w, person, ops.EnvironmentStop, ops.EnvironmentStopInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}})
		if slices.Contains(v.Permissions, "environment.stop") || holm.CodeOf(err) != holm.CodeForbidden || !slices.Contains(v.Permissions, "environment.see") {
			t.Errorf("%s is promised %v and told %v", person, v.Permissions, err)
		}
		why, err := call(w, person, ops.AccessWhy, ops.AccessWhyInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}, Operation: "environment.stop"})
		must(t, err)
		if why.Allowed || why.Rule != "account suspended" {
			t.Errorf("%s asks why: %+v", person, why)
		}
	}
}
