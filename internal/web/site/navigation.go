package site

import (
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/ops"
)

// answeredFor is how long the answer to a request keeps the rail's entry.
const answeredFor = 7 * 24 * time.Hour

// navigation says which entries the rail has for this person. A rail is not
// worth a failed page: what cannot be known is left out.
func (r *Request) navigation() (nav layout.Nav) {
	if !r.Caller.SignedIn() {
		return nav
	}
	if r.Viewing() {
		return layout.Nav{Viewing: true}
	}
	nav.Guest = r.guest()
	in := ops.AccessRequestsInput{Paging: ops.Paging{Limit: 100}}
	in.Account = "me"
	waiting, err := Ask(r, ops.AccessRequests, in)
	if err == nil {
		nav.Requests = len(waiting.Items) > 0
		for _, v := range waiting.Items {
			if v.Status == string(holm.RequestOpen) {
				nav.Waiting++
			}
		}
	}
	asked, failed := Ask(r, ops.AccessAsked, ops.AccessAskedInput{Paging: ops.Paging{Limit: 20}})
	for _, v := range asked.Items {
		nav.Requests = nav.Requests || !settled(v)
	}
	if err != nil || failed != nil {
		r.Site.Log.Warn("requests are left out of the navigation", "error", err, "other", failed)
	}
	return nav
}

// guest says whether the person works for others only: their own account can
// have no environment and has none, so nobody works there and its log is empty.
func (r *Request) guest() bool {
	if holm.AccountType(r.User.Account.Type) != holm.AccountCollaborator || r.User.Operator {
		return false
	}
	v, err := Ask(r, ops.AccountLimits, ops.AccountLimitsInput{OfAccount: ops.OfAccount{Account: "me"}})
	return err == nil && v.Limits.Environments == 0 && v.Used.Environments == 0
}

// settled says whether nobody needs to look at a request any more.
func settled(v ops.AccessRequestView) bool {
	switch holm.RequestStatus(v.Status) {
	case holm.RequestOpen:
		return false
	case holm.RequestWithdrawn:
		return true
	case holm.RequestApproved:
		if v.Until != nil && time.Now().Before(*v.Until) {
			return false
		}
	}
	return v.AnsweredAt == nil || time.Since(*v.AnsweredAt) > answeredFor
}
