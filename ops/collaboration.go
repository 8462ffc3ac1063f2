package ops

import (
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// Held is what somebody has in one environment, as the caller saw it.
type Held struct {
	Level string     `json:"level" doc:"The level that was seen; none for no access"`
	Until *time.Time `json:"until,omitempty" doc:"The end that was seen; null for no end"`
}

// Share is a level wanted for one environment.
type Share struct {
	Environment string     `json:"environment" doc:"Environment: id or name"`
	Level       string     `json:"level" doc:"full, limited, none (hides it, whatever groups give), inherit (nothing of one's own), or an own level by name or id"`
	Until       *time.Time `json:"until,omitempty" doc:"When the access ends by itself; null for no end"`
	Was         *Held      `json:"was,omitempty" doc:"What was there when the choice was made; when it is not so any more, nothing is saved"`
}

// SharedView is one environment and the level that was given in it.
type SharedView struct {
	Environment EnvironmentName `json:"environment"`
	Level       string          `json:"level" doc:"none, limited, full or the name of an own level"`
	Until       *time.Time      `json:"until"`
	// Inherited is what is given in other ways and would count if nothing were
	// given directly. collaborator.show gives it.
	Inherited []GiftView `json:"inherited,omitempty"`
}

// EnvironmentName is how environments are named in lists about people.
type EnvironmentName struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Alias string `json:"alias"`
}

// GiftView is one way in which somebody has a level in an environment.
type GiftView struct {
	Level   string     `json:"level" doc:"none, limited, full, the name of an own level, or of a single permission that was asked for"`
	Through string     `json:"through" doc:"direct, group (in this environment), all (on all environments) or request"`
	Group   string     `json:"group" doc:"Name of the group it comes through; empty for none"`
	Until   *time.Time `json:"until" doc:"When it ends by itself; null for no end"`
	Rule    string     `json:"rule" doc:"The same as explanations name it: level full through group Developers"`
}

var throughNames = map[access.Through]string{access.Direct: "direct", access.ByGroup: "group", access.Wide: "all", access.OnRequest: "request"}

// GiftViews are gifts as they are shown.
func GiftViews(gifts []access.Gift) []GiftView {
	list := []GiftView{}
	for _, g := range gifts {
		list = append(list, GiftView{Level: g.Level.Name, Through: throughNames[g.Through], Group: g.Group, Until: TimeOrNull(g.End), Rule: g.Rule()})
	}
	return list
}

// EffectiveView is what somebody can do in an environment, whatever way it
// comes: direct beats groups beats all environments, several of one way add
// up, and what was asked for is added.
type EffectiveView struct {
	Environment EnvironmentName `json:"environment"`
	Level       string          `json:"level" doc:"The level that counts; of several that add up, their names with + between"`
	Until       *time.Time      `json:"until" doc:"When the first of the gifts that count ends by itself; null for no end"`
	Permissions []string        `json:"permissions" doc:"What it comes to"`
	From        []GiftView      `json:"from" doc:"The gifts that count"`
}

// MembershipView is a group that a collaborator is in.
type MembershipView struct {
	Group Titled     `json:"group"`
	Until *time.Time `json:"until" doc:"When the membership ends by itself; null for no end"`
}

// Titled is how levels and groups appear in answers.
type Titled struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// CollaboratorView is a collaborator as the owner sees them.
type CollaboratorView struct {
	ID         string     `json:"id"`
	Email      string     `json:"email"`
	Name       string     `json:"name"`
	Role       string     `json:"role" doc:"viewer or admin"`
	Status     string     `json:"status" doc:"pending, active, suspended, left, declined, expired or removed"`
	Until      *time.Time `json:"until" doc:"When the collaboration ends by itself"`
	LinkUntil  *time.Time `json:"link_until" doc:"Until when the invitation link works, while pending"`
	Shared     int        `json:"shared" doc:"Number of environments the collaborator can see, or could once active"`
	CreatedAt  time.Time  `json:"created_at"`
	AcceptedAt *time.Time `json:"accepted_at"`
	LastSeenAt *time.Time `json:"last_seen_at"`
	// SecondFactor is false for everybody who has not accepted yet.
	SecondFactor bool `json:"second_factor" doc:"Has a second factor, which signing in asks for"`
	BreakGlass   bool `json:"break_glass" doc:"May give themselves access for some hours in environments they see; the owner gets a mail each time"`
	// Environments is given by collaborator.show, invite, update and share:
	// every environment in which the collaborator was given a level directly.
	Environments []SharedView `json:"environments,omitempty"`
	// AllEnvironments is what the collaborator has on all environments,
	// present and future; null for nothing. It is given with Environments.
	AllEnvironments *WideView `json:"all_environments,omitempty"`
	// Groups are the groups the collaborator is in. They are given with
	// Environments.
	Groups []MembershipView `json:"groups,omitempty"`
	// Effective is given by collaborator.show: every environment that the
	// collaborator can see, or could once active, with what counts there.
	Effective []EffectiveView `json:"effective,omitempty"`
}

// CollaboratorListInput is the input of collaborator.list.
type CollaboratorListInput struct {
	OfAccount
	Status string `query:"status" doc:"Only those with this status; open ones when not given, all for every one"`
	Paging
}

// CollaboratorShowInput is the input of collaborator.show.
type CollaboratorShowInput struct{ OfCollaborator }

// InviteBody is who is invited, and what they have from the acceptance on.
type InviteBody struct {
	Email        string     `json:"email" doc:"Who is invited"`
	Role         string     `json:"role,omitempty" enum:"viewer,admin" doc:"viewer (default) or admin"`
	Environments []Share    `json:"environments,omitempty" doc:"Access that begins with the acceptance"`
	Until        *time.Time `json:"until,omitempty" doc:"When the collaboration ends by itself"`

	AllEnvironments      string     `json:"all_environments,omitempty" doc:"Level on all environments, present and future"`
	AllEnvironmentsUntil *time.Time `json:"all_environments_until,omitempty" doc:"When that ends by itself; null for no end"`
	Groups               []string   `json:"groups,omitempty" doc:"Groups to be in: ids or names"`
}

// CollaboratorInviteInput is the input of collaborator.invite.
type CollaboratorInviteInput struct {
	OfAccount
	Body InviteBody
}

// InvitationPreviewInput is the input of invitation.preview: the same as of
// collaborator.invite, which it looks ahead of.
type InvitationPreviewInput struct {
	OfAccount
	Body InviteBody
}

// CollaboratorResendInput is the input of collaborator.resend.
type CollaboratorResendInput struct{ OfCollaborator }

// CollaboratorUpdateInput is the input of collaborator.update; what is not
// given stays.
type CollaboratorUpdateInput struct {
	OfCollaborator
	Body struct {
		Role   string `json:"role,omitempty" enum:"viewer,admin" doc:"viewer or admin"`
		Status string `json:"status,omitempty" enum:"active,suspended" doc:"suspended or active"`

		Until *time.Time `json:"until,omitempty" doc:"When the collaboration ends by itself"`
		NoEnd bool       `json:"no_end,omitempty" doc:"The collaboration does not end by itself any more"`

		AllEnvironments      *string    `json:"all_environments,omitempty" doc:"Level on all environments, present and future; none takes it away"`
		AllEnvironmentsUntil *time.Time `json:"all_environments_until,omitempty" doc:"When that ends by itself; null for no end"`
		AllEnvironmentsWas   *Held      `json:"all_environments_was,omitempty" doc:"What was there when the choice was made; when it is not so any more, nothing is saved"`

		BreakGlass *bool `json:"break_glass,omitempty" doc:"May give themselves access for some hours in environments they see; you get a mail each time"`
	}
}

// CollaboratorRemoveInput is the input of collaborator.remove.
type CollaboratorRemoveInput struct{ OfCollaborator }

// CollaboratorShareInput is the input of collaborator.share. Environments
// that are not named keep their level.
type CollaboratorShareInput struct {
	OfCollaborator
	Body struct {
		Environments []Share `json:"environments" doc:"The levels to set; all or none are saved"`
	}
}

// InvitationView is what the mailed link shows to whoever has it.
type InvitationView struct {
	Email        string       `json:"email" doc:"The address that is invited"`
	Account      Person       `json:"account" doc:"Who owns the account"`
	AccountName  string       `json:"account_name"`
	Inviter      Person       `json:"inviter"`
	Role         string       `json:"role"`
	Until        *time.Time   `json:"until"`
	LinkUntil    time.Time    `json:"link_until"`
	Known        bool         `json:"known" doc:"The address has a login: sign in with it to accept"`
	Environments []SharedView `json:"environments" doc:"What is given directly in single environments"`
	// What else begins with the acceptance.
	AllEnvironments *WideView `json:"all_environments" doc:"What is given on all environments, present and future; null for nothing"`
	Groups          []string  `json:"groups" doc:"Names of the groups that the invited person will be in"`
}

// InvitationShowInput is the input of invitation.show.
type InvitationShowInput struct {
	OfNobody `reason:"the mailed link is the proof"`
	Token    holm.Secret `path:"token" doc:"The token of the mailed link"`
}

// InvitationAcceptInput is the input of invitation.accept. An existing user
// must be signed in with the invited address and gives neither field.
type InvitationAcceptInput struct {
	OfNobody `reason:"who is new here has no login yet; an existing user must be signed in"`
	Token    holm.Secret `path:"token" doc:"The token of the mailed link"`
	Body     struct {
		Name     string      `json:"name,omitempty" doc:"Display name, for new people"`
		Password holm.Secret `json:"password,omitempty" doc:"At least 10 characters, for new people"`
	}
}

// InvitationAccepted says what was accepted, and for new people is their
// first session.
type InvitationAccepted struct {
	Account Person          `json:"account"`
	Role    string          `json:"role"`
	User    UserView        `json:"user"`
	Session *SessionCreated `json:"session" doc:"For new people: their first session"`
}

// InvitationDeclineInput is the input of invitation.decline.
type InvitationDeclineInput struct {
	OfNobody `reason:"the mailed link is the proof"`
	Token    holm.Secret `path:"token" doc:"The token of the mailed link"`
}

// CollaborationView is an account that the caller works with.
type CollaborationView struct {
	Account Person     `json:"account"`
	Name    string     `json:"name" doc:"The owner's name"`
	Role    string     `json:"role"`
	Status  string     `json:"status"`
	Until   *time.Time `json:"until"`
	Shared  int        `json:"shared" doc:"Number of environments you can see there"`
	// SecondFactorNeeded says that the account asks for a second factor, which
	// the caller has not: nothing of it can be used until it is set up.
	SecondFactorNeeded bool `json:"second_factor_needed"`
	// Create says whether the caller may create environments there.
	Create bool `json:"create"`
	// BreakGlass says whether the caller may give themselves access there.
	BreakGlass bool `json:"break_glass"`
}

// CollaborationListInput is the input of collaboration.list.
type CollaborationListInput struct{ OfUser }

// CollaborationLeaveInput is the input of collaboration.leave.
type CollaborationLeaveInput struct {
	OfUser
	Account string `path:"account" doc:"Account: its id or its owner's e-mail address"`
}

// SharingRow is one person in an environment's sharing: what they were given
// directly, and what they effectively have.
type SharingRow struct {
	Collaborator Person     `json:"collaborator"`
	Name         string     `json:"name"`
	Role         string     `json:"role"`
	Status       string     `json:"status"`
	Level        string     `json:"level" doc:"The level given directly; none also where nothing was, see direct"`
	Direct       bool       `json:"direct" doc:"Whether something was given directly. If not, groups and access to all environments decide; if so, they do not, also where the level is none"`
	Until        *time.Time `json:"until"`
	LastSeenAt   *time.Time `json:"last_seen_at"`
	// What counts: see EffectiveView.
	Effective      string     `json:"effective" doc:"The level that counts; none when they cannot see the environment"`
	EffectiveUntil *time.Time `json:"effective_until" doc:"When the first of the gifts that count ends by itself"`
	From           []GiftView `json:"from" doc:"The gifts that count"`
	Inherited      []GiftView `json:"inherited" doc:"What groups and access to all environments give, which counts where nothing is given directly"`
	// Everything of a collaborator ends with the collaboration.
	CollaborationUntil *time.Time `json:"collaboration_until" doc:"When the collaboration itself ends; null for no end"`
}

// EnvironmentSharingInput is the input of environment.sharing.
type EnvironmentSharingInput struct {
	OfEnvironment
	Paging
}

// PersonShare is a level wanted for one collaborator.
type PersonShare struct {
	Collaborator string     `json:"collaborator" doc:"Collaborator: id or e-mail address"`
	Level        string     `json:"level" doc:"full, limited, none (hides it, whatever groups give), inherit (nothing of one's own), or an own level by name or id"`
	Until        *time.Time `json:"until,omitempty" doc:"When the access ends by itself; null for no end"`
	Was          *Held      `json:"was,omitempty" doc:"What was there when the choice was made; when it is not so any more, nothing is saved"`
}

// EnvironmentShareInput is the input of environment.share. Collaborators that
// are not named keep their level.
type EnvironmentShareInput struct {
	OfEnvironment
	Body struct {
		Collaborators []PersonShare `json:"collaborators" doc:"The levels to set; all or none are saved"`
	}
}

// AccessWhyInput is the input of access.why.
type AccessWhyInput struct {
	OfEnvironment
	Operation string `query:"operation" required:"true" doc:"Name of an operation, for example environment.delete"`
	Person    string `query:"person" doc:"E-mail address or id of a collaborator; yourself when not given, others only for the owner"`
}

// AccessWhyView is a decision with its reason.
type AccessWhyView struct {
	Person      string `json:"person"`
	Operation   string `json:"operation"`
	Permission  string `json:"permission"`
	Allowed     bool   `json:"allowed"`
	Rule        string `json:"rule" doc:"The rule that decided"`
	Reason      string `json:"reason"`
	GrantableBy string `json:"grantable_by" doc:"Who can give it"`
	Level       string `json:"level" doc:"The level that counts for the person in this environment; owner for the owner"`
	Status      string `json:"status" doc:"Where the person's collaboration stands; empty for the owner and for strangers"`
	// From are the gifts that count, with the groups they come through.
	From []GiftView `json:"from"`
}

// The operations of collaboration.
var (
	CollaboratorList = declare[CollaboratorListInput, Page[CollaboratorView]]("collaborator.list", Read, access.AccountManageCollaborators, "GET /v1/accounts/{account}/collaborators",
		"List collaborators and invitations", "listed the collaborators")
	CollaboratorShow = declare[CollaboratorShowInput, CollaboratorView]("collaborator.show", Read, access.AccountManageCollaborators, "GET /v1/accounts/{account}/collaborators/{collaborator}",
		"Show a collaborator with every access", "looked at collaborator {target}")
	CollaboratorInvite = declare[CollaboratorInviteInput, CollaboratorView]("collaborator.invite", Change, access.AccountManageCollaborators, "POST /v1/accounts/{account}/collaborators",
		"Invite by e-mail (role and access levels and end optional)", "invited {target}")
	CollaboratorResend = declare[CollaboratorResendInput, CollaboratorView]("collaborator.resend", Change, access.AccountManageCollaborators, "POST /v1/accounts/{account}/collaborators/{collaborator}/resend",
		"Send a new invitation link", "sent {target} a new invitation link")
	CollaboratorUpdate = declare[CollaboratorUpdateInput, CollaboratorView]("collaborator.update", Change, access.AccountManageCollaborators, "PATCH /v1/accounts/{account}/collaborators/{collaborator}",
		"Change role or suspend or reactivate", "changed collaborator {target}")
	CollaboratorRemove = declare[CollaboratorRemoveInput, None]("collaborator.remove", Change, access.AccountManageCollaborators, "DELETE /v1/accounts/{account}/collaborators/{collaborator}",
		"Remove a collaborator or revoke an invitation", "removed collaborator {target}")
	CollaboratorShare = declare[CollaboratorShareInput, CollaboratorView]("collaborator.share", Change, access.AccountManageCollaborators, "PUT /v1/accounts/{account}/collaborators/{collaborator}/environments",
		"Set access levels on several environments in one save", "shared environments with {target}")
	InvitationPreview = declare[InvitationPreviewInput, PreviewView]("invitation.preview", Read, access.AccountManageCollaborators, "POST /v1/accounts/{account}/collaborators/preview",
		"Tell what an invitation would give", "looked at what an invitation of {target} would give")
	InvitationShow = declare[InvitationShowInput, InvitationView]("invitation.show", Read, access.Public, "GET /v1/invitations/{token}",
		"Show who invites you and to what", "looked at an invitation")
	InvitationAccept = personal(declare[InvitationAcceptInput, InvitationAccepted]("invitation.accept", Change, access.Public, "POST /v1/invitations/{token}/accept",
		"Accept (a new person sets a password; an existing one must be signed in)", "accepted the invitation"))
	InvitationDecline = declare[InvitationDeclineInput, None]("invitation.decline", Change, access.Public, "POST /v1/invitations/{token}/decline",
		"Decline", "declined the invitation")
	CollaborationList = declare[CollaborationListInput, Page[CollaborationView]]("collaboration.list", Read, access.Self, "GET /v1/user/collaborations",
		"List the accounts you collaborate on", "listed their collaborations")
	CollaborationLeave = personal(declare[CollaborationLeaveInput, None]("collaboration.leave", Change, access.Self, "DELETE /v1/user/collaborations/{account}",
		"Leave an account", "left the account"))
	EnvironmentSharing = declare[EnvironmentSharingInput, Page[SharingRow]]("environment.sharing", Read, access.EnvironmentShare, "GET /v1/environments/{environment}/collaborators",
		"Who has access to this environment", "looked at the sharing of {environment}")
	EnvironmentShare = declare[EnvironmentShareInput, Page[SharingRow]]("environment.share", Change, access.EnvironmentShare, "PUT /v1/environments/{environment}/collaborators",
		"Set the levels of several collaborators in one save", "changed the sharing of {environment}")
	AccessWhy = declare[AccessWhyInput, AccessWhyView]("access.why", Read, access.EnvironmentSee, "GET /v1/environments/{environment}/why",
		"Explain whether a person may do an operation (others than yourself: owner only)", "asked why")
)
