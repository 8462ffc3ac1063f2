package store

import "github.com/holmhq/holm"

const identityColumns = `i.id, i.user_id, i.issuer, i.subject, i.email, i.created_at, i.used_at`

func scanIdentity(row scanner) (i holm.Identity, err error) {
	err = row.Scan(&i.ID, &i.User, &i.Issuer, &i.Subject, &i.Email, moment{&i.CreatedAt}, moment{&i.UsedAt})
	return i, err
}

// CreateIdentity links a login at a sign-in provider to a person. One that is
// linked already, to whomever, is a conflict.
func (tx *Tx) CreateIdentity(i holm.Identity) (holm.Identity, error) {
	i.ID, i.CreatedAt = newID("idn"), tx.now
	_, err := tx.exec("create identity", `INSERT INTO identities (id, user_id, issuer, subject, email, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		i.ID, i.User, i.Issuer, i.Subject, i.Email, micros(tx.now))
	if taken(err) {
		return i, holm.Errorf(holm.CodeConflict, "This login is linked already.")
	}
	return i, err
}

// IdentityBySubject finds who has a login at a provider; ErrNone when nobody
// has.
func (tx *Tx) IdentityBySubject(issuer, subject string) (holm.Identity, error) {
	i, err := scanIdentity(tx.row(`SELECT `+identityColumns+` FROM identities i WHERE i.issuer = $1 AND i.subject = $2`, issuer, subject))
	return i, none(err)
}

// Identities lists a person's logins at providers.
func (tx *Tx) Identities(user holm.UserID) ([]holm.Identity, error) {
	return many(tx, "list identities", `SELECT `+identityColumns+` FROM identities i WHERE i.user_id = $1 ORDER BY i.created_at LIMIT 100`, []any{user}, scanIdentity)
}

// UseIdentity notes a sign-in with the address that the provider gave.
func (tx *Tx) UseIdentity(id, email string) error {
	_, err := tx.exec("use identity", `UPDATE identities SET used_at = $2, email = $3 WHERE id = $1`, id, micros(tx.now), email)
	return err
}

// DeleteIdentity unlinks a login of a person and says whether there was one.
func (tx *Tx) DeleteIdentity(user holm.UserID, id string) (bool, error) {
	n, err := tx.exec("delete identity", `DELETE FROM identities WHERE user_id = $1 AND id = $2`, user, id)
	return n > 0, err
}
