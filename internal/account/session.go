package account

import (
	"context"
	"time"

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
}

// prepareSignIn compares the password outside the transaction. An unknown
// address takes as long as a wrong password.
func (f *Feature) prepareSignIn(ctx context.Context, c dispatch.Caller, in *ops.SessionCreateInput) (p proof, err error) {
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
		if p.by.known, err = knows(tx, u.ID, c.DeviceKey, c.Address); err != nil {
			return err
		}
		p.hash, err = tx.PasswordHash(u.ID)
		return err
	})
	if err != nil {
		return p, err
	}
	if !p.by.known {
		p.by.device = ""
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
	p := s.Prepared.(proof)
	s.About(in.Body.Email)
	if !p.wait.IsZero() {
		return none, slowDown(time.Now(), p.wait)
	}
	if p.known {
		own, err := s.Tx.AccountOf(p.user.ID)
		if err != nil {
			return none, err
		}
		s.LogIn(own.ID)
		s.By(p.user)
		hash, err := s.Tx.PasswordHash(p.user.ID)
		if err != nil {
			return none, err
		}
		if p.matches && hash == p.hash {
			f.guesses.succeededBy(p.by)
			if !p.user.SuspendedAt.IsZero() {
				return none, holm.Errorf(holm.CodeForbidden, "This login is suspended; ask the operator of this installation.")
			}
			return StartSession(s, p.user, own)
		}
	}
	f.guesses.failedBy(time.Now(), p.by)
	return none, holm.Errorf(holm.CodeUnauthorized, "The e-mail address or the password is wrong.")
}

func (f *Feature) sessions(s *dispatch.Scope, _ *ops.SessionListInput) (page ops.Page[ops.SessionView], err error) {
	list, err := s.Tx.Sessions(s.User.ID)
	page.Items = []ops.SessionView{}
	for _, v := range list {
		page.Items = append(page.Items, ops.SessionView{ID: v.ID, Road: string(v.Road), Device: v.Device, Address: v.Address,
			CreatedAt: v.CreatedAt, UsedAt: v.UsedAt, Current: v.ID == s.Caller.Session})
	}
	return page, err
}

func (f *Feature) endSession(s *dispatch.Scope, in *ops.SessionDeleteInput) (ops.None, error) {
	id := in.Session
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

// change is what the preparation of user.update has found out.
type change struct {
	newHash string
	oldHash string // that the current password was found to match
}

func (f *Feature) prepareUpdate(ctx context.Context, c dispatch.Caller, in *ops.UserUpdateInput) (p change, err error) {
	if in.Body.Password.Empty() {
		return p, nil
	}
	if wait := f.guesses.wait(time.Now(), c.Address, "change "+string(c.User)); !wait.IsZero() {
		return p, slowDown(time.Now(), wait)
	}
	var hash string
	if err = f.o.Read(ctx, func(tx *store.Tx) (err error) { hash, err = tx.PasswordHash(c.User); return err }); err != nil {
		return p, err
	}
	matches, err := f.hasher.matches(ctx, in.Body.CurrentPassword.Reveal(), hash)
	if err != nil {
		return p, err
	}
	if !matches {
		f.guesses.failed(time.Now(), c.Address, "change "+string(c.User))
		return p, nil
	}
	p.oldHash = hash
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
		hash, err := s.Tx.PasswordHash(s.User.ID)
		if err != nil {
			return v, err
		}
		if p.oldHash == "" || p.oldHash != hash {
			return v, holm.Invalid("current_password", "The current password is wrong.")
		}
		if err := f.replacePassword(s, s.User, p.newHash, s.Caller.Session); err != nil {
			return v, err
		}
	}
	return View(s.User, s.Own), nil
}
