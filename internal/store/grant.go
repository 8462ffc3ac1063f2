package store

import "github.com/holmhq/holm"

// Shared is a grant with the environment or the person it is about.
type Shared struct {
	Grant        holm.Grant
	Name         string // the environment's
	Alias        string
	Collaborator holm.Collaborator
}

// Grant finds the level a collaborator has in an environment; the level is
// none when there is none.
func (tx *Tx) Grant(c holm.CollaboratorID, e holm.EnvironmentID) (holm.Grant, error) {
	g := holm.Grant{Collaborator: c, Environment: e, Level: holm.LevelNone}
	err := tx.one("read grant", `SELECT level, until_at FROM grants WHERE collaborator_id = $1 AND environment_id = $2`, []any{c, e}, &g.Level, moment{&g.Until})
	if err == ErrNone {
		return g, nil
	}
	return g, err
}

// SetGrant gives a level; none takes it away.
func (tx *Tx) SetGrant(g holm.Grant, by holm.UserID) error {
	if g.Level == holm.LevelNone {
		_, err := tx.exec("drop grant", `DELETE FROM grants WHERE collaborator_id = $1 AND environment_id = $2`, g.Collaborator, g.Environment)
		return err
	}
	_, err := tx.exec("set grant", `INSERT INTO grants (collaborator_id, environment_id, level, until_at, granted_by, granted_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (collaborator_id, environment_id) DO UPDATE SET level = excluded.level, until_at = excluded.until_at, granted_by = excluded.granted_by, granted_at = excluded.granted_at`,
		g.Collaborator, g.Environment, string(g.Level), micros(g.Until), by, micros(tx.now))
	return err
}

// DropGrants takes every level of a collaborator away.
func (tx *Tx) DropGrants(c holm.CollaboratorID) error {
	_, err := tx.exec("drop grants", `DELETE FROM grants WHERE collaborator_id = $1`, c)
	return err
}

// GrantsOf lists what is shared with a collaborator, by environment name.
func (tx *Tx) GrantsOf(c holm.CollaboratorID) ([]Shared, error) {
	return many(tx, "list grants", `SELECT g.collaborator_id, g.environment_id, g.level, g.until_at, e.name, e.alias
		FROM grants g JOIN environments e ON e.id = g.environment_id AND e.deleted_at = 0
		WHERE g.collaborator_id = $1 ORDER BY e.name`, []any{c}, func(row scanner) (s Shared, err error) {
		err = row.Scan(&s.Grant.Collaborator, &s.Grant.Environment, &s.Grant.Level, moment{&s.Grant.Until}, &s.Name, &s.Alias)
		return s, err
	})
}

// Sharing lists the open collaborators of an environment's account with
// their level in it, by address.
func (tx *Tx) Sharing(e holm.Environment, after string, limit int) ([]Shared, error) {
	return many(tx, "list sharing", `SELECT `+collaboratorColumns+`, COALESCE(g.level, 'none'), COALESCE(g.until_at, 0)`+collaboratorFrom+`
		LEFT JOIN grants g ON g.collaborator_id = c.id AND g.environment_id = $2
		WHERE c.account_id = $1 AND c.status IN ('pending', 'active', 'suspended') AND c.email_key > $3
		ORDER BY c.email_key LIMIT $4`, []any{e.Account, e.ID, after, limit}, func(row scanner) (s Shared, err error) {
		err = row.Scan(append(collaboratorInto(&s.Collaborator), &s.Grant.Level, moment{&s.Grant.Until})...)
		s.Grant.Collaborator, s.Grant.Environment = s.Collaborator.ID, e.ID
		return s, err
	})
}
