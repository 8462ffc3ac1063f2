package collaborators

import (
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// lookAs has the owner see the dashboard as a person would.
func lookAs(r *site.Request) error {
	in := ops.ViewStartInput{}
	in.Account, in.Collaborator = me, r.PathValue("id")
	if _, err := site.Ask(r, ops.ViewStart, in); err != nil {
		return failedPerson(r, err)
	}
	return r.See("/environments")
}
