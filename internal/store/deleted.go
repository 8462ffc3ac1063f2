package store

import (
	"time"

	"github.com/holmhq/holm"
)

// restorable is what holds of an environment that is deleted and not erased.
const restorable = `e.deleted_at <> 0 AND e.erased_at = 0`

// ToDeleted reads how a person stands to a deleted environment that is not
// erased yet, given by id or by the name it had (of several, the one deleted
// last). Only its owner stands to it at all: for everybody else, and when
// there is none, ErrNone.
func (tx *Tx) ToDeleted(user holm.UserID, name string) (r Relation, err error) {
	into := append(relationInto(&r), environmentInto(&r.Environment)...)
	err = tx.row(`SELECT `+relationColumns+`, `+environmentColumns+environmentFrom+relationJoin+`
		WHERE `+restorable+` AND a.owner_id = $1 AND `+environmentKey(name)+`$2 ORDER BY e.deleted_at DESC, e.id DESC LIMIT 1`, user, name).Scan(into...)
	r.Member.Account, r.Member.User = r.Account.ID, user
	return r, none(err)
}

// Deleted lists the deleted environments of the account that the filter is
// of, the last one first, without layers. Those being erased are among them.
func (tx *Tx) Deleted(f Filter, after time.Time, limit int) ([]holm.Environment, error) {
	if !f.made {
		return nil, holm.ErrNotFound()
	}
	return many(tx, "list deleted environments", `SELECT `+environmentColumns+environmentFrom+`
		WHERE `+restorable+` AND e.account_id = $1 AND (e.deleted_at < $2 OR $2 = 0) ORDER BY e.deleted_at DESC LIMIT $3`,
		[]any{f.account, micros(after), limit}, scanEnvironment)
}

// DeleteEnvironment hides an environment and says what is to become of it
// until it is erased or restored.
func (tx *Tx) DeleteEnvironment(id holm.EnvironmentID, wanted holm.State) error {
	if _, err := tx.exec("delete environment", `UPDATE environments SET deleted_at = $2, resume = wanted, updated_at = $2 WHERE id = $1`, id, micros(tx.now)); err != nil {
		return err
	}
	return tx.Want(id, wanted, holm.StateDeleting)
}

// RestoreEnvironment brings a deleted environment back under a name. A name
// that is taken is a conflict. It gives what the environment was wanted to be
// when it was deleted.
func (tx *Tx) RestoreEnvironment(e holm.Environment, name string) (wanted holm.State, err error) {
	if err := tx.nameFree(name, e.Account); err != nil {
		return "", err
	}
	err = tx.one("restore environment", `UPDATE environments SET deleted_at = 0, name = $2, search = $3, updated_at = $4
		WHERE id = $1 AND deleted_at <> 0 AND erased_at = 0 RETURNING resume`, []any{e.ID, name, searched(name, e.Alias), micros(tx.now)}, &wanted)
	if taken(err) {
		return "", nameTaken(name)
	}
	if err != nil {
		return "", notFound(err)
	}
	// Lists of what is shared go by the name that stands beside each level.
	for _, query := range []string{`UPDATE grants SET name = $2 WHERE environment_id = $1`, `UPDATE group_grants SET name = $2 WHERE environment_id = $1`} {
		if _, err := tx.exec("rename shares", query, e.ID, name); err != nil {
			return "", err
		}
	}
	return wanted, nil
}

// Erasable lists the environments that were deleted before a moment and whose
// erasing has not begun.
func (tx *Tx) Erasable(before time.Time) ([]holm.Environment, error) {
	return many(tx, "list erasable", `SELECT `+environmentColumns+environmentFrom+`
		WHERE `+restorable+` AND e.deleted_at <= $1 AND e.wanted <> 'deleting' ORDER BY e.deleted_at`, []any{micros(before)}, scanEnvironment)
}

// ToReconcile finds an environment of which there is still something at the
// engine, deleted or not, with its layers and variables; ErrNone when there is none.
func (tx *Tx) ToReconcile(id holm.EnvironmentID) (holm.Environment, error) {
	e, err := scanEnvironment(tx.row(`SELECT `+environmentColumns+environmentFrom+`WHERE e.erased_at = 0 AND e.id = $1`, id))
	if err != nil {
		return e, none(err)
	}
	if e.Layers, err = tx.Layers(e.ID); err == nil {
		e.Env, err = tx.Variables(e.ID)
	}
	return e, err
}

// nameFree says whether an account may use a name: nobody has it, and no other
// account could still take it back.
func (tx *Tx) nameFree(name string, account holm.AccountID) error {
	var used int
	err := tx.one("look for name", `SELECT COUNT(*) FROM (SELECT 1 FROM environments WHERE name = $1 AND deleted_at = 0
		UNION ALL SELECT 1 FROM environments WHERE name = $1 AND deleted_at <> 0 AND erased_at = 0 AND account_id <> $2) x`, []any{name, account}, &used)
	if err == nil && used > 0 {
		return nameTaken(name)
	}
	return err
}

// Sees lists the people who may see an environment: its owner and every active
// collaborator of the account, some of whom do not.
func (tx *Tx) Sees(e holm.Environment) ([]holm.UserID, error) {
	list, err := many(tx, "list who sees", `SELECT c.user_id FROM collaborators c
		WHERE c.account_id = $1 AND c.status = 'active' AND c.user_id IS NOT NULL ORDER BY c.user_id`, []any{e.Account}, func(row scanner) (id holm.UserID, err error) {
		err = row.Scan(&id)
		return id, err
	})
	return append(list, e.Owner), err
}
