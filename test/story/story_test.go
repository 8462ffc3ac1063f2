// Package story holds what Holm promises, told over the real program: a real
// server with real nodes, people as verbs, attackers among them.
package story

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// people who appear in stories. Each is a verb: what follows is a command of
// the command line, run as that person.
var people = []string{"ana", "bob", "cleo", "eve"}

func TestStories(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("the local engine needs root; run the stories as root")
	}
	bin, err := filepath.Abs("../../bin")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"holm", "holm-node", "runc"} {
		if _, err := os.Stat(filepath.Join(bin, name)); err != nil {
			t.Fatalf("bin/%s is missing; run make build first", name)
		}
	}
	verbs := map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"server":     server,
		"link":       link,
		"eventually": eventually,
		"fetch":      fetch,
		"answers":    answers,
		"remember":   remember,
		"keep":       keep,
		"code":       code,
		"mailed":     mailed,
		"mailserver": mailserver,
		"load":       load,
		"dies":       dies,
		"machine":    machine,
	}
	for _, name := range people {
		verbs[name] = person(name)
	}
	testscript.Run(t, testscript.Params{
		Dir:  "testdata",
		Cmds: verbs,
		Setup: func(env *testscript.Env) error {
			// Nodes run as other users and must get through to their files.
			for _, folder := range []string{env.WorkDir, filepath.Dir(env.WorkDir)} {
				if err := os.Chmod(folder, 0o711); err != nil {
					return err
				}
			}
			env.Setenv("PATH", bin+":"+os.Getenv("PATH")+":/usr/sbin:/sbin")
			env.Setenv("NO_COLOR", "1")
			env.Values[serverKey{}] = &running{t: t, bin: bin, work: env.WorkDir, links: map[string]bool{}, loads: map[string]*visitors{}}
			env.Defer(func() { env.Values[serverKey{}].(*running).cleanUp() })
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name == "everystep" {
				return os.Getenv("HOLM_EVERY_STEP") != "", nil
			}
			return false, fmt.Errorf("unknown condition %s", name)
		},
		RequireExplicitExec: true,
	})
}
