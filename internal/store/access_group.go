package store

import (
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

const groupColumns = `t.id, t.account_id, t.name, t.wide_level, t.wide_until, t.created_at`

func scanGroup(row scanner) (g holm.Group, err error) {
	err = row.Scan(&g.ID, &g.Account, &g.Name, &g.Wide, moment{&g.WideUntil}, moment{&g.CreatedAt})
	return g, err
}

// Groups lists an account's groups by name.
func (tx *Tx) Groups(account holm.AccountID) ([]holm.Group, error) {
	return many(tx, "list groups", `SELECT `+groupColumns+` FROM access_groups t WHERE t.account_id = $1 ORDER BY t.name_key`, []any{account}, scanGroup)
}

// GroupsOf lists the groups that a collaborator is a member of, by name, with
// the end of the membership.
func (tx *Tx) GroupsOf(c holm.CollaboratorID) ([]holm.GroupMember, []holm.Group, error) {
	var groups []holm.Group
	members, err := many(tx, "list groups of a collaborator", `SELECT `+groupColumns+`, m.until_at FROM group_members m JOIN access_groups t ON t.id = m.group_id
		WHERE m.collaborator_id = $1 ORDER BY t.name_key`, []any{c}, func(row scanner) (m holm.GroupMember, err error) {
		var g holm.Group
		err = row.Scan(&g.ID, &g.Account, &g.Name, &g.Wide, moment{&g.WideUntil}, moment{&g.CreatedAt}, moment{&m.Until})
		m.Group, m.Collaborator = g.ID, c
		groups = append(groups, g)
		return m, err
	})
	return members, groups, err
}

// Group finds a group of an account by id or name; not found when there is
// none.
func (tx *Tx) Group(account holm.AccountID, name string) (holm.Group, error) {
	where := `t.name_key = $2`
	if strings.HasPrefix(name, "grp_") {
		where = `t.id = $2`
	} else {
		name = holm.NameKey(name)
	}
	g, err := scanGroup(tx.row(`SELECT `+groupColumns+` FROM access_groups t WHERE t.account_id = $1 AND `+where, account, name))
	return g, notFound(none(err))
}

// CreateGroup adds a group with nobody in it; a name that is taken is a
// conflict.
func (tx *Tx) CreateGroup(g holm.Group) (holm.Group, error) {
	g.ID, g.CreatedAt = holm.GroupID(newID("grp")), tx.now
	n, err := tx.exec("create group", `INSERT INTO access_groups (id, account_id, name, name_key, wide_level, wide_until, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (account_id, name_key) DO NOTHING`,
		g.ID, g.Account, g.Name, holm.NameKey(g.Name), string(g.Wide), micros(g.WideUntil), micros(tx.now))
	if err == nil && n == 0 {
		err = titleTaken("group", g.Name)
	}
	return g, err
}

// UpdateGroup changes the name of a group and what it has on all environments.
func (tx *Tx) UpdateGroup(g holm.Group) error {
	if old, err := tx.Group(g.Account, g.Name); err == nil && old.ID != g.ID {
		return titleTaken("group", g.Name)
	} else if err != nil && holm.CodeOf(err) != holm.CodeNotFound {
		return err
	}
	_, err := tx.exec("update group", `UPDATE access_groups SET name = $2, name_key = $3, wide_level = $4, wide_until = $5 WHERE id = $1`,
		g.ID, g.Name, holm.NameKey(g.Name), string(g.Wide), micros(g.WideUntil))
	return err
}

// DropGroup forgets a group with what it was given.
func (tx *Tx) DropGroup(id holm.GroupID) error {
	for _, query := range []string{`DELETE FROM group_members WHERE group_id = $1`, `DELETE FROM group_grants WHERE group_id = $1`, `DELETE FROM access_groups WHERE id = $1`} {
		if _, err := tx.exec("drop group", query, id); err != nil {
			return err
		}
	}
	return nil
}

// GroupMembers lists who is in a group, by address.
func (tx *Tx) GroupMembers(id holm.GroupID) ([]holm.GroupMember, error) {
	return many(tx, "list members", `SELECT m.group_id, m.collaborator_id, c.email, COALESCE(u.name, ''), c.status, m.until_at
		FROM group_members m JOIN collaborators c ON c.id = m.collaborator_id LEFT JOIN users u ON u.id = c.user_id
		WHERE m.group_id = $1 ORDER BY c.email_key`, []any{id}, func(row scanner) (m holm.GroupMember, err error) {
		err = row.Scan(&m.Group, &m.Collaborator, &m.Email, &m.Name, &m.Status, moment{&m.Until})
		return m, err
	})
}

// GroupUsers lists the people in a group who have a login here.
func (tx *Tx) GroupUsers(id holm.GroupID) ([]holm.UserID, error) {
	return many(tx, "list people of a group", `SELECT c.user_id FROM group_members m JOIN collaborators c ON c.id = m.collaborator_id
		WHERE m.group_id = $1 AND c.user_id IS NOT NULL`, []any{id}, scanUserID)
}

// PutMember puts a collaborator into a group, or changes when that ends.
func (tx *Tx) PutMember(group holm.GroupID, c holm.CollaboratorID, until time.Time) error {
	_, err := tx.exec("put member", `INSERT INTO group_members (group_id, collaborator_id, until_at) VALUES ($1, $2, $3)
		ON CONFLICT (group_id, collaborator_id) DO UPDATE SET until_at = excluded.until_at`, group, c, micros(until))
	return err
}

// DropMember takes a collaborator out of a group.
func (tx *Tx) DropMember(group holm.GroupID, c holm.CollaboratorID) error {
	_, err := tx.exec("drop member", `DELETE FROM group_members WHERE group_id = $1 AND collaborator_id = $2`, group, c)
	return err
}

// SharedWithGroup is a level that a group has in an environment.
type SharedWithGroup struct {
	Grant holm.GroupGrant
	Means access.Level
	Name  string // the environment's
	Alias string
}

// GroupGrants lists what a group was given, by environment name.
func (tx *Tx) GroupGrants(id holm.GroupID) ([]SharedWithGroup, error) {
	return many(tx, "list group grants", `SELECT g.group_id, g.environment_id, g.level, g.until_at, COALESCE(l.name, ''), COALESCE(l.permissions, ''), e.name, e.alias
		FROM group_grants g JOIN environments e ON e.id = g.environment_id AND e.deleted_at = 0 LEFT JOIN levels l ON l.id = g.level
		WHERE g.group_id = $1 ORDER BY g.name`, []any{id}, func(row scanner) (s SharedWithGroup, err error) {
		var name, permissions string
		err = row.Scan(&s.Grant.Group, &s.Grant.Environment, &s.Grant.Level, moment{&s.Grant.Until}, &name, &permissions, &s.Name, &s.Alias)
		s.Means = meaning(s.Grant.Level, name, permissions)
		return s, err
	})
}

// SetGroupGrant gives a group a level in an environment; none and inherit take
// it away, since only a person can be kept out.
func (tx *Tx) SetGroupGrant(g holm.GroupGrant, by holm.UserID) error {
	if g.Level == holm.LevelNone || g.Level == holm.LevelInherit {
		_, err := tx.exec("drop group grant", `DELETE FROM group_grants WHERE group_id = $1 AND environment_id = $2`, g.Group, g.Environment)
		return err
	}
	_, err := tx.exec("set group grant", `INSERT INTO group_grants (group_id, environment_id, name, level, until_at, granted_by, granted_at)
		SELECT $1, id, name, $3, CAST($4 AS BIGINT), $5, CAST($6 AS BIGINT) FROM environments WHERE id = $2
		ON CONFLICT (group_id, environment_id) DO UPDATE SET level = excluded.level, until_at = excluded.until_at, granted_by = excluded.granted_by, granted_at = excluded.granted_at`,
		g.Group, g.Environment, string(g.Level), micros(g.Until), by, micros(tx.now))
	return err
}
