package store

import (
	"time"

	"github.com/holmhq/holm"
)

// variablePurpose binds a sealed value to its place: one that is moved to
// another environment or name does not open.
func variablePurpose(e holm.EnvironmentID, name string) string {
	return "variable " + string(e) + " " + name
}

// Variables lists an environment's variables by name, with their values.
func (tx *Tx) Variables(e holm.EnvironmentID) ([]holm.Variable, error) {
	return many(tx, "list variables", `SELECT v.name, v.value, COALESCE(u.email, ''), v.set_at, v.rotate_at FROM variables v LEFT JOIN users u ON u.id = v.set_by
		WHERE v.environment_id = $1 ORDER BY v.name`, []any{e}, func(row scanner) (v holm.Variable, err error) {
		var sealed string
		if err = row.Scan(&v.Name, &sealed, &v.SetBy, moment{&v.SetAt}, moment{&v.RotateAt}); err != nil {
			return v, err
		}
		plain, err := tx.Unseal(variablePurpose(e, v.Name), sealed)
		v.Value = holm.NewSecret(string(plain))
		return v, err
	})
}

// SetVariable sets a variable to a value. It does not count as a change of the
// environment until VariablesChanged.
func (tx *Tx) SetVariable(e holm.EnvironmentID, name string, value holm.Secret, by holm.UserID) error {
	_, err := tx.exec("set variable", `INSERT INTO variables (environment_id, name, value, set_by, set_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (environment_id, name) DO UPDATE SET value = excluded.value, set_by = excluded.set_by, set_at = excluded.set_at, rotate_at = 0`,
		e, name, tx.Seal(variablePurpose(e, name), []byte(value.Reveal())), by, micros(tx.now))
	return err
}

// RemoveVariable takes a variable away and says whether there was one.
func (tx *Tx) RemoveVariable(e holm.EnvironmentID, name string) (bool, error) {
	n, err := tx.exec("remove variable", `DELETE FROM variables WHERE environment_id = $1 AND name = $2`, e, name)
	return n > 0, err
}

// VariablesChanged numbers what an environment's nodes get from their next
// start on.
func (tx *Tx) VariablesChanged(e holm.EnvironmentID) error {
	_, err := tx.exec("number variables", `UPDATE environments SET variables = variables + 1 WHERE id = $1`, e)
	return err
}

// CopyVariables gives an environment the variables of another.
func (tx *Tx) CopyVariables(to, from holm.EnvironmentID, by holm.UserID) error {
	list, err := tx.Variables(from)
	if err != nil || len(list) == 0 {
		return err
	}
	for _, v := range list {
		if err := tx.SetVariable(to, v.Name, v.Value, by); err != nil {
			return err
		}
	}
	return tx.VariablesChanged(to)
}

// ReadVariables notes that somebody asked for the values.
func (tx *Tx) ReadVariables(e holm.EnvironmentID, by holm.UserID) error {
	_, err := tx.exec("note reading", `INSERT INTO variable_reads (environment_id, user_id, read_at) VALUES ($1, $2, $3)
		ON CONFLICT (environment_id, user_id) DO UPDATE SET read_at = excluded.read_at`, e, by, micros(tx.now))
	return err
}

// VariablesRead gives when somebody last asked for an environment's values;
// zero for never.
func (tx *Tx) VariablesRead(e holm.EnvironmentID, by holm.UserID) (at time.Time, err error) {
	err = tx.one("find reading", `SELECT read_at FROM variable_reads WHERE environment_id = $1 AND user_id = $2`, []any{e, by}, moment{&at})
	if err == ErrNone {
		err = nil
	}
	return at, err
}

// RotateVariable notes that a variable has to be changed, and says whether
// there is one.
func (tx *Tx) RotateVariable(e holm.EnvironmentID, name string) (bool, error) {
	n, err := tx.exec("mark variable", `UPDATE variables SET rotate_at = CASE WHEN rotate_at = 0 THEN $3 ELSE rotate_at END WHERE environment_id = $1 AND name = $2`, e, name, micros(tx.now))
	return n > 0, err
}
