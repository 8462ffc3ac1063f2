package store

import (
	"time"

	"github.com/holmhq/holm"
)

// PutSignUp keeps who was mailed a link to sign up with.
func (tx *Tx) PutSignUp(email, tokenHash string, until time.Time) error {
	_, err := tx.exec("put sign-up", `INSERT INTO sign_ups (token_hash, email, email_key, expires_at) VALUES ($1, $2, $3, $4)`,
		tokenHash, email, holm.EmailKey(email), micros(until))
	return err
}

// SignUp gives the address that a link to sign up was mailed to; ErrNone when
// the link is unknown, used or has ended.
func (tx *Tx) SignUp(tokenHash string) (email string, err error) {
	err = tx.one("find sign-up", `SELECT email FROM sign_ups WHERE token_hash = $1 AND expires_at > $2`, []any{tokenHash, micros(tx.now)}, &email)
	return email, err
}

// EndSignUps ends every link to sign up with an address.
func (tx *Tx) EndSignUps(email string) error {
	_, err := tx.exec("end sign-ups", `DELETE FROM sign_ups WHERE email_key = $1`, holm.EmailKey(email))
	return err
}

// ProveUser notes that a person has their address.
func (tx *Tx) ProveUser(id holm.UserID) error {
	_, err := tx.exec("prove user", `UPDATE users SET proven_at = $2 WHERE id = $1`, id, micros(tx.now))
	return err
}

// ForgetWays removes all that a person signs in with besides the password, and
// the devices that they are known by.
func (tx *Tx) ForgetWays(id holm.UserID) error {
	for _, table := range []string{"passkeys", "identities", "totp", "recovery_codes", "devices"} {
		if _, err := tx.exec("forget "+table, `DELETE FROM `+table+` WHERE user_id = $1`, id); err != nil {
			return err
		}
	}
	_, err := tx.NoteFactor(id)
	return err
}
