package ops_test

import (
	"testing"

	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/ops"
)

// unviewed are the looks that a collaborator may take and that a view as them
// does not, each with why.
var unviewed = map[string]string{
	"account.limits": "what the collaborator's own account may own is no part of what is shared with them",
	"session.list":   "where somebody is signed in is theirs to know",
	"token.list":     "access tokens are their person's alone",
	"user.security":  "how somebody signs in is theirs to know",
	"user.show":      "the profile is the person's own",
	"transfer.show":  "a link that was mailed to the collaborator is not the owner's to open",
}

// ownersAlone are permissions that nobody who is looked at as could have.
var ownersAlone = map[access.Permission]bool{
	access.AccountManageCollaborators: true, access.EnvironmentShare: true, access.Operator: true, access.Public: true,
}

// Every operation that looks at something is decided about: a view as a
// collaborator lets it through (viewed in view.go), or does not, with a reason
// here. An operation that is added fails this until somebody has thought about
// it.
func TestEveryLookIsDecidedForViews(t *testing.T) {
	for _, o := range ops.All() {
		switch why := unviewed[o.Name]; {
		case o.Kind == ops.Change && o.Viewed():
			t.Errorf("%s changes something, and a view lets it through", o.Name)
		case o.Kind == ops.Change || o.LeavesView() || !o.Built:
			if why != "" {
				t.Errorf("%s needs no reason for not being in a view", o.Name)
			}
		case ownersAlone[o.Permission]:
			if o.Viewed() || why != "" {
				t.Errorf("%s needs %s, which nobody who is looked at as has: take it from viewed in ops/view.go and from the list here", o.Name, o.Permission)
			}
		case o.Viewed() && why != "":
			t.Errorf("%s is let through in a view, and is on the list of what is not", o.Name)
		case !o.Viewed() && why == "":
			t.Errorf("%s is new: may an owner who looks as a collaborator look at it? Add it to viewed in ops/view.go, or to unviewed here with why not", o.Name)
		}
	}
	for name := range unviewed {
		if ops.Lookup(name) == nil {
			t.Errorf("%s is not in the catalogue", name)
		}
	}
}
