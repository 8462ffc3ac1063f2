// Package account is the feature of people: sign-up, sign-in, sessions,
// passwords, limits, and what operators do with users.
//
// It must not know of environments beyond their number, nor of roads.
package account

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// Options are the installation's choices about people.
type Options struct {
	OpenSignUp bool // anybody may create a full account
	// PublicURL is where the dashboard is, which passkeys are bound to and
	// sign-in providers lead back to.
	PublicURL string
	Provider  ProviderOptions
	// Read runs a read before an operation's transaction.
	Read func(ctx context.Context, f func(*store.Tx) error) error
}

// Feature implements the operations on users.
type Feature struct {
	o       Options
	hasher  *hasher
	guesses *limiter
	steps   *limiter // of second steps, by person: only who has the first right gets there
	// rp is what passkeys are bound to, nil where they do not work; origin is
	// the dashboard's address for them.
	rp       *webauthn.WebAuthn
	origin   string
	provider *provider // nil for none
	// lookalike is a hash that nobody knows the password of: comparing with it
	// makes an unknown address take as long as a known one.
	lookalike func() (string, error)
}

// Links that this feature mails or prints.
const (
	linkSetup    = "setup"
	linkPassword = "password"
)

// Bind binds the feature's operations.
func Bind(d *dispatch.Door, o Options) *Feature {
	f := &Feature{o: o, hasher: newHasher(), guesses: newLimiter(), steps: newLimiter()}
	f.rp, f.origin = relyingParty(o.PublicURL)
	f.provider = newProvider(o)
	f.lookalike = sync.OnceValues(func() (string, error) {
		return f.hasher.hash(context.Background(), "nobody has this password")
	})
	dispatch.Prepare(d, ops.UserSignUp, f.prepareSignUp)
	dispatch.Bind(d, ops.UserSignUp, f.signUp)
	dispatch.Bind(d, ops.UserShow, func(s *dispatch.Scope, _ *ops.UserShowInput) (ops.UserView, error) {
		return View(s.User, s.Own), nil
	})
	dispatch.Prepare(d, ops.UserUpdate, f.prepareUpdate)
	dispatch.Bind(d, ops.UserUpdate, f.update)
	dispatch.Prepare(d, ops.SessionCreate, f.prepareSignIn)
	dispatch.Bind(d, ops.SessionCreate, f.signIn)
	f.bindFactors(d)
	dispatch.Bind(d, ops.SessionList, f.sessions)
	dispatch.Bind(d, ops.SessionDelete, f.endSession)
	dispatch.Bind(d, ops.PasswordForget, f.forget)
	dispatch.Prepare(d, ops.PasswordReset, f.prepareReset)
	dispatch.Bind(d, ops.PasswordReset, f.reset)
	dispatch.Bind(d, ops.AccountLimits, f.limits)
	dispatch.Bind(d, ops.OperatorUsers, f.users)
	dispatch.Bind(d, ops.OperatorUpdateUser, f.updateUser)
	return f
}

// bindFactors binds what people sign in with besides their password.
func (f *Feature) bindFactors(d *dispatch.Door) {
	dispatch.Prepare(d, ops.SessionBegin, f.prepareBegin)
	dispatch.Bind(d, ops.SessionBegin, f.begin)
	dispatch.Bind(d, ops.TokenList, f.tokens)
	dispatch.Bind(d, ops.TokenCreate, f.createToken)
	dispatch.Bind(d, ops.TokenDelete, f.deleteToken)
	dispatch.Prepare(d, ops.TOTPEnable, f.prepareTOTP)
	dispatch.Bind(d, ops.TOTPEnable, f.enableTOTP)
	dispatch.Prepare(d, ops.TOTPDisable, func(ctx context.Context, c dispatch.Caller, in *ops.TOTPDisableInput) (proven, error) {
		return f.prove(ctx, c, in.Body.CurrentPassword)
	})
	dispatch.Bind(d, ops.TOTPDisable, f.disableTOTP)
	dispatch.Prepare(d, ops.PasskeyCreate, f.preparePasskey)
	dispatch.Bind(d, ops.PasskeyCreate, f.createPasskey)
	dispatch.Bind(d, ops.PasskeyUpdate, f.renamePasskey)
	dispatch.Prepare(d, ops.PasskeyDelete, func(ctx context.Context, c dispatch.Caller, in *ops.PasskeyDeleteInput) (proven, error) {
		return f.prove(ctx, c, in.Body.CurrentPassword)
	})
	dispatch.Bind(d, ops.PasskeyDelete, f.deletePasskey)
	dispatch.Prepare(d, ops.RecoveryCreate, func(ctx context.Context, c dispatch.Caller, in *ops.RecoveryCreateInput) (proven, error) {
		return f.prove(ctx, c, in.Body.CurrentPassword)
	})
	dispatch.Bind(d, ops.RecoveryCreate, f.renewRecovery)
	dispatch.Prepare(d, ops.IdentityLink, f.prepareLink)
	dispatch.Bind(d, ops.IdentityLink, f.link)
	dispatch.Bind(d, ops.IdentityUnlink, f.unlink)
	dispatch.Bind(d, ops.UserSecurity, f.security)
	dispatch.Bind(d, ops.AccountSecurity, f.accountSecurity)
	dispatch.Bind(d, ops.AccountSecure, f.secure)
}

// View shows a user with their account.
func View(u holm.User, a holm.Account) ops.UserView {
	return ops.UserView{ID: string(u.ID), Email: u.Email, Name: u.Name, Operator: u.Operator,
		Account: ops.AccountView{ID: string(a.ID), Type: string(a.Type)}}
}

// CheckPassword says whether a password may be set: 10 to 200 characters
// (NIST SP 800-63B asks for length, not for kinds of characters).
func CheckPassword(p holm.Secret) error {
	switch n := len([]rune(p.Reveal())); {
	case n < 10:
		return holm.Invalid("password", "The password must have at least 10 characters.")
	case n > 200:
		return holm.Invalid("password", "The password must have at most 200 characters.")
	}
	return nil
}

// HashPassword checks a password and hashes it, for features that make users.
func (f *Feature) HashPassword(ctx context.Context, p holm.Secret) (string, error) {
	if err := CheckPassword(p); err != nil {
		return "", err
	}
	return f.hasher.hash(ctx, p.Reveal())
}

// CreateOperator makes the first user when there is none yet, for
// installations that are set up unattended.
func (f *Feature) CreateOperator(ctx context.Context, d *dispatch.Door, email string, password holm.Secret) error {
	address, err := holm.ParseEmail(email)
	if err != nil {
		return err
	}
	hash, err := f.HashPassword(ctx, password)
	if err != nil {
		return err
	}
	return d.SystemChange(ctx, "set-up", func(s *dispatch.Scope) error {
		if n, err := s.Tx.UserCount(); err != nil || n > 0 {
			return err
		}
		_, a, err := s.Tx.CreateUser(holm.User{Email: address, Operator: true, ProvenAt: s.Now()}, hash, holm.AccountFull)
		if err != nil {
			return err
		}
		return s.Tx.Record(store.AuditEntry{Account: a.ID, Email: "set-up", Road: holm.RoadSystem, Operation: "installation.set_up", Target: address, Result: "0"})
	})
}

// SetupLink makes a new one-time link for the first user; "" when there are
// users already.
func (f *Feature) SetupLink(ctx context.Context, d *dispatch.Door) (token string, err error) {
	err = d.SystemChange(ctx, "set-up", func(s *dispatch.Scope) error {
		n, err := s.Tx.UserCount()
		if err != nil || n > 0 {
			return err
		}
		var hash string
		token, hash = dispatch.NewToken("")
		return s.Tx.CreateLink(linkSetup, hash, "", s.Now().Add(365*24*time.Hour))
	})
	return token, err
}

// SetupWorks says whether a set-up link could be used now, as nil, and else
// why not.
func (f *Feature) SetupWorks(ctx context.Context, token holm.Secret) error {
	return f.o.Read(ctx, func(tx *store.Tx) error {
		count, err := tx.UserCount()
		if err != nil {
			return err
		}
		works, err := tx.LinkWorks(linkSetup, dispatch.HashToken(token.Reveal()))
		if err == nil && (!works || count > 0) {
			err = setupOver()
		}
		return err
	})
}

func setupOver() error {
	return holm.Errorf(holm.CodeGone, "This set-up link does not work: it was used, or the server was started again since and printed a new one.")
}

func (f *Feature) limits(s *dispatch.Scope, _ *ops.AccountLimitsInput) (v ops.LimitsView, err error) {
	v.Type, v.Limits = string(s.Account.Type), s.Account.Limits()
	// A viewer must not learn how many environments there are beside those
	// that are shared.
	if s.Facts.Owner || s.Facts.Role == holm.RoleAdmin {
		v.Used.Environments, err = s.Tx.EnvironmentCount(s.Account.ID)
	}
	return v, err
}

// signUpFrom and forgetFrom name what tries count for that must not hold up
// anybody elsewhere.
func signUpFrom(address string) string { return "sign-up from " + holm.Network(address) }

func forgetFrom(address, login string) string {
	return "forget from " + holm.Network(address) + " " + login
}

// count writes a number with what it counts.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

func missing(err error) bool { return errors.Is(err, store.ErrNone) }
