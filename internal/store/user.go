package store

import (
	"strings"
	"time"

	"github.com/holmhq/holm"
)

const userColumns = `u.id, u.email, u.name, u.operator, u.factor, u.proven_at, u.suspended_at, u.created_at`

func userInto(u *holm.User) []any {
	return []any{&u.ID, &u.Email, &u.Name, &u.Operator, &u.Factor, moment{&u.ProvenAt}, moment{&u.SuspendedAt}, moment{&u.CreatedAt}}
}

func scanUser(row scanner) (u holm.User, err error) {
	err = row.Scan(userInto(&u)...)
	return u, err
}

// CreateUser adds a person with a login and their account. An address that is
// taken is a conflict.
func (tx *Tx) CreateUser(u holm.User, passwordHash string, t holm.AccountType) (holm.User, holm.Account, error) {
	u.ID = holm.UserID(newID("usr"))
	u.CreatedAt = tx.now
	_, err := tx.exec("create user", `INSERT INTO users (id, email, email_key, name, password_hash, operator, proven_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		u.ID, u.Email, holm.EmailKey(u.Email), u.Name, passwordHash, u.Operator, micros(u.ProvenAt), micros(tx.now))
	if taken(err) {
		return u, holm.Account{}, holm.Errorf(holm.CodeConflict, "There is a login with this e-mail address already; sign in with it.")
	}
	if err != nil {
		return u, holm.Account{}, err
	}
	a := holm.Account{ID: holm.AccountID(newID("acc")), Owner: u.ID, OwnerEmail: u.Email, OwnerName: u.Name, Type: t, CreatedAt: tx.now}
	_, err = tx.exec("create account", `INSERT INTO accounts (id, owner_id, type, created_at) VALUES ($1, $2, $3, $4)`, a.ID, a.Owner, string(a.Type), micros(tx.now))
	return u, a, err
}

// User finds a person by id; not found when there is none.
func (tx *Tx) User(id holm.UserID) (holm.User, error) {
	u, err := scanUser(tx.row(`SELECT `+userColumns+` FROM users u WHERE u.id = $1`, id))
	return u, notFound(none(err))
}

// UserByEmail finds a person by address; ErrNone when there is none.
func (tx *Tx) UserByEmail(email string) (holm.User, error) {
	u, err := scanUser(tx.row(`SELECT `+userColumns+` FROM users u WHERE u.email_key = $1`, holm.EmailKey(email)))
	return u, none(err)
}

// UserCount counts the people of the installation.
func (tx *Tx) UserCount() (n int, err error) {
	err = tx.one("count users", `SELECT COUNT(*) FROM users`, nil, &n)
	return n, err
}

// Operators lists who runs the installation.
func (tx *Tx) Operators() ([]holm.User, error) {
	return many(tx, "list operators", `SELECT `+userColumns+` FROM users u WHERE u.operator ORDER BY u.email_key LIMIT 100`, nil, scanUser)
}

// PasswordHash gives what a password is compared with.
func (tx *Tx) PasswordHash(id holm.UserID) (hash string, err error) {
	err = tx.one("read password", `SELECT password_hash FROM users WHERE id = $1`, []any{id}, &hash)
	return hash, err
}

// SetPassword replaces a password.
func (tx *Tx) SetPassword(id holm.UserID, hash string) error {
	_, err := tx.exec("set password", `UPDATE users SET password_hash = $2 WHERE id = $1`, id, hash)
	return err
}

// RenameUser changes a display name.
func (tx *Tx) RenameUser(id holm.UserID, name string) error {
	_, err := tx.exec("rename user", `UPDATE users SET name = $2 WHERE id = $1`, id, name)
	return err
}

// SuspendUser suspends a login and its account, or ends that.
func (tx *Tx) SuspendUser(id holm.UserID, suspended bool) error {
	at := int64(0)
	if suspended {
		at = micros(tx.now)
	}
	if _, err := tx.exec("suspend user", `UPDATE users SET suspended_at = $2 WHERE id = $1`, id, at); err != nil {
		return err
	}
	_, err := tx.exec("suspend account", `UPDATE accounts SET suspended_at = $2 WHERE owner_id = $1`, id, at)
	return err
}

// SeenUser notes that a person was here.
func (tx *Tx) SeenUser(id holm.UserID) error {
	_, err := tx.exec("seen user", `UPDATE users SET seen_at = $2 WHERE id = $1`, id, micros(tx.now))
	return err
}

// Listed is a user with what an operator sees of them.
type Listed struct {
	User         holm.User
	Account      holm.Account
	Environments int
	SeenAt       time.Time
}

// Users lists people by address, after the given address, at most limit.
func (tx *Tx) Users(contains, after string, limit int) ([]Listed, error) {
	return many(tx, "list users", `SELECT `+userColumns+`, a.id, a.type, a.quota, u.seen_at,
		(SELECT COUNT(*) FROM environments e WHERE e.account_id = a.id AND e.deleted_at = 0)
		FROM users u JOIN accounts a ON a.owner_id = u.id
		WHERE u.email_key > $1 AND u.email_key LIKE $2 ESCAPE '!' ORDER BY u.email_key LIMIT $3`,
		[]any{strings.ToLower(after), like(contains), limit}, func(row scanner) (l Listed, err error) {
			err = row.Scan(append(userInto(&l.User), &l.Account.ID, &l.Account.Type, quota{&l.Account.Quota}, moment{&l.SeenAt}, &l.Environments)...)
			return l, err
		})
}
