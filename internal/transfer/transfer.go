// Package transfer is the feature that gives an environment another owner: the
// offer, its mailed link, and what becomes of sharing when it is accepted.
//
// It must not decide anything (the door does), and it must not know how an
// environment runs: nodes go on as they are.
package transfer

import (
	"context"
	"errors"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// Bind binds the feature's operations.
func Bind(d *dispatch.Door) {
	dispatch.Bind(d, ops.TransferRequest, request)
	dispatch.Bind(d, ops.TransferCancel, cancel)
	dispatch.Bind(d, ops.TransferShow, show)
	dispatch.Bind(d, ops.TransferAccept, accept)
	dispatch.Bind(d, ops.TransferDecline, decline)
}

func missing(err error) bool { return errors.Is(err, store.ErrNone) }

// letter makes a mail about an offer.
func letter(s *dispatch.Scope, kind holm.LetterKind, t holm.Transfer, e holm.Environment, owner holm.Account) holm.Letter {
	return holm.Letter{Kind: kind, Event: string(kind) + ":" + t.ID, Actor: s.Caller.Email, ActorName: s.User.Name,
		Owner: owner.OwnerEmail, OwnerName: owner.OwnerName, Environment: e.Name, Alias: e.Alias, Path: "/"}
}

func request(s *dispatch.Scope, in *ops.TransferRequestInput) (none ops.TransferView, err error) {
	email, err := holm.ParseEmail(in.Body.Email)
	if err != nil {
		return none, err
	}
	e := s.Environment
	switch {
	case e.Wanted == holm.StateDeleting:
		return none, holm.Errorf(holm.CodeConflict, "%s is being erased.", e.Name)
	case holm.EmailKey(email) == holm.EmailKey(s.Account.OwnerEmail):
		return none, holm.Errorf(holm.CodeConflict, "%s owns %s already; give the address of somebody else.", s.Account.OwnerEmail, e.Name)
	}
	if err := known(s, email, e); err != nil {
		return none, err
	}
	token, hash := dispatch.NewToken("")
	t, err := s.Tx.OfferTransfer(holm.Transfer{Environment: e.ID, Account: e.Account, Email: email, ExpiresAt: s.Now().Add(holm.TransferTTL)}, hash)
	if err != nil {
		return none, err
	}
	variables, err := s.Tx.Variables(e.ID)
	if err != nil {
		return none, err
	}
	l := letter(s, holm.LetterTransferRequested, t, e, s.Account)
	l.Variables = len(variables)
	l.To, l.LinkUntil, l.Path = email, t.ExpiresAt, "/transfers/"+token
	s.Write(l)
	s.Changed(e)
	return ops.TransferView{Email: t.Email, CreatedAt: t.CreatedAt, Until: t.ExpiresAt, Variables: len(variables)}, nil
}

// known tells the owner at once what keeps a person from owning the
// environment, where the two work together. Of anybody else the owner learns
// nothing here: not whether the address has a login, nor what it may own.
func known(s *dispatch.Scope, email string, e holm.Environment) error {
	c, err := s.Tx.Collaborator(s.Account.ID, email)
	if holm.CodeOf(err) == holm.CodeNotFound || err == nil && c.Status != holm.StatusActive {
		return nil
	}
	if err != nil {
		return err
	}
	a, err := s.Tx.AccountOf(c.User)
	if err != nil {
		return err
	}
	why, err := obstacle(s, a, e)
	if err == nil && why != "" {
		err = holm.Errorf(holm.CodeConflict, "%s", why)
	}
	return err
}

func cancel(s *dispatch.Scope, _ *ops.TransferCancelInput) (ops.None, error) {
	t, err := s.Tx.OpenTransfer(s.Environment.ID)
	if missing(err) {
		return ops.None{}, holm.Errorf(holm.CodeConflict, "%s is not offered to anybody.", s.Environment.Name)
	}
	if err != nil {
		return ops.None{}, err
	}
	if open, err := s.Tx.EndTransfer(t, holm.TransferCancelled); err != nil || !open {
		return ops.None{}, errors.Join(err, answered(open))
	}
	s.Note("email", t.Email)
	l := letter(s, holm.LetterTransferCancelled, t, s.Environment, s.Account)
	l.To = t.Email
	s.Write(l)
	s.Changed(s.Environment)
	return ops.None{}, nil
}

// answered is what the later of two hears who end an offer at one instant.
func answered(open bool) error {
	if open {
		return nil
	}
	return holm.Errorf(holm.CodeGone, "This offer was answered a moment ago.")
}

// open finds the offer of a link for the person it was mailed to. A link never
// makes anybody somebody else, and what is wrong with one gives nothing away.
func open(s *dispatch.Scope, token holm.Secret) (t holm.Transfer, e holm.Environment, err error) {
	t, e, err = s.Tx.TransferByToken(dispatch.HashToken(token.Reveal()))
	if missing(err) {
		return t, e, holm.Errorf(holm.CodeGone, "This offer does not work any more: it was answered, taken back or has ended. Ask the owner to offer the environment again.")
	}
	if err != nil {
		return t, e, err
	}
	if holm.EmailKey(s.User.Email) != holm.EmailKey(t.Email) {
		return t, e, holm.Errorf(holm.CodeConflict, "This offer is for %s and you are signed in as %s; sign out, then open the link again.", t.Email, s.User.Email)
	}
	return t, e, nil
}

func show(s *dispatch.Scope, in *ops.TransferShowInput) (v ops.TransferOffer, err error) {
	t, e, err := open(s, in.Token)
	if err != nil {
		return v, err
	}
	owner, err := s.Tx.Account(string(t.Account))
	if err != nil {
		return v, err
	}
	v = ops.TransferOffer{Environment: named(e), Owner: ops.Person{ID: string(owner.ID), Email: owner.OwnerEmail}, OwnerName: owner.OwnerName, Email: t.Email, Until: t.ExpiresAt, Layers: []ops.TransferLayer{}}
	layers, err := s.Tx.Layers(e.ID)
	if err != nil {
		return v, err
	}
	for _, l := range layers {
		v.Layers = append(v.Layers, ops.TransferLayer{Role: string(l.Role), Stack: l.Stack, Version: l.Version, Nodes: len(l.Nodes), Cloudlets: l.Cloudlets})
	}
	using, err := users(s, e)
	if err != nil {
		return v, err
	}
	variables, err := s.Tx.Variables(e.ID)
	if err != nil {
		return v, err
	}
	v.Collaborators, v.Variables = len(using), len(variables)
	v.Obstacle, err = obstacle(s, s.Own, e)
	return v, err
}

func named(e holm.Environment) ops.EnvironmentName {
	return ops.EnvironmentName{ID: string(e.ID), Name: e.Name, Alias: e.Alias}
}

func decline(s *dispatch.Scope, in *ops.TransferDeclineInput) (ops.None, error) {
	t, e, err := open(s, in.Token)
	if err != nil {
		return ops.None{}, err
	}
	owner, err := s.Tx.Account(string(t.Account))
	if err != nil {
		return ops.None{}, err
	}
	s.About(e.Name)
	if open, err := s.Tx.EndTransfer(t, holm.TransferDeclined); err != nil || !open {
		return ops.None{}, errors.Join(err, answered(open))
	}
	l := letter(s, holm.LetterTransferDeclined, t, e, owner)
	l.To, l.ToName, l.Path = owner.OwnerEmail, owner.OwnerName, "/environments/"+e.Name
	s.Write(l)
	s.Changed(e)
	return ops.None{}, alsoIn(s, t.Account, e, nil)
}

// alsoIn writes the row of an answer into the log of the account that made the
// offer. Where the answer came from is not that account's business.
func alsoIn(s *dispatch.Scope, account holm.AccountID, e holm.Environment, detail map[string]any) error {
	return s.Tx.Record(store.AuditEntry{Account: account, Environment: e.ID, User: s.User.ID, Email: s.Caller.Email, Road: s.Caller.Road,
		Operation: s.Operation.Name, Target: e.Name, Result: "0", Detail: detail})
}

// Expire ends the offers that nobody has answered; run from time to time.
func Expire(ctx context.Context, d *dispatch.Door) error {
	return d.SystemChange(ctx, "transfers", func(s *dispatch.Scope) error {
		list, err := s.Tx.ExpireTransfers(500)
		if err != nil {
			return err
		}
		for _, t := range list {
			e, err := s.Tx.Environment(string(t.Environment))
			if missing(err) {
				continue
			}
			if err != nil {
				return err
			}
			s.Changed(e)
			if err := s.Record(e, "transfer.expire", e.Name, "0", map[string]any{"email": t.Email}); err != nil {
				return err
			}
		}
		return nil
	})
}
