package store

import (
	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// Shared is a grant with the environment or the person it is about.
type Shared struct {
	Grant        holm.Grant
	Means        access.Level
	Name         string // the environment's
	Alias        string
	Collaborator holm.Collaborator
}

// Grant finds the level that a collaborator was given directly in an
// environment; the level is inherit when there is none.
func (tx *Tx) Grant(c holm.CollaboratorID, e holm.EnvironmentID) (holm.Grant, error) {
	g := holm.Grant{Collaborator: c, Environment: e, Level: holm.LevelInherit}
	err := tx.one("read grant", `SELECT level, until_at FROM grants WHERE collaborator_id = $1 AND environment_id = $2`, []any{c, e}, &g.Level, moment{&g.Until})
	if err == ErrNone {
		return g, nil
	}
	return g, err
}

// SetGrant gives a level directly; none hides the environment, inherit takes
// away what was given.
func (tx *Tx) SetGrant(g holm.Grant, by holm.UserID) error {
	if g.Level == holm.LevelInherit {
		_, err := tx.exec("drop grant", `DELETE FROM grants WHERE collaborator_id = $1 AND environment_id = $2`, g.Collaborator, g.Environment)
		return err
	}
	_, err := tx.exec("set grant", `INSERT INTO grants (collaborator_id, environment_id, name, level, until_at, granted_by, granted_at)
		SELECT $1, id, name, $3, CAST($4 AS BIGINT), $5, CAST($6 AS BIGINT) FROM environments WHERE id = $2
		ON CONFLICT (collaborator_id, environment_id) DO UPDATE SET level = excluded.level, until_at = excluded.until_at, granted_by = excluded.granted_by, granted_at = excluded.granted_at`,
		g.Collaborator, g.Environment, string(g.Level), micros(g.Until), by, micros(tx.now))
	return err
}

// DropAccess takes everything away that a collaborator was given: levels,
// memberships of groups, what was asked for.
func (tx *Tx) DropAccess(c holm.CollaboratorID) error {
	for _, query := range []string{
		`DELETE FROM grants WHERE collaborator_id = $1`,
		`DELETE FROM group_members WHERE collaborator_id = $1`,
		`UPDATE access_requests SET status = 'withdrawn' WHERE collaborator_id = $1 AND status IN ('open', 'approved')`,
		`UPDATE collaborators SET wide_level = '', wide_until = 0, breaks_glass = FALSE WHERE id = $1`,
	} {
		if _, err := tx.exec("drop access", query, c); err != nil {
			return err
		}
	}
	return nil
}

// GrantsOf lists what a collaborator was given directly, by environment name.
func (tx *Tx) GrantsOf(c holm.CollaboratorID) ([]Shared, error) {
	return many(tx, "list grants", `SELECT g.collaborator_id, g.environment_id, g.level, g.until_at, COALESCE(l.name, ''), COALESCE(l.permissions, ''), e.name, e.alias
		FROM grants g JOIN environments e ON e.id = g.environment_id AND e.deleted_at = 0 LEFT JOIN levels l ON l.id = g.level
		WHERE g.collaborator_id = $1 ORDER BY e.name`, []any{c}, func(row scanner) (s Shared, err error) {
		var name, permissions string
		err = row.Scan(&s.Grant.Collaborator, &s.Grant.Environment, &s.Grant.Level, moment{&s.Grant.Until}, &name, &permissions, &s.Name, &s.Alias)
		s.Means = meaning(s.Grant.Level, name, permissions)
		return s, err
	})
}

// Sharing lists the open collaborators of an environment's account with what
// they were given directly in it, by address; the level is inherit where that
// is nothing.
func (tx *Tx) Sharing(e holm.Environment, after string, limit int) ([]Shared, error) {
	return many(tx, "list sharing", `SELECT `+collaboratorColumns+`, COALESCE(g.level, 'inherit'), COALESCE(g.until_at, 0), COALESCE(l.name, ''), COALESCE(l.permissions, '')`+collaboratorFrom+`
		LEFT JOIN grants g ON g.collaborator_id = c.id AND g.environment_id = $2 LEFT JOIN levels l ON l.id = g.level
		WHERE c.account_id = $1 AND c.status IN ('pending', 'active', 'suspended') AND c.email_key > $3
		ORDER BY c.email_key LIMIT $4`, []any{e.Account, e.ID, after, limit}, func(row scanner) (s Shared, err error) {
		var name, permissions string
		err = row.Scan(append(collaboratorInto(&s.Collaborator), &s.Grant.Level, moment{&s.Grant.Until}, &name, &permissions)...)
		s.Grant.Collaborator, s.Grant.Environment = s.Collaborator.ID, e.ID
		s.Means = meaning(s.Grant.Level, name, permissions)
		return s, err
	})
}
