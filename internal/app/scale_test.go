package app

import (
	"fmt"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/pgtest"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// many gives Ana's account so many environments more.
func (w *world) many(n int) {
	w.t.Helper()
	for first := 0; first < n; first += 500 {
		w.write(func(tx *store.Tx) error {
			for i := first; i < min(first+500, n); i++ {
				if _, err := tx.CreateEnvironment(holm.Environment{Account: w.account.ID, Name: fmt.Sprintf("e%05d", i), State: holm.StateRunning, Wanted: holm.StateRunning, Creator: w.account.Owner}, 1<<20); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// BenchmarkSharing measures previews and saves in an account with 10,000
// environments, each through the door with its audit row: a level on all of
// them, of a person and of a group with three people, and 1,000 levels at once.
func BenchmarkSharing(b *testing.B) {
	for name, o := range map[string]func() store.Options{
		"sqlite":   func() store.Options { return store.Options{URL: "sqlite", Dir: b.TempDir()} },
		"postgres": func() store.Options { return store.Options{URL: pgtest.New(b), Dir: b.TempDir()} },
	} {
		b.Run(name, func(b *testing.B) {
			w := newWorldIn(b, o())
			w.many(10000)
			account, person := string(w.account.ID), string(w.members["limited"].ID)
			of, group := ops.OfCollaborator{Account: account, Collaborator: person}, ops.OfGroup{Account: account, Group: "Developers"}
			three := []ops.GroupMember{{Collaborator: person}, {Collaborator: string(w.members["full"].ID)}, {Collaborator: string(w.members["none"].ID)}}
			level := func(i int) *string { return &[]string{"full", "limited"}[i%2] }
			shares := func(i int) (list []ops.Share) {
				for k := range 1000 {
					list = append(list, ops.Share{Environment: fmt.Sprintf("e%05d", k), Level: *level(i)})
				}
				return list
			}
			for _, step := range []struct {
				name string
				do   func(i int) error
			}{
				{"preview of all", func(i int) error {
					in := ops.CollaboratorPreviewInput{OfCollaborator: of}
					in.Body.AllEnvironments = level(i)
					_, err := call(w, "owner", ops.CollaboratorPreview, in)
					return err
				}},
				{"save of all", func(i int) error {
					in := ops.CollaboratorUpdateInput{OfCollaborator: of}
					in.Body.AllEnvironments = level(i)
					_, err := call(w, "owner", ops.CollaboratorUpdate, in)
					return err
				}},
				{"preview of all, group of 3", func(i int) error {
					in := ops.GroupPreviewInput{OfGroup: group}
					in.Body.AllEnvironments, in.Body.Members = level(i), three
					_, err := call(w, "owner", ops.GroupPreview, in)
					return err
				}},
				{"save of all, group of 3", func(i int) error {
					in := ops.GroupUpdateInput{OfGroup: group}
					in.Body.AllEnvironments, in.Body.Members = level(i), three
					_, err := call(w, "owner", ops.GroupUpdate, in)
					return err
				}},
				{"preview of 1000", func(i int) error {
					in := ops.CollaboratorPreviewInput{OfCollaborator: of}
					in.Body.Environments = shares(i)
					_, err := call(w, "owner", ops.CollaboratorPreview, in)
					return err
				}},
				{"save of 1000", func(i int) error {
					in := ops.CollaboratorShareInput{OfCollaborator: of}
					in.Body.Environments = shares(i)
					_, err := call(w, "owner", ops.CollaboratorShare, in)
					return err
				}},
			} {
				b.Run(step.name, func(b *testing.B) {
					i := 0
					for b.Loop() {
						must(b, step.do(i))
						i++
					}
				})
			}
		})
	}
}
