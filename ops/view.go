package ops

import (
	"time"

	"github.com/holmhq/holm/access"
)

// ViewStartInput is the input of view.start.
type ViewStartInput struct{ OfCollaborator }

// ViewShowInput is the input of view.show.
type ViewShowInput struct{ OfUser }

// ViewEndInput is the input of view.end.
type ViewEndInput struct{ OfUser }

// ViewView is how an owner looks as a collaborator would.
type ViewView struct {
	Collaborator Person    `json:"collaborator" doc:"As whom"`
	Name         string    `json:"name"`
	StartedAt    time.Time `json:"started_at"`
	Until        time.Time `json:"until" doc:"When it ends by itself"`
	Over         bool      `json:"over" doc:"It has ended by itself; view.end gives the sign-in back"`
}

// The operations about looking as somebody else. While a view lasts, its
// sign-in gets only what is marked viewed, of one account, as the collaborator.
var (
	ViewStart = personal(declare[ViewStartInput, ViewView]("view.start", Change, access.AccountManageCollaborators, "POST /v1/accounts/{account}/collaborators/{collaborator}/view",
		"Look as a collaborator would, read only, for 30 minutes", "began to look as {target}"))
	ViewShow = declare[ViewShowInput, ViewView]("view.show", Read, access.Self, "GET /v1/user/view",
		"Tell as whom you look", "asked as whom they look")
	ViewEnd = personal(declare[ViewEndInput, ViewView]("view.end", Change, access.Self, "DELETE /v1/user/view",
		"Stop looking as a collaborator", "stopped looking as {target}"))
)

// leavesView are the operations that stay the owner's own while a view lasts.
var leavesView = map[string]bool{"view.show": true, "view.end": true}

// viewed are the operations that a view lets through, each decided and
// answered as for the collaborator, on the owner's account alone. What is not
// here is refused while a view lasts: an operation of later is looked at
// before it is added.
var viewed = map[string]bool{
	"environment.list": true, "environment.show": true, "environment.events": true, "stack.list": true, "collaboration.list": true,
	"access.why": true, "access.asked": true, "audit.list": true, "variable.list": true,
}

// Viewed says whether an operation is let through while its caller looks as
// somebody else.
func (o *Operation) Viewed() bool { return viewed[o.Name] }

// LeavesView says whether an operation is about the view itself, and so the
// looking owner's.
func (o *Operation) LeavesView() bool { return leavesView[o.Name] }
