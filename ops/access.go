package ops

import (
	"time"

	"github.com/holmhq/holm/access"
)

// CollaboratorPreviewInput is the input of collaborator.preview: the same as
// of collaborator.share, which it looks ahead of.
type CollaboratorPreviewInput struct {
	OfCollaborator
	Body struct {
		Environments []Share `json:"environments,omitempty" doc:"The levels that would be set"`

		AllEnvironments      *string    `json:"all_environments,omitempty" doc:"Level on all environments, present and future, that would be set; none would take it away"`
		AllEnvironmentsUntil *time.Time `json:"all_environments_until,omitempty" doc:"When that would end by itself; null for no end"`
		AllEnvironmentsWas   *Held      `json:"all_environments_was,omitempty" doc:"What was there when the choice was made"`
	}
}

// EnvironmentPreviewInput is the input of environment.preview: the same as of
// environment.share, which it looks ahead of.
type EnvironmentPreviewInput struct {
	OfEnvironment
	Body struct {
		Collaborators []PersonShare `json:"collaborators" doc:"The levels that would be set"`
	}
}

// GroupPreviewInput is the input of group.preview: the same as of
// group.update, which it looks ahead of, or of group.delete.
type GroupPreviewInput struct {
	OfGroup
	Body struct {
		Members              []GroupMember `json:"members,omitempty" doc:"People who would be put into the group, or whose end would change"`
		Remove               []string      `json:"remove,omitempty" doc:"People who would be taken out: id or e-mail address"`
		Environments         []Share       `json:"environments,omitempty" doc:"Levels that would be set in single environments; none takes away"`
		AllEnvironments      *string       `json:"all_environments,omitempty" doc:"Level on all environments that would be set; none takes it away"`
		AllEnvironmentsUntil *time.Time    `json:"all_environments_until,omitempty" doc:"When that would end by itself; null for no end"`
		Delete               bool          `json:"delete,omitempty" doc:"The group would be deleted"`
		Was                  *GroupSeen    `json:"was,omitempty" doc:"What was there when the choice was made"`
	}
}

// LevelPreviewInput is the input of level.preview, which looks ahead of
// level.update.
type LevelPreviewInput struct {
	OfLevel
	Body struct {
		Permissions []string   `json:"permissions" doc:"What the level would give"`
		Was         *LevelBody `json:"was,omitempty" doc:"What the level was when the choice was made"`
	}
}

// PreviewView is what a save would change. It is found by what saves.
type PreviewView struct {
	Changes  []PreviewChange  `json:"changes" doc:"What changes, by person and environment; at most 1000"`
	More     int              `json:"more" doc:"How many changes there are beyond those"`
	Sessions []PreviewSession `json:"sessions" doc:"What people have open and would lose at once"`
	Refused  []PreviewRefused `json:"refused" doc:"What people did in the past 90 days and could not do any more"`
}

// PreviewChange is what changes for one person in one environment. Was and Now
// are what counts, whatever way it comes.
type PreviewChange struct {
	Person      PreviewPerson   `json:"person"`
	Environment EnvironmentName `json:"environment"`
	Was         string          `json:"was" doc:"The level that counts now"`
	Now         string          `json:"now" doc:"The level that would count"`
	Until       *time.Time      `json:"until" doc:"When it would end by itself; null for no end"`
	Gained      []string        `json:"gained" doc:"Permissions that would come"`
	Lost        []string        `json:"lost" doc:"Permissions that would go"`
}

// PreviewPerson is whom a preview speaks of.
type PreviewPerson struct {
	ID    string `json:"id" doc:"Id of the collaborator"`
	Email string `json:"email"`
	Name  string `json:"name"`
}

// PreviewSession is something open that would be cut.
type PreviewSession struct {
	Person      PreviewPerson   `json:"person"`
	Environment EnvironmentName `json:"environment"`
	Operation   string          `json:"operation" doc:"What is open: environment.events is a page of the dashboard"`
	Road        string          `json:"road"`
	Permission  string          `json:"permission" doc:"The permission that would go"`
}

// PreviewRefused is something done before that the new rights would refuse.
type PreviewRefused struct {
	Person      PreviewPerson   `json:"person"`
	Environment EnvironmentName `json:"environment"`
	Operation   string          `json:"operation"`
	Permission  string          `json:"permission"`
	Times       int             `json:"times"`
	Last        time.Time       `json:"last"`
}

// AccessRequestInput is the input of access.request.
type AccessRequestInput struct {
	OfEnvironment
	Body struct {
		Level      string `json:"level,omitempty" doc:"Level to ask for: limited, full or an own level of the owner's by name; give this or a permission"`
		Permission string `json:"permission,omitempty" doc:"Single permission to ask for, for example access.ssh"`
		Minutes    int    `json:"minutes" doc:"For how long, from the approval on: 1 to 43200"`
		Reason     string `json:"reason" doc:"Why; the owner reads it"`
		BreakGlass bool   `json:"break_glass,omitempty" doc:"Take it at once, for at most 480 minutes; only where the owner allows it, and the owner gets a mail"`
	}
}

// AccessRequestView is a request for access.
type AccessRequestView struct {
	ID           string     `json:"id"`
	Collaborator Person     `json:"collaborator"`
	Environment  Titled     `json:"environment"`
	Level        string     `json:"level" doc:"The level asked for; empty where one permission is"`
	Permission   string     `json:"permission" doc:"The permission asked for; empty where a level is"`
	Minutes      int        `json:"minutes"`
	Reason       string     `json:"reason"`
	Status       string     `json:"status" doc:"open, approved, refused or withdrawn"`
	BreakGlass   bool       `json:"break_glass" doc:"Taken without asking"`
	CreatedAt    time.Time  `json:"created_at"`
	AnsweredAt   *time.Time `json:"answered_at"`
	AnsweredBy   string     `json:"answered_by" doc:"E-mail address; empty while open"`
	Answer       string     `json:"answer" doc:"What the owner wrote"`
	Until        *time.Time `json:"until" doc:"When the approved access ends by itself"`
}

// AccessRequestsInput is the input of access.requests.
type AccessRequestsInput struct {
	OfAccount
	Status  string `query:"status" doc:"open, approved, refused, withdrawn or all; open ones and approved ones that have not ended when not given"`
	Request string `query:"request" doc:"Only the request with this id, whatever its status"`
	Paging
}

// AccessAskedInput is the input of access.asked.
type AccessAskedInput struct {
	OfUser
	Environment string `query:"environment" doc:"Only what was asked for in this environment: its id or name"`
	Request     string `query:"request" doc:"Only the request with this id"`
	Paging
}

// AccessWithdrawInput is the input of access.withdraw.
type AccessWithdrawInput struct {
	OfUser
	Request string `path:"request" doc:"Request: its id"`
}

// AccessAnswerInput is the input of access.answer. An approved request can be
// answered again: minutes anew extend it from now, refusing ends it at once.
type AccessAnswerInput struct {
	OfAccount
	Request string `path:"request" doc:"Request: its id"`
	Body    struct {
		Approve bool   `json:"approve" doc:"true to approve, false to refuse"`
		Minutes int    `json:"minutes,omitempty" doc:"For how long, from now on; what was asked for when not given"`
		Answer  string `json:"answer,omitempty" doc:"A word to the person, in the mail"`
	}
}

// AccessReviewInput is the input of access.review.
type AccessReviewInput struct {
	OfAccount
	Days int `query:"days" doc:"How far back uses are looked for, 1 to 400; 90 when not given"`
	Paging
}

// ReviewPerson is one collaborator with everything they can do.
type ReviewPerson struct {
	Collaborator Person              `json:"collaborator"`
	Name         string              `json:"name"`
	Role         string              `json:"role"`
	Status       string              `json:"status"`
	Until        *time.Time          `json:"until"`
	LastSeenAt   *time.Time          `json:"last_seen_at"`
	Environments []ReviewEnvironment `json:"environments"`
}

// ReviewEnvironment is what a collaborator can do in one environment.
type ReviewEnvironment struct {
	Environment EnvironmentName    `json:"environment"`
	Level       string             `json:"level"`
	Until       *time.Time         `json:"until"`
	From        []GiftView         `json:"from"`
	Permissions []ReviewPermission `json:"permissions"`
	// Trim is what access.trim would do now, null where nothing unused could
	// go. What was given on request is left out: it ends by itself.
	Trim *ReviewTrim `json:"trim"`
}

// ReviewTrim is a smaller level that keeps what was used.
type ReviewTrim struct {
	Level string   `json:"level" doc:"The level that would be given directly"`
	New   bool     `json:"new" doc:"It would be made: none of the account's levels fits"`
	Loses []string `json:"loses" doc:"Permissions that would go"`
}

// AccessTrimInput is the input of access.trim.
type AccessTrimInput struct {
	OfCollaborator
	Body struct {
		Environment string   `json:"environment" doc:"Environment: its id or name"`
		Days        int      `json:"days,omitempty" doc:"What was not used in so many days goes, 1 to 400; 90 when not given"`
		Loses       []string `json:"loses,omitempty" doc:"The permissions that you saw would go; when they are others by now, nothing is done"`
	}
}

// ReviewPermission is a permission with its use. Changes and sessions count;
// that somebody looked at a page is not recorded.
type ReviewPermission struct {
	Permission string     `json:"permission"`
	Times      int        `json:"times" doc:"How often it was used in the days looked at"`
	LastUsedAt *time.Time `json:"last_used_at" doc:"null: not in the days looked at"`
	// Counted says whether its use leaves a record. What is only looked at, and
	// mails that are received, do not.
	Counted bool `json:"counted"`
}

// The operations about access.
var (
	CollaboratorPreview = declare[CollaboratorPreviewInput, PreviewView]("collaborator.preview", Read, access.AccountManageCollaborators, "POST /v1/accounts/{account}/collaborators/{collaborator}/environments/preview",
		"Tell what a save would change", "looked at what a save would change for {target}")
	EnvironmentPreview = declare[EnvironmentPreviewInput, PreviewView]("environment.preview", Read, access.EnvironmentShare, "POST /v1/environments/{environment}/collaborators/preview",
		"Tell what a save of an environment's sharing would change", "looked at what sharing {environment} otherwise would change")
	GroupPreview = declare[GroupPreviewInput, PreviewView]("group.preview", Read, access.AccountManageCollaborators, "POST /v1/accounts/{account}/groups/{group}/preview",
		"Tell what changing or deleting a group would change", "looked at what changing the group {target} would change")
	LevelPreview = declare[LevelPreviewInput, PreviewView]("level.preview", Read, access.AccountManageCollaborators, "POST /v1/accounts/{account}/levels/{level}/preview",
		"Tell what changing a custom level would change", "looked at what changing the level {target} would change")
	AccessRequest = personal(declare[AccessRequestInput, AccessRequestView]("access.request", Change, access.EnvironmentSee, "POST /v1/environments/{environment}/access-requests",
		"Ask for a level or a permission for some hours", "asked for access to {environment}"))
	AccessRequests = declare[AccessRequestsInput, Page[AccessRequestView]]("access.requests", Read, access.AccountManageCollaborators, "GET /v1/accounts/{account}/access-requests",
		"List requests for access", "listed the requests for access")
	AccessAsked = declare[AccessAskedInput, Page[AccessRequestView]]("access.asked", Read, access.Self, "GET /v1/user/access-requests",
		"List what you asked for", "listed what they asked for")
	AccessWithdraw = personal(declare[AccessWithdrawInput, AccessRequestView]("access.withdraw", Change, access.Self, "DELETE /v1/user/access-requests/{request}",
		"Take a request back or end what was approved", "took the request for {target} back"))
	AccessAnswer = declare[AccessAnswerInput, AccessRequestView]("access.answer", Change, access.AccountManageCollaborators, "POST /v1/accounts/{account}/access-requests/{request}",
		"Approve or refuse", "answered the request of {target}")
	AccessReview = declare[AccessReviewInput, Page[ReviewPerson]]("access.review", Read, access.AccountManageCollaborators, "GET /v1/accounts/{account}/access",
		"Who can do what and when it was last used (JSON or CSV)", "reviewed who can do what")
	AccessTrim = declare[AccessTrimInput, ReviewEnvironment]("access.trim", Change, access.AccountManageCollaborators, "POST /v1/accounts/{account}/collaborators/{collaborator}/trim",
		"Take away what was not used in an environment", "trimmed the access of {target} to what they used")
)
