package holm

import "time"

// LetterKind is the kind of a mail that Holm writes.
type LetterKind string

// The letters of behaviour, part 5, that are written today.
const (
	LetterInvitation         LetterKind = "invitation"
	LetterInvitationAccepted LetterKind = "invitation_accepted"
	LetterInvitationDeclined LetterKind = "invitation_declined"
	LetterShared             LetterKind = "environment_shared"
	LetterLevelChanged       LetterKind = "level_changed"
	LetterUnshared           LetterKind = "environment_unshared"
	LetterRoleChanged        LetterKind = "role_changed"
	LetterSuspended          LetterKind = "collaboration_suspended"
	LetterReactivated        LetterKind = "collaboration_reactivated"
	LetterRemoved            LetterKind = "collaboration_removed"
	LetterLeft               LetterKind = "collaborator_left"
	LetterEndChanged         LetterKind = "collaboration_end_changed"
	LetterWideChanged        LetterKind = "all_environments_changed" // the level on all environments
	LetterGroupJoined        LetterKind = "group_joined"
	LetterGroupLeft          LetterKind = "group_left"
	LetterGroupChanged       LetterKind = "group_changed"
	LetterAccessAsked        LetterKind = "access_asked"    // to the owner
	LetterAccessAnswered     LetterKind = "access_answered" // to who asked
	LetterGlass              LetterKind = "glass_broken"    // to the owner
	LetterEnding             LetterKind = "access_ending"
	LetterEndings            LetterKind = "access_endings" // to the owner
	LetterCreated            LetterKind = "environment_created"
	LetterDeleted            LetterKind = "environment_deleted"
	LetterNodesRemoved       LetterKind = "nodes_removed" // to the owner
	LetterPasswordReset      LetterKind = "password_reset"
	LetterPasswordChanged    LetterKind = "password_changed"
	LetterSignUp             LetterKind = "sign_up"       // with the link to go on
	LetterSignUpTaken        LetterKind = "sign_up_taken" // to who has a login with the address already
	LetterNewDevice          LetterKind = "new_device"
	LetterTokenAdded         LetterKind = "token_added"
	LetterSignInChanged      LetterKind = "sign_in_changed"
	LetterFactorWanted       LetterKind = "second_factor_required"
	LetterCheckpoints        LetterKind = "audit_checkpoints"
	LetterAuditAlarm         LetterKind = "audit_alarm" // to operators
	LetterNodePassword       LetterKind = "node_password"
	LetterTransferRequested  LetterKind = "transfer_requested" // to whom it is offered
	LetterTransferAccepted   LetterKind = "transfer_accepted"  // to the owner who gave it away
	LetterTransferDeclined   LetterKind = "transfer_declined"  // to the owner
	LetterTransferCancelled  LetterKind = "transfer_cancelled" // to whom it was offered
	LetterTransferKept       LetterKind = "transfer_kept"      // to collaborators who keep their level
	LetterTransferLost       LetterKind = "transfer_lost"      // to collaborators whose access ended with it
)

// Letter is a mail to be written in the transaction of the change it tells
// of.
type Letter struct {
	Kind LetterKind
	// Event names what happened and for whom; the same event never makes a
	// second mail.
	Event  string
	To     string
	ToName string

	// What the templates may speak of; each kind uses what it needs.
	Actor       string // e-mail address of who did it
	ActorName   string
	Owner       string // e-mail address of the account's owner
	OwnerName   string
	Group       string        // name of a group of collaborators
	For         time.Duration // how long something is asked for
	Reason      string        // why something is asked for, or how it was answered
	Environment string        // its name
	Alias       string
	Level       Level
	WasLevel    Level
	Role        Role
	WasRole     Role
	Until       time.Time // when the access ends by itself
	LinkUntil   time.Time // when the link in the mail ends
	Path        string    // page of the dashboard that the mail links to
	Shared      []LetterShare
	Checkpoints []LetterCheckpoint
	Device      string
	What        string // the thing that was added, or what changed as a sentence
	Address     string
	ByMail      bool   // the password was set with a mailed link
	Tokens      int    // access tokens that go on working or, where the password was set by mail, were revoked
	OtherWays   int    // passkeys and linked logins that sign in besides the password
	Server      string // what kind of server a password is for
	Layer       string
	Login       string
	Hosts       []string // names of nodes inside the environment
	Password    Secret
	First       bool // the servers are new and had no password
}

// LetterShare is one environment named in a letter.
type LetterShare struct {
	Environment string
	Alias       string
	Level       Level
	Until       time.Time
}

// LetterCheckpoint is what an audit log was, in a letter.
type LetterCheckpoint struct {
	Log  string
	Rows int64
	Hash string // of all rows, in Base64
}
