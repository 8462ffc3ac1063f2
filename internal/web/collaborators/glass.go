package collaborators

import (
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// setGlass says whether a person may give themselves access in an emergency.
func setGlass(r *site.Request) error {
	p, err := find(r)
	if err != nil {
		return err
	}
	may := r.PostFormValue("glass") == "yes"
	in := ops.CollaboratorUpdateInput{}
	in.Account, in.Collaborator, in.Body.BreakGlass = me, p.ID, &may
	if _, err := site.Ask(r, ops.CollaboratorUpdate, in); err != nil {
		return failedPerson(r, err)
	}
	told := p.Email + " has to ask now, and cannot take access."
	if may {
		told = p.Email + " may take access in an emergency now. You get an alarm by mail each time."
	}
	r.Tell("person", told)
	return r.See(p.path())
}
