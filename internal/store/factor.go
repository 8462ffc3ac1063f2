package store

import (
	"time"

	"github.com/holmhq/holm"
)

// TOTP is a person's one-time code.
type TOTP struct {
	Secret    string // sealed
	Step      int64  // the last time step that was used
	Confirmed bool   // a code was given, so the device has the secret
}

// TOTPOf finds a person's one-time code, also one that is not confirmed yet;
// ErrNone when there is none.
func (tx *Tx) TOTPOf(user holm.UserID) (c TOTP, err error) {
	var confirmed time.Time
	err = tx.one("read one-time code", `SELECT secret, step, confirmed_at FROM totp WHERE user_id = $1`, []any{user}, &c.Secret, &c.Step, moment{&confirmed})
	c.Confirmed = !confirmed.IsZero()
	return c, err
}

// PutTOTP keeps a new secret that is not confirmed yet, in place of an
// earlier one that was never confirmed.
func (tx *Tx) PutTOTP(user holm.UserID, sealed string) error {
	_, err := tx.exec("put one-time code", `INSERT INTO totp (user_id, secret, created_at) VALUES ($1, $2, $3)
		ON CONFLICT (user_id) DO UPDATE SET secret = $2, created_at = $3, step = 0 WHERE totp.confirmed_at = 0`, user, sealed, micros(tx.now))
	return err
}

// UseTOTP notes that the code of a time step was used, and confirms the
// secret the first time. It says whether the step is newer than every one
// that was used before: a code works once.
func (tx *Tx) UseTOTP(user holm.UserID, step int64) (bool, error) {
	n, err := tx.exec("use one-time code", `UPDATE totp SET step = $2, confirmed_at = CASE WHEN confirmed_at = 0 THEN $3 ELSE confirmed_at END
		WHERE user_id = $1 AND step < $2`, user, step, micros(tx.now))
	return n > 0, err
}

// DeleteTOTP turns the one-time code off.
func (tx *Tx) DeleteTOTP(user holm.UserID) error {
	_, err := tx.exec("delete one-time code", `DELETE FROM totp WHERE user_id = $1`, user)
	return err
}

// PutRecoveryCodes keeps the hashes of new recovery codes; earlier codes end.
func (tx *Tx) PutRecoveryCodes(user holm.UserID, hashes []string) error {
	if _, err := tx.exec("end recovery codes", `DELETE FROM recovery_codes WHERE user_id = $1`, user); err != nil {
		return err
	}
	for _, hash := range hashes {
		if _, err := tx.exec("put recovery code", `INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)`, user, hash); err != nil {
			return err
		}
	}
	return nil
}

// UseRecoveryCode uses a recovery code up and says whether it was one.
func (tx *Tx) UseRecoveryCode(user holm.UserID, hash string) (bool, error) {
	n, err := tx.exec("use recovery code", `UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND code_hash = $2 AND used_at = 0`, user, hash, micros(tx.now))
	return n > 0, err
}

// RecoveryCodesLeft counts the codes that were not used yet.
func (tx *Tx) RecoveryCodesLeft(user holm.UserID) (n int, err error) {
	err = tx.one("count recovery codes", `SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1 AND used_at = 0`, []any{user}, &n)
	return n, err
}

// NoteFactor writes down whether a person has a second factor, and says it.
func (tx *Tx) NoteFactor(user holm.UserID) (has bool, err error) {
	err = tx.one("note second factor", `UPDATE users SET factor = EXISTS (SELECT 1 FROM totp t WHERE t.user_id = $1 AND t.confirmed_at > 0)
		OR EXISTS (SELECT 1 FROM passkeys p WHERE p.user_id = $1) WHERE id = $1 RETURNING factor`, []any{user}, &has)
	return has, err
}

const passkeyColumns = `p.id, p.user_id, p.name, p.credential, p.created_at, p.used_at`

func scanPasskey(row scanner) (p holm.Passkey, err error) {
	var credential string
	err = row.Scan(&p.ID, &p.User, &p.Name, &credential, moment{&p.CreatedAt}, moment{&p.UsedAt})
	p.Credential = []byte(credential)
	return p, err
}

// CreatePasskey adds a passkey. One that is registered already, with whomever,
// is a conflict.
func (tx *Tx) CreatePasskey(p holm.Passkey, credentialID string) (holm.Passkey, error) {
	p.ID, p.CreatedAt = newID("pas"), tx.now
	_, err := tx.exec("create passkey", `INSERT INTO passkeys (id, user_id, name, credential_id, credential, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		p.ID, p.User, p.Name, credentialID, string(p.Credential), micros(tx.now))
	if taken(err) {
		return p, holm.Errorf(holm.CodeConflict, "This passkey is registered already.")
	}
	return p, err
}

// Passkeys lists a person's passkeys, the oldest first.
func (tx *Tx) Passkeys(user holm.UserID) ([]holm.Passkey, error) {
	return many(tx, "list passkeys", `SELECT `+passkeyColumns+` FROM passkeys p WHERE p.user_id = $1 ORDER BY p.created_at, p.id LIMIT 100`, []any{user}, scanPasskey)
}

// PasskeyByCredential finds a passkey by the id that its device gave it;
// ErrNone when there is none.
func (tx *Tx) PasskeyByCredential(credentialID string) (holm.Passkey, error) {
	p, err := scanPasskey(tx.row(`SELECT `+passkeyColumns+` FROM passkeys p WHERE p.credential_id = $1`, credentialID))
	return p, none(err)
}

// UsePasskey notes that a passkey was used, with what its device counts.
func (tx *Tx) UsePasskey(id string, credential []byte) error {
	_, err := tx.exec("use passkey", `UPDATE passkeys SET used_at = $2, credential = $3 WHERE id = $1`, id, micros(tx.now), string(credential))
	return err
}

// RenamePasskey changes what a person calls a passkey.
func (tx *Tx) RenamePasskey(user holm.UserID, id, name string) error {
	_, err := tx.exec("rename passkey", `UPDATE passkeys SET name = $3 WHERE user_id = $1 AND id = $2`, user, id, name)
	return err
}

// DeletePasskey removes a passkey of a person and says whether there was one.
func (tx *Tx) DeletePasskey(user holm.UserID, id string) (bool, error) {
	n, err := tx.exec("delete passkey", `DELETE FROM passkeys WHERE user_id = $1 AND id = $2`, user, id)
	return n > 0, err
}

// AnswerChallenge uses a challenge up and says whether it was not yet.
func (tx *Tx) AnswerChallenge(id string, until time.Time) (bool, error) {
	n, err := tx.exec("answer challenge", `INSERT INTO challenges (id, expires_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, id, micros(until))
	return n > 0, err
}
