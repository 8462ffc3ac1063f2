package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// tooMany repeats a change until it is refused as too many, and gives how
// often it worked.
func (w *world) tooMany(most int, change func(i int) error) int {
	w.t.Helper()
	for i := range most {
		err := change(i)
		if err == nil {
			continue
		}
		if holm.CodeOf(err) != holm.CodeTooMany || holm.AsError(err).Wait <= 0 {
			w.t.Fatalf("after %d: %v", i, err)
		}
		return i
	}
	return most
}

// Mails with links to whom their writer names count together, whatever they
// are about.
func TestOneBudgetForInvitationsAndOffers(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		invite := func(int) error {
			in := ops.CollaboratorInviteInput{OfAccount: w.mine()}
			in.Body.Email = "victim@example.org"
			_, err := call(w, "owner", ops.CollaboratorInvite, in)
			return err
		}
		for range 6 {
			must(t, invite(0))
		}
		offered := w.tooMany(20, func(int) error {
			w.noOffer()
			in := ops.TransferRequestInput{OfEnvironment: shop}
			in.Body.Email = "Victim@example.org"
			_, err := call(w, "owner", ops.TransferRequest, in)
			return err
		})
		if offered != 4 || holm.CodeOf(invite(0)) != holm.CodeTooMany {
			t.Errorf("%d offers after 6 invitations", offered)
		}
	})
}

// Nobody is flooded by changes of what they have, and nothing of that keeps an
// owner from taking it away.
func TestChangesOfAccessFillNobodysMailbox(t *testing.T) {
	w := newWorld(t)
	share := func(i int) error {
		in := ops.CollaboratorShareInput{OfCollaborator: w.collaborator("full")}
		in.Body.Environments = []ops.Share{{Environment: "shop", Level: []string{"limited", "full"}[i%2]}}
		_, err := call(w, "owner", ops.CollaboratorShare, in)
		return err
	}
	if n := w.tooMany(2000, share); n != 500 {
		t.Errorf("%d mails about changes", n)
	}
	in := ops.CollaboratorShareInput{OfCollaborator: w.collaborator("full")}
	in.Body.Environments = []ops.Share{{Environment: "shop", Level: "none"}}
	_, err := call(w, "owner", ops.CollaboratorShare, in)
	must(t, err)
	_, err = call(w, "owner", ops.CollaboratorRemove, ops.CollaboratorRemoveInput{OfCollaborator: w.collaborator("full")})
	must(t, err)
	w.share("limited", holm.LevelFull) // somebody else still hears
}

// Who has not proved that their address is theirs has nobody else mailed.
func TestAnUnprovenAddressMailsNobodyElse(t *testing.T) {
	w := newWorld(t)
	w.add("squatter", holm.User{Email: "squatter@example.org"}, holm.AccountFull)
	in := ops.CollaboratorInviteInput{OfAccount: ops.OfAccount{Account: "me"}}
	in.Body.Email = "victim@example.org"
	_, err := call(w, "squatter", ops.CollaboratorInvite, in)
	w.refuses("an invitation", err, holm.CodeConflict)
	w.write(func(tx *store.Tx) error { return tx.ProveUser(w.people["squatter"].User) })
	_, err = call(w, "squatter", ops.CollaboratorInvite, in)
	must(t, err)
}

// A time that would be kept as no end is refused before anything is done.
func TestNoAccessWithoutEndByATimeThatIsNone(t *testing.T) {
	w := newWorld(t)
	for _, when := range []time.Time{{}, time.Unix(0, 0).UTC(), time.UnixMicro(0).UTC()} {
		in := ops.CollaboratorInviteInput{OfAccount: w.mine()}
		in.Body.Email, in.Body.Until = "dora@example.org", &when
		_, err := call(w, "owner", ops.CollaboratorInvite, in)
		w.refuses(fmt.Sprintf("an end at %s", when), err, holm.CodeInvalid)
		share := ops.CollaboratorShareInput{OfCollaborator: w.collaborator("limited")}
		share.Body.Environments = []ops.Share{{Environment: "shop", Level: "full", Until: &when}}
		_, err = call(w, "owner", ops.CollaboratorShare, share)
		w.refuses("access that ends then", err, holm.CodeInvalid)
	}
}

// What is pasted where the name of a variable belongs is in no row and in no
// answer.
func TestAPastedLineLeavesNoValueInTheLog(t *testing.T) {
	w := newWorld(t)
	names := []string{"KEY=" + hush, "export KEY=" + hush, hush, hush + "=x", "9" + hush, strings.Repeat("x", 200) + "=" + hush}
	for _, name := range names {
		_, err := w.setVariables("full", name, "value")
		w.refuses(name, err, holm.CodeInvalid)
		remove := ops.VariableSetInput{OfEnvironment: shop}
		remove.Body.Remove = []string{name}
		_, failed := call(w, "full", ops.VariableSet, remove)
		w.refuses(name, failed, holm.CodeInvalid)
		for _, err := range []error{err, failed} {
			if strings.Contains(holm.AsError(err).Detail, hush) {
				t.Errorf("the answer repeats it: %v", err)
			}
		}
	}
	_, err := w.setVariables("limited", names[0], "value") // refused before it is looked at
	w.refuses("limited", err, holm.CodeForbidden)
	rows := 0
	for _, r := range w.audit(w.account.ID) {
		if r.Operation == "variable.set" {
			rows++
		}
		if strings.Contains(string(r.Line), hush) {
			t.Errorf("a row has it: %s", r.Line)
		}
	}
	if rows != 2*len(names)+1 {
		t.Errorf("%d rows", rows)
	}
	if line := string(w.audit(w.account.ID)[2].Line); !strings.Contains(line, "•") {
		t.Errorf("the row says nothing was given: %s", line)
	}
}

// An access token that does not carry what people do with their own knows of
// no other token.
func TestANarrowTokenKnowsOnlyItself(t *testing.T) {
	w := newWorld(t)
	w.token("owner", func(in *ops.TokenCreateInput) { in.Body.Name = "another" })
	for what, c := range map[string]struct {
		narrow func(in *ops.TokenCreateInput)
		sees   int
	}{
		"a permission":        {func(in *ops.TokenCreateInput) { in.Body.Permissions = []string{"environment.stop"} }, 1},
		"an environment":      {func(in *ops.TokenCreateInput) { in.Body.Environments = []string{"shop"} }, 1},
		"with what is theirs": {func(in *ops.TokenCreateInput) { in.Body.Permissions = []string{"self"} }, 0},
	} {
		caller, made := w.token("owner", c.narrow)
		list, err := callAsFor(w, caller, ops.TokenList, ops.TokenListInput{})
		must(t, err)
		if c.sees == 1 && (len(list.Items) != 1 || list.Items[0].ID != made.ID) || c.sees == 0 && len(list.Items) < 2 {
			t.Errorf("a token narrowed to %s sees %d tokens", what, len(list.Items))
		}
	}
}

// Both sides of an offer know that variables go along with their values.
func TestAnOfferTellsOfVariables(t *testing.T) {
	w := newWorld(t)
	_, err := w.setVariables("owner", "ONE", "1", "TWO", "2")
	must(t, err)
	token := w.offered("stranger@example.org")
	if l := w.lastLetter(holm.LetterTransferRequested, "stranger@example.org"); l.Variables != 2 {
		t.Errorf("the mail tells of %d variables", l.Variables)
	}
	offer, err := call(w, "stranger", ops.TransferShow, ops.TransferShowInput{Token: token})
	must(t, err)
	if offer.Variables != 2 {
		t.Errorf("the offer tells of %d variables", offer.Variables)
	}
}
