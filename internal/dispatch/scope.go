package dispatch

import (
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// Scope is what an implementation works in: one transaction, one caller, the
// target that was found and the decision that let the caller through.
type Scope struct {
	context.Context
	Tx        *store.Tx
	Caller    Caller
	Operation *ops.Operation // nil for changes that Holm makes by itself
	User      holm.User      // the caller, zero when not signed in
	Own       holm.Account   // the caller's own account
	// Account and Environment are the target, where the operation has one.
	Account     holm.Account
	Environment holm.Environment
	Relation    store.Relation
	Facts       access.Facts
	Decision    access.Decision
	Prepared    any // what the operation's preparation gave

	door    *Door
	refused bool // by the decision
	view    holm.View
	viewer  holm.User // who looks, where the caller looks as somebody else
	asOther bool      // User is whom the caller looks as
	target  string
	logged  holm.AccountID // whose audit log the row goes to
	also    []holm.AccountID
	who     *holm.User // who did it, where that is not the caller
	token   holm.AccessToken
	detail  map[string]any
	changes []holm.AuditChange
	letters []holm.Letter
	effects effects
}

// effects are what happens after the transaction is kept.
type effects struct {
	events []Event
	wake   []holm.EnvironmentID
	cut    []holm.UserID
	tokens []string
}

func (d *Door) scope(ctx context.Context, tx *store.Tx, c Caller, op *ops.Operation) *Scope {
	return &Scope{Context: ctx, Tx: tx, Caller: c, Operation: op, door: d, detail: map[string]any{}}
}

// Now is the moment of the transaction.
func (s *Scope) Now() time.Time { return s.Tx.Now() }

// About names what the row in the audit log is about, where that is not the
// environment.
func (s *Scope) About(target string) { s.target = target }

// Note adds a detail to the row in the audit log. Secrets must be of type
// holm.Secret.
func (s *Scope) Note(key string, value any) { s.detail[key] = value }

// NoteChange adds to the row in the audit log that something is different now:
// what, of which environment or person ("" for the row's target), and how it
// was before. What is the same is no change. For one value of the target,
// Note("was_alias", before) beside the input's alias is enough.
func (s *Scope) NoteChange(what, of string, was, now any) {
	if was = plain(was); !reflect.DeepEqual(was, plain(now)) {
		s.changes = append(s.changes, holm.AuditChange{What: what, Of: of, Was: was, Now: plain(now)})
	}
}

// LogIn puts the row into another account's audit log: public operations say
// with it whom they are about.
func (s *Scope) LogIn(account holm.AccountID) { s.logged = account }

// AlsoIn puts the row of what was done into another account's audit log too:
// whom it is about has a right to know.
func (s *Scope) AlsoIn(account holm.AccountID) { s.also = append(s.also, account) }

// By says who did it, where the caller was not signed in yet.
func (s *Scope) By(user holm.User) { s.who = &user }

// Write writes a mail in the transaction.
func (s *Scope) Write(l holm.Letter) { s.letters = append(s.letters, l) }

// Changed tells those who follow an environment that it changed.
func (s *Scope) Changed(e holm.Environment) {
	s.effects.events = append(s.effects.events, Event{Type: EventEnvironment, Environment: e.ID, Account: e.Account})
}

// CollaboratorsChanged tells those who follow an account.
func (s *Scope) CollaboratorsChanged(account holm.AccountID) {
	s.effects.events = append(s.effects.events, Event{Type: EventCollaborators, Account: account})
}

// AccessChanged has every open session of these people decided anew as soon
// as the change is kept, and their pages refreshed.
func (s *Scope) AccessChanged(users ...holm.UserID) {
	for _, u := range users {
		if u != "" {
			s.effects.cut = append(s.effects.cut, u)
			s.effects.events = append(s.effects.events, Event{Type: EventAccess, User: u})
		}
	}
}

// SessionEnded cuts everything that came with a session or an access token.
func (s *Scope) SessionEnded(id string) { s.effects.tokens = append(s.effects.tokens, id) }

// Wake has the reconciler look at an environment once the change is kept.
func (s *Scope) Wake(id holm.EnvironmentID) { s.effects.wake = append(s.effects.wake, id) }

// Filter makes the filter of what the caller may see in lists.
func (s *Scope) Filter() store.Filter {
	f := store.FilterFor(s.User.ID, s.Own.ID, s.Now(), s.Decision.OwnRows).Within(s.token.Environments, s.User.Factor)
	if s.asOther {
		f = f.Of(s.view.Account)
	}
	return f
}

// Permissions lists what the caller may do in an environment of a list.
func (s *Scope) Permissions(r store.Relation) []access.Permission {
	f := s.facts(r)
	f.Reading = false // that the caller looks now is not what the list is about
	return access.Allowed(f)
}

// Sees finds an environment, by id or name, and says whether the caller may
// know of it.
func (s *Scope) Sees(name string) (holm.Environment, bool, error) {
	r, err := s.Tx.ToEnvironment(s.User.ID, name)
	if err == nil && s.asOther && r.Account.ID != s.view.Account {
		return holm.Environment{}, false, nil
	}
	if errors.Is(err, store.ErrNone) {
		return holm.Environment{}, false, nil
	}
	facts := s.facts(r)
	facts.Personal = false // the operation is another one
	return r.Environment, err == nil && access.Decide(access.EnvironmentSee, facts).Visible, err
}

// Removed tells those who follow an environment that it is gone.
func (s *Scope) Removed(e holm.Environment) {
	s.effects.events = append(s.effects.events, Event{Type: EventRemoved, Environment: e.ID, Account: e.Account})
}
