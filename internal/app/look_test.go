package app

import (
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

// A level or group cannot be called so that people take it for a preset, a
// role, or another one.
func TestNoLevelOrGroupLooksLikeAnother(t *testing.T) {
	w := newWorld(t)
	level := func(name string) error {
		in := ops.LevelCreateInput{OfAccount: w.mine()}
		in.Body.Name, in.Body.Permissions = name, []string{"logs.view"}
		_, err := call(w, "owner", ops.LevelCreate, in)
		return err
	}
	group := func(name string) error {
		in := ops.GroupCreateInput{OfAccount: w.mine()}
		in.Body.Name = name
		_, err := call(w, "owner", ops.GroupCreate, in)
		return err
	}
	for what, create := range map[string]func(string) error{"level": level, "group": group} {
		must(t, create("Copy boys"))
		for _, name := range []string{"lіmited", "fuІl", "Full access", "Admin", "Сору-bоys"} {
			w.refuses(what+" "+name, create(name), holm.CodeInvalid)
		}
		w.refuses(what+" of that very name", create("copy boys"), holm.CodeConflict)
		must(t, create("Full stack"))
	}
	rename := ops.GroupUpdateInput{OfGroup: ops.OfGroup{Account: "me", Group: "Full stack"}}
	rename.Body.Name = "Сору boys"
	_, err := call(w, "owner", ops.GroupUpdate, rename)
	w.refuses("a new name", err, holm.CodeInvalid)
	rename.Body.Name = "full Stack"
	_, err = call(w, "owner", ops.GroupUpdate, rename)
	must(t, err)
}
