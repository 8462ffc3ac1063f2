package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/holmhq/holm/ops"
)

// haves is what everybody has everywhere: person and environment to level, end
// and permissions.
func (w *world) haves(t *testing.T) map[string]ops.EffectiveView {
	t.Helper()
	m := map[string]ops.EffectiveView{}
	for _, c := range as(t, w, "owner", ops.CollaboratorList, ops.CollaboratorListInput{OfAccount: ops.OfAccount{Account: string(w.account.ID)}}).Items {
		v := as(t, w, "owner", ops.CollaboratorShow, ops.CollaboratorShowInput{OfCollaborator: ops.OfCollaborator{Account: string(w.account.ID), Collaborator: c.ID}})
		for _, e := range v.Effective {
			m[v.Email+" "+e.Environment.Name] = e
		}
	}
	return m
}

// differences writes what became of the permissions, a line for each person
// and environment.
func differences(before, after map[string]ops.EffectiveView) []string {
	var lines []string
	keys := maps.Clone(before)
	maps.Copy(keys, after)
	for key := range keys {
		gained, lost := minus(after[key].Permissions, before[key].Permissions), minus(before[key].Permissions, after[key].Permissions)
		if len(gained)+len(lost) > 0 {
			lines = append(lines, fmt.Sprint(key, " ", gained, lost))
		}
	}
	slices.Sort(lines)
	return lines
}

func minus(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

func told(v ops.PreviewView) []string {
	var lines []string
	for _, c := range v.Changes {
		if len(c.Gained)+len(c.Lost) > 0 {
			lines = append(lines, fmt.Sprint(c.Person.Email, " ", c.Environment.Name, " ", c.Gained, c.Lost))
		}
	}
	slices.Sort(lines)
	return lines
}

// TestEveryPreviewIsItsSave: whatever is to be changed, what a preview tells
// of every person and environment is what everybody has afterwards.
func TestEveryPreviewIsItsSave(t *testing.T) {
	w := newWorld(t)
	account := string(w.account.ID)
	create := func(name string) {
		in := *sample(w, ops.EnvironmentCreate.Operation).(*ops.EnvironmentCreateInput)
		in.Body.Name = name
		as(t, w, "owner", ops.EnvironmentCreate, in)
	}
	create("wiki")
	create("news")
	full, limited, all, none := string(w.members["full"].ID), string(w.members["limited"].ID), "limited", "none"
	group := func(change func(in *ops.GroupUpdateInput)) (preview func() ops.PreviewView, save func()) {
		in := ops.GroupUpdateInput{OfGroup: ops.OfGroup{Account: account, Group: "Developers"}}
		change(&in)
		ahead := ops.GroupPreviewInput{OfGroup: in.OfGroup}
		b := &ahead.Body
		b.Members, b.Remove, b.Environments, b.AllEnvironments, b.AllEnvironmentsUntil = in.Body.Members, in.Body.Remove, in.Body.Environments, in.Body.AllEnvironments, in.Body.AllEnvironmentsUntil
		return func() ops.PreviewView { return as(t, w, "owner", ops.GroupPreview, ahead) }, func() { as(t, w, "owner", ops.GroupUpdate, in) }
	}
	level := func(permissions ...string) (func() ops.PreviewView, func()) {
		of := ops.OfLevel{Account: account, Level: "Deploy only"}
		ahead := ops.LevelPreviewInput{OfLevel: of}
		ahead.Body.Permissions = permissions
		return func() ops.PreviewView { return as(t, w, "owner", ops.LevelPreview, ahead) }, func() {
			as(t, w, "owner", ops.LevelUpdate, ops.LevelUpdateInput{OfLevel: of, Body: ops.LevelChange{Name: "Deploy only", Permissions: permissions}})
		}
	}
	share := func(list ...ops.PersonShare) (func() ops.PreviewView, func()) {
		of := ops.OfEnvironment{Environment: "shop"}
		ahead, in := ops.EnvironmentPreviewInput{OfEnvironment: of}, ops.EnvironmentShareInput{OfEnvironment: of}
		ahead.Body.Collaborators, in.Body.Collaborators = list, list
		return func() ops.PreviewView { return as(t, w, "owner", ops.EnvironmentPreview, ahead) }, func() { as(t, w, "owner", ops.EnvironmentShare, in) }
	}
	wide := func(person, level string) (func() ops.PreviewView, func()) {
		of := ops.OfCollaborator{Account: account, Collaborator: person}
		ahead, in := ops.CollaboratorPreviewInput{OfCollaborator: of}, ops.CollaboratorUpdateInput{OfCollaborator: of}
		ahead.Body.AllEnvironments, in.Body.AllEnvironments = &level, &level
		return func() ops.PreviewView { return as(t, w, "owner", ops.CollaboratorPreview, ahead) }, func() { as(t, w, "owner", ops.CollaboratorUpdate, in) }
	}
	steps := []struct {
		name  string
		made  func() (func() ops.PreviewView, func())
		quiet bool // nobody's rights become others
	}{
		{"people join a group that has nothing more", func() (func() ops.PreviewView, func()) {
			return group(func(in *ops.GroupUpdateInput) {
				in.Body.Members = []ops.GroupMember{{Collaborator: full}, {Collaborator: limited}}
				in.Body.Environments = []ops.Share{{Environment: "wiki", Level: "Deploy only"}}
			})
		}, false},
		{"the level becomes another", func() (func() ops.PreviewView, func()) { return level("logs.view", "access.ssh") }, false},
		{"kept out of one, inheriting another", func() (func() ops.PreviewView, func()) {
			return share(ops.PersonShare{Collaborator: full, Level: "none"}, ops.PersonShare{Collaborator: limited, Level: "inherit"})
		}, false},
		{"the group gets all environments", func() (func() ops.PreviewView, func()) {
			return group(func(in *ops.GroupUpdateInput) { in.Body.AllEnvironments = &all })
		}, false},
		{"a person gets all environments, which a group has already", func() (func() ops.PreviewView, func()) { return wide(limited, "limited") }, true},
		{"and more of them", func() (func() ops.PreviewView, func()) { return wide(limited, "full") }, false},
		{"the kept out person may come in again", func() (func() ops.PreviewView, func()) {
			return share(ops.PersonShare{Collaborator: full, Level: "inherit"})
		}, false},
		{"one leaves the group", func() (func() ops.PreviewView, func()) {
			return group(func(in *ops.GroupUpdateInput) { in.Body.Remove = []string{full} })
		}, false},
		{"the group loses all environments", func() (func() ops.PreviewView, func()) {
			return group(func(in *ops.GroupUpdateInput) { in.Body.AllEnvironments = &none })
		}, true}, // who is in it has as much alone
		{"the person too", func() (func() ops.PreviewView, func()) { return wide(limited, "none") }, false},
	}
	for _, step := range steps {
		preview, save := step.made()
		before := w.haves(t)
		said := told(preview())
		if now := w.haves(t); len(differences(before, now)) > 0 {
			t.Errorf("%s: looking ahead changed %v", step.name, differences(before, now))
		}
		save()
		did := differences(before, w.haves(t))
		if !slices.Equal(said, did) {
			t.Errorf("%s:\n told %s\n did  %s", step.name, strings.Join(said, "\n      "), strings.Join(did, "\n      "))
		}
		if step.quiet != (len(did) == 0) {
			t.Errorf("%s: changed %v", step.name, did)
		}
	}
	// Deleting the group is told by the same words.
	before := w.haves(t)
	ahead := ops.GroupPreviewInput{OfGroup: ops.OfGroup{Account: account, Group: "Developers"}}
	ahead.Body.Delete = true
	said := told(as(t, w, "owner", ops.GroupPreview, ahead))
	as(t, w, "owner", ops.GroupDelete, ops.GroupDeleteInput{OfGroup: ahead.OfGroup})
	if did := differences(before, w.haves(t)); !slices.Equal(said, did) || len(did) == 0 {
		t.Errorf("deleting: told %v, did %v", said, did)
	}
}
