package store

import (
	"time"

	"github.com/holmhq/holm"
)

// Filter narrows a list to what somebody may see. Only the door makes one (a
// test of the code's shape holds that), and lists cannot be had without.
type Filter struct {
	user    holm.UserID
	account holm.AccountID
	now     time.Time
	ownRows bool
	within  string // the environments that are let through, "" for all
	factor  bool   // the person has a second factor
	made    bool
}

// FilterFor makes the filter of a person with their own account. With ownRows
// audit logs show only what the person did.
func FilterFor(user holm.UserID, own holm.AccountID, now time.Time, ownRows bool) Filter {
	return Filter{user: user, account: own, now: now, ownRows: ownRows, made: true}
}

// Within narrows the filter to some environments, nil for none narrower, and
// to accounts that ask for no second factor where the person has none.
func (f Filter) Within(environments []holm.EnvironmentID, factor bool) Filter {
	f.within, f.factor = joined(environments), factor
	return f
}

// Visible is an environment in somebody's list with how they stand to it.
type Visible struct {
	Relation
	Section string // "" for the person's own, else the owner's address in lower case
}

// EnvironmentQuery narrows a list of environments further.
type EnvironmentQuery struct {
	Account holm.AccountID // only of this account, "" for all
	State   string
	Name    string // part of name or alias
	// After is where the page starts: section and name of the last one of the
	// page before. It is not used when AfterName is "".
	AfterSection, AfterName string
	Limit                   int
}

// Environments lists what the filter lets through, the person's own first,
// then by owner's address, each by name, with layers.
func (tx *Tx) Environments(f Filter, q EnvironmentQuery) ([]Visible, error) {
	if !f.made {
		return nil, holm.ErrNotFound()
	}
	list, err := many(tx, "list environments", `WITH v AS (
			SELECT e.id AS id, '' AS section, '' AS member, '' AS role, '' AS status, 0 AS member_until, '' AS level, 0 AS level_until
			FROM environments e WHERE e.account_id = $2 AND e.deleted_at = 0
			UNION ALL
			SELECT g.environment_id, vo.email_key, c.id, c.role, c.status, c.until_at, g.level, g.until_at
			FROM collaborators c JOIN grants g ON g.collaborator_id = c.id
			JOIN accounts va ON va.id = c.account_id JOIN users vo ON vo.id = va.owner_id
			WHERE c.user_id = $1 AND c.status = 'active' AND (c.until_at = 0 OR c.until_at > $3)
			AND g.level <> 'none' AND (g.until_at = 0 OR g.until_at > $3)
		)
		SELECT `+accountColumns+`, v.member, v.role, v.status, v.member_until, v.level, v.level_until, `+environmentColumns+`, v.section
		FROM v JOIN environments e ON e.id = v.id AND e.deleted_at = 0 JOIN accounts a ON a.id = e.account_id JOIN users o ON o.id = a.owner_id
		WHERE ($4 = '' OR e.account_id = $4) AND ($5 = '' OR e.state = $5)
		AND ($10 = '' OR $10 LIKE '%' || e.id || '%') AND ($11 OR NOT a.factor_wanted OR a.id = $2)
		AND ($6 = '%%' OR e.search LIKE $6 ESCAPE '!')
		AND ($8 = '' OR v.section > $7 OR (v.section = $7 AND e.name > $8))
		ORDER BY v.section, e.name LIMIT $9`,
		[]any{f.user, f.account, micros(f.now), q.Account, q.State, like(q.Name), q.AfterSection, q.AfterName, q.Limit, f.within, f.factor},
		func(row scanner) (v Visible, err error) {
			into := append(relationInto(&v.Relation), &v.Level, moment{&v.LevelEnd})
			into = append(append(into, environmentInto(&v.Environment)...), &v.Section)
			err = row.Scan(into...)
			return v, err
		})
	if err != nil {
		return nil, err
	}
	environments := make([]holm.Environment, len(list))
	for i, v := range list {
		environments[i] = v.Environment
	}
	err = tx.fill(environments)
	for i, e := range environments {
		list[i].Environment = e
	}
	return list, err
}
