package dispatch

import (
	"errors"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// identify reads the caller anew, so that a login suspended a moment ago
// counts at once.
func (s *Scope) identify() (err error) {
	if s.Caller.User == "" || s.User.ID != "" {
		return nil
	}
	if s.User, err = s.Tx.User(s.Caller.User); err != nil {
		return holm.Errorf(holm.CodeUnauthorized, "The sign-in has ended; sign in again.")
	}
	if s.Own, err = s.Tx.AccountOf(s.User.ID); err != nil {
		return err
	}
	if err := s.readToken(); err != nil {
		return err
	}
	return s.lookAs()
}

// find reads the target and how the caller stands to it. What does not exist
// is left unfound here; decide gives the one answer for both.
func (s *Scope) find(t ops.Target) (err error) {
	if err := s.identify(); err != nil {
		return err
	}
	switch t.Kind {
	case ops.TargetAccount:
		name := t.Account
		if name == "me" || name == "" {
			name = string(s.Own.ID)
		}
		s.target = t.Account
		err = s.relate(t, name)
	case ops.TargetEnvironment:
		s.target = t.Environment
		err = s.relate(t, t.Environment)
	default:
		s.Facts = s.facts(store.Relation{})
		return nil
	}
	if err != nil {
		return err
	}
	if s.Operation.Kind == ops.Change && s.Relation.Account.ID != "" {
		if err := s.lock(t); err != nil {
			return err
		}
	}
	s.Account, s.Environment = s.Relation.Account, s.Relation.Environment
	s.Facts = s.facts(s.Relation)
	return nil
}

// relate reads how the caller stands to a target; to what does not exist, not
// at all.
func (s *Scope) relate(t ops.Target, name string) (err error) {
	switch {
	case t.Deleted:
		s.Relation, err = s.Tx.ToDeleted(s.User.ID, name)
	case t.Kind == ops.TargetEnvironment:
		s.Relation, err = s.Tx.ToEnvironment(s.User.ID, name)
	default:
		s.Relation, err = s.Tx.ToAccount(s.User.ID, name)
	}
	if errors.Is(err, store.ErrNone) {
		s.Relation, err = store.Relation{}, nil
	}
	s.within()
	return err
}

// lock makes changes to one account wait for each other, then reads again
// what may have changed while this one waited.
func (s *Scope) lock(t ops.Target) error {
	if s.door.store.Dialect() == store.SQLite {
		return nil
	}
	for {
		locked := s.Relation.Account.ID
		if err := s.Tx.LockAccount(locked); err != nil {
			return err
		}
		name := string(locked)
		if t.Kind == ops.TargetEnvironment {
			name = string(s.Relation.Environment.ID)
		}
		if err := s.relate(t, name); err != nil {
			return err
		}
		// An environment may have got another owner meanwhile.
		if s.Relation.Account.ID == locked || s.Relation.Account.ID == "" {
			return nil
		}
	}
}

func (s *Scope) facts(r store.Relation) access.Facts {
	return access.Facts{
		Now:              s.Now(),
		SignedIn:         s.User.ID != "",
		System:           s.Caller.system != "",
		Operator:         s.User.Operator,
		Suspended:        !s.User.SuspendedAt.IsZero(),
		AccountType:      s.Own.Type,
		Reading:          s.Operation != nil && s.Operation.Kind == ops.Read,
		Personal:         s.Operation != nil && s.Operation.Personal,
		Factor:           s.User.Factor,
		FactorWanted:     r.Account.FactorWanted,
		Token:            s.narrowing(r),
		Owner:            r.Account.Owner != "" && r.Account.Owner == s.User.ID,
		OwnerEmail:       r.Account.OwnerEmail,
		OwnerSuspended:   !r.Account.SuspendedAt.IsZero(),
		Role:             r.Member.Role,
		Status:           r.Member.Status,
		CollaborationEnd: r.Member.Until,
		Gifts:            r.Gifts,
	}
}

// decide asks the one function and makes its refusal an error.
func (s *Scope) decide() error {
	s.Decision = access.Decide(s.Operation.Permission, s.Facts)
	if s.Decision.Allowed && s.targetFound() {
		return nil
	}
	s.refused = true
	if s.Operation.Permission != access.Public && s.User.ID == "" && s.Caller.system == "" {
		return holm.Errorf(holm.CodeUnauthorized, "Sign in first.")
	}
	if s.Decision.Allowed || !s.Decision.Visible {
		s.Account, s.Environment, s.Relation = holm.Account{}, holm.Environment{}, store.Relation{}
		return holm.ErrNotFound()
	}
	d := s.Decision
	detail := "You may not " + lowerFirst(labelOf(d.Permission)) + ": " + lowerFirst(d.Reason)
	if d.GrantableBy != "" {
		detail += " " + d.GrantableBy + " can give you the right."
	}
	return &holm.Error{Code: holm.CodeForbidden, Detail: detail, Permission: string(d.Permission), Reason: d.Reason, GrantableBy: d.GrantableBy}
}

// targetFound says whether what the operation is about exists.
func (s *Scope) targetFound() bool {
	switch kind := ops.TargetKindOf(s.Operation); kind {
	case ops.TargetAccount:
		return s.Account.ID != ""
	case ops.TargetEnvironment:
		return s.Environment.ID != ""
	}
	return true
}

func labelOf(p access.Permission) string {
	if row, ok := access.Lookup(p); ok {
		return row.Label
	}
	if p == access.Operator {
		return "run this installation"
	}
	return string(p)
}

func lowerFirst(s string) string {
	if s == "" || (len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z') {
		return s
	}
	return string(s[0]|0x20) + s[1:]
}
