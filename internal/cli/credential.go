package cli

import (
	"fmt"

	"github.com/holmhq/holm/ops"
)

// ways are the words for how somebody could have read a secret.
var ways = map[string]string{"asked": "asked for it", "mailed": "was mailed to them", "listed": "could ask for it", "inside": "could read it inside nodes", "own": "their own"}

// credentials lists what somebody could have read.
func (p *printer) credentials(v ops.CredentialList) {
	var rows [][]cell
	for _, x := range v.Items {
		environment := ""
		if x.Environment != nil {
			environment = x.Environment.Name
		}
		colour := grey
		if x.State == "open" || x.State == "marked" {
			colour = yellow
		}
		rows = append(rows, []cell{text(x.Kind), text(environment), text(x.Name), text(ways[x.How]), p.end(x.ReadAt), {x.State, colour}})
	}
	p.table([]string{"kind", "environment", "name", "how", "when", "state"}, rows, "They could have read nothing.")
	if v.Open > 0 && p.terminal {
		p.line("%d may be known to them. Change all at once: holm credential rotate COLLABORATOR", v.Open)
	}
}

func polishRotate(c *command) {
	c.long = "Change all that a collaborator could have read, also of one who has left: servers get\nnew passwords, which are mailed to those who may have them; variables are marked as to\nbe changed, since only you know their new values."
	c.example = "  holm credential list bob@example.org\n  holm credential rotate bob@example.org"
	c.render = func(x *call, out any) error { x.out.rotated(out.(ops.CredentialRotated)); return nil }
}

// rotated says what was changed, and what is left to do.
func (p *printer) rotated(v ops.CredentialRotated) {
	p.pairs([]pair{{"new passwords", text(fmt.Sprint(v.Servers))}, {"variables to change", text(fmt.Sprint(v.Variables))}})
	for _, why := range v.Left {
		p.line("Not changed: %s", why)
	}
	if v.Variables > 0 && p.terminal {
		p.line("Only you know new values of variables: holm variable list ENVIRONMENT shows which, holm variable set ENVIRONMENT NAME sets one.")
	}
}
