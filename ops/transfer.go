package ops

import (
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// TransferView is an open offer of an environment, as its owner sees it.
type TransferView struct {
	Email     string    `json:"email" doc:"To whom it is offered"`
	CreatedAt time.Time `json:"created_at"`
	Until     time.Time `json:"until" doc:"When the offer ends by itself"`
}

// TransferRequestInput is the input of transfer.request.
type TransferRequestInput struct {
	OfEnvironment
	Body struct {
		Email string `json:"email" doc:"Address of the person who is to own it; they need a full account"`
	}
}

// TransferCancelInput is the input of transfer.cancel.
type TransferCancelInput struct{ OfEnvironment }

// TransferShowInput is the input of transfer.show.
type TransferShowInput struct {
	OfUser
	Token holm.Secret `path:"token" doc:"The token of the mailed link"`
}

// TransferAcceptInput is the input of transfer.accept.
type TransferAcceptInput struct {
	OfUser
	Token holm.Secret `path:"token" doc:"The token of the mailed link"`
	Body  struct {
		KeepCollaborators bool `json:"keep_collaborators,omitempty" doc:"Those who can use it now keep their level and become your collaborators; else all sharing of it ends"`
	}
}

// TransferDeclineInput is the input of transfer.decline.
type TransferDeclineInput struct {
	OfUser
	Token holm.Secret `path:"token" doc:"The token of the mailed link"`
}

// TransferLayer is a layer of an offered environment.
type TransferLayer struct {
	Role      string `json:"role"`
	Stack     string `json:"stack"`
	Version   string `json:"version"`
	Nodes     int    `json:"nodes"`
	Cloudlets int    `json:"cloudlets" doc:"Limit of each node"`
}

// TransferOffer is an offered environment, as the person sees it to whom it is
// offered.
type TransferOffer struct {
	Environment   EnvironmentName `json:"environment"`
	Owner         Person          `json:"owner" doc:"Who offers it"`
	OwnerName     string          `json:"owner_name"`
	Email         string          `json:"email" doc:"To whom it is offered"`
	Until         time.Time       `json:"until" doc:"When the offer ends by itself"`
	Layers        []TransferLayer `json:"layers"`
	Collaborators int             `json:"collaborators" doc:"How many people other than you can use it now"`
	Obstacle      string          `json:"obstacle" doc:"Why it cannot be accepted as things are; empty when it can"`
}

// TransferAccepted says what came of an accepted offer.
type TransferAccepted struct {
	Environment EnvironmentName `json:"environment"`
	Kept        []string        `json:"kept" doc:"Addresses of those who keep their level"`
}

// The operations that give an environment another owner.
var (
	TransferRequest = personal(declare[TransferRequestInput, TransferView]("transfer.request", Change, access.EnvironmentTransfer, "POST /v1/environments/{environment}/transfer",
		"Offer the environment to another full account", "offered {environment} to {target}"))
	TransferCancel = declare[TransferCancelInput, None]("transfer.cancel", Change, access.EnvironmentTransfer, "DELETE /v1/environments/{environment}/transfer",
		"Take the offer back", "took the offer of {environment} back")
	TransferShow = personal(declare[TransferShowInput, TransferOffer]("transfer.show", Read, access.Self, "GET /v1/transfers/{token}",
		"Show what is offered to you", "looked at an offer"))
	TransferAccept = personal(declare[TransferAcceptInput, TransferAccepted]("transfer.accept", Change, access.Self, "POST /v1/transfers/{token}/accept",
		"Accept an offered environment", "took over {target}"))
	TransferDecline = declare[TransferDeclineInput, None]("transfer.decline", Change, access.Self, "POST /v1/transfers/{token}/decline",
		"Decline an offered environment", "declined {target}")
)
