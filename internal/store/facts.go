package store

import (
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// Relation is all that is known of a person and an account, and where one is
// meant an environment of it, read at one moment.
type Relation struct {
	Account     holm.Account
	Environment holm.Environment // zero where an account is meant
	Member      holm.Collaborator
	// Gifts are all the ways in which the person was given a level in the
	// environment, also those that have ended.
	Gifts []access.Gift
}

const relationColumns = accountColumns + `, COALESCE(c.id, ''), COALESCE(c.role, ''), COALESCE(c.status, ''), COALESCE(c.until_at, 0), COALESCE(c.breaks_glass, FALSE)`

const relationJoin = ` LEFT JOIN collaborators c ON c.account_id = a.id AND c.user_id = $1 `

func relationInto(r *Relation) []any {
	return append(accountInto(&r.Account), &r.Member.ID, &r.Member.Role, &r.Member.Status, moment{&r.Member.Until}, &r.Member.Glass)
}

// ToEnvironment reads how a person stands to an environment, given by id or
// name; ErrNone when there is no such environment. A person without sign-in
// is "". It asks the same questions whether the environment exists or not.
func (tx *Tx) ToEnvironment(user holm.UserID, name string) (r Relation, err error) {
	into := append(relationInto(&r), environmentInto(&r.Environment)...)
	found := none(tx.row(`SELECT `+relationColumns+`, `+environmentColumns+environmentFrom+relationJoin+`
		WHERE e.deleted_at = 0 AND `+environmentKey(name)+`$2`, user, name).Scan(into...))
	gifts, err := tx.gifts(`c.user_id = $1 AND `+environmentKey(name)+`$2`, user, name)
	if found != nil {
		return Relation{}, found
	}
	r.Gifts, r.Member.Account, r.Member.User = gifts, r.Account.ID, user
	return r, err
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

// GiftsOf reads all that a collaborator, also an invited one, was given in an
// environment of the account.
func (tx *Tx) GiftsOf(c holm.CollaboratorID, e holm.EnvironmentID) ([]access.Gift, error) {
	return tx.gifts(`c.id = $1 AND e.id = $2`, c, e)
}

// gifts reads what collaborators that where finds (as c) were given in
// environments that it finds (as e).
func (tx *Tx) gifts(where string, args ...any) ([]access.Gift, error) {
	return tx.giftsAmong(`e.deleted_at = 0 AND `+where, args...)
}

// giftsAmong is gifts, of deleted environments too.
func (tx *Tx) giftsAmong(where string, args ...any) ([]access.Gift, error) {
	pair := ` FROM environments e JOIN collaborators c ON c.account_id = e.account_id `
	where = ` WHERE ` + where
	meant := `, COALESCE(l.name, ''), COALESCE(l.permissions, ''), `
	return many(tx, "read gifts", `SELECT 0, '', g.level`+meant+`g.until_at, 0`+pair+`
			JOIN grants g ON g.collaborator_id = c.id AND g.environment_id = e.id LEFT JOIN levels l ON l.id = g.level`+where+`
		UNION ALL SELECT 1, t.name, g.level`+meant+`g.until_at, m.until_at`+pair+`
			JOIN group_members m ON m.collaborator_id = c.id JOIN access_groups t ON t.id = m.group_id
			JOIN group_grants g ON g.group_id = m.group_id AND g.environment_id = e.id LEFT JOIN levels l ON l.id = g.level`+where+`
		UNION ALL SELECT 2, '', c.wide_level`+meant+`c.wide_until, 0`+pair+`
			LEFT JOIN levels l ON l.id = c.wide_level`+where+` AND c.wide_level <> ''
		UNION ALL SELECT 2, t.name, t.wide_level`+meant+`t.wide_until, m.until_at`+pair+`
			JOIN group_members m ON m.collaborator_id = c.id JOIN access_groups t ON t.id = m.group_id AND t.wide_level <> ''
			LEFT JOIN levels l ON l.id = t.wide_level`+where+`
		UNION ALL SELECT 3, r.permission, r.level`+meant+`r.until_at, 0`+pair+`
			JOIN access_requests r ON r.collaborator_id = c.id AND r.environment_id = e.id AND r.status = 'approved' LEFT JOIN levels l ON l.id = r.level`+where+`
		ORDER BY 1, 2`, args, func(row scanner) (g access.Gift, err error) {
		var read gift
		if err = row.Scan(read.into()...); err == nil {
			g = read.gift()
		}
		return g, err
	})
}

// gift is how a gift is read: a level by its name or id with what an own one
// means, and two ends of which the earlier counts.
type gift struct {
	through     access.Through
	group       string // of a request: the permission
	level       string
	name, gives string
	until, also time.Time
}

func (g *gift) into() []any {
	return []any{&g.through, &g.group, &g.level, &g.name, &g.gives, moment{&g.until}, moment{&g.also}}
}

func (g *gift) gift() access.Gift {
	made := access.Gift{Level: meaning(holm.Level(g.level), g.name, g.gives), Through: g.through, Group: g.group, End: access.Sooner(g.until, g.also)}
	if g.through == access.OnRequest {
		made.Group = ""
		if g.group != "" {
			made.Level = access.Alone(access.Permission(g.group))
		}
	}
	return made
}

// meaning gives what a level allows: a preset, or one of the account's own
// with its name and its permissions as they are kept.
func meaning(l holm.Level, name, permissions string) access.Level {
	if name != "" {
		return access.Custom(name, access.ParseSet(permissions))
	}
	return access.Preset(l)
}
