package store

import (
	"time"

	"github.com/holmhq/holm"
)

// Relation is all that is known of a person and an account, and where one is
// meant an environment of it, read at one moment.
type Relation struct {
	Account     holm.Account
	Environment holm.Environment // zero where an account is meant
	Member      holm.Collaborator
	Level       holm.Level
	LevelEnd    time.Time
}

const relationColumns = accountColumns + `, COALESCE(c.id, ''), COALESCE(c.role, ''), COALESCE(c.status, ''), COALESCE(c.until_at, 0)`

const relationJoin = ` LEFT JOIN collaborators c ON c.account_id = a.id AND c.user_id = $1 `

func relationInto(r *Relation) []any {
	return append(accountInto(&r.Account), &r.Member.ID, &r.Member.Role, &r.Member.Status, moment{&r.Member.Until})
}

// ToEnvironment reads how a person stands to an environment, given by id or
// name; ErrNone when there is no such environment. A person without sign-in
// is "".
func (tx *Tx) ToEnvironment(user holm.UserID, name string) (r Relation, err error) {
	into := append(relationInto(&r), &r.Level, moment{&r.LevelEnd})
	into = append(into, environmentInto(&r.Environment)...)
	err = tx.row(`SELECT `+relationColumns+`, COALESCE(g.level, ''), COALESCE(g.until_at, 0), `+environmentColumns+environmentFrom+relationJoin+`
		LEFT JOIN grants g ON g.collaborator_id = c.id AND g.environment_id = e.id
		WHERE e.deleted_at = 0 AND `+environmentKey(name)+`$2`, user, name).Scan(into...)
	r.Member.Account, r.Member.User = r.Account.ID, user
	return r, none(err)
}

// ToAccount reads how a person stands to an account, given by id or its
// owner's address; ErrNone when there is no such account.
func (tx *Tx) ToAccount(user holm.UserID, name string) (r Relation, err error) {
	a, err := tx.Account(name)
	if err != nil {
		return r, err
	}
	err = tx.row(`SELECT `+relationColumns+` FROM accounts a JOIN users o ON o.id = a.owner_id`+relationJoin+`WHERE a.id = $2`, user, a.ID).Scan(relationInto(&r)...)
	r.Member.Account, r.Member.User = r.Account.ID, user
	return r, none(err)
}
