package account

import (
	"encoding/json"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// stepTTL is how long one may take from the first step of a sign-in to the
// second, and to answer a challenge.
const stepTTL = 10 * time.Minute

// step is the first step of a sign-in, sealed so that nobody can make one up.
type step struct {
	User   holm.UserID
	Method string
	Mark   string // of the password, so that a new one ends what the old began
	Until  time.Time
}

const sealStep = "sign-in step"

// sealed keeps a value on the other side until it comes back.
func sealed(tx *store.Tx, purpose string, v any) (string, error) {
	raw, err := json.Marshal(v)
	return tx.Seal(purpose, raw), err
}

// unsealed opens what sealed made.
func unsealed(tx *store.Tx, purpose, token string, into any) error {
	raw, err := tx.Unseal(purpose, token)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	return err
}

func stepOver() error {
	return holm.Errorf(holm.CodeUnauthorized, "The first step of the sign-in is too long ago; begin again.")
}

// openStep finds whose sign-in a first step began.
func openStep(tx *store.Tx, token holm.Secret) (u holm.User, method string, err error) {
	var p step
	if unsealed(tx, sealStep, token.Reveal(), &p) != nil || !tx.Now().Before(p.Until) {
		return u, "", stepOver()
	}
	mark, err := passwordMark(tx, p.User)
	if err != nil {
		return u, "", err
	}
	if mark != p.Mark {
		return u, "", stepOver()
	}
	u, err = tx.User(p.User)
	return u, p.Method, err
}

func passwordMark(tx *store.Tx, user holm.UserID) (string, error) {
	hash, err := tx.PasswordHash(user)
	return dispatch.HashToken(hash)[:16], err
}

// askSecond answers a first step that was right with what the second can be.
// It is an error, so that the audit log never says that somebody signed in who
// has only a password.
func (f *Feature) askSecond(s *dispatch.Scope, u holm.User, method, token, detail string) error {
	if token == "" {
		mark, err := passwordMark(s.Tx, u.ID)
		if err != nil {
			return err
		}
		if token, err = sealed(s.Tx, sealStep, step{User: u.ID, Method: method, Mark: mark, Until: s.Now().Add(stepTTL)}); err != nil {
			return err
		}
	}
	kinds := []string{}
	if c, err := s.Tx.TOTPOf(u.ID); err == nil && c.Confirmed {
		kinds = append(kinds, "code")
	} else if err != nil && !missing(err) {
		return err
	}
	keys, err := s.Tx.Passkeys(u.ID)
	if err != nil {
		return err
	}
	if len(keys) > 0 && f.rp != nil {
		kinds = append(kinds, "passkey")
	}
	if left, err := s.Tx.RecoveryCodesLeft(u.ID); err != nil {
		return err
	} else if left > 0 {
		kinds = append(kinds, "recovery_code")
	}
	e := holm.Errorf(holm.CodeUnauthorized, "%s", detail)
	e.SecondFactor = &holm.SecondFactor{Token: token, Kinds: kinds}
	return e
}

// second checks the second step of a sign-in and says what it was done with.
func (f *Feature) second(s *dispatch.Scope, u holm.User, method string, in *ops.SessionCreateInput) (string, error) {
	b := &in.Body
	given := !b.Code.Empty() || !b.RecoveryCode.Empty() || b.Passkey != nil
	if !given {
		return "", f.askSecond(s, u, method, "", "The first step is right; a second factor is needed too.")
	}
	if wait := f.steps.wait(s.Now(), string(u.ID), "second"); !wait.IsZero() {
		return "", slowDown(time.Now(), wait)
	}
	kind, wrong := "", ""
	var err error
	switch {
	case b.Passkey != nil:
		kind = "passkey"
		err = f.passkeyStep(s, u, b.Passkey)
		if err != nil && holm.CodeOf(err) == holm.CodeUnauthorized {
			wrong, err = holm.AsError(err).Detail, nil
		}
	case !b.Code.Empty():
		kind = "code"
		wrong, err = f.checkTOTP(s, u.ID, b.Code)
	default:
		kind = "recovery code"
		wrong, err = f.useRecovery(s, u, b.RecoveryCode)
	}
	if err != nil {
		return "", err
	}
	if wrong != "" {
		f.steps.failed(s.Now(), string(u.ID), "second")
		return "", f.askSecond(s, u, method, b.StepToken.Reveal(), wrong)
	}
	f.steps.succeeded(string(u.ID), "second")
	s.Note("second_factor", kind)
	return method + "+" + kind, nil
}
