package ops

import (
	"time"

	"github.com/holmhq/holm/access"
)

// CredentialView is something with which a collaborator could come in, or a
// secret that they could have read.
type CredentialView struct {
	Kind        string           `json:"kind" doc:"variable, password, token or session"`
	Environment *EnvironmentName `json:"environment" doc:"Where it is from; null for tokens and sessions, which are the person's own"`
	Name        string           `json:"name" doc:"Name of the variable, role of the layer, name of the access token or device of the session; never the secret"`
	Layer       string           `json:"layer,omitempty" doc:"The layer whose servers' password it is"`
	How         string           `json:"how" doc:"asked (they asked for the value), mailed, listed (they could ask for it), inside (they could run code where it is used) or own"`
	ReadAt      *time.Time       `json:"read_at" doc:"When they asked for it, it was mailed, or it was last used; null for never"`
	State       string           `json:"state" doc:"open (they may know it), marked (said to be changed), rotated (it is another one by now), gone (not used any more), or of their own ones: works, or cut (reaches nothing of the account)"`
}

// CredentialList is what a collaborator could have read.
type CredentialList struct {
	Items []CredentialView `json:"items"`
	Next  *string          `json:"next" doc:"Always null: all of them are on one page"`
	Open  int              `json:"open" doc:"How many secrets are open or marked"`
}

// CredentialListInput is the input of credential.list.
type CredentialListInput struct{ OfCollaborator }

// CredentialRotateInput is the input of credential.rotate.
type CredentialRotateInput struct{ OfCollaborator }

// CredentialRotated says what was done about what a collaborator could have
// read.
type CredentialRotated struct {
	Servers   int      `json:"servers" doc:"Layers whose servers get a new password; it is mailed to those who may have it"`
	Variables int      `json:"variables" doc:"Variables that are marked as to be changed; only you know their new values"`
	Left      []string `json:"left" doc:"What could not be changed now, each with the reason"`
}

// The operations on what somebody who leaves could have read.
var (
	CredentialListing = declare[CredentialListInput, CredentialList]("credential.list", Read, access.AccountManageCollaborators, "GET /v1/accounts/{account}/collaborators/{collaborator}/credentials",
		"List what a collaborator could have read", "looked at what {target} could have read")
	CredentialRotate = declare[CredentialRotateInput, CredentialRotated]("credential.rotate", Change, access.AccountManageCollaborators, "POST /v1/accounts/{account}/collaborators/{collaborator}/credentials/rotate",
		"Change all that a collaborator could have read", "rotated what {target} could have read")
)
