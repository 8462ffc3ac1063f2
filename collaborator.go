package holm

import "time"

// Role is what a collaborator may do on the account as a whole.
type Role string

// The account roles. A viewer uses what is shared; an admin may also create
// environments on the owner's account.
const (
	RoleViewer Role = "viewer"
	RoleAdmin  Role = "admin"
)

// Valid says whether r is a role.
func (r Role) Valid() bool { return r == RoleViewer || r == RoleAdmin }

// Status is where a collaboration stands.
type Status string

// The states of a collaboration. Only active ones give any right.
const (
	StatusPending   Status = "pending"
	StatusActive    Status = "active"
	StatusSuspended Status = "suspended"
	StatusLeft      Status = "left"
	StatusDeclined  Status = "declined"
	StatusExpired   Status = "expired"
	StatusRemoved   Status = "removed"
)

// Open says whether the collaboration is one the owner still has to think of.
func (s Status) Open() bool {
	return s == StatusPending || s == StatusActive || s == StatusSuspended
}

// Collaborator is a user's membership in somebody else's account. User is
// empty until the invitation is accepted.
type Collaborator struct {
	ID         CollaboratorID
	Account    AccountID
	User       UserID
	Email      string
	Name       string // the user's, empty while pending
	Role       Role
	Status     Status
	Until      time.Time // zero: no end
	Wide       Level     // on all environments of the account, those to come too; "" is nothing
	WideUntil  time.Time // zero: no end
	Glass      bool      // may give themselves access for some hours, with an alarm to the owner
	InvitedBy  UserID
	LinkUntil  time.Time // when the invitation link ends
	CreatedAt  time.Time
	AcceptedAt time.Time
	LastSeenAt time.Time
	Factor     bool // has a second factor
	Shared     int  // environments they can see, counted
}

// Grant is a level given to a collaborator in one environment.
type Grant struct {
	Collaborator CollaboratorID
	Environment  EnvironmentID
	Level        Level
	Until        time.Time // zero: no end
}

// InvitationTTL is how long an invitation link works.
const InvitationTTL = 7 * 24 * time.Hour
