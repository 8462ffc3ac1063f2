package holm

import "time"

// User is a person with one login.
type User struct {
	ID          UserID
	Email       string // as the person wrote it; compare with EmailKey
	Name        string
	Operator    bool      // runs the installation; gives no access to anybody's environments
	Factor      bool      // has a second factor, which signing in asks for
	ProvenAt    time.Time // when they proved that the address is theirs, zero for never
	SuspendedAt time.Time // zero when not suspended
	CreatedAt   time.Time
}

// Session is one signed-in browser, command line or script of a user.
type Session struct {
	ID        string
	User      UserID
	Road      Road
	Method    string // how it began: password, passkey, provider, link
	Device    string // the user agent, shortened
	Address   string // the address it was last used from
	CreatedAt time.Time
	UsedAt    time.Time
	ExpiresAt time.Time
}

// Road is the way a request came in.
type Road string

// The roads that lead to the door.
const (
	RoadDashboard   Road = "dashboard"
	RoadAPI         Road = "api"
	RoadCommandLine Road = "cli"
	RoadSSH         Road = "ssh"
	RoadFTP         Road = "ftp"
	RoadSystem      Road = "system"
)
