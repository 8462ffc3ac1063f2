package account

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// hasher hashes passwords with argon2id, few at a time: each takes 19 MiB and
// some ten milliseconds, which a flood of sign-ins would multiply.
type hasher struct {
	slots   chan struct{}
	waiting atomic.Int64
}

// OWASP's recommendation for argon2id: 19 MiB, two passes, one lane.
var argon = &argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

func newHasher() *hasher { return &hasher{slots: make(chan struct{}, 2)} }

// queueMost is how many may wait for their turn; more are told to come back,
// so that a flood does not keep everybody else waiting.
const queueMost = 24

func (h *hasher) enter(ctx context.Context) error {
	if h.waiting.Add(1) > queueMost {
		h.waiting.Add(-1)
		return holm.Errorf(holm.CodeUnavailable, "Too many people are signing in at this moment; try again.")
	}
	defer h.waiting.Add(-1)
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return holm.Wrap(holm.CodeUnavailable, ctx.Err(), "Too many people are signing in at this moment; try again.")
	}
}

func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer func() { <-h.slots }()
	return argon2id.CreateHash(password, argon)
}

func (h *hasher) matches(ctx context.Context, password, hash string) (bool, error) {
	if len(password) > 1000 {
		return false, nil
	}
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer func() { <-h.slots }()
	return argon2id.ComparePasswordAndHash(password, hash)
}

const (
	resetTTL = 72 * time.Hour
	// resetsADay is how many links somebody is mailed a day, so that nobody
	// fills another's mailbox.
	resetsADay = 8
)

// forget mails a reset link. Its answer is the same for every address, so
// that nobody learns who has a login.
func (f *Feature) forget(s *dispatch.Scope, in *ops.PasswordForgetInput) (ops.None, error) {
	email, err := holm.ParseEmail(in.Body.Email)
	if err != nil {
		return ops.None{}, err
	}
	if wait := f.guesses.wait(s.Now(), s.Caller.Address, forgetFrom(s.Caller.Address, holm.EmailKey(email))); !wait.IsZero() {
		return ops.None{}, slowDown(s.Now(), wait)
	}
	f.guesses.failed(s.Now(), s.Caller.Address, forgetFrom(s.Caller.Address, holm.EmailKey(email)))
	s.About(email)
	u, err := s.Tx.UserByEmail(email)
	if missing(err) {
		return ops.None{}, nil
	}
	if err != nil {
		return ops.None{}, err
	}
	own, err := s.Tx.AccountOf(u.ID)
	if err != nil {
		return ops.None{}, err
	}
	s.LogIn(own.ID)
	if n, err := s.Tx.Tally("password reset to "+string(u.ID), day(s.Now()), 1); err != nil || n > resetsADay {
		return ops.None{}, err // the answer stays the same; the links of today still come
	}
	token, hash := dispatch.NewToken("")
	if err := s.Tx.CreateLink(linkPassword, hash, u.ID, s.Now().Add(resetTTL)); err != nil {
		return ops.None{}, err
	}
	s.Write(holm.Letter{Kind: holm.LetterPasswordReset, Event: "password-reset:" + hash, To: u.Email, ToName: u.Name,
		Path: "/password/" + token, LinkUntil: s.Now().Add(resetTTL), Address: s.Caller.Address, Device: s.Caller.Device})
	return ops.None{}, nil
}

// prepareReset looks at the link first: nobody unknown may have passwords
// hashed for nothing.
func (f *Feature) prepareReset(ctx context.Context, c dispatch.Caller, in *ops.PasswordResetInput) (string, error) {
	works := false
	err := f.o.Read(ctx, func(tx *store.Tx) (err error) {
		works, err = tx.LinkWorks(linkPassword, dispatch.HashToken(in.Token.Reveal()))
		return err
	})
	if err != nil {
		return "", err
	}
	if !works {
		return "", f.junkLink(c, linkOver())
	}
	return f.HashPassword(ctx, in.Body.Password)
}

func (f *Feature) reset(s *dispatch.Scope, in *ops.PasswordResetInput) (ops.None, error) {
	id, err := s.Tx.UseLink(linkPassword, dispatch.HashToken(in.Token.Reveal()))
	if missing(err) {
		return ops.None{}, linkOver()
	}
	if err != nil {
		return ops.None{}, err
	}
	u, err := s.Tx.User(id)
	if err != nil {
		return ops.None{}, err
	}
	own, err := s.Tx.AccountOf(id)
	if err != nil {
		return ops.None{}, err
	}
	s.LogIn(own.ID)
	s.By(u)
	f.guesses.vouch(s.Now(), s.Caller.Address, holm.EmailKey(u.Email))
	// Who signed up with an address that is not theirs, or was in before, keeps
	// nothing that goes on without the password.
	revoked, err := revokeTokens(s, u)
	if err != nil {
		return ops.None{}, err
	}
	gone, err := f.proveAddress(s, u)
	if err != nil {
		return ops.None{}, err
	}
	ways, err := otherWays(s, u)
	if err != nil {
		return ops.None{}, err
	}
	return ops.None{}, f.replacePassword(s, u, s.Prepared.(string), "", func(l *holm.Letter) {
		l.ByMail, l.Tokens, l.OtherWays, l.What = true, revoked, ways, gone.words()
	})
}

// otherWays counts what signs a person in besides their password. A reset
// leaves it, once the address was proven: who reads the mails must not get past
// a second factor with it.
func otherWays(s *dispatch.Scope, u holm.User) (int, error) {
	keys, err := s.Tx.Passkeys(u.ID)
	if err != nil {
		return 0, err
	}
	identities, err := s.Tx.Identities(u.ID)
	return len(keys) + len(identities), err
}

// junkLink slows down who tries links out. A link that works is not held up.
func (f *Feature) junkLink(c dispatch.Caller, over error) error {
	from := "links from " + holm.Network(c.Address)
	if wait := f.guesses.wait(time.Now(), c.Address, from); !wait.IsZero() {
		return slowDown(time.Now(), wait)
	}
	f.guesses.failed(time.Now(), c.Address, from)
	return over
}

func linkOver() error {
	return holm.Errorf(holm.CodeGone, "This link does not work any more: it was used or has ended; ask for a new one.")
}

// replacePassword sets a new hash and ends every session but one and every
// reset link: whoever knew the old password or read the mails is out. more
// completes the mail about it.
func (f *Feature) replacePassword(s *dispatch.Scope, u holm.User, hash, except string, more func(*holm.Letter)) error {
	if err := errors.Join(s.Tx.SetPassword(u.ID, hash), s.Tx.EndLinks(linkPassword, u.ID)); err != nil {
		return err
	}
	l := holm.Letter{Kind: holm.LetterPasswordChanged, Event: "password-changed:" + string(u.ID) + ":" + s.Now().String(),
		To: u.Email, ToName: u.Name, Path: "/account/security", Address: s.Caller.Address, Device: s.Caller.Device}
	more(&l)
	s.Write(l)
	return f.endOthers(s, u, except)
}
