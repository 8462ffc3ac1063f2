package app

import (
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

// What a collaborator removes for good is mailed to the owner, what the owner
// removes is not; and an app's requests never go to two programs.
func TestOwnersHearOfWhatIsRemovedForGood(t *testing.T) {
	w := newWorld(t)
	shop := ops.OfEnvironment{Environment: "shop"}
	add := func(role, stack string) error {
		in := ops.LayerAddInput{OfEnvironment: shop}
		in.Body.Role, in.Body.Stack, in.Body.Nodes = role, stack, 2
		_, err := call(w, "full", ops.LayerAdd, in)
		return err
	}
	remove := func(who, layer string) error {
		in := ops.LayerRemoveInput{Confirm: layer}
		in.Environment, in.Layer = "shop", layer
		_, err := call(w, who, ops.LayerRemove, in)
		return err
	}
	removals := func() (n int) {
		for _, l := range w.letters {
			if l.Kind == holm.LetterNodesRemoved {
				n++
				if l.To != "owner@example.org" || l.Actor != "full@example.org" {
					t.Errorf("the letter is to %s, about %s", l.To, l.Actor)
				}
			}
		}
		return n
	}
	must(t, add("balancer", "balancer"))
	must(t, remove("owner", "balancer"))
	if n := removals(); n != 0 {
		t.Errorf("%d letters of what the owner did", n)
	}
	must(t, add("balancer", "balancer"))
	must(t, remove("full", "balancer"))
	if n := removals(); n != 1 {
		t.Errorf("%d letters of what a collaborator removed, want 1", n)
	}
	w.refuses("a second app layer", add("app", "static"), holm.CodeConflict)
	create := ops.EnvironmentCreateInput{OfAccount: w.mine()}
	create.Body.Name, create.Body.Layers = "two", []ops.LayerInput{{Role: "app", Stack: "static"}, {Role: "app", Stack: "static"}}
	_, err := call(w, "owner", ops.EnvironmentCreate, create)
	w.refuses("two app layers", err, holm.CodeInvalid)
}
