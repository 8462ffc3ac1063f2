package holm

import "time"

// TransferTTL is how long the link of an offered environment works.
const TransferTTL = 7 * 24 * time.Hour

// Transfer is an offer of an environment to another account, while it is open.
type Transfer struct {
	ID          string
	Environment EnvironmentID
	Account     AccountID // that offers it
	Email       string    // to whom
	CreatedAt   time.Time
	ExpiresAt   time.Time
}

// TransferEnd is how an offer ended.
type TransferEnd string

// The ends of an offer.
const (
	TransferAccepted  TransferEnd = "accepted"
	TransferDeclined  TransferEnd = "declined"
	TransferCancelled TransferEnd = "cancelled"
	TransferExpired   TransferEnd = "expired"
)
