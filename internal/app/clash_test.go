package app

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

// clashes says whether somebody who saved from what is not there any more is
// told what is.
func clashes(t *testing.T, err error, words ...string) {
	t.Helper()
	if holm.CodeOf(err) != holm.CodeConflict || err == nil {
		t.Errorf("saved over somebody else's change: %v", err)
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %q", err, word)
		}
	}
}

func (w *world) levelFrom(was *ops.LevelBody, name string, permissions ...string) error {
	in := ops.LevelUpdateInput{OfLevel: ops.OfLevel{Account: "me", Level: "Deploy only"}, Body: ops.LevelChange{Name: name, Permissions: permissions, Was: was}}
	_, err := call(w, "owner", ops.LevelUpdate, in)
	return err
}

// Who saves a level that somebody else has changed since they looked is told
// what is different, and nothing is saved or deleted.
func TestALevelIsNotSavedOverAnotherChange(t *testing.T) {
	w := newWorld(t)
	list := as(t, w, "owner", ops.LevelList, ops.LevelListInput{OfAccount: ops.OfAccount{Account: "me"}}).Items
	old := list[len(list)-1]
	seen := &ops.LevelBody{Name: old.Name, Permissions: old.Permissions}
	must(t, w.levelFrom(seen, "Deploy only", "logs.view", "access.ssh"))
	clashes(t, w.levelFrom(seen, "Deploy only", "usage.view"), "it gives “SSH/SFTP access”", "it does not give “Deploy code: git repo” any more")
	ahead := ops.LevelPreviewInput{OfLevel: ops.OfLevel{Account: "me", Level: "Deploy only"}}
	ahead.Body.Permissions, ahead.Body.Was = []string{"usage.view"}, seen
	_, err := call(w, "owner", ops.LevelPreview, ahead)
	clashes(t, err, "somebody changed this meanwhile")

	now := as(t, w, "owner", ops.LevelList, ops.LevelListInput{OfAccount: ops.OfAccount{Account: "me"}}).Items
	fresh := now[len(now)-1]
	if fresh.Version == old.Version || len(fresh.Permissions) != 3 {
		t.Errorf("the version %s stands for %v and for %v", fresh.Version, old.Permissions, fresh.Permissions)
	}
	// The order in which permissions are written says nothing.
	must(t, w.levelFrom(&ops.LevelBody{Name: "Deploy only", Permissions: []string{"logs.view", "environment.see", "access.ssh"}}, "Deploy", "logs.view", "access.ssh"))
	w2 := ops.LevelUpdateInput{OfLevel: ops.OfLevel{Account: "me", Level: fresh.ID}, Body: ops.LevelChange{Name: "Logs", Permissions: []string{"logs.view"}, Was: &ops.LevelBody{Name: "Deploy only", Permissions: fresh.Permissions}}}
	_, err = call(w, "owner", ops.LevelUpdate, w2)
	clashes(t, err, "the level is called Deploy now")

	_, err = call(w, "owner", ops.LevelDelete, ops.LevelDeleteInput{OfLevel: ops.OfLevel{Account: "me", Level: "Deploy"}, Version: fresh.Version})
	clashes(t, err, "Nothing was deleted")
}

func (w *world) groupFrom(change func(in *ops.GroupUpdateInput)) error {
	in := ops.GroupUpdateInput{OfGroup: ops.OfGroup{Account: "me", Group: "Developers"}}
	change(&in)
	ahead := ops.GroupPreviewInput{OfGroup: in.OfGroup}
	a, b := &ahead.Body, in.Body
	a.Members, a.Remove, a.Environments, a.AllEnvironments, a.AllEnvironmentsUntil, a.Was = b.Members, b.Remove, b.Environments, b.AllEnvironments, b.AllEnvironmentsUntil, b.Was
	_, before := call(w, "owner", ops.GroupPreview, ahead)
	_, err := call(w, "owner", ops.GroupUpdate, in)
	if b.Name == "" && holm.CodeOf(before) != holm.CodeOf(err) {
		w.t.Errorf("the preview says %v, and the save %v", before, err)
	}
	return err
}

func (w *world) developers(t *testing.T) ops.GroupView {
	t.Helper()
	for _, g := range as(t, w, "owner", ops.GroupList, ops.GroupListInput{OfAccount: ops.OfAccount{Account: "me"}}).Items {
		if g.Name == "Developers" {
			return g
		}
	}
	t.Fatal("there is no group Developers")
	return ops.GroupView{}
}

// A change of a group is compared with what its maker saw of what they change,
// and of nothing else.
func TestAGroupIsNotSavedOverAnotherChange(t *testing.T) {
	w := newWorld(t)
	limited, full, none := "limited", "full", "none"
	person := string(w.members["limited"].ID)
	old := w.developers(t)
	end := w.now.Add(48 * time.Hour)
	member := func(was *ops.GroupSeen, until *time.Time) error {
		return w.groupFrom(func(in *ops.GroupUpdateInput) {
			in.Body.Members, in.Body.Was = []ops.GroupMember{{Collaborator: person, Until: until}}, was
		})
	}
	nobody := &ops.GroupSeen{}
	must(t, member(nobody, &end))
	clashes(t, member(nobody, nil), "limited@example.org is in it now until")
	clashes(t, member(&ops.GroupSeen{Members: []ops.GroupMember{{Collaborator: "Limited@example.org"}}}, nil), "is in it now until")
	clashes(t, w.groupFrom(func(in *ops.GroupUpdateInput) { in.Body.Remove, in.Body.Was = []string{person}, nobody }), "is in it now until")
	seen := &ops.GroupSeen{Members: []ops.GroupMember{{Collaborator: "Limited@example.org", Until: &end}}}
	must(t, member(seen, nil))
	must(t, w.groupFrom(func(in *ops.GroupUpdateInput) {
		in.Body.Remove, in.Body.Was = []string{"limited@example.org"}, &ops.GroupSeen{Members: []ops.GroupMember{{Collaborator: person}}}
	}))
	clashes(t, member(seen, nil), "is not in it any more")

	wide := func(was *ops.Held, level string) error {
		return w.groupFrom(func(in *ops.GroupUpdateInput) {
			in.Body.AllEnvironments, in.Body.Was = &level, &ops.GroupSeen{AllEnvironments: was}
		})
	}
	must(t, wide(nil, limited))
	clashes(t, wide(nil, full), "on all environments it has limited now")
	must(t, wide(&ops.Held{Level: limited}, none))
	must(t, wide(&ops.Held{Level: none}, none))

	single := func(was *ops.Held, level string) error {
		return w.groupFrom(func(in *ops.GroupUpdateInput) {
			in.Body.Environments = []ops.Share{{Environment: "shop", Level: level, Was: was}}
		})
	}
	held := &ops.Held{Level: none}
	for _, e := range old.Environments {
		held = &ops.Held{Level: e.Level, Until: e.Until}
	}
	must(t, single(held, "Deploy only"))
	clashes(t, single(&ops.Held{Level: limited}, full), "in shop it has Deploy only now")
	must(t, single(&ops.Held{Level: "Deploy only"}, none))
	clashes(t, single(&ops.Held{Level: "Deploy only"}, none), "in shop it has none now")

	name := func(was, is string) error {
		return w.groupFrom(func(in *ops.GroupUpdateInput) { in.Body.Name, in.Body.Was = is, &ops.GroupSeen{Name: was} })
	}
	clashes(t, name("Programmers", "Coders"), "the group is called Developers now")
	must(t, wide(nil, limited)) // who may change it while somebody looks at the name
	must(t, name("Developers", "Developers"))

	_, err := call(w, "owner", ops.GroupDelete, ops.GroupDeleteInput{OfGroup: ops.OfGroup{Account: "me", Group: "Developers"}, Version: old.Version})
	clashes(t, err, "Nothing was deleted, because somebody changed the group Developers meanwhile")
	as(t, w, "owner", ops.GroupDelete, ops.GroupDeleteInput{OfGroup: ops.OfGroup{Account: "me", Group: "Developers"}, Version: w.developers(t).Version})
}

// On all environments too, the second of two is told.
func TestAllEnvironmentsAreNotSavedOverAnotherChange(t *testing.T) {
	w := newWorld(t)
	save := func(was *ops.Held, level string) error {
		in := ops.CollaboratorUpdateInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: "limited@example.org"}}
		in.Body.AllEnvironments, in.Body.AllEnvironmentsWas = &level, was
		_, err := call(w, "owner", ops.CollaboratorUpdate, in)
		return err
	}
	must(t, save(&ops.Held{Level: "none"}, "limited"))
	clashes(t, save(&ops.Held{Level: "none"}, "full"), "limited@example.org has limited on all environments now")
	must(t, save(&ops.Held{Level: "limited"}, "full"))
}

// Of many who save one level and one group at one instant, from one and the
// same page, one is heard and the others are told, on both databases.
func TestOfManySavesOfLevelsAndGroupsAtOnceOneIsHeard(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		list := as(t, w, "owner", ops.LevelList, ops.LevelListInput{OfAccount: ops.OfAccount{Account: "me"}}).Items
		seen := &ops.LevelBody{Name: "Deploy only", Permissions: list[len(list)-1].Permissions}
		person, level := string(w.members["full"].ID), "full"
		saves := map[string]func(i int) error{
			"level": func(i int) error {
				return w.levelFrom(seen, "Deploy only", [][]string{{"logs.view"}, {"usage.view"}, {"access.ssh"}, {"config.edit"}}[i]...)
			},
			"group": func(i int) error {
				in := ops.GroupUpdateInput{OfGroup: ops.OfGroup{Account: "me", Group: "Developers"}}
				until := w.now.Add(time.Duration(i+1) * time.Hour)
				in.Body.Members, in.Body.AllEnvironments, in.Body.Was = []ops.GroupMember{{Collaborator: person, Until: &until}}, &level, &ops.GroupSeen{}
				_, err := call(w, "owner", ops.GroupUpdate, in)
				return err
			},
		}
		for what, save := range saves {
			var together sync.WaitGroup
			results := make([]error, 4)
			for i := range results {
				together.Go(func() { results[i] = save(i) })
			}
			together.Wait()
			saved := 0
			for _, err := range results {
				if err == nil {
					saved++
				} else if holm.CodeOf(err) != holm.CodeConflict {
					t.Error(err)
				}
			}
			if saved != 1 {
				t.Errorf("%d of %d saves of one %s went through", saved, len(results), what)
			}
		}
	})
}
