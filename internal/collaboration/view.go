package collaboration

import (
	"context"
	"errors"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

func viewView(s *dispatch.Scope, v holm.View) ops.ViewView {
	return ops.ViewView{Collaborator: ops.Person{ID: string(v.Collaborator), Email: v.Email}, Name: v.Name, StartedAt: v.StartedAt, Until: v.Until, Over: v.Over(s.Now())}
}

// startView has the caller's sign-in look as a collaborator.
func (f *feature) startView(s *dispatch.Scope, in *ops.ViewStartInput) (v ops.ViewView, err error) {
	c, err := s.Tx.Collaborator(s.Account.ID, in.Collaborator)
	if err != nil {
		return v, err
	}
	s.About(c.Email)
	switch {
	case c.Status != holm.StatusActive || c.User == "":
		return v, holm.Errorf(holm.CodeConflict, "%s is %s and sees nothing of your account; you can look as people who are active.", c.Email, c.Status)
	case s.Caller.Session == "":
		return v, holm.Errorf(holm.CodeConflict, "Sign in to look as somebody else; it holds for that sign-in.")
	}
	view, err := s.Tx.PutView(holm.View{Session: s.Caller.Session, Owner: s.User.ID, Account: s.Account.ID, Collaborator: c.ID, User: c.User, Email: c.Email, Name: c.Name,
		Until: s.Now().Add(holm.ViewLongest)})
	if err != nil {
		return v, err
	}
	s.Note("until", view.Until)
	s.ViewChanged(view)
	return viewView(s, view), nil
}

// noView answers who looks as nobody else.
func noView() error { return holm.Errorf(holm.CodeNotFound, "You look as nobody but yourself.") }

func (f *feature) showView(s *dispatch.Scope, _ *ops.ViewShowInput) (ops.ViewView, error) {
	v, err := s.Tx.ViewIn(s.Caller.Session)
	if errors.Is(err, store.ErrNone) {
		return ops.ViewView{}, noView()
	}
	return viewView(s, v), err
}

// endView gives the caller's sign-in back to them.
func (f *feature) endView(s *dispatch.Scope, _ *ops.ViewEndInput) (none ops.ViewView, err error) {
	v, err := s.Tx.ViewIn(s.Caller.Session)
	if errors.Is(err, store.ErrNone) {
		return none, noView()
	}
	if err != nil {
		return none, err
	}
	s.About(v.Email)
	s.LogIn(v.Account)
	s.ViewChanged(v)
	return viewView(s, v), s.Tx.LeaveView(v.ID)
}

// EndViews notes the end of views whose time is up; run from time to time.
// They let nothing through from the moment itself.
func EndViews(ctx context.Context, d *dispatch.Door) error {
	var over []holm.View
	err := d.SystemRead(ctx, func(tx *store.Tx) (err error) {
		over, err = tx.OverViews(1)
		return err
	})
	if err != nil || len(over) == 0 {
		return err
	}
	return d.SystemChange(ctx, "views", func(s *dispatch.Scope) error {
		list, err := s.Tx.OverViews(endsAtOnce)
		for _, v := range list {
			if err == nil {
				err = noteEnd(s, v)
			}
		}
		return err
	})
}

func noteEnd(s *dispatch.Scope, v holm.View) error {
	if err := s.Tx.EndView(v.ID); err != nil {
		return err
	}
	s.ViewChanged(v)
	owner, err := s.Tx.User(v.Owner)
	if err != nil {
		return err
	}
	return s.Tx.Record(store.AuditEntry{Account: v.Account, User: v.Owner, Email: owner.Email, Road: holm.RoadSystem, Operation: ops.ViewEnd.Name, Target: v.Email, Result: "0",
		Detail: map[string]any{"by_itself": true, "since": v.StartedAt}})
}
