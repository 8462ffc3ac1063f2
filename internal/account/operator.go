package account

import (
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

func (f *Feature) users(s *dispatch.Scope, in *ops.OperatorUsersInput) (page ops.Page[ops.OperatorUserView], err error) {
	list, err := s.Tx.Users(in.Email, in.Cursor, in.Size()+1)
	page.Items = []ops.OperatorUserView{}
	for i, l := range list {
		if i == in.Size() {
			page.Next = &page.Items[i-1].Email
			break
		}
		page.Items = append(page.Items, operatorView(l))
	}
	return page, err
}

func operatorView(l store.Listed) ops.OperatorUserView {
	return ops.OperatorUserView{ID: string(l.User.ID), Email: l.User.Email, Name: l.User.Name, Operator: l.User.Operator, Type: string(l.Account.Type),
		Suspended: !l.User.SuspendedAt.IsZero(), Environments: l.Environments, CreatedAt: l.User.CreatedAt, LastSeenAt: ops.TimeOrNull(l.SeenAt)}
}

func (f *Feature) updateUser(s *dispatch.Scope, in *ops.OperatorUpdateUserInput) (v ops.OperatorUserView, err error) {
	u, err := f.findUser(s, in.User)
	if err != nil {
		return v, err
	}
	a, err := s.Tx.AccountOf(u.ID)
	if err != nil {
		return v, err
	}
	s.About(u.Email)
	if in.Body.Suspended != nil {
		if *in.Body.Suspended && u.ID == s.User.ID {
			return v, holm.Errorf(holm.CodeConflict, "You cannot suspend yourself; another operator can.")
		}
		s.Note("was_suspended", !u.SuspendedAt.IsZero())
		if err := f.suspend(s, u, *in.Body.Suspended); err != nil {
			return v, err
		}
	}
	if in.Body.Type != "" {
		s.Note("was_type", a.Type)
		if err := f.retype(s, a, holm.AccountType(in.Body.Type)); err != nil {
			return v, err
		}
	}
	list, err := s.Tx.Users(u.Email, "", 500)
	for _, l := range list {
		if l.User.ID == u.ID {
			return operatorView(l), err
		}
	}
	return v, err
}

func (f *Feature) findUser(s *dispatch.Scope, name string) (holm.User, error) {
	if !strings.Contains(name, "@") {
		return s.Tx.User(holm.UserID(name))
	}
	u, err := s.Tx.UserByEmail(name)
	if missing(err) {
		return u, holm.ErrNotFound()
	}
	return u, err
}

func (f *Feature) suspend(s *dispatch.Scope, u holm.User, suspended bool) error {
	if err := s.Tx.SuspendUser(u.ID, suspended); err != nil {
		return err
	}
	s.AccessChanged(u.ID)
	if !suspended {
		return nil
	}
	sessions, err := s.Tx.Sessions(u.ID)
	for _, v := range sessions {
		s.SessionEnded(v.ID)
	}
	return err
}

func (f *Feature) retype(s *dispatch.Scope, a holm.Account, t holm.AccountType) error {
	switch t {
	case holm.AccountFull, holm.AccountTrial, holm.AccountCollaborator:
	default:
		return holm.Invalid("type", "The account type is full, trial or collaborator.")
	}
	count, err := s.Tx.EnvironmentCount(a.ID)
	if err != nil {
		return err
	}
	if most := holm.LimitsOf(t).Environments; count > most {
		return holm.Errorf(holm.CodeConflict, "The account owns %d environments and a %s account may own %d; it must delete or transfer some first.", count, t, most)
	}
	return s.Tx.SetAccountType(a.ID, t)
}
