package account

import (
	"context"
	"strings"
	"time"
	"unicode"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// proof is what the preparation of a sign-in has found out.
type proof struct {
	user    holm.User
	known   bool
	hash    string // that the password was compared with
	matches bool
	wait    time.Time
	by      guesser
	claims  claims // of the sign-in provider
}

// prepareSignIn does what is too slow for the transaction: comparing the
// password, asking the sign-in provider. An unknown address takes as long as a
// wrong password.
func (f *Feature) prepareSignIn(ctx context.Context, c dispatch.Caller, in *ops.SessionCreateInput) (p proof, err error) {
	if in.Body.Provider != nil {
		p.claims, err = f.redeem(ctx, purposeSignIn, "", *in.Body.Provider)
		return p, err
	}
	if !in.Body.StepToken.Empty() || in.Body.Email == "" && in.Body.Passkey != nil {
		return p, nil
	}
	p.by = guesser{address: c.Address, device: c.DeviceKey, login: comparable(in.Body.Email)}
	if p.hash, err = f.lookalike(); err != nil {
		return p, err
	}
	err = f.o.Read(ctx, func(tx *store.Tx) error {
		u, err := tx.UserByEmail(in.Body.Email)
		if missing(err) {
			return nil
		}
		if err != nil {
			return err
		}
		p.user, p.known = u, true
		byDevice := false
		if p.by.known, byDevice, err = knows(tx, u.ID, c.DeviceKey, c.Address); err != nil {
			return err
		}
		if !byDevice { // a key made up a moment ago is no reason to count apart
			p.by.device = ""
		}
		hash, err := tx.PasswordHash(u.ID)
		if hash != "" { // without a password none is right
			p.hash = hash
		}
		return err
	})
	if err != nil {
		return p, err
	}
	if p.wait = f.guesses.waitFor(time.Now(), p.by); !p.wait.IsZero() {
		return p, nil
	}
	p.matches, err = f.hasher.matches(ctx, in.Body.Password.Reveal(), p.hash)
	return p, err
}

func slowDown(now, until time.Time) error {
	e := holm.Errorf(holm.CodeTooMany, "Too many tries; wait until %s UTC and try again. A device you have signed in on before is not held up, nor is who sets a new password by mail.", until.UTC().Format("15:04:05"))
	e.Wait = until.Sub(now)
	return e
}

func (f *Feature) signIn(s *dispatch.Scope, in *ops.SessionCreateInput) (none ops.SessionCreated, err error) {
	if in.Body.Passkey != nil {
		s.Note("passkey", "answered")
	}
	if in.Body.Provider != nil {
		s.Note("provider", f.providerName())
	}
	u, method, whole, err := f.first(s, in)
	if err != nil {
		return none, err
	}
	own, err := s.Tx.AccountOf(u.ID)
	if err != nil {
		return none, err
	}
	s.About(u.Email)
	s.LogIn(own.ID)
	s.By(u)
	if !u.SuspendedAt.IsZero() {
		return none, holm.Errorf(holm.CodeForbidden, "This login is suspended; ask the operator of this installation.")
	}
	if u.Factor && !whole {
		if method, err = f.second(s, u, method, in); err != nil {
			return none, err
		}
	}
	return startSession(s, u, own, method)
}

// first checks the first step of a sign-in: whose it is, and whether it was
// all that is needed, as a passkey is.
func (f *Feature) first(s *dispatch.Scope, in *ops.SessionCreateInput) (u holm.User, method string, whole bool, err error) {
	switch {
	case in.Body.Provider != nil:
		u, err = f.providerSignIn(s, s.Prepared.(proof).claims)
		return u, "provider", false, err
	case !in.Body.StepToken.Empty():
		u, method, err = openStep(s.Tx, in.Body.StepToken)
		return u, method, false, err
	case in.Body.Passkey != nil && in.Body.Email == "":
		u, err = f.passkeySignIn(s, in.Body.Passkey)
		return u, "passkey", true, err
	}
	u, err = f.byPassword(s, in)
	return u, "password", false, err
}

func (f *Feature) byPassword(s *dispatch.Scope, in *ops.SessionCreateInput) (u holm.User, err error) {
	p := s.Prepared.(proof)
	s.About(in.Body.Email)
	if !p.wait.IsZero() {
		return u, slowDown(time.Now(), p.wait)
	}
	if p.known {
		own, err := s.Tx.AccountOf(p.user.ID)
		if err != nil {
			return u, err
		}
		s.LogIn(own.ID)
		s.By(p.user)
		hash, err := s.Tx.PasswordHash(p.user.ID)
		if err != nil {
			return u, err
		}
		if p.matches && hash == p.hash {
			f.guesses.succeededBy(p.by)
			return s.Tx.User(p.user.ID)
		}
	}
	f.guesses.failedBy(time.Now(), p.by)
	return u, holm.Errorf(holm.CodeUnauthorized, "The e-mail address or the password is wrong.")
}

// StartSession signs a user in within a transaction, after something that was
// proof enough.
func StartSession(s *dispatch.Scope, u holm.User, a holm.Account) (ops.SessionCreated, error) {
	method := "sign_up"
	if s.Operation != nil && s.Operation.Noun() == "invitation" {
		method = "invitation"
	}
	return startSession(s, u, a, method)
}

func startSession(s *dispatch.Scope, u holm.User, a holm.Account, method string) (ops.SessionCreated, error) {
	token, hash := dispatch.NewToken("holm_")
	session, err := s.Tx.CreateSession(holm.Session{User: u.ID, Road: s.Caller.Road, Method: method, Device: s.Caller.Device,
		Address: s.Caller.Address, ExpiresAt: s.Now().Add(dispatch.SessionTTL)}, hash)
	if err != nil {
		return ops.SessionCreated{}, err
	}
	if err := s.Tx.SeenUser(u.ID); err != nil {
		return ops.SessionCreated{}, err
	}
	if err := tellDevice(s, u, session); err != nil {
		return ops.SessionCreated{}, err
	}
	return ops.SessionCreated{Token: token, ID: session.ID, ExpiresAt: session.ExpiresAt, User: View(u, a)}, nil
}

// tellDevice mails a person when somebody signs in as them from a device that
// was not used before. A browser is known by what it keeps; anything else by
// what it calls itself, without versions, and its address.
func tellDevice(s *dispatch.Scope, u holm.User, session holm.Session) error {
	key := s.Caller.DeviceKey
	if key == "" {
		name := strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) || r == '.' {
				return -1
			}
			return r
		}, s.Caller.Device)
		// No cookie can hold this, so no browser can pass for it.
		key = dispatch.HashToken("\x00" + name + " " + s.Caller.Address)
	}
	device, err := s.Tx.SeeDevice(u.ID, key)
	if err != nil || device != store.DeviceNew {
		return err
	}
	s.Write(holm.Letter{Kind: holm.LetterNewDevice, Event: "new-device:" + session.ID, To: u.Email, ToName: u.Name,
		Path: "/account/sessions", Address: s.Caller.Address, Device: s.Caller.Device})
	return nil
}

func (f *Feature) sessions(s *dispatch.Scope, _ *ops.SessionListInput) (page ops.Page[ops.SessionView], err error) {
	list, err := s.Tx.Sessions(s.User.ID)
	page.Items = []ops.SessionView{}
	for _, v := range list {
		page.Items = append(page.Items, ops.SessionView{ID: v.ID, Road: string(v.Road), Method: v.Method, Device: v.Device, Address: v.Address,
			CreatedAt: v.CreatedAt, UsedAt: v.UsedAt, Current: v.ID == s.Caller.Session})
	}
	return page, err
}

func (f *Feature) endSession(s *dispatch.Scope, in *ops.SessionDeleteInput) (ops.None, error) {
	id := in.Session
	if id == "others" {
		return ops.None{}, f.endOthers(s, s.User, s.Caller.Session)
	}
	if id == "current" {
		id = s.Caller.Session
	}
	found, err := s.Tx.EndSession(s.User.ID, id)
	if err == nil && !found {
		err = holm.ErrNotFound()
	}
	s.SessionEnded(id)
	return ops.None{}, err
}

// endOthers ends every session of a person but one, and cuts what they hold.
func (f *Feature) endOthers(s *dispatch.Scope, u holm.User, except string) error {
	sessions, err := s.Tx.Sessions(u.ID)
	if err != nil {
		return err
	}
	for _, other := range sessions {
		if other.ID != except {
			s.SessionEnded(other.ID)
		}
	}
	return s.Tx.EndSessions(u.ID, except)
}

// change is what the preparation of user.update has found out.
type change struct {
	newHash string
	current proven
}

func (f *Feature) prepareUpdate(ctx context.Context, c dispatch.Caller, in *ops.UserUpdateInput) (p change, err error) {
	if in.Body.Password.Empty() {
		return p, nil
	}
	if p.current, err = f.prove(ctx, c, in.Body.CurrentPassword); err != nil || p.current.wrong {
		return p, err
	}
	if in.Body.Password.Reveal() == in.Body.CurrentPassword.Reveal() {
		return p, holm.Invalid("password", "The new password is the one of before; choose another.")
	}
	p.newHash, err = f.HashPassword(ctx, in.Body.Password)
	return p, err
}

func (f *Feature) update(s *dispatch.Scope, in *ops.UserUpdateInput) (v ops.UserView, err error) {
	if in.Body.Name != nil {
		if err := holm.CheckName("name", *in.Body.Name); err != nil {
			return v, err
		}
		s.Note("was_name", s.User.Name)
		if err := s.Tx.RenameUser(s.User.ID, *in.Body.Name); err != nil {
			return v, err
		}
		s.User.Name = *in.Body.Name
	}
	if !in.Body.Password.Empty() {
		p := s.Prepared.(change)
		if err := p.current.holds(s); err != nil {
			return v, err
		}
		live, err := liveTokens(s, s.User)
		if err != nil {
			return v, err
		}
		if err := f.replacePassword(s, s.User, p.newHash, s.Caller.Session, func(l *holm.Letter) {
			if l.Tokens = live; live > 0 {
				l.Path = "/account/tokens"
			}
		}); err != nil {
			return v, err
		}
	}
	return View(s.User, s.Own), nil
}
