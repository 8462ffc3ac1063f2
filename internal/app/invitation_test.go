package app

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// invited invites an address to Ana's account and gives the token of the
// mailed link.
func (w *world) invited(email string, levels ...ops.Share) string {
	w.t.Helper()
	in := ops.CollaboratorInviteInput{OfAccount: ops.OfAccount{Account: "me"}}
	in.Body.Email, in.Body.Environments = email, levels
	_, err := call(w, "owner", ops.CollaboratorInvite, in)
	must(w.t, err)
	return w.mailed(email)
}

// mailed is the token of the newest invitation to an address.
func (w *world) mailed(email string) (token string) {
	for _, l := range w.letters {
		if l.Kind == holm.LetterInvitation && l.To == email {
			token = strings.TrimPrefix(l.Path, "/invitations/")
		}
	}
	return token
}

func (w *world) accept(kind, token string) (ops.InvitationAccepted, error) {
	in := ops.InvitationAcceptInput{Token: holm.NewSecret(token)}
	in.Body.Password = holm.NewSecret(password)
	return call(w, kind, ops.InvitationAccept, in)
}

// A link ends by itself after seven days, whether the clean-up has seen it or
// not, and inviting again makes one that works.
func TestInvitationsEnd(t *testing.T) {
	w := newWorld(t)
	token := w.invited("dora@example.org", ops.Share{Environment: "shop", Level: "full"})
	w.now = w.now.Add(holm.InvitationTTL - time.Second)
	must(t, callAs(w, w.people["nobody"], ops.InvitationShow, ops.InvitationShowInput{Token: holm.NewSecret(token)}))
	w.now = w.now.Add(time.Second)
	_, err := w.accept("nobody", token)
	w.refuses("a link that has ended", err, holm.CodeGone)
	w.refuses("looking at it", callAs(w, w.people["nobody"], ops.InvitationShow, ops.InvitationShowInput{Token: holm.NewSecret(token)}), holm.CodeGone)
	w.refuses("declining it", callAs(w, w.people["nobody"], ops.InvitationDecline, ops.InvitationDeclineInput{Token: holm.NewSecret(token)}), holm.CodeGone)
	again := w.invited("dora@example.org", ops.Share{Environment: "shop", Level: "limited"})
	_, err = w.accept("nobody", again)
	must(t, err)
}

// Inviting somebody who is invited already sends another link. Without a word
// of access it keeps what they were given, with one it replaces it; role and
// end stay unless they are named.
func TestInvitingAgainKeepsWhatWasGiven(t *testing.T) {
	w := newWorld(t)
	end := w.now.Add(30 * 24 * time.Hour).UTC()
	in := ops.CollaboratorInviteInput{OfAccount: ops.OfAccount{Account: "me"}}
	in.Body.Email, in.Body.Role, in.Body.Until = "dora@example.org", "admin", &end
	in.Body.Environments = []ops.Share{{Environment: "shop", Level: "limited"}}
	_, err := call(w, "owner", ops.CollaboratorInvite, in)
	must(t, err)
	first := w.invited("dora@example.org")
	again := ops.CollaboratorInviteInput{OfAccount: ops.OfAccount{Account: "me"}}
	again.Body.Email = "Dora@example.org"
	v, err := call(w, "owner", ops.CollaboratorInvite, again)
	must(t, err)
	if v.Role != "admin" || v.Shared != 1 || v.Until == nil || !v.Until.Equal(end) {
		t.Errorf("after the second invitation: %+v", v)
	}
	letter := w.letters[len(w.letters)-1]
	if letter.Kind != holm.LetterInvitation || letter.Role != "admin" || len(letter.Shared) != 1 || letter.Shared[0].Level != "limited" {
		t.Errorf("the second letter is %+v", letter)
	}
	_, err = w.accept("nobody", first)
	w.refuses("the first link", err, holm.CodeGone)
	again.Body.Role, again.Body.Environments = "viewer", []ops.Share{{Environment: "shop", Level: "full"}}
	v, err = call(w, "owner", ops.CollaboratorInvite, again)
	must(t, err)
	if v.Role != "viewer" || v.Until == nil {
		t.Errorf("after the third invitation: %+v", v)
	}
	rows := as(t, w, "owner", ops.AuditAccount, ops.AuditAccountInput{OfAccount: w.mine()})
	if said := rows.Items[0].Sentence; !strings.Contains(said, "role admin → viewer") || !strings.Contains(said, "→ full") {
		t.Errorf("the audit log says %q", said)
	}
}

// Whose address only looks like the invited one gets nothing, and letters'
// case makes no second person.
func TestInvitationsAreForOneAddress(t *testing.T) {
	w := newWorld(t)
	for _, email := range []string{"strаnger@example.org", "stranger@exаmple.org", "ſtranger@example.org", "stranger@example.org\u200b", "owner@example.org", "OWNER@Example.org"} {
		in := ops.CollaboratorInviteInput{OfAccount: ops.OfAccount{Account: "me"}}
		in.Body.Email = email
		if _, err := call(w, "owner", ops.CollaboratorInvite, in); err == nil {
			t.Errorf("%q was invited", email)
		}
	}
	token := w.invited("STRANGER@example.org")
	for _, other := range []string{"operator", "full", "owner"} {
		_, err := w.accept(other, token)
		w.refuses(other+" with somebody else's link", err, holm.CodeConflict)
	}
	_, err := w.accept("nobody", token)
	w.refuses("who has a login and is not signed in", err, holm.CodeUnauthorized)
	out, err := w.accept("stranger", token)
	must(t, err)
	if out.Session != nil {
		t.Error("who is signed in got another session")
	}
	_, err = w.accept("stranger", token)
	w.refuses("a second time", err, holm.CodeGone)
}

// Levels that were set before count from the acceptance on, and only then.
func TestLevelsBeginWithTheAcceptance(t *testing.T) {
	w := newWorld(t)
	token := w.invited("stranger@example.org", ops.Share{Environment: "shop", Level: "full"})
	show := ops.EnvironmentShowInput{OfEnvironment: shop}
	w.refuses("before", callAs(w, w.people["stranger"], ops.EnvironmentShow, show), holm.CodeNotFound)
	_, err := w.accept("stranger", token)
	must(t, err)
	must(t, callAs(w, w.people["stranger"], ops.EnvironmentShow, show))
}

// Of several links to one address the newest works, and who withdraws it
// leaves none.
func TestOneLinkWorks(t *testing.T) {
	w := newWorld(t)
	first := w.invited("dora@example.org")
	_, err := call(w, "owner", ops.CollaboratorResend, ops.CollaboratorResendInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: "dora@example.org"}})
	must(t, err)
	second := w.mailed("dora@example.org")
	third := w.invited("Dora@example.org")
	if third == "" {
		third = w.mailed("Dora@example.org")
	}
	for _, dead := range []string{first, second} {
		_, err := w.accept("nobody", dead)
		w.refuses("an older link", err, holm.CodeGone)
	}
	_, err = call(w, "owner", ops.CollaboratorRemove, ops.CollaboratorRemoveInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: "dora@example.org"}})
	must(t, err)
	_, err = w.accept("nobody", third)
	w.refuses("a withdrawn link", err, holm.CodeGone)
}

// The token of a link is 256 bits that nobody sees but whom it was mailed to:
// it is in no answer, no row of the log, and not in the database.
func TestInvitationTokensAreSeenByNobody(t *testing.T) {
	w := newWorld(t)
	token := w.invited("dora@example.org")
	if len(token) != 43 {
		t.Errorf("the token has %d characters, 256 bits are 43", len(token))
	}
	var seen []any
	look := func(v any, err error) {
		must(t, err)
		seen = append(seen, v)
	}
	me := ops.OfAccount{Account: "me"}
	of := ops.OfCollaborator{Account: "me", Collaborator: "dora@example.org"}
	list, err := call(w, "owner", ops.CollaboratorList, ops.CollaboratorListInput{OfAccount: me, Status: "all"})
	look(list, err)
	one, err := call(w, "owner", ops.CollaboratorShow, ops.CollaboratorShowInput{OfCollaborator: of})
	look(one, err)
	again, err := call(w, "owner", ops.CollaboratorResend, ops.CollaboratorResendInput{OfCollaborator: of})
	look(again, err)
	tokens := []string{token, w.mailed("dora@example.org")}
	shown, err := call(w, "nobody", ops.InvitationShow, ops.InvitationShowInput{Token: holm.NewSecret(tokens[1])})
	look(shown, err)
	accepted, err := w.accept("nobody", tokens[1])
	look(accepted.Account, err)
	log, err := call(w, "owner", ops.AuditAccount, ops.AuditAccountInput{OfAccount: me})
	look(log, err)
	seen = append(seen, w.audit(w.account.ID))
	must(t, w.store.Read(context.Background(), func(tx *store.Tx) error {
		for _, canary := range tokens {
			if _, err := tx.CollaboratorByLink(canary); err == nil {
				return fmt.Errorf("the link %s lies open in the database", canary)
			}
			if canary == dispatch.HashToken(canary) {
				return fmt.Errorf("nothing is hashed")
			}
		}
		return nil
	}))
	raw, err := json.Marshal(seen)
	must(t, err)
	for _, canary := range tokens {
		if strings.Contains(string(raw), canary) || strings.Contains(string(raw), dispatch.HashToken(canary)) {
			t.Errorf("the token, or its hash, was answered: %s", raw)
		}
	}
}

// What a preview of an invitation says is what the person has once they have
// accepted: directly, through groups and on all environments, with what the
// owner changes while the invitation is open.
func TestWhatAnInvitationGivesHoldsFromTheAcceptanceOn(t *testing.T) {
	w := newWorld(t)
	account := ops.OfAccount{Account: string(w.account.ID)}
	for _, name := range []string{"wiki", "news"} {
		in := *sample(w, ops.EnvironmentCreate.Operation).(*ops.EnvironmentCreateInput)
		in.Body.Name = name
		as(t, w, "owner", ops.EnvironmentCreate, in)
	}
	night := ops.GroupCreateInput{OfAccount: account}
	night.Body.Name, night.Body.Environments = "Night", []ops.Share{{Environment: "wiki", Level: "Deploy only"}, {Environment: "news", Level: "full"}}
	as(t, w, "owner", ops.GroupCreate, night)
	wide := ops.GroupCreateInput{OfAccount: account}
	wide.Body.Name, wide.Body.AllEnvironments = "Everywhere", "limited"
	as(t, w, "owner", ops.GroupCreate, wide)
	month := w.now.AddDate(0, 1, 0)
	for i, body := range []ops.InviteBody{
		{Environments: []ops.Share{{Environment: "shop", Level: "Deploy only", Until: &month}}},
		{Groups: []string{"Night"}},
		{Groups: []string{"Night"}, Environments: []ops.Share{{Environment: "news", Level: "none"}, {Environment: "wiki", Level: "limited"}}},
		{AllEnvironments: "Deploy only", AllEnvironmentsUntil: &month, Environments: []ops.Share{{Environment: "news", Level: "full"}, {Environment: "shop", Level: "none"}}},
		{Groups: []string{"Night", "Everywhere"}, AllEnvironments: "Deploy only"},
		{},
	} {
		body.Email = fmt.Sprintf("guest%d@example.org", i)
		ahead := as(t, w, "owner", ops.InvitationPreview, ops.InvitationPreviewInput{OfAccount: account, Body: body})
		before := w.haves(t)
		as(t, w, "owner", ops.CollaboratorInvite, ops.CollaboratorInviteInput{OfAccount: account, Body: body})
		token := w.mailed(body.Email)
		shown := as(t, w, "nobody", ops.InvitationShow, ops.InvitationShowInput{Token: holm.NewSecret(token)})
		if len(shown.Groups) != len(body.Groups) || (shown.AllEnvironments != nil) != (body.AllEnvironments != "") {
			t.Errorf("the invitation of %s shows %+v", body.Email, shown)
		}
		_, err := w.accept("nobody", token)
		must(t, err)
		if got, want := differences(before, w.haves(t)), told(ahead); !slices.Equal(got, want) {
			t.Errorf("%s has\n %s\nand was to have\n %s", body.Email, strings.Join(got, "\n "), strings.Join(want, "\n "))
		}
	}
	// Inviting again gives what the newest invitation says and nothing older;
	// what is changed meanwhile holds too.
	first := ops.CollaboratorInviteInput{OfAccount: account, Body: ops.InviteBody{Email: "late@example.org", AllEnvironments: "full", Groups: []string{"Night"}}}
	as(t, w, "owner", ops.CollaboratorInvite, first)
	ahead := ops.InvitationPreviewInput{OfAccount: account, Body: ops.InviteBody{Email: "late@example.org", Groups: []string{"Everywhere"}}}
	v := as(t, w, "owner", ops.InvitationPreview, ahead)
	as(t, w, "owner", ops.CollaboratorInvite, ops.CollaboratorInviteInput{OfAccount: account, Body: ahead.Body})
	share := ops.CollaboratorShareInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: "late@example.org"}}
	share.Body.Environments = []ops.Share{{Environment: "shop", Level: "none", Was: &ops.Held{Level: "inherit"}}}
	as(t, w, "owner", ops.CollaboratorShare, share)
	_, err := w.accept("nobody", w.mailed("late@example.org"))
	must(t, err)
	haves := w.haves(t)
	for _, c := range v.Changes {
		has := haves["late@example.org "+c.Environment.Name]
		if c.Environment.Name == "shop" {
			if len(has.Permissions) != 0 {
				t.Errorf("kept out of shop, and has %v", has.Permissions)
			}
		} else if !slices.Equal(has.Permissions, c.Gained) {
			t.Errorf("in %s %v, and was to have %v", c.Environment.Name, has.Permissions, c.Gained)
		}
	}
	if len(v.Changes) != 3 {
		t.Errorf("the preview speaks of %v", v.Changes)
	}
	w.refuses("an unknown group", func() error {
		in := ahead
		in.Body.Email, in.Body.Groups = "fresh@example.org", []string{"Nobodies"}
		_, err := call(w, "owner", ops.InvitationPreview, in)
		return err
	}(), holm.CodeInvalid)
}
