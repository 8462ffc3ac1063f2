package account

import (
	"errors"
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
	return ops.OperatorUserView{ID: string(l.User.ID), Email: l.User.Email, Name: l.User.Name, Operator: l.User.Operator, Type: string(l.Account.Type), Quota: l.Account.Quota, Limits: l.Account.Limits(),
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
	s.AlsoIn(a.ID)
	if in.Body.Suspended != nil {
		if *in.Body.Suspended && u.ID == s.User.ID {
			return v, holm.Errorf(holm.CodeConflict, "You cannot suspend yourself; another operator can.")
		}
		s.Note("was_suspended", !u.SuspendedAt.IsZero())
		if err := f.suspend(s, u, *in.Body.Suspended); err != nil {
			return v, err
		}
	}
	if err := f.setLimits(s, a, holm.AccountType(in.Body.Type), in.Body.Quota); err != nil {
		return v, err
	}
	if in.Body.EndSessions {
		_, revoking := revokeTokens(s, u)
		if err := errors.Join(revoking, f.endSessions(s, u)); err != nil {
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
	own, err := s.Tx.AccountOf(u.ID)
	if err != nil {
		return err
	}
	s.AccessChanged(u.ID)
	s.CollaboratorsChanged(own.ID)
	// What others have open on the account is decided anew too: looking stays,
	// the rest is cut.
	for after := ""; ; {
		list, err := s.Tx.Collaborators(own.ID, string(holm.StatusActive), after, 500)
		if err != nil {
			return err
		}
		for _, c := range list {
			s.AccessChanged(c.User)
		}
		if len(list) < 500 {
			break
		}
		after = holm.EmailKey(list[len(list)-1].Email)
	}
	if !suspended {
		return nil
	}
	return f.endSessions(s, u)
}

// endSessions ends every sign-in of a person, and has no device of theirs
// known any more. Access tokens are another matter: those of somebody who is
// suspended do not work until they are not any more.
func (f *Feature) endSessions(s *dispatch.Scope, u holm.User) error {
	sessions, err := s.Tx.Sessions(u.ID)
	for _, v := range sessions {
		s.SessionEnded(v.ID)
	}
	s.Note("sessions_ended", len(sessions))
	return errors.Join(err, s.Tx.EndSessions(u.ID, ""), s.Tx.ForgetDevices(u.ID))
}

// setLimits changes the type of an account, what is set for it alone, or both.
func (f *Feature) setLimits(s *dispatch.Scope, a holm.Account, t holm.AccountType, q *holm.Quota) error {
	if t == "" && q == nil {
		return nil
	}
	// Who creates at this moment waits, or is counted here.
	if err := s.Tx.LockAccount(a.ID); err != nil {
		return err
	}
	was := a
	switch t {
	case "":
	case holm.AccountFull, holm.AccountTrial, holm.AccountCollaborator:
		a.Type = t
	default:
		return holm.Invalid("type", "The account type is full, trial or collaborator.")
	}
	if q != nil {
		if err := q.Check(); err != nil {
			return err
		}
		if a.Type == holm.AccountCollaborator && *q != (holm.Quota{}) {
			return holm.Invalid("quota", "A collaborator account owns nothing; make it a trial or full account first.")
		}
		a.Quota = *q
	}
	count, err := s.Tx.EnvironmentCount(a.ID)
	if err != nil {
		return err
	}
	if most := a.Limits().Environments; count > most && most < was.Limits().Environments {
		return holm.Errorf(holm.CodeConflict, "The account owns %d environments and would be limited to %d; it must delete or transfer some first.", count, most)
	}
	s.Note("was_type", was.Type)
	s.Note("was_quota", was.Quota)
	s.AccessChanged(a.Owner)
	return errors.Join(s.Tx.SetAccountType(a.ID, a.Type), s.Tx.SetQuota(a.ID, a.Quota))
}
