package collaborators

import (
	"github.com/holmhq/holm/internal/web/grant"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// levelsOf asks for the levels of the account.
func levelsOf(r *site.Request) (grant.Levels, error) {
	in := ops.LevelListInput{}
	in.Account = me
	list, err := site.Ask(r, ops.LevelList, in)
	return grant.LevelsOf(list.Items), err
}
