package dispatch

import (
	"context"
	"errors"
	"hash/crc32"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/store"
)

// An access token is holm_pat_, 256 random bits, and six characters of a
// checksum: scanners of leaked secrets know it from anything else without
// asking.
const (
	accessPrefix   = "holm_pat_"
	checksumLength = 6
)

// NewAccessToken makes an access token with the hash that is kept of it.
func NewAccessToken() (token, hash string) {
	token, _ = NewToken(accessPrefix)
	token += checksum(token)
	return token, HashToken(token)
}

// checksum is CRC-32 in six digits of base 62.
func checksum(text string) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	sum := crc32.ChecksumIEEE([]byte(text))
	out := make([]byte, checksumLength)
	for i := range out {
		out[len(out)-1-i] = digits[sum%62]
		sum /= 62
	}
	return string(out)
}

// isAccessToken says whether a token is an access token by its form.
func isAccessToken(token string) bool {
	if !strings.HasPrefix(token, accessPrefix) || len(token) <= len(accessPrefix)+checksumLength {
		return false
	}
	at := len(token) - checksumLength
	return checksum(token[:at]) == token[at:]
}

func tokenOver() error {
	return holm.Errorf(holm.CodeUnauthorized, "The access token was revoked or has ended; create another.")
}

// authenticateToken is Authenticate for access tokens.
func (d *Door) authenticateToken(ctx context.Context, token string, c Caller) (Caller, error) {
	var t holm.AccessToken
	var user holm.User
	err := d.store.Read(ctx, func(tx *store.Tx) (err error) {
		if t, err = tx.TokenByHash(HashToken(token)); err == nil {
			user, err = tx.User(t.User)
		}
		return err
	})
	if errors.Is(err, store.ErrNone) {
		return c, tokenOver()
	}
	if err != nil {
		return c, err
	}
	if !user.SuspendedAt.IsZero() {
		return c, holm.Errorf(holm.CodeUnauthorized, "This login is suspended; ask the operator of this installation.")
	}
	c.User, c.Email, c.Name, c.Token = user.ID, user.Email, user.Name, t.ID
	if d.clock().Sub(t.UsedAt) > useEvery {
		err = d.store.Write(ctx, func(tx *store.Tx) error { return tx.UseToken(t.ID, c.Address) })
	}
	return c, err
}

// readToken reads the access token of the caller anew, so that one revoked a
// moment ago counts at once.
func (s *Scope) readToken() (err error) {
	if s.Caller.Token == "" {
		return nil
	}
	s.token, err = s.Tx.Token(s.User.ID, s.Caller.Token)
	if errors.Is(err, store.ErrNone) {
		return tokenOver()
	}
	return err
}

// OnlyToken gives the id of the caller's access token where that is the only
// one it may know of: one that does not carry what people do with their own,
// or that reaches some environments only. Else it is "".
func (s *Scope) OnlyToken() string {
	t := s.narrowing(store.Relation{})
	if t == nil || t.Carries(access.Self) && !t.Narrow {
		return ""
	}
	return s.token.ID
}

// narrowing says what the caller's access token lets through where a target
// is; nil without one.
func (s *Scope) narrowing(r store.Relation) *access.Token {
	if s.Caller.Token == "" {
		return nil
	}
	t := &access.Token{Narrow: s.token.Environments != nil}
	for _, p := range s.token.Permissions {
		t.Permissions = append(t.Permissions, access.Permission(p))
	}
	for _, id := range s.token.Environments {
		t.Here = t.Here || id == r.Environment.ID && id != ""
	}
	return t
}
