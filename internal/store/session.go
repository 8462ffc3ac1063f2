package store

import (
	"time"

	"github.com/holmhq/holm"
)

const sessionColumns = `s.id, s.user_id, s.road, s.method, s.device, s.address, s.created_at, s.used_at, s.expires_at`

func sessionInto(s *holm.Session) []any {
	return []any{&s.ID, &s.User, &s.Road, &s.Method, &s.Device, &s.Address, moment{&s.CreatedAt}, moment{&s.UsedAt}, moment{&s.ExpiresAt}}
}

func scanSession(row scanner) (s holm.Session, err error) {
	err = row.Scan(sessionInto(&s)...)
	return s, err
}

// CreateSession adds a session; only the hash of its token is kept.
func (tx *Tx) CreateSession(s holm.Session, tokenHash string) (holm.Session, error) {
	s.ID = newID("ses")
	if s.Method == "" {
		s.Method = "password"
	}
	s.CreatedAt, s.UsedAt = tx.now, tx.now
	_, err := tx.exec("create session", `INSERT INTO sessions (id, user_id, token_hash, road, device, address, created_at, used_at, expires_at, method)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		s.ID, s.User, tokenHash, string(s.Road), s.Device, s.Address, micros(s.CreatedAt), micros(s.UsedAt), micros(s.ExpiresAt), s.Method)
	return s, err
}

// SessionByToken finds a session that has not ended with its user; ErrNone
// otherwise.
func (tx *Tx) SessionByToken(tokenHash string) (s holm.Session, u holm.User, err error) {
	err = tx.row(`SELECT `+sessionColumns+`, `+userColumns+` FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.token_hash = $1 AND s.expires_at > $2`, tokenHash, micros(tx.now)).
		Scan(append(sessionInto(&s), userInto(&u)...)...)
	return s, u, none(err)
}

// UseSession notes where and when a session was used.
func (tx *Tx) UseSession(id, address string) error {
	_, err := tx.exec("use session", `UPDATE sessions SET used_at = $2, address = $3 WHERE id = $1`, id, micros(tx.now), address)
	return err
}

// Sessions lists a person's sessions, the last used first.
func (tx *Tx) Sessions(user holm.UserID) ([]holm.Session, error) {
	return many(tx, "list sessions", `SELECT `+sessionColumns+` FROM sessions s WHERE s.user_id = $1 AND s.expires_at > $2 ORDER BY s.used_at DESC LIMIT 200`,
		[]any{user, micros(tx.now)}, scanSession)
}

// EndSession ends one session of a person and says whether there was one.
func (tx *Tx) EndSession(user holm.UserID, id string) (bool, error) {
	n, err := tx.exec("end session", `DELETE FROM sessions WHERE user_id = $1 AND id = $2`, user, id)
	return n > 0, err
}

// EndSessions ends all sessions of a person except one ("" for none).
func (tx *Tx) EndSessions(user holm.UserID, except string) error {
	_, err := tx.exec("end sessions", `DELETE FROM sessions WHERE user_id = $1 AND id <> $2`, user, except)
	return err
}

// SweepSessions forgets sessions, challenges and links to sign up that have ended.
func (tx *Tx) SweepSessions() error {
	for _, table := range []string{"sessions", "challenges", "sign_ups"} {
		if _, err := tx.exec("sweep "+table, `DELETE FROM `+table+` WHERE expires_at <= $1`, micros(tx.now)); err != nil {
			return err
		}
	}
	return nil
}

// CreateLink keeps a one-time link of a kind. Earlier ones of the same kind
// and user end.
func (tx *Tx) CreateLink(kind, tokenHash string, user holm.UserID, until time.Time) error {
	if err := tx.EndLinks(kind, user); err != nil {
		return err
	}
	_, err := tx.exec("create link", `INSERT INTO links (token_hash, kind, user_id, expires_at) VALUES ($1, $2, $3, $4)`, tokenHash, kind, user, micros(until))
	return err
}

// LinkWorks says whether a one-time link could be used now.
func (tx *Tx) LinkWorks(kind, tokenHash string) (bool, error) {
	var n int
	err := tx.one("look at link", `SELECT COUNT(*) FROM links WHERE token_hash = $1 AND kind = $2 AND used_at = 0 AND expires_at > $3`,
		[]any{tokenHash, kind, micros(tx.now)}, &n)
	return n > 0, err
}

// EndLinks ends every link of a kind that a user has.
func (tx *Tx) EndLinks(kind string, user holm.UserID) error {
	_, err := tx.exec("end links", `DELETE FROM links WHERE kind = $1 AND user_id = $2`, kind, user)
	return err
}

// UseLink uses a one-time link up and gives its user; ErrNone when it is
// unknown, ended or used.
func (tx *Tx) UseLink(kind, tokenHash string) (user holm.UserID, err error) {
	err = tx.one("use link", `UPDATE links SET used_at = $3 WHERE token_hash = $1 AND kind = $2 AND used_at = 0 AND expires_at > $3 RETURNING user_id`,
		[]any{tokenHash, kind, micros(tx.now)}, &user)
	return user, err
}
