package dispatch

import (
	"maps"
	"slices"
	"time"

	"github.com/holmhq/holm"
)

// Who changes something can have others mailed. Nobody's mailbox must be
// filled by that, whatever kind of mail it is, so all that one account has
// mailed to others counts together, and all that one address gets.

// counted are the letters that somebody can cause as often as they like; true
// for those that go to whom they name, with a link. Letters about an end are
// not among them: each follows from one that is, and nothing may keep an owner
// from taking access away.
var counted = map[holm.LetterKind]bool{
	holm.LetterInvitation: true, holm.LetterTransferRequested: true,
	holm.LetterShared: false, holm.LetterLevelChanged: false, holm.LetterRoleChanged: false, holm.LetterReactivated: false, holm.LetterEndChanged: false,
	holm.LetterWideChanged: false, holm.LetterGroupJoined: false, holm.LetterGroupChanged: false, holm.LetterAccessAsked: false, holm.LetterGlass: false,
	holm.LetterCreated: false, holm.LetterNodePassword: false,
}

// How many mails a day there may be.
const (
	linksToOne   = 10 // from one account to one address
	linksToAll   = 25 // from all accounts to one address
	linksFull    = 500
	linksLimited = 50 // from an account that is not full
	mailsToOne   = 500
	mailsToAll   = 1000
	mailsFull    = 5000
	mailsLimited = 500
)

// withinBudget counts the letters of a change and refuses it when there were
// too many today, or when the caller mails others without having proved to be
// who they say they are.
func (s *Scope) withinBudget() error {
	if s.User.ID == "" || s.Caller.system != "" {
		return nil
	}
	links, mails := map[string]int{}, map[string]int{}
	for _, l := range s.letters {
		link, ok := counted[l.Kind]
		key := holm.EmailKey(l.To)
		if !ok || key == holm.EmailKey(s.User.Email) {
			continue
		}
		if s.User.ProvenAt.IsZero() {
			return holm.Errorf(holm.CodeConflict, "Your e-mail address is not proven yet, so Holm mails nobody else for you. Have a link for a new password mailed to you (on the sign-in page); opening it proves the address.")
		}
		mails[key]++
		if link {
			links[key]++
		}
	}
	full := s.Own.Type == holm.AccountFull
	if err := s.count("link", "mails with links", links, linksToOne, linksToAll, most(full, linksFull, linksLimited)); err != nil {
		return err
	}
	return s.count("mail", "mails to others", mails, mailsToOne, mailsToAll, most(full, mailsFull, mailsLimited))
}

func most(full bool, many, few int) int {
	if full {
		return many
	}
	return few
}

// count adds to what went to each address today, and to what the caller's
// account sent. What is undone with the change was never counted.
func (s *Scope) count(kind, what string, to map[string]int, one, all, own int) error {
	from, total := string(s.Own.ID), 0
	for _, key := range slices.Sorted(maps.Keys(to)) {
		n := to[key]
		total += n
		if err := s.tally(kind+" by "+from+" to "+key, n, one, what+" from your account to "+key); err != nil {
			return err
		}
		if err := s.tally(kind+" to "+key, n, all, what+" to "+key); err != nil {
			return err
		}
	}
	if total == 0 {
		return nil
	}
	return s.tally(kind+" by "+from, total, own, what+" from your account")
}

func (s *Scope) tally(key string, more, most int, words string) error {
	n, err := s.Tx.Tally(key, s.Now().Unix()/86400, more)
	if err != nil || n <= most {
		return err
	}
	tomorrow := s.Now().UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
	e := holm.Errorf(holm.CodeTooMany, "At most %d %s go out in a day, and this would be more; try again tomorrow (from 00:00 UTC).", most, words)
	e.Wait = tomorrow.Sub(s.Now())
	return e
}
