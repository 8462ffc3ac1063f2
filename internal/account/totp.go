package account

import (
	"context"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

// The one-time code of RFC 6238 as every authenticator has it: six digits, a
// new code every 30 seconds. A code of the step before or after is taken too,
// for clocks that are a little off.
const (
	totpPeriod = 30
	totpSkew   = 1
)

func sealTOTP(u holm.UserID) string { return "one-time code of " + string(u) }

func (f *Feature) prepareTOTP(ctx context.Context, c dispatch.Caller, in *ops.TOTPEnableInput) (proven, error) {
	if in.Body.Code.Empty() {
		return proven{}, nil
	}
	return f.prove(ctx, c, in.Body.CurrentPassword)
}

func (f *Feature) enableTOTP(s *dispatch.Scope, in *ops.TOTPEnableInput) (v ops.TOTPView, err error) {
	c, err := s.Tx.TOTPOf(s.User.ID)
	if err != nil && !missing(err) {
		return v, err
	}
	if c.Confirmed {
		return v, holm.Errorf(holm.CodeConflict, "The one-time code is on already; to move it to another device, turn it off and on again.")
	}
	if in.Body.Code.Empty() {
		return f.newTOTP(s)
	}
	if missing(err) {
		return v, holm.Errorf(holm.CodeConflict, "Ask for a secret first, then give a code of it.")
	}
	if err := s.Prepared.(proven).holds(s); err != nil {
		return v, err
	}
	if wait := f.steps.wait(s.Now(), string(s.User.ID), "enable"); !wait.IsZero() {
		return v, slowDown(time.Now(), wait)
	}
	wrong, err := f.checkTOTP(s, s.User.ID, in.Body.Code)
	if err != nil {
		return v, err
	}
	if wrong != "" {
		f.steps.failed(s.Now(), string(s.User.ID), "enable")
		return v, holm.Invalid("code", "%s", wrong)
	}
	f.changed(s, "The one-time code was turned on.")
	s.Note("turned_on", true)
	v.Enabled = true
	v.RecoveryCodes, err = f.factorChanged(s, s.User.Factor)
	return v, err
}

// newTOTP makes a secret for the person's authenticator.
func (f *Feature) newTOTP(s *dispatch.Scope) (v ops.TOTPView, err error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Holm", AccountName: s.User.Email, Period: totpPeriod, Digits: otp.DigitsSix})
	if err != nil {
		return v, err
	}
	v.Secret, v.URL, v.RecoveryCodes = key.Secret(), key.URL(), []string{}
	return v, s.Tx.PutTOTP(s.User.ID, s.Tx.Seal(sealTOTP(s.User.ID), []byte(key.Secret())))
}

// checkTOTP checks a one-time code, uses its time step up, and says what is
// wrong with it. No step serves twice, nor does one before the last used.
func (f *Feature) checkTOTP(s *dispatch.Scope, user holm.UserID, code holm.Secret) (wrong string, err error) {
	const bad = "This code is wrong. Codes change every 30 seconds; is the clock of your device right?"
	c, err := s.Tx.TOTPOf(user)
	if missing(err) {
		return "The one-time code is not on.", nil
	}
	if err != nil {
		return "", err
	}
	secret, err := s.Tx.Unseal(sealTOTP(user), c.Secret)
	if err != nil {
		return "", holm.Wrap(holm.CodeUnavailable, err, "The one-time code cannot be checked: the key in the data folder is not the one it was sealed with. Use a recovery code and tell the operator.")
	}
	step, found := findStep(string(secret), strings.ReplaceAll(code.Reveal(), " ", ""), s.Now())
	if !found {
		return bad, nil
	}
	fresh, err := s.Tx.UseTOTP(user, step)
	if err == nil && !fresh {
		return "This code was used already; wait for the next one.", nil
	}
	return "", err
}

// findStep finds the time step that a code is of.
func findStep(secret, code string, now time.Time) (int64, bool) {
	at := now.Unix() / totpPeriod
	for step := at - totpSkew; step <= at+totpSkew; step++ {
		ok, err := hotp.ValidateCustom(code, uint64(step), secret, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && ok {
			return step, true
		}
	}
	return 0, false
}

func (f *Feature) disableTOTP(s *dispatch.Scope, _ *ops.TOTPDisableInput) (ops.None, error) {
	if err := s.Prepared.(proven).holds(s); err != nil {
		return ops.None{}, err
	}
	c, err := s.Tx.TOTPOf(s.User.ID)
	if missing(err) || err == nil && !c.Confirmed {
		return ops.None{}, holm.Errorf(holm.CodeConflict, "The one-time code is not on.")
	}
	if err == nil {
		err = s.Tx.DeleteTOTP(s.User.ID)
	}
	if err != nil {
		return ops.None{}, err
	}
	f.changed(s, "The one-time code was turned off.")
	_, err = f.factorChanged(s, true)
	return ops.None{}, err
}
