package account

import (
	"errors"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
)

// A mailed link proves that its reader has the address. Whoever had a login
// with that address before without having proved it may be anybody: somebody
// who signed up with the address of another and waits. Nothing of theirs stays.

// cleared is what somebody lost whose address was never proven.
type cleared struct {
	passkeys, identities int
	code                 bool
}

// words says it as a sentence, "" for nothing lost.
func (c cleared) words() string {
	var list []string
	if c.passkeys > 0 {
		list = append(list, holm.Counted(c.passkeys, "passkey"))
	}
	if c.code {
		list = append(list, "the one-time code")
	}
	if c.identities > 0 {
		list = append(list, holm.Counted(c.identities, "linked login"))
	}
	if len(list) == 0 {
		return ""
	}
	return "The address had not been proven before, so this was removed: " + strings.Join(list, ", ") + "."
}

// prove notes that a person has their address. The first time, all that signs
// in besides the password goes, and so do sessions and access tokens; what had
// been opened with them is cut.
func (f *Feature) proveAddress(s *dispatch.Scope, u holm.User) (c cleared, err error) {
	if !u.ProvenAt.IsZero() {
		return c, nil
	}
	keys, err := s.Tx.Passkeys(u.ID)
	if err != nil {
		return c, err
	}
	identities, err := s.Tx.Identities(u.ID)
	if err != nil {
		return c, err
	}
	totp, err := s.Tx.TOTPOf(u.ID)
	if err != nil && !missing(err) {
		return c, err
	}
	c = cleared{passkeys: len(keys), identities: len(identities), code: totp.Confirmed}
	s.Note("address_proven", true)
	s.Note("removed", map[string]any{"passkeys": c.passkeys, "linked_logins": c.identities, "one_time_code": c.code})
	s.AccessChanged(u.ID)
	_, revoking := revokeTokens(s, u)
	return c, errors.Join(revoking, s.Tx.ForgetWays(u.ID), s.Tx.ProveUser(u.ID), f.endOthers(s, u, ""))
}

// Reclaim gives a login whose address was never proven to who holds a link
// that was mailed there, with a new password and name.
func (f *Feature) Reclaim(s *dispatch.Scope, u holm.User, hash, name string) (holm.User, holm.Account, error) {
	a, err := s.Tx.AccountOf(u.ID)
	if err != nil {
		return u, a, err
	}
	gone, err := f.proveAddress(s, u)
	if err != nil {
		return u, a, err
	}
	if err := s.Tx.RenameUser(u.ID, name); err != nil {
		return u, a, err
	}
	err = f.replacePassword(s, u, hash, "", func(l *holm.Letter) { l.ByMail, l.What = true, gone.words() })
	if err != nil {
		return u, a, err
	}
	u, err = s.Tx.User(u.ID)
	return u, a, err
}
