// Package dispatch is the one door to everything that Holm does. For every
// road it finds the target, decides, validates, does and records in one
// transaction; it keeps the register of open sessions and cuts those whose
// right has gone.
//
// It knows the vocabulary, the permissions, the catalogue and the store. It
// must not know what any operation does (features bind that) nor how a road
// asks or answers.
package dispatch

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
)

// Caller is who asks, and how the question came in.
type Caller struct {
	User    holm.UserID // "" when not signed in
	Email   string
	Name    string
	Session string // id of the session it came with
	Token   string // id of the access token it came with, instead of a session
	View    string // id of the view that the session is held by: see view.go
	Road    holm.Road
	Address string // of the client, without port
	Device  string // user agent, shortened
	// DeviceKey is the hash of what the caller's device keeps between
	// sign-ins, "" when it has nothing.
	DeviceKey string
	system    string // name of the part of Holm that acts by itself
}

// SignedIn says whether the caller is known.
func (c Caller) SignedIn() bool { return c.User != "" }

// System makes the caller that stands for a part of Holm itself.
func System(name string) Caller {
	return Caller{Road: holm.RoadSystem, Email: name, system: name}
}

// SessionTTL is how long a session lasts when it is not used.
const SessionTTL = 30 * 24 * time.Hour

// NewToken makes a token of 256 random bits and the hash that is kept of it.
// The prefix tells scanners of leaked secrets whose it is.
func NewToken(prefix string) (token, hash string) {
	raw := make([]byte, 32)
	rand.Read(raw)
	token = prefix + base64.RawURLEncoding.EncodeToString(raw)
	return token, HashToken(token)
}

// HashToken gives what is kept of a token. It needs no salt or slow hash:
// nobody can guess 256 random bits.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// useEvery bounds how often the use of a session is written down.
const useEvery = time.Minute

// Authenticate finds out who a session token belongs to. Road, address and
// device of the given caller are kept. An unknown or ended token is
// unauthorized.
func (d *Door) Authenticate(ctx context.Context, token string, c Caller) (Caller, error) {
	ended := holm.Errorf(holm.CodeUnauthorized, "The sign-in has ended; sign in again.")
	if token == "" || len(token) > 200 {
		return c, ended
	}
	if isAccessToken(token) {
		return d.authenticateToken(ctx, token, c)
	}
	var session holm.Session
	var user holm.User
	err := d.store.Read(ctx, func(tx *store.Tx) (err error) {
		session, user, err = tx.SessionByToken(HashToken(token))
		return err
	})
	if errors.Is(err, store.ErrNone) {
		return c, ended
	}
	if err != nil {
		return c, err
	}
	if !user.SuspendedAt.IsZero() {
		return c, holm.Errorf(holm.CodeUnauthorized, "This login is suspended; ask the operator of this installation.")
	}
	c.User, c.Email, c.Name, c.Session = user.ID, user.Email, user.Name, session.ID
	if c.View, err = d.viewOf(ctx, session.ID); err != nil {
		return c, err
	}
	if d.clock().Sub(session.UsedAt) > useEvery {
		err = d.store.Write(ctx, func(tx *store.Tx) error {
			if err := tx.UseSession(session.ID, c.Address); err != nil {
				return err
			}
			return tx.SeenUser(user.ID)
		})
	}
	return c, err
}

// ShortDevice makes a user agent fit for a list.
func ShortDevice(agent string) string {
	agent = strings.Map(func(r rune) rune {
		if r < 32 || r == 127 {
			return -1
		}
		return r
	}, agent)
	if len(agent) > 200 {
		agent = agent[:200]
	}
	return strings.ToValidUTF8(agent, "")
}
