package account

import (
	"context"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

const (
	signUpTTL = 24 * time.Hour
	// signUpMailsADay is how many mails about signing up one address gets a
	// day, signUpsADay how many addresses one network may write.
	signUpMailsADay = 3
	signUpsADay     = 100
)

// signUpWay is what a sign-up is done with.
type signUpWay int

const (
	bySetup  signUpWay = iota // the first user, with the link that the server printed
	byLink                    // with the link that was mailed
	byAsking                  // asks for that link
)

func signUpBy(in *ops.UserSignUpInput) signUpWay {
	switch {
	case !in.Body.SetupToken.Empty():
		return bySetup
	case !in.Body.Token.Empty():
		return byLink
	}
	return byAsking
}

// prepareSignUp hashes the password of who proved something first.
func (f *Feature) prepareSignUp(ctx context.Context, c dispatch.Caller, in *ops.UserSignUpInput) (string, error) {
	// Who tries addresses or links out is stopped.
	if wait := f.guesses.wait(time.Now(), c.Address, signUpFrom(c.Address)); !wait.IsZero() {
		return "", slowDown(time.Now(), wait)
	}
	switch signUpBy(in) {
	case byAsking:
		return "", nil
	case byLink:
		if _, err := f.SignUpWorks(ctx, in.Body.Token); err != nil {
			if holm.CodeOf(err) == holm.CodeGone {
				f.guesses.failed(time.Now(), c.Address, signUpFrom(c.Address))
			}
			return "", err
		}
	}
	return f.HashPassword(ctx, in.Body.Password)
}

func (f *Feature) signUp(s *dispatch.Scope, in *ops.UserSignUpInput) (out ops.SignedUp, err error) {
	count, err := s.Tx.UserCount()
	if err != nil {
		return out, err
	}
	way := signUpBy(in)
	switch {
	case count == 0 || way == bySetup:
		if _, err := s.Tx.UseLink(linkSetup, dispatch.HashToken(in.Body.SetupToken.Reveal())); err != nil || count > 0 {
			return out, setupOver()
		}
	case !f.o.OpenSignUp:
		return out, holm.Errorf(holm.CodeForbidden, "This installation does not let people sign up by themselves; ask its operator or to be invited.")
	case way == byAsking:
		return ops.SignedUp{Mailed: true}, f.askSignUp(s, in)
	}
	if err := holm.CheckName("name", in.Body.Name); err != nil {
		return out, err
	}
	email, err := f.signUpAddress(s, in, way)
	if err != nil {
		return out, err
	}
	u, a, err := s.Tx.CreateUser(holm.User{Email: email, Name: in.Body.Name, Operator: count == 0, ProvenAt: s.Now()}, s.Prepared.(string), holm.AccountFull)
	if err != nil {
		return out, err
	}
	s.LogIn(a.ID)
	s.By(u)
	s.About(u.Email)
	session, err := StartSession(s, u, a)
	out.Session = &session
	return out, err
}

// signUpAddress gives the address of who signs up: what the first user writes,
// or what the link was mailed to.
func (f *Feature) signUpAddress(s *dispatch.Scope, in *ops.UserSignUpInput, way signUpWay) (string, error) {
	if way == bySetup {
		return holm.ParseEmail(in.Body.Email)
	}
	email, err := invitedToSignUp(s.Tx, in.Body.Token)
	if err != nil {
		return "", err
	}
	if in.Body.Email != "" && holm.EmailKey(in.Body.Email) != holm.EmailKey(email) {
		return "", holm.Invalid("email", "The link was mailed to another address; leave the address out.")
	}
	return email, s.Tx.EndSignUps(email)
}

// askSignUp mails a link to sign up with. Whether the address has a login
// already is for nobody but its owner: the answer and the work for it are the
// same, the mail is not.
func (f *Feature) askSignUp(s *dispatch.Scope, in *ops.UserSignUpInput) error {
	email, err := holm.ParseEmail(in.Body.Email)
	if err != nil {
		return err
	}
	switch {
	case in.Body.Name != "":
		return holm.Invalid("name", "The name is given with the link that is mailed first.")
	case !in.Body.Password.Empty():
		return holm.Invalid("password", "The password is set with the link that is mailed first: nobody shall have one for an address that is not theirs.")
	}
	s.About(email)
	f.guesses.failed(s.Now(), s.Caller.Address, signUpFrom(s.Caller.Address))
	today := day(s.Now())
	if n, err := s.Tx.Tally("sign-ups from "+holm.Network(s.Caller.Address), today, 1); err != nil || n > signUpsADay {
		if err == nil {
			err = slowDown(s.Now(), time.Unix((today+1)*86400, 0))
		}
		return err
	}
	if n, err := s.Tx.Tally("sign-up of "+dispatch.HashToken(holm.EmailKey(email)), today, 1); err != nil || n > signUpMailsADay {
		return err // the answer stays the same; the links of today still work
	}
	token, hash := dispatch.NewToken("")
	if err := s.Tx.PutSignUp(email, hash, s.Now().Add(signUpTTL)); err != nil {
		return err
	}
	l := holm.Letter{Kind: holm.LetterSignUp, Event: "sign-up:" + hash, To: email, Path: "/sign-up/" + token, LinkUntil: s.Now().Add(signUpTTL),
		Address: s.Caller.Address, Device: s.Caller.Device}
	u, err := s.Tx.UserByEmail(email)
	switch {
	case err == nil:
		own, err := s.Tx.AccountOf(u.ID)
		if err != nil {
			return err
		}
		s.LogIn(own.ID)
		// The link of the other mail is told nobody.
		l.Kind, l.To, l.ToName, l.Path, l.LinkUntil = holm.LetterSignUpTaken, u.Email, u.Name, "/sign-in", time.Time{}
	case !missing(err):
		return err
	}
	s.Write(l)
	return nil
}

// SignUpWorks says whether a link to sign up could be used now, as nil, and
// else why not.
func (f *Feature) SignUpWorks(ctx context.Context, token holm.Secret) (email string, err error) {
	err = f.o.Read(ctx, func(tx *store.Tx) (err error) {
		email, err = invitedToSignUp(tx, token)
		return err
	})
	return email, err
}

// invitedToSignUp gives the address that a link was mailed to.
func invitedToSignUp(tx *store.Tx, token holm.Secret) (string, error) {
	email, err := tx.SignUp(dispatch.HashToken(token.Reveal()))
	if missing(err) {
		err = signUpOver()
	}
	return email, err
}

func signUpOver() error {
	return holm.Errorf(holm.CodeGone, "This link does not work any more: it was used or has ended; sign up again.")
}
