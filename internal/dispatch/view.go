package dispatch

import (
	"context"
	"errors"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
)

// A view is a rule of the door: a sign-in that looks as somebody else is
// decided as that person, on one account, and gets nothing but what is marked
// for it. It is read anew in every transaction, so that its end counts at once.

// viewOf finds the view that holds a sign-in, "" for none.
func (d *Door) viewOf(ctx context.Context, session string) (id string, err error) {
	err = d.store.Read(ctx, func(tx *store.Tx) error {
		v, err := tx.ViewIn(session)
		if errors.Is(err, store.ErrNone) {
			return nil
		}
		id = v.ID
		return err
	})
	return id, err
}

// Viewing gives the view that the caller looks through.
func (s *Scope) Viewing() (v holm.View, looks bool) { return s.view, s.asOther }

// lookAs makes a caller who looks through a view the one they look as. It
// refuses what a view does not let through, as the one who looks.
func (s *Scope) lookAs() (err error) {
	if s.Caller.View == "" {
		return nil
	}
	s.view, err = s.Tx.ViewIn(s.Caller.Session)
	switch {
	case errors.Is(err, store.ErrNone), err == nil && (s.view.ID != s.Caller.View || s.view.Owner != s.User.ID):
		return holm.Errorf(holm.CodeUnauthorized, "You do not look as somebody else any more; load the page again.")
	case err != nil:
		return err
	case s.Operation != nil && s.Operation.LeavesView():
		return nil
	}
	s.refused = true
	switch {
	case s.view.Over(s.Now()):
		return holm.Errorf(holm.CodeForbidden, "You looked as %s, and that is over. Nothing was done; stop looking to go on as yourself.", s.view.Email)
	case s.Operation == nil || !s.Operation.Viewed():
		return holm.Errorf(holm.CodeForbidden, "You look as %s, and can change nothing and see only what is shared with them here. Stop looking to do this as yourself.", s.view.Email)
	}
	s.refused = false
	viewer := s.User
	if s.User, err = s.Tx.User(s.view.User); err != nil {
		return err
	}
	// Their own account is no part of it.
	s.viewer, s.asOther, s.Own = viewer, true, holm.Account{}
	return nil
}

// within keeps a view to the account that it is of: anything else does not
// exist.
func (s *Scope) within() {
	if s.asOther && s.Relation.Account.ID != s.view.Account {
		s.Relation = store.Relation{}
	}
}

// ViewChanged cuts everything that a sign-in has open, because it begins or
// stops to look as somebody else.
func (s *Scope) ViewChanged(v holm.View) { s.SessionEnded(v.Session) }
