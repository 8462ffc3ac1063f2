package store

import (
	"strings"

	"github.com/holmhq/holm"
)

const tokenColumns = `k.id, k.user_id, k.name, k.hint, k.permissions, k.environments, k.created_at, k.expires_at, k.used_at, k.address`

// words scans a list of words; none is nil.
type words[T ~string] struct{ to *[]T }

// Scan reads words with spaces between.
func (w words[T]) Scan(v any) error {
	*w.to = nil
	var text string
	switch v := v.(type) {
	case string:
		text = v
	case []byte:
		text = string(v)
	}
	for _, word := range strings.Fields(text) {
		*w.to = append(*w.to, T(word))
	}
	return nil
}

func joined[T ~string](list []T) string {
	var b strings.Builder
	for i, word := range list {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(word))
	}
	return b.String()
}

func scanToken(row scanner) (t holm.AccessToken, err error) {
	err = row.Scan(&t.ID, &t.User, &t.Name, &t.Hint, words[string]{&t.Permissions}, words[holm.EnvironmentID]{&t.Environments},
		moment{&t.CreatedAt}, moment{&t.ExpiresAt}, moment{&t.UsedAt}, &t.Address)
	return t, err
}

// CreateToken adds an access token; only its hash is kept.
func (tx *Tx) CreateToken(t holm.AccessToken, tokenHash string) (holm.AccessToken, error) {
	t.ID, t.CreatedAt = newID("tok"), tx.now
	_, err := tx.exec("create token", `INSERT INTO tokens (id, user_id, name, token_hash, hint, permissions, environments, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		t.ID, t.User, t.Name, tokenHash, t.Hint, joined(t.Permissions), joined(t.Environments), micros(tx.now), micros(t.ExpiresAt))
	return t, err
}

// TokenByHash finds an access token that has not ended; ErrNone otherwise.
func (tx *Tx) TokenByHash(tokenHash string) (holm.AccessToken, error) {
	t, err := scanToken(tx.row(`SELECT `+tokenColumns+` FROM tokens k WHERE k.token_hash = $1 AND k.expires_at > $2`, tokenHash, micros(tx.now)))
	return t, none(err)
}

// Token finds an access token of a person that has not ended; ErrNone
// otherwise.
func (tx *Tx) Token(user holm.UserID, id string) (holm.AccessToken, error) {
	t, err := scanToken(tx.row(`SELECT `+tokenColumns+` FROM tokens k WHERE k.id = $1 AND k.user_id = $2 AND k.expires_at > $3`, id, user, micros(tx.now)))
	return t, none(err)
}

// Tokens lists a person's access tokens, the newest first, also those that
// ended lately.
func (tx *Tx) Tokens(user holm.UserID) ([]holm.AccessToken, error) {
	return many(tx, "list tokens", `SELECT `+tokenColumns+` FROM tokens k WHERE k.user_id = $1 ORDER BY k.created_at DESC, k.id DESC LIMIT 500`, []any{user}, scanToken)
}

// UseToken notes where and when a token was used.
func (tx *Tx) UseToken(id, address string) error {
	_, err := tx.exec("use token", `UPDATE tokens SET used_at = $2, address = $3 WHERE id = $1`, id, micros(tx.now), address)
	return err
}

// DeleteTokens revokes every access token of a person.
func (tx *Tx) DeleteTokens(user holm.UserID) error {
	_, err := tx.exec("delete tokens", `DELETE FROM tokens WHERE user_id = $1`, user)
	return err
}

// DeleteToken revokes a token of a person and says whether there was one.
func (tx *Tx) DeleteToken(user holm.UserID, id string) (bool, error) {
	n, err := tx.exec("delete token", `DELETE FROM tokens WHERE user_id = $1 AND id = $2`, user, id)
	return n > 0, err
}
