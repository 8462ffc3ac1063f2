package environment

import (
	"errors"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// offerView says to whom an environment is offered; nothing when it is not.
func offerView(s *dispatch.Scope, e holm.Environment) (*ops.TransferView, error) {
	if !s.Now().Before(e.OfferedUntil) {
		return nil, nil
	}
	t, err := s.Tx.OpenTransfer(e.ID)
	if errors.Is(err, store.ErrNone) {
		return nil, nil
	}
	return &ops.TransferView{Email: t.Email, CreatedAt: t.CreatedAt, Until: t.ExpiresAt}, err
}

// withdrawOffer ends the offer of an environment that is deleted, and tells
// whom it was made to.
func withdrawOffer(s *dispatch.Scope) error {
	t, err := s.Tx.OpenTransfer(s.Environment.ID)
	if errors.Is(err, store.ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	if open, err := s.Tx.EndTransfer(t, holm.TransferCancelled); err != nil || !open {
		return err
	}
	s.Write(holm.Letter{Kind: holm.LetterTransferCancelled, Event: "transfer-cancelled:" + t.ID, To: t.Email, Actor: s.Caller.Email, ActorName: s.User.Name,
		Owner: s.Account.OwnerEmail, OwnerName: s.Account.OwnerName, Environment: s.Environment.Name, Alias: s.Environment.Alias, Path: "/"})
	return nil
}
