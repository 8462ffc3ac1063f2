package holm

import "time"

// View is an owner looking at the dashboard as a collaborator of theirs would
// see it. While it lasts, the sign-in that it began with can change nothing.
type View struct {
	ID           string
	Session      string // the sign-in that it began with
	Owner        UserID // who looks
	Account      AccountID
	Collaborator CollaboratorID
	User         UserID // as whom
	Email        string
	Name         string
	StartedAt    time.Time
	Until        time.Time // when it ends by itself
	EndedAt      time.Time // zero while it lasts
}

// Over says whether the view has ended, by itself or by its owner.
func (v View) Over(now time.Time) bool { return !v.EndedAt.IsZero() || !now.Before(v.Until) }

// ViewLongest is how long a view lasts at most.
const ViewLongest = 30 * time.Minute
