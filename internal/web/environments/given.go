package environments

import (
	"slices"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/web/environment"
	"github.com/holmhq/holm/ops"
)

// given is what somebody may do in environments of another owner, in words.
type given struct {
	level string
	names []string // of the environments
	until string   // "" for no end
	may   []string
	not   []string // what the owner could give besides
}

// mostGiven is how many different kinds of access a section explains; whoever
// has more of them has been here longer.
const mostGiven = 3

// givenIn gathers environments with the same access.
func givenIn(items []ops.EnvironmentView) (list []given) {
	for _, e := range items {
		has, until := environment.HeldIn(e), ""
		if has.Until != nil {
			until = holm.UntilWords(*has.Until)
		}
		same := func(g given) bool { return g.level == has.Name && g.until == until }
		if i := slices.IndexFunc(list, same); i >= 0 {
			list[i].names = append(list[i].names, e.Name)
			continue
		}
		if len(list) == mostGiven {
			return nil
		}
		g := given{level: has.Name, names: []string{e.Name}, until: until}
		for _, row := range access.Table() {
			switch {
			case row.Scope != access.ScopeEnvironment || row.Permission == access.EnvironmentSee || !ops.Offers(row.Permission):
			case slices.Contains(e.Permissions, string(row.Permission)):
				g.may = append(g.may, row.Label)
			case row.Upper != access.No:
				g.not = append(g.not, row.Label)
			}
		}
		list = append(list, g)
	}
	return list
}
