package account

import (
	"context"
	"net/http"

	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/web/site"
)

// live tells the page when what the person may do elsewhere has changed.
func live(r *site.Request) error {
	door := r.Site.Door
	return r.Live(func(ctx context.Context, after uint64) (*dispatch.Stream, error) {
		return door.FollowList(ctx, r.Caller, after)
	},
		func(e dispatch.Event) (name, data string, err error) {
			switch e.Type {
			case dispatch.EventAccess:
				return "changed", "access", nil
			case dispatch.EventReset:
				return "resync", "", nil
			}
			return "", "", nil
		})
}

// refresh answers with the accounts that the person works with alone.
func refresh(r *site.Request) error {
	list, err := collaborations(r)
	if err != nil {
		return err
	}
	return r.Part(http.StatusOK, profile{accounts: list}.region())
}
