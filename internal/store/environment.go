package store

import (
	"errors"
	"math/rand/v2"
	"strings"

	"github.com/holmhq/holm"
)

const environmentColumns = `e.id, e.account_id, a.owner_id, o.email, e.name, e.alias, e.state, e.reason, e.wanted, e.generation, e.done, e.creator_id, e.subnet, e.created_at, e.updated_at, e.deleted_at, e.copy_of, e.schedule, e.offered_until, e.variables`

const environmentFrom = ` FROM environments e JOIN accounts a ON a.id = e.account_id JOIN users o ON o.id = a.owner_id `

func environmentInto(e *holm.Environment) []any {
	return []any{&e.ID, &e.Account, &e.Owner, &e.OwnerEmail, &e.Name, &e.Alias, &e.State, &e.Reason, &e.Wanted, &e.Generation, &e.Done, &e.Creator, &e.Subnet, moment{&e.CreatedAt}, moment{&e.UpdatedAt}, moment{&e.DeletedAt}, &e.CopyOf, agenda{&e.Schedule}, moment{&e.OfferedUntil}, &e.Variables}
}

func scanEnvironment(row scanner) (e holm.Environment, err error) {
	err = row.Scan(environmentInto(&e)...)
	return e, err
}

func environmentKey(name string) string {
	if strings.HasPrefix(name, "env_") {
		return `e.id = `
	}
	return `e.name = `
}

// Environment finds an environment by id or name, without its layers; ErrNone
// when there is none.
func (tx *Tx) Environment(name string) (holm.Environment, error) {
	e, err := scanEnvironment(tx.row(`SELECT `+environmentColumns+environmentFrom+`WHERE e.deleted_at = 0 AND `+environmentKey(name)+`$1`, name))
	return e, none(err)
}

// OwnEnvironment finds an environment of one account; not found for others.
func (tx *Tx) OwnEnvironment(account holm.AccountID, name string) (holm.Environment, error) {
	e, err := scanEnvironment(tx.row(`SELECT `+environmentColumns+environmentFrom+`WHERE e.deleted_at = 0 AND e.account_id = $1 AND `+environmentKey(name)+`$2`, account, name))
	return e, notFound(none(err))
}

// CreateEnvironment adds an environment in a subnet that is free. A name that
// is taken is a conflict.
func (tx *Tx) CreateEnvironment(e holm.Environment, subnets int) (holm.Environment, error) {
	e.ID = holm.EnvironmentID(newID("env"))
	e.CreatedAt, e.UpdatedAt, e.Generation = tx.now, tx.now, 1
	err := tx.nameFree(e.Name, e.Account)
	if err != nil {
		return e, err
	}
	if e.Subnet, err = tx.freeSubnet(subnets); err != nil {
		return e, err
	}
	_, err = tx.exec("create environment", `INSERT INTO environments (id, account_id, name, alias, search, state, wanted, creator_id, subnet, created_at, updated_at, copy_of)
		VALUES ($1, $2, $3, $4, $10, $5, $6, $7, $8, $9, $9, $11)`,
		e.ID, e.Account, e.Name, e.Alias, string(e.State), string(e.Wanted), e.Creator, e.Subnet, micros(tx.now), searched(e.Name, e.Alias), e.CopyOf)
	if taken(err) {
		return e, nameTaken(e.Name)
	}
	return e, err
}

func nameTaken(name string) error {
	e := holm.Errorf(holm.CodeConflict, "The name %s is taken on this installation; choose another.", name)
	e.Fields = []holm.Field{{Name: "name", Reason: e.Detail}}
	return e
}

// freeSubnet takes the next subnet. Installations begin at a place of chance,
// so that two on one machine hardly ever meet. When the numbers have gone
// round, it looks for one that was given back.
func (tx *Tx) freeSubnet(subnets int) (int, error) {
	n, err := tx.counter("subnet")
	if err != nil {
		return 0, err
	}
	if n == 1 {
		n = rand.Int64N(int64(subnets)) + 1
		if _, err := tx.exec("begin subnets", `UPDATE counters SET value = $1 WHERE name = 'subnet'`, n); err != nil {
			return 0, err
		}
	}
	next, used := int(n%int64(subnets)), 0
	if err := tx.one("look at subnet", `SELECT COUNT(*) FROM environments WHERE subnet = $1 AND erased_at = 0`, []any{next}, &used); err != nil || used == 0 {
		return next, err
	}
	var free int
	err = tx.one("find subnet", `SELECT MIN(s) FROM (SELECT 0 AS s WHERE NOT EXISTS (SELECT 1 FROM environments WHERE subnet = 0 AND erased_at = 0)
		UNION ALL SELECT x.subnet + 1 FROM environments x WHERE x.erased_at = 0 AND x.subnet + 1 < $1
		AND NOT EXISTS (SELECT 1 FROM environments y WHERE y.subnet = x.subnet + 1 AND y.erased_at = 0)) f HAVING MIN(s) IS NOT NULL`, []any{subnets}, &free)
	if errors.Is(err, ErrNone) {
		return 0, holm.Errorf(holm.CodeUnavailable, "All %d networks of this installation are in use; the operator can widen the private range.", subnets)
	}
	return free, err
}

// EnvironmentCount counts an account's environments.
func (tx *Tx) EnvironmentCount(account holm.AccountID) (n int, err error) {
	err = tx.one("count environments", `SELECT COUNT(*) FROM environments WHERE account_id = $1 AND deleted_at = 0`, []any{account}, &n)
	return n, err
}

// AllEnvironmentCount counts the environments of the installation.
func (tx *Tx) AllEnvironmentCount() (n int, err error) {
	err = tx.one("count all environments", `SELECT COUNT(*) FROM environments WHERE deleted_at = 0`, nil, &n)
	return n, err
}

// SetAlias changes what people call an environment.
func (tx *Tx) SetAlias(id holm.EnvironmentID, alias string) error {
	var name string
	err := tx.one("set alias", `UPDATE environments SET alias = $2, updated_at = $3 WHERE id = $1 RETURNING name`, []any{id, alias, micros(tx.now)}, &name)
	if err != nil {
		return notFound(err)
	}
	_, err = tx.exec("set alias", `UPDATE environments SET search = $2 WHERE id = $1`, id, searched(name, alias))
	return err
}

// searched is what a search looks through. No name has a slash, so that no
// find runs over the end of it.
func searched(name, alias string) string { return name + "/" + strings.ToLower(alias) }

// Want writes what an environment should become and what it is doing until
// then. The reconciler sees from the generation that there is work.
func (tx *Tx) Want(id holm.EnvironmentID, wanted, state holm.State) error {
	_, err := tx.exec("want", `UPDATE environments SET wanted = $2, state = $3, reason = '', generation = generation + 1, updated_at = $4 WHERE id = $1`,
		id, string(wanted), string(state), micros(tx.now))
	return err
}

// Observe writes what an environment is seen doing. done is the generation
// that has been reached, 0 for none. It changes nothing when the environment
// was asked for something else meanwhile, and says whether it wrote.
func (tx *Tx) Observe(id holm.EnvironmentID, generation, done int64, state holm.State, reason string) (bool, error) {
	n, err := tx.exec("observe", `UPDATE environments SET state = $3, reason = $4, done = CASE WHEN $5 > done THEN $5 ELSE done END
		WHERE id = $1 AND generation = $2 AND erased_at = 0`, id, generation, string(state), reason, done)
	return n > 0, err
}

// Unfinished lists environments whose wanted state is not reached, and with
// all set every environment.
func (tx *Tx) Unfinished(all bool) ([]holm.EnvironmentID, error) {
	query := `SELECT id FROM environments WHERE erased_at = 0 AND done < generation`
	if all {
		query = `SELECT id FROM environments WHERE erased_at = 0`
	}
	return many(tx, "list unfinished", query, nil, func(row scanner) (id holm.EnvironmentID, err error) {
		err = row.Scan(&id)
		return id, err
	})
}

// EraseEnvironment forgets an environment that is gone from the engine; the
// audit log keeps its rows, and the name is free for everybody.
func (tx *Tx) EraseEnvironment(id holm.EnvironmentID) error {
	for _, query := range []string{
		`DELETE FROM grants WHERE environment_id = $1`,
		`DELETE FROM group_grants WHERE environment_id = $1`,
		`DELETE FROM access_requests WHERE environment_id = $1`,
		`DELETE FROM password_mails WHERE environment_id = $1`,
		`DELETE FROM variables WHERE environment_id = $1`,
		`DELETE FROM variable_reads WHERE environment_id = $1`,
		`DELETE FROM nodes WHERE environment_id = $1`,
		`DELETE FROM layers WHERE environment_id = $1`,
	} {
		if _, err := tx.exec("erase environment", query, id); err != nil {
			return err
		}
	}
	_, err := tx.exec("erase environment", `UPDATE environments SET deleted_at = CASE WHEN deleted_at = 0 THEN $2 ELSE deleted_at END, erased_at = $2 WHERE id = $1`, id, micros(tx.now))
	return err
}

// RunningByName finds the environment that a host name's first label means,
// with its layers, for the proxy; ErrNone when there is none.
func (tx *Tx) RunningByName(name string) (holm.Environment, error) {
	e, err := tx.Environment(name)
	if err != nil {
		return e, err
	}
	e.Layers, err = tx.Layers(e.ID)
	return e, err
}
