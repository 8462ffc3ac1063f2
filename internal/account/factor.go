package account

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// proven is what was found out about the password that somebody gave again,
// before a change of what they sign in with: an open browser alone must not be
// enough for that.
type proven struct {
	hash  string // that the password was compared with, "" for a person without one
	wrong bool
}

// prove compares the current password of a caller.
func (f *Feature) prove(ctx context.Context, c dispatch.Caller, given holm.Secret) (p proven, err error) {
	if !c.SignedIn() || c.Token != "" {
		return p, nil // the door refuses
	}
	if wait := f.guesses.wait(time.Now(), c.Address, "change "+string(c.User)); !wait.IsZero() {
		return p, slowDown(time.Now(), wait)
	}
	if err = f.o.Read(ctx, func(tx *store.Tx) (err error) { p.hash, err = tx.PasswordHash(c.User); return err }); err != nil || p.hash == "" {
		return p, err
	}
	if given.Empty() {
		p.wrong = true
		return p, nil
	}
	matches, err := f.hasher.matches(ctx, given.Reveal(), p.hash)
	if err == nil && !matches {
		f.guesses.failed(time.Now(), c.Address, "change "+string(c.User))
		p.wrong = true
	}
	return p, err
}

// holds says whether the password is still the one that was compared with.
func (p proven) holds(s *dispatch.Scope) error {
	hash, err := s.Tx.PasswordHash(s.User.ID)
	if err == nil && (p.wrong || p.hash != hash) {
		err = holm.Invalid("current_password", "The current password is wrong.")
	}
	return err
}

// ownLetter makes a mail to a person about their own login.
func (f *Feature) ownLetter(s *dispatch.Scope, kind holm.LetterKind, u holm.User) holm.Letter {
	return holm.Letter{Kind: kind, Event: string(kind) + ":" + string(u.ID) + ":" + s.Now().Format(time.RFC3339Nano), To: u.Email, ToName: u.Name,
		Path: "/account/security", Address: s.Caller.Address, Device: s.Caller.Device}
}

// changed mails a person that what they sign in with has changed.
func (f *Feature) changed(s *dispatch.Scope, what string) {
	l := f.ownLetter(s, holm.LetterSignInChanged, s.User)
	l.What = what
	s.Write(l)
}

// factorChanged notes whether a person has a second factor now. With the first
// come recovery codes, with the last they go.
func (f *Feature) factorChanged(s *dispatch.Scope, had bool) (codes []string, err error) {
	codes = []string{}
	has, err := s.Tx.NoteFactor(s.User.ID)
	if err != nil {
		return nil, err
	}
	// What an account asks of its collaborators may be met now, or no more.
	s.AccessChanged(s.User.ID)
	switch {
	case has && !had:
		return f.newRecovery(s)
	case !has:
		err = s.Tx.PutRecoveryCodes(s.User.ID, nil)
	}
	return codes, err
}

// recoveryCodes is how many there are at a time, each of 80 random bits.
const recoveryCodes = 10

var recoveryAlphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

func (f *Feature) newRecovery(s *dispatch.Scope) (codes []string, err error) {
	var hashes []string
	for range recoveryCodes {
		raw := make([]byte, 10)
		rand.Read(raw)
		text := recoveryAlphabet.EncodeToString(raw)
		codes = append(codes, strings.Join([]string{text[:4], text[4:8], text[8:12], text[12:]}, "-"))
		hashes = append(hashes, hashRecovery(text))
	}
	return codes, s.Tx.PutRecoveryCodes(s.User.ID, hashes)
}

// hashRecovery reads a code as people write it: in any case, with or without
// hyphens, o for 0 and i or l for 1.
func hashRecovery(code string) string {
	return dispatch.HashToken("recovery " + strings.NewReplacer("-", "", " ", "", "o", "0", "i", "1", "l", "1").Replace(strings.ToLower(code)))
}

// useRecovery uses a recovery code up and says what is wrong with it.
func (f *Feature) useRecovery(s *dispatch.Scope, u holm.User, code holm.Secret) (wrong string, err error) {
	found, err := s.Tx.UseRecoveryCode(u.ID, hashRecovery(code.Reveal()))
	if err != nil || !found {
		return "This recovery code is wrong, or it was used already.", err
	}
	left, err := s.Tx.RecoveryCodesLeft(u.ID)
	l := f.ownLetter(s, holm.LetterSignInChanged, u)
	l.What = "A recovery code was used to sign in; " + count(left, "code is", "codes are") + " left."
	s.Write(l)
	return "", err
}

func (f *Feature) renewRecovery(s *dispatch.Scope, _ *ops.RecoveryCreateInput) (out ops.RecoveryCreated, err error) {
	if err := s.Prepared.(proven).holds(s); err != nil {
		return out, err
	}
	if !s.User.Factor {
		return out, holm.Errorf(holm.CodeConflict, "You have no second factor; turn on the one-time code or add a passkey, and recovery codes come with it.")
	}
	f.changed(s, "New recovery codes were made; earlier ones do not work any more.")
	out.RecoveryCodes, err = f.newRecovery(s)
	return out, err
}

func (f *Feature) security(s *dispatch.Scope, _ *ops.UserSecurityInput) (v ops.SecurityView, err error) {
	hash, err := s.Tx.PasswordHash(s.User.ID)
	if err != nil {
		return v, err
	}
	v = ops.SecurityView{HasPassword: hash != "", PasskeyOrigin: f.origin, Provider: f.providerName(), Passkeys: []ops.PasskeyView{}, Identities: []ops.IdentityView{}}
	c, err := s.Tx.TOTPOf(s.User.ID)
	if err != nil && !missing(err) {
		return v, err
	}
	v.TOTP = c.Confirmed
	keys, err := s.Tx.Passkeys(s.User.ID)
	if err != nil {
		return v, err
	}
	for _, k := range keys {
		v.Passkeys = append(v.Passkeys, passkeyView(k))
	}
	identities, err := s.Tx.Identities(s.User.ID)
	if err != nil {
		return v, err
	}
	for _, i := range identities {
		v.Identities = append(v.Identities, identityView(i))
	}
	v.RecoveryCodesLeft, err = s.Tx.RecoveryCodesLeft(s.User.ID)
	return v, err
}

func (f *Feature) accountSecurity(s *dispatch.Scope, _ *ops.AccountSecurityInput) (ops.AccountSecurityView, error) {
	return f.asked(s, s.Account.FactorWanted)
}

// asked says what an account asks of its collaborators.
func (f *Feature) asked(s *dispatch.Scope, wanted bool) (ops.AccountSecurityView, error) {
	without, err := s.Tx.WithoutFactor(s.Account.ID)
	return ops.AccountSecurityView{SecondFactorRequired: wanted, Without: len(without)}, err
}

// secure requires a second factor of collaborators. Who has none is mailed,
// and what they have open is cut.
func (f *Feature) secure(s *dispatch.Scope, in *ops.AccountSecureInput) (v ops.AccountSecurityView, err error) {
	wanted := in.Body.SecondFactorRequired
	if wanted == s.Account.FactorWanted {
		return f.asked(s, wanted)
	}
	if err := s.Tx.WantFactor(s.Account.ID, wanted); err != nil {
		return v, err
	}
	without, err := s.Tx.WithoutFactor(s.Account.ID)
	if err != nil {
		return v, err
	}
	for _, c := range without {
		s.AccessChanged(c.User)
		if wanted {
			l := f.ownLetter(s, holm.LetterFactorWanted, holm.User{ID: c.User, Email: c.Email, Name: c.Name})
			l.Actor, l.ActorName, l.Owner, l.OwnerName, l.Address, l.Device = s.User.Email, s.User.Name, s.Account.OwnerEmail, s.Account.OwnerName, "", ""
			s.Write(l)
		}
	}
	s.CollaboratorsChanged(s.Account.ID)
	return ops.AccountSecurityView{SecondFactorRequired: wanted, Without: len(without)}, nil
}
