package store

import (
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// levelUses are the places that speak of a level by its id ($1).
var levelUses = []string{
	`SELECT COUNT(*) FROM grants WHERE level = $1`,
	`SELECT COUNT(*) FROM group_grants WHERE level = $1`,
	`SELECT COUNT(*) FROM collaborators WHERE wide_level = $1`,
	`SELECT COUNT(*) FROM access_groups WHERE wide_level = $1`,
	`SELECT COUNT(*) FROM access_requests WHERE level = $1 AND status IN ('open', 'approved')`,
}

const levelColumns = `l.id, l.account_id, l.name, l.permissions, l.created_at`

func scanLevel(row scanner) (l holm.CustomLevel, err error) {
	var permissions string
	err = row.Scan(&l.ID, &l.Account, &l.Name, &permissions, moment{&l.CreatedAt})
	l.Permissions = []string{}
	for _, p := range access.ParseSet(permissions).List() {
		l.Permissions = append(l.Permissions, string(p))
	}
	return l, err
}

// Levels lists the levels of an account's own, by name, with how often each is
// given.
func (tx *Tx) Levels(account holm.AccountID) ([]holm.CustomLevel, error) {
	list, err := many(tx, "list levels", `SELECT `+levelColumns+` FROM levels l WHERE l.account_id = $1 ORDER BY l.name_key`, []any{account}, scanLevel)
	for i := range list {
		if err == nil {
			list[i].Used, err = tx.levelUsed(list[i].ID)
		}
	}
	return list, err
}

// Level finds a level of an account's own by id or name; not found when there
// is none.
func (tx *Tx) Level(account holm.AccountID, name string) (holm.CustomLevel, error) {
	where := `l.name_key = $2`
	if holm.Level(name).Own() {
		where = `l.id = $2`
	} else {
		name = holm.NameKey(name)
	}
	l, err := scanLevel(tx.row(`SELECT `+levelColumns+` FROM levels l WHERE l.account_id = $1 AND `+where, account, name))
	if err != nil {
		return l, notFound(none(err))
	}
	l.Used, err = tx.levelUsed(l.ID)
	return l, err
}

func (tx *Tx) levelUsed(id holm.Level) (used int, err error) {
	err = tx.one("count level", `SELECT (`+strings.Join(levelUses, `) + (`)+`)`, []any{string(id)}, &used)
	return used, err
}

// CreateLevel adds a level; a name that is taken is a conflict.
func (tx *Tx) CreateLevel(l holm.CustomLevel) (holm.CustomLevel, error) {
	l.ID, l.CreatedAt = holm.Level(newID("lvl")), tx.now
	n, err := tx.exec("create level", `INSERT INTO levels (id, account_id, name, name_key, permissions, created_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account_id, name_key) DO NOTHING`,
		string(l.ID), l.Account, l.Name, holm.NameKey(l.Name), setOf(l.Permissions).String(), micros(tx.now))
	if err == nil && n == 0 {
		err = titleTaken("level", l.Name)
	}
	return l, err
}

// UpdateLevel changes name and permissions of a level.
func (tx *Tx) UpdateLevel(l holm.CustomLevel) error {
	if old, err := tx.Level(l.Account, l.Name); err == nil && old.ID != l.ID {
		return titleTaken("level", l.Name)
	} else if err != nil && holm.CodeOf(err) != holm.CodeNotFound {
		return err
	}
	_, err := tx.exec("update level", `UPDATE levels SET name = $2, name_key = $3, permissions = $4 WHERE id = $1`,
		string(l.ID), l.Name, holm.NameKey(l.Name), setOf(l.Permissions).String())
	return err
}

// DropLevel forgets a level that nothing speaks of.
func (tx *Tx) DropLevel(id holm.Level) error {
	_, err := tx.exec("drop level", `DELETE FROM levels WHERE id = $1`, string(id))
	return err
}

// LevelUsers lists the people who have a level in any way.
func (tx *Tx) LevelUsers(id holm.Level) ([]holm.UserID, error) {
	return many(tx, "list level users", `SELECT DISTINCT c.user_id FROM collaborators c WHERE c.user_id IS NOT NULL AND (c.wide_level = $1
		OR c.id IN (SELECT collaborator_id FROM grants WHERE level = $1)
		OR c.id IN (SELECT collaborator_id FROM access_requests WHERE level = $1 AND status = 'approved')
		OR c.id IN (SELECT m.collaborator_id FROM group_members m JOIN access_groups t ON t.id = m.group_id
			WHERE t.wide_level = $1 OR t.id IN (SELECT group_id FROM group_grants WHERE level = $1)))`, []any{string(id)}, scanUserID)
}

func scanUserID(row scanner) (u holm.UserID, err error) {
	err = row.Scan(&u)
	return u, err
}

func setOf(permissions []string) access.Set { return access.ParseSet(strings.Join(permissions, " ")) }

func titleTaken(what, name string) error {
	e := holm.Errorf(holm.CodeConflict, "There is a %s called %s on this account; choose another name.", what, name)
	e.Fields = []holm.Field{{Name: "name", Reason: e.Detail}}
	return e
}
