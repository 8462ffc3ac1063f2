package holm

import "time"

// AccessToken is what a script signs in with: part of what its person may do,
// with an end. Only the hash of the token itself is kept.
type AccessToken struct {
	ID           string
	User         UserID
	Name         string
	Hint         string          // its last characters, to tell it from others
	Permissions  []string        // those it carries; nil for all
	Environments []EnvironmentID // those it reaches; nil for all
	CreatedAt    time.Time
	ExpiresAt    time.Time
	UsedAt       time.Time // zero: never
	Address      string    // it was last used from
}

// Passkey is a key of a device that a person signs in with.
type Passkey struct {
	ID         string
	User       UserID
	Name       string
	Credential []byte // what the library keeps of it, nothing secret
	CreatedAt  time.Time
	UsedAt     time.Time // zero: never
}

// Identity is a person's login at a sign-in provider.
type Identity struct {
	ID        string
	User      UserID
	Issuer    string
	Subject   string
	Email     string // as the provider gave it
	CreatedAt time.Time
	UsedAt    time.Time
}

// SecondFactor is what a sign-in asks for after the first step.
type SecondFactor struct {
	// Token stands for the first step; it works for some minutes.
	Token string `json:"token"`
	// Kinds are what can be given: code, recovery_code, passkey.
	Kinds []string `json:"kinds"`
}
