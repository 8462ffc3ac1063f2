package store

import (
	"time"

	"github.com/holmhq/holm"
)

const transferColumns = `t.id, t.environment_id, t.account_id, t.email, t.created_at, t.expires_at`

func scanTransfer(row scanner) (t holm.Transfer, err error) {
	err = row.Scan(&t.ID, &t.Environment, &t.Account, &t.Email, moment{&t.CreatedAt}, moment{&t.ExpiresAt})
	return t, err
}

// OfferTransfer keeps an offer of an environment to the person of an address.
// An offer that is still open is a conflict; one that has run out is ended.
func (tx *Tx) OfferTransfer(t holm.Transfer, tokenHash string) (holm.Transfer, error) {
	if _, err := tx.exec("end transfer", `UPDATE transfers SET ended_at = $2, outcome = 'expired' WHERE environment_id = $1 AND ended_at = 0 AND expires_at <= $2`, t.Environment, micros(tx.now)); err != nil {
		return t, err
	}
	t.ID, t.CreatedAt = newID("trf"), tx.now
	n, err := tx.exec("offer transfer", `INSERT INTO transfers (id, environment_id, account_id, email, email_key, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (environment_id) WHERE ended_at = 0 DO NOTHING`,
		t.ID, t.Environment, t.Account, t.Email, holm.EmailKey(t.Email), tokenHash, micros(t.CreatedAt), micros(t.ExpiresAt))
	if err == nil && n == 0 {
		return t, holm.Errorf(holm.CodeConflict, "The environment is offered to somebody already; take that offer back first.")
	}
	if err != nil {
		return t, err
	}
	_, err = tx.exec("offer transfer", `UPDATE environments SET offered_until = $2 WHERE id = $1`, t.Environment, micros(t.ExpiresAt))
	return t, err
}

// OpenTransfer finds the open offer of an environment; ErrNone when there is
// none.
func (tx *Tx) OpenTransfer(e holm.EnvironmentID) (holm.Transfer, error) {
	t, err := scanTransfer(tx.row(`SELECT `+transferColumns+` FROM transfers t WHERE t.environment_id = $1 AND t.ended_at = 0 AND t.expires_at > $2`, e, micros(tx.now)))
	return t, none(err)
}

// TransferByToken finds the open offer of a link with its environment; ErrNone
// when there is none or it has run out.
func (tx *Tx) TransferByToken(tokenHash string) (t holm.Transfer, e holm.Environment, err error) {
	into := append([]any{&t.ID, &t.Environment, &t.Account, &t.Email, moment{&t.CreatedAt}, moment{&t.ExpiresAt}}, environmentInto(&e)...)
	err = tx.row(`SELECT `+transferColumns+`, `+environmentColumns+environmentFrom+`JOIN transfers t ON t.environment_id = e.id AND t.account_id = e.account_id
		WHERE t.token_hash = $1 AND t.ended_at = 0 AND t.expires_at > $2 AND e.deleted_at = 0`, tokenHash, micros(tx.now)).Scan(into...)
	return t, e, none(err)
}

// EndTransfer ends an open offer, and says whether it was open: of two who end
// it at once, one does.
func (tx *Tx) EndTransfer(t holm.Transfer, outcome holm.TransferEnd) (bool, error) {
	n, err := tx.exec("end transfer", `UPDATE transfers SET ended_at = $2, outcome = $3 WHERE id = $1 AND ended_at = 0`, t.ID, micros(tx.now), string(outcome))
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.exec("end transfer", `UPDATE environments SET offered_until = 0 WHERE id = $1`, t.Environment)
	return true, err
}

// ExpireTransfers ends the offers that have run out and gives them.
func (tx *Tx) ExpireTransfers(limit int) ([]holm.Transfer, error) {
	list, err := many(tx, "list ended transfers", `SELECT `+transferColumns+` FROM transfers t WHERE t.ended_at = 0 AND t.expires_at <= $1 ORDER BY t.expires_at LIMIT $2`,
		[]any{micros(tx.now), limit}, scanTransfer)
	for _, t := range list {
		if err == nil {
			_, err = tx.EndTransfer(t, holm.TransferExpired)
		}
	}
	return list, err
}

// MoveEnvironment gives an environment to another account, without anything
// that the old one gave to anybody in it: levels of people and groups, and
// what was asked for. The caller gives what stays.
func (tx *Tx) MoveEnvironment(id holm.EnvironmentID, to holm.AccountID) error {
	for _, query := range []string{
		`DELETE FROM grants WHERE environment_id = $1`,
		`DELETE FROM group_grants WHERE environment_id = $1`,
		`UPDATE access_requests SET status = 'withdrawn' WHERE environment_id = $1 AND status IN ('open', 'approved')`,
	} {
		if _, err := tx.exec("end sharing", query, id); err != nil {
			return err
		}
	}
	_, err := tx.exec("move environment", `UPDATE environments SET account_id = $2, updated_at = $3 WHERE id = $1`, id, to, micros(tx.now))
	return err
}

// Join makes a person an active viewer of an account: they keep a level in an
// environment that moved there. Somebody who has declined, left or was removed
// there stays away, and joined is false.
func (tx *Tx) Join(account holm.AccountID, c holm.Collaborator, by holm.UserID, until time.Time) (id holm.CollaboratorID, joined bool, err error) {
	var status holm.Status
	err = tx.one("find collaborator", `SELECT id, status FROM collaborators WHERE account_id = $1 AND email_key = $2`, []any{account, holm.EmailKey(c.Email)}, &id, &status)
	if err != ErrNone {
		return id, status.Open(), err
	}
	id = holm.CollaboratorID(newID("col"))
	_, err = tx.exec("join account", `INSERT INTO collaborators (id, account_id, user_id, email, email_key, role, status, until_at, invited_by, created_at, accepted_at)
		VALUES ($1, $2, $3, $4, $5, 'viewer', 'active', $6, $7, $8, $8)`, id, account, c.User, c.Email, holm.EmailKey(c.Email), micros(until), by, micros(tx.now))
	return id, err == nil, err
}
