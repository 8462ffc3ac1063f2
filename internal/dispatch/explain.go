package dispatch

import (
	"errors"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/store"
)

// Decide asks the one function about facts that were gathered for an
// explanation or a preview. Nothing is done or recorded.
func (s *Scope) Decide(permission access.Permission, f access.Facts) access.Decision {
	return access.Decide(permission, f)
}

// Allowed lists what facts that were gathered for an explanation give.
func (s *Scope) Allowed(f access.Facts) []access.Permission { return access.Allowed(f) }

// FactsOf gathers the facts of somebody else about an environment of the
// target's account, by their e-mail address, to be told in the third person.
// Who is invited stands as the invitation will once it is accepted.
func (s *Scope) FactsOf(email string, e holm.Environment) (access.Facts, error) {
	other := s.door.scope(s.Context, s.Tx, Caller{}, s.Operation)
	user, err := s.Tx.UserByEmail(email)
	if err != nil && !errors.Is(err, store.ErrNone) {
		return access.Facts{}, err
	}
	if err == nil {
		other.Caller = Caller{User: user.ID, Email: user.Email}
		if err := other.identify(); err != nil {
			return access.Facts{}, err
		}
	}
	relation := store.Relation{Account: s.Account, Environment: e}
	member, err := s.Tx.Collaborator(s.Account.ID, email)
	if err == nil {
		relation.Member = member
		relation.Gifts, err = s.Tx.GiftsOf(member.ID, e.ID)
	} else if holm.CodeOf(err) == holm.CodeNotFound {
		err = nil
	}
	f := other.facts(relation)
	f.Now, f.SignedIn, f.Person = s.Now(), true, email
	return f, err
}

// FactsOfMember is FactsOf for a collaborator that was read already, standing
// to an environment by the gifts given.
func (s *Scope) FactsOfMember(c holm.Collaborator, gifts []access.Gift) access.Facts {
	return access.Facts{Now: s.Now(), SignedIn: true, Person: c.Email, OwnerEmail: s.Account.OwnerEmail, OwnerSuspended: !s.Account.SuspendedAt.IsZero(),
		Role: c.Role, Status: c.Status, CollaborationEnd: c.Until, Gifts: gifts}
}
