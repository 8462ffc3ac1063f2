package store

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// PasswordMailed notes that a new password of a layer's servers was mailed to
// somebody.
func (tx *Tx) PasswordMailed(e holm.EnvironmentID, l holm.LayerID, user holm.UserID) error {
	_, err := tx.exec("note mailed password", `INSERT INTO password_mails (environment_id, layer_id, user_id, mailed_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (layer_id, user_id) DO UPDATE SET mailed_at = excluded.mailed_at`, e, l, user, micros(tx.now))
	return err
}

// Exposures lists the secrets of an account that a collaborator could read, or
// could when the collaboration ended.
func (tx *Tx) Exposures(c holm.Collaborator) ([]holm.Exposure, error) {
	user, err := tx.UserByEmail(c.Email)
	if errors.Is(err, ErrNone) {
		return nil, nil // nobody was ever there
	}
	if err != nil {
		return nil, err
	}
	var list []holm.Exposure
	if c.Status.Open() {
		list, err = tx.readable(c, user.ID)
	} else {
		list, err = tx.keptExposures(c.ID)
	}
	if err != nil {
		return nil, err
	}
	passwords, err := tx.passwordsOf(c.Account, user.ID)
	return append(list, passwords...), err
}

// inside are the permissions with which somebody makes code run in a node,
// where variables lie open.
var inside = access.SetOf(access.AccessSSH, access.AccessFTP, access.DeployArchive, access.DeployGit, access.ConfigEdit)

// readable finds the variables that a collaborator can read now, could before
// an end that was set, or has asked for.
func (tx *Tx) readable(c holm.Collaborator, user holm.UserID) (list []holm.Exposure, err error) {
	places, err := many(tx, "list environments with variables", `SELECT `+environmentColumns+environmentFrom+`
		WHERE e.account_id = $1 AND e.erased_at = 0 AND e.id IN (SELECT environment_id FROM variables) ORDER BY e.name, e.id`, []any{c.Account}, scanEnvironment)
	for _, e := range places {
		if err != nil {
			return nil, err
		}
		var gifts []access.Gift
		if gifts, err = tx.giftsIn(c.ID, e.ID); err != nil {
			return nil, err
		}
		gave := access.Stand(gifts, tx.now).Gives
		for _, g := range gifts {
			if !g.End.IsZero() && !tx.now.Before(g.End) {
				gave |= g.Level.Gives
			}
		}
		asked, err := tx.VariablesRead(e.ID, user)
		if err != nil {
			return nil, err
		}
		some, err := tx.variablesKnown(e, gave, asked)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	return list, err
}

// giftsIn is GiftsOf, of deleted environments too: they can be restored.
func (tx *Tx) giftsIn(c holm.CollaboratorID, e holm.EnvironmentID) ([]access.Gift, error) {
	return tx.giftsAmong(`c.id = $1 AND e.id = $2`, c, e)
}

// variablesKnown gives the variables of an environment that somebody with
// permissions in it, who asked for them at a moment, knows or could.
func (tx *Tx) variablesKnown(e holm.Environment, gave access.Set, asked time.Time) (list []holm.Exposure, err error) {
	variables, err := tx.Variables(e.ID)
	for _, v := range variables {
		x := holm.Exposure{Kind: holm.ExposedVariable, Environment: e.ID, Name: e.Name, Alias: e.Alias, Variable: v.Name, State: holm.ExposureOpen}
		if !v.RotateAt.IsZero() {
			x.State = holm.ExposureMarked
		}
		switch {
		case !asked.IsZero() && !asked.Before(v.SetAt):
			x.How, x.ReadAt = holm.ExposedAsked, asked
		case gave.Has(access.VariableManage):
			x.How = holm.ExposedMayAsk
		case gave&inside != 0:
			x.How = holm.ExposedInside
		default:
			continue
		}
		list = append(list, x)
	}
	return list, err
}

// keepExposures writes down what a collaborator could read, as their
// collaboration ends: what says so is about to be taken away.
func (tx *Tx) keepExposures(id holm.CollaboratorID) error {
	c, err := scanCollaborator(tx.row(`SELECT `+collaboratorColumns+collaboratorFrom+`WHERE c.id = $1`, id))
	if err = none(err); err != nil || c.User == "" || c.Status != holm.StatusActive && c.Status != holm.StatusSuspended {
		if errors.Is(err, ErrNone) {
			return nil
		}
		return err
	}
	if _, err := tx.exec("forget exposures", `DELETE FROM exposures WHERE collaborator_id = $1`, id); err != nil {
		return err
	}
	list, err := tx.readable(c, c.User)
	for _, x := range list {
		if err != nil {
			return err
		}
		_, err = tx.exec("keep exposure", `INSERT INTO exposures (collaborator_id, environment_id, name, how, read_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			id, x.Environment, x.Variable, string(x.How), micros(x.ReadAt), micros(tx.now))
	}
	return err
}

// keptExposures reads what keepExposures wrote, as it stands now. What went to
// another account is that account's.
func (tx *Tx) keptExposures(id holm.CollaboratorID) ([]holm.Exposure, error) {
	return many(tx, "list exposures", `SELECT x.environment_id, e.name, e.alias, x.name, x.how, x.read_at, x.ended_at, COALESCE(v.set_at, 0), COALESCE(v.rotate_at, 0), e.erased_at
		FROM exposures x JOIN collaborators c ON c.id = x.collaborator_id JOIN environments e ON e.id = x.environment_id AND e.account_id = c.account_id
		LEFT JOIN variables v ON v.environment_id = x.environment_id AND v.name = x.name WHERE x.collaborator_id = $1 ORDER BY e.name, e.id, x.name`, []any{id}, func(row scanner) (x holm.Exposure, err error) {
		var ended, set, marked, erased time.Time
		x.Kind, x.State = holm.ExposedVariable, holm.ExposureOpen
		err = row.Scan(&x.Environment, &x.Name, &x.Alias, &x.Variable, &x.How, moment{&x.ReadAt}, moment{&ended}, moment{&set}, moment{&marked}, moment{&erased})
		switch {
		case set.IsZero() || !erased.IsZero():
			x.State = holm.ExposureGone
		case set.After(ended):
			x.State = holm.ExposureRotated
		case !marked.IsZero():
			x.State = holm.ExposureMarked
		}
		return x, err
	})
}

// passwordsOf lists the passwords of an account's servers that were mailed to
// somebody.
func (tx *Tx) passwordsOf(account holm.AccountID, user holm.UserID) ([]holm.Exposure, error) {
	list, err := many(tx, "list mailed passwords", `SELECT e.id, e.name, e.alias, l.id, l.role, p.mailed_at, (SELECT MAX(n.mailed_at) FROM password_mails n WHERE n.layer_id = p.layer_id)
		FROM password_mails p JOIN environments e ON e.id = p.environment_id JOIN layers l ON l.id = p.layer_id AND l.environment_id = e.id
		WHERE p.user_id = $1 AND e.account_id = $2 AND e.erased_at = 0`, []any{user, account}, func(row scanner) (x holm.Exposure, err error) {
		var newest time.Time
		x.Kind, x.How, x.State = holm.ExposedPassword, holm.ExposedMailed, holm.ExposureOpen
		err = row.Scan(&x.Environment, &x.Name, &x.Alias, &x.Layer, &x.Role, moment{&x.ReadAt}, moment{&newest})
		if newest.After(x.ReadAt) {
			x.State = holm.ExposureRotated
		}
		return x, err
	})
	slices.SortFunc(list, func(a, b holm.Exposure) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Layer, b.Layer))
	})
	return list, err
}
