package app

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/internal/transfer"
	"github.com/holmhq/holm/ops"
)

// noOffer ends the open offer of the shop.
func (w *world) noOffer() {
	w.t.Helper()
	w.write(func(tx *store.Tx) error {
		t, err := tx.OpenTransfer(w.shop.ID)
		if errors.Is(err, store.ErrNone) {
			return nil
		}
		if err == nil {
			_, err = tx.EndTransfer(t, holm.TransferCancelled)
		}
		return err
	})
}

// offer offers the shop to an address and gives the token of the link.
func (w *world) offer(email string) holm.Secret {
	w.t.Helper()
	w.noOffer()
	token, hash := dispatch.NewToken("")
	w.write(func(tx *store.Tx) error {
		_, err := tx.OfferTransfer(holm.Transfer{Environment: w.shop.ID, Account: w.account.ID, Email: email, ExpiresAt: tx.Now().Add(holm.TransferTTL)}, hash)
		return err
	})
	return holm.NewSecret(token)
}

// offered asks for a transfer through the door and takes the token from the
// mail, as its reader would.
func (w *world) offered(email string) holm.Secret {
	w.t.Helper()
	in := ops.TransferRequestInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}
	in.Body.Email = email
	_, err := call(w, "owner", ops.TransferRequest, in)
	must(w.t, err)
	l := w.lastLetter(holm.LetterTransferRequested, email)
	return holm.NewSecret(strings.TrimPrefix(l.Path, "/transfers/"))
}

func (w *world) lastLetter(kind holm.LetterKind, to string) holm.Letter {
	w.t.Helper()
	for _, l := range slices.Backward(w.letters) {
		if l.Kind == kind && l.To == to {
			return l
		}
	}
	w.t.Fatalf("no letter %s to %s", kind, to)
	return holm.Letter{}
}

func (w *world) takeOver(kind string, token holm.Secret, keep bool) (ops.TransferAccepted, error) {
	in := ops.TransferAcceptInput{Token: token}
	in.Body.KeepCollaborators = keep
	return call(w, kind, ops.TransferAccept, in)
}

func (w *world) shows(kind string) (ops.EnvironmentView, error) {
	return call(w, kind, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}})
}

// sees gives the kinds of people to whom the shop shows.
func (w *world) sees(kinds ...string) string {
	var said []string
	for _, k := range kinds {
		if _, err := w.shows(k); err == nil {
			said = append(said, k)
		} else if holm.CodeOf(err) != holm.CodeNotFound {
			w.t.Errorf("%s: %v", k, err)
		}
	}
	return strings.Join(said, " ")
}

func TestTransferGivesAnotherOwner(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		token := w.offered("Stranger@Example.org")
		v, err := w.shows("owner")
		must(t, err)
		if v.State != "transferring" || v.Meanwhile != "running" || v.Transfer == nil || v.Transfer.Email != "Stranger@Example.org" {
			t.Errorf("offered, it shows %s, %s, %+v", v.State, v.Meanwhile, v.Transfer)
		}
		if v, err := w.shows("limited"); err != nil || v.State != "transferring" || v.Transfer != nil {
			t.Errorf("a collaborator sees %s, %+v, %v", v.State, v.Transfer, err)
		}
		for state, want := range map[string]int{"transferring": 1, "running": 0} {
			list, err := call(w, "owner", ops.EnvironmentList, ops.EnvironmentListInput{State: state})
			if err != nil || len(list.Items) != want {
				t.Errorf("%d are %s, %v", len(list.Items), state, err)
			}
		}
		offer, err := call(w, "stranger", ops.TransferShow, ops.TransferShowInput{Token: token})
		must(t, err)
		if offer.Owner.Email != "owner@example.org" || offer.Collaborators != 2 || offer.Obstacle != "" || len(offer.Layers) != 1 {
			t.Errorf("the offer is %+v", offer)
		}
		streams := map[string]*dispatch.Stream{}
		for _, k := range []string{"owner", "full", "limited"} {
			if streams[k], err = w.door.Follow(t.Context(), w.people[k], "shop", 0); err != nil {
				t.Fatal(err)
			}
		}
		_, err = w.takeOver("stranger", token, false)
		must(t, err)
		for k, s := range streams {
			if !s.Session.WasCut() {
				t.Errorf("%s still follows", k)
			}
			s.Close()
		}
		if got := w.sees(kinds[:len(kinds)-1]...); got != "stranger" {
			t.Errorf("it is seen by %q", got)
		}
		v, err = w.shows("stranger")
		must(t, err)
		if v.State != "running" || v.Level != "owner" || v.Owner.Email != "stranger@example.org" {
			t.Errorf("the new owner sees %+v", v)
		}
		if l := w.lastLetter(holm.LetterTransferAccepted, "owner@example.org"); l.Actor != "stranger@example.org" {
			t.Errorf("the old owner reads of %s", l.Actor)
		}
		w.lastLetter(holm.LetterTransferLost, "full@example.org")
		w.lastLetter(holm.LetterTransferLost, "limited@example.org")
		_, err = w.takeOver("stranger", token, false)
		if holm.CodeOf(err) != holm.CodeGone {
			t.Errorf("a second accept: %v", err)
		}
		w.bothLogsTell(t, token)
	})
}

// bothLogsTell holds that both accounts have the change in their log, that
// neither has the link, and that both logs are the trees they should be.
func (w *world) bothLogsTell(t *testing.T, token holm.Secret) {
	t.Helper()
	var theirs holm.AccountID
	must(t, w.store.Read(t.Context(), func(tx *store.Tx) error {
		a, err := tx.AccountOf(w.people["stranger"].User)
		theirs = a.ID
		return err
	}))
	for _, account := range []holm.AccountID{w.account.ID, theirs} {
		told := 0
		for _, r := range w.audit(account) {
			if r.Operation == "transfer.accept" && r.Result == "0" && r.Environment == w.shop.ID {
				told++
				if account == w.account.ID && r.Address != "" {
					t.Errorf("the old owner learns the address %s", r.Address)
				}
			}
			if raw, _ := json.Marshal(r); strings.Contains(string(raw), token.Reveal()) {
				t.Errorf("the link is in the log: %s", raw)
			}
		}
		if told != 1 {
			t.Errorf("%s has %d rows of the change", account, told)
		}
	}
	for _, kind := range []string{"owner", "stranger"} {
		_, err := call(w, kind, ops.AuditCheckpoint, ops.AuditCheckpointInput{OfAccount: ops.OfAccount{Account: "me"}})
		must(t, err)
	}
}

func TestTransferKeepsCollaborators(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		until := w.now.Add(48 * time.Hour)
		level := func(kind, level string, end *time.Time) {
			in := ops.CollaboratorShareInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: kind + "@example.org"}}
			in.Body.Environments = []ops.Share{{Environment: "shop", Level: level, Until: end}}
			_, err := call(w, "owner", ops.CollaboratorShare, in)
			must(t, err)
		}
		level("limited", "Deploy only", &until)
		group := ops.GroupUpdateInput{OfGroup: ops.OfGroup{Account: "me", Group: "Developers"}}
		group.Body.Members, group.Body.Environments = []ops.GroupMember{{Collaborator: "admin@example.org"}}, []ops.Share{{Environment: "shop", Level: "limited"}}
		_, err := call(w, "owner", ops.GroupUpdate, group)
		must(t, err)
		level("admin", "inherit", nil)
		// The new owner has removed one of them before; that holds.
		w.write(func(tx *store.Tx) error {
			mine, err := tx.AccountOf(w.people["stranger"].User)
			if err != nil {
				return err
			}
			c, err := tx.PutInvitation(holm.Collaborator{Account: mine.ID, Email: "full@example.org", Role: holm.RoleViewer, InvitedBy: mine.Owner, LinkUntil: w.now.Add(time.Hour)}, "x")
			if err != nil {
				return err
			}
			return tx.SetStatus(c.ID, holm.StatusRemoved)
		})
		approve := ops.AccessAnswerInput{OfAccount: ops.OfAccount{Account: "me"}, Request: w.request}
		approve.Body.Approve = true
		_, err = call(w, "owner", ops.AccessAnswer, approve)
		must(t, err)

		out, err := w.takeOver("stranger", w.offered("stranger@example.org"), true)
		must(t, err)
		if got := strings.Join(out.Kept, " "); got != "admin@example.org limited@example.org" {
			t.Errorf("kept: %q", got)
		}
		if got := w.sees(kinds[:len(kinds)-1]...); got != "admin limited stranger" {
			t.Errorf("it is seen by %q", got)
		}
		v, err := w.shows("limited")
		must(t, err)
		if v.Level != "Deploy only" || v.LevelUntil == nil || !v.LevelUntil.Equal(until) || slices.Contains(v.Permissions, "environment.start") || !slices.Contains(v.Permissions, "deploy.git") {
			t.Errorf("limited keeps %s until %v: %v", v.Level, v.LevelUntil, v.Permissions)
		}
		levels, err := call(w, "stranger", ops.LevelList, ops.LevelListInput{OfAccount: ops.OfAccount{Account: "me"}})
		must(t, err)
		if n := len(levels.Items); !slices.ContainsFunc(levels.Items, func(l ops.LevelView) bool { return l.Name == "Deploy only" }) {
			t.Errorf("none of the %d levels is the one that was kept", n)
		}
		w.lastLetter(holm.LetterTransferKept, "limited@example.org")
		w.lastLetter(holm.LetterTransferLost, "full@example.org")
		// What the old account gives does not reach it any more.
		in := ops.CollaboratorUpdateInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: "full@example.org"}}
		wide := "full"
		in.Body.AllEnvironments = &wide
		_, err = call(w, "owner", ops.CollaboratorUpdate, in)
		must(t, err)
		if got := w.sees("full", "owner"); got != "" {
			t.Errorf("it is seen by %q", got)
		}
		requests, err := call(w, "owner", ops.AccessRequests, ops.AccessRequestsInput{OfAccount: ops.OfAccount{Account: "me"}})
		if err != nil || len(requests.Items) != 0 {
			t.Errorf("the old owner still has %+v to answer, %v", requests.Items, err)
		}
	})
}

func TestTransferIsForOnePerson(t *testing.T) {
	w := newWorld(t)
	ask := func(email string) error {
		in := ops.TransferRequestInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}
		in.Body.Email = email
		_, err := call(w, "owner", ops.TransferRequest, in)
		return err
	}
	for email, want := range map[string]string{
		"owner@example.org": "owns shop already",
		"OWNER@example.org": "owns shop already",
		"full@example.org":  "may own nothing itself",
		"not an address":    "",
	} {
		if err := ask(email); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("to %s: %v", email, err)
		}
	}
	token := w.offered("stranger@example.org")
	if err := ask("operator@example.org"); holm.CodeOf(err) != holm.CodeConflict {
		t.Errorf("a second offer: %v", err)
	}
	for _, k := range []string{"operator", "full", "owner"} {
		if _, err := w.takeOver(k, token, true); holm.CodeOf(err) != holm.CodeConflict || !strings.Contains(err.Error(), "stranger@example.org") {
			t.Errorf("%s takes what is for somebody else: %v", k, err)
		}
		if _, err := call(w, k, ops.TransferShow, ops.TransferShowInput{Token: token}); holm.CodeOf(err) != holm.CodeConflict {
			t.Errorf("%s looks at what is for somebody else: %v", k, err)
		}
	}
	if _, err := w.takeOver("nobody", token, true); holm.CodeOf(err) != holm.CodeUnauthorized {
		t.Errorf("nobody: %v", err)
	}
	narrow := w.people["stranger"]
	in := ops.TokenCreateInput{}
	in.Body.Name = "ci"
	made, err := call(w, "stranger", ops.TokenCreate, in)
	must(t, err)
	narrow.Session, narrow.Token = "", made.ID
	w.people["token"] = narrow
	if _, err := w.takeOver("token", token, false); holm.CodeOf(err) != holm.CodeForbidden {
		t.Errorf("an access token takes an environment over: %v", err)
	}
	if _, err := call(w, "owner", ops.TransferCancel, ops.TransferCancelInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}); err != nil {
		t.Fatal(err)
	}
	w.lastLetter(holm.LetterTransferCancelled, "stranger@example.org")
	if _, err := w.takeOver("stranger", token, false); holm.CodeOf(err) != holm.CodeGone {
		t.Errorf("accepted after it was taken back: %v", err)
	}
	token = w.offered("stranger@example.org")
	_, err = call(w, "stranger", ops.TransferDecline, ops.TransferDeclineInput{Token: token})
	must(t, err)
	w.lastLetter(holm.LetterTransferDeclined, "owner@example.org")
	if _, err := w.takeOver("stranger", token, false); holm.CodeOf(err) != holm.CodeGone {
		t.Errorf("accepted after it was declined: %v", err)
	}
	token = w.offered("stranger@example.org")
	w.now = w.now.Add(holm.TransferTTL)
	if _, err := w.takeOver("stranger", token, false); holm.CodeOf(err) != holm.CodeGone {
		t.Errorf("accepted after seven days: %v", err)
	}
	if v, err := w.shows("owner"); err != nil || v.State != "running" || v.Transfer != nil {
		t.Errorf("after seven days it is %s, %v", v.State, err)
	}
	must(t, transfer.Expire(context.Background(), w.door))
	if rows := w.audit(w.account.ID); rows[0].Operation != "transfer.expire" {
		t.Errorf("the end of the offer is not in the log: %s", rows[0].Operation)
	}
	w.offered("stranger@example.org")
}

// Someone invited and not yet there is nobody of whom the owner learns
// anything; accepting one thing does not accept the other.
func TestTransferToAPendingCollaborator(t *testing.T) {
	w := newWorld(t)
	w.user("pending", false, holm.AccountFull)
	token := w.offered("pending@example.org")
	_, err := w.takeOver("pending", token, true)
	must(t, err)
	if v, err := w.shows("pending"); err != nil || v.Level != "owner" {
		t.Errorf("they have %s, %v", v.Level, err)
	}
	c, err := call(w, "owner", ops.CollaboratorShow, ops.CollaboratorShowInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: "pending@example.org"}})
	if err != nil || c.Status != "pending" {
		t.Errorf("the invitation is %s, %v", c.Status, err)
	}
}

func TestTransferAsksTheQuotaAgain(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		set  func(tx *store.Tx, a holm.Account) error
		says string
	}{
		"filled": {func(tx *store.Tx, a holm.Account) error {
			return tx.SetQuota(a.ID, holm.Quota{Environments: number(0)})
		}, "may own 0 environments"},
		"nodes": {func(tx *store.Tx, a holm.Account) error {
			return tx.SetQuota(a.ID, holm.Quota{NodesPerEnvironment: number(0)})
		}, "in one environment"},
		"a layer": {func(tx *store.Tx, a holm.Account) error {
			return tx.SetQuota(a.ID, holm.Quota{NodesPerLayer: number(0)})
		}, "in one layer"},
		"cloudlets": {func(tx *store.Tx, a holm.Account) error {
			return tx.SetQuota(a.ID, holm.Quota{CloudletsPerNode: number(1)})
		}, "may give a node 1"},
		"collaborator": {func(tx *store.Tx, a holm.Account) error { return tx.SetAccountType(a.ID, holm.AccountCollaborator) }, "may own nothing itself"},
	} {
		token := w.offer("stranger@example.org")
		var mine holm.Account
		w.write(func(tx *store.Tx) (err error) {
			if mine, err = tx.AccountOf(w.people["stranger"].User); err != nil {
				return err
			}
			return c.set(tx, mine)
		})
		v, err := call(w, "stranger", ops.TransferShow, ops.TransferShowInput{Token: token})
		must(t, err)
		if !strings.Contains(v.Obstacle, c.says) {
			t.Errorf("%s: the page says %q", name, v.Obstacle)
		}
		if _, err := w.takeOver("stranger", token, false); holm.CodeOf(err) != holm.CodeQuota || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		w.write(func(tx *store.Tx) error {
			if err := tx.SetAccountType(mine.ID, holm.AccountFull); err != nil {
				return err
			}
			return tx.SetQuota(mine.ID, holm.Quota{})
		})
	}
	// A refusal leaves the offer open.
	_, err := w.takeOver("stranger", w.offer("stranger@example.org"), false)
	must(t, err)
}

func number(n int) *int { return &n }

func TestTransferEndsWithTheEnvironment(t *testing.T) {
	w := newWorld(t)
	token := w.offered("stranger@example.org")
	shop := ops.OfEnvironment{Environment: "shop"}
	_, err := call(w, "owner", ops.EnvironmentDelete, ops.EnvironmentDeleteInput{OfEnvironment: shop, Confirm: "shop"})
	must(t, err)
	w.lastLetter(holm.LetterTransferCancelled, "stranger@example.org")
	_, err = call(w, "owner", ops.EnvironmentRestore, ops.EnvironmentRestoreInput{OfDeleted: ops.OfDeleted{Environment: "shop"}})
	must(t, err)
	if _, err := w.takeOver("stranger", token, false); holm.CodeOf(err) != holm.CodeGone {
		t.Errorf("accepted after it was deleted and restored: %v", err)
	}
}

// While files are being copied, the copy must not go on with those of a new
// owner.
func TestTransferWaitsForCopies(t *testing.T) {
	w := newWorld(t)
	token := w.offered("stranger@example.org")
	in := ops.EnvironmentCloneInput{OfEnvironment: ops.OfEnvironment{Environment: "shop"}}
	in.Body.Name = "shop-copy"
	made, err := call(w, "owner", ops.EnvironmentClone, in)
	must(t, err)
	if _, err := w.takeOver("stranger", token, false); holm.CodeOf(err) != holm.CodeConflict || !strings.Contains(err.Error(), "copied") {
		t.Errorf("accepted during a copy: %v", err)
	}
	w.write(func(tx *store.Tx) error { return tx.CopyMade(holm.EnvironmentID(made.ID), holm.CopyReport{Of: "shop"}) })
	_, err = w.takeOver("stranger", token, false)
	must(t, err)
	if v, err := call(w, "owner", ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: "shop-copy"}}); err != nil || v.Level != "owner" {
		t.Errorf("the copy stays with who made it: %s, %v", v.Level, err)
	}
}

// Everything that may meet an accept does, many times over: whoever is later
// gets a clean answer, exactly one account owns the environment, and nobody of
// the old one has anything left in it.
func TestTransferRaces(t *testing.T) {
	shop := ops.OfEnvironment{Environment: "shop"}
	others := map[string]func(w *world) error{
		"share": func(w *world) error { return w.shareFrom("limited", "full", nil) },
		"clone": func(w *world) error {
			in := ops.EnvironmentCloneInput{OfEnvironment: shop}
			in.Body.Name = "shop-copy"
			_, err := call(w, "owner", ops.EnvironmentClone, in)
			return err
		},
		"delete": func(w *world) error {
			_, err := call(w, "owner", ops.EnvironmentDelete, ops.EnvironmentDeleteInput{OfEnvironment: shop, Confirm: "shop"})
			return err
		},
		"cancel": func(w *world) error {
			_, err := call(w, "owner", ops.TransferCancel, ops.TransferCancelInput{OfEnvironment: shop})
			return err
		},
		"scale": func(w *world) error {
			in := ops.LayerLimitInput{OfLayer: ops.OfLayer{Environment: "shop", Layer: "app"}}
			in.Body.Cloudlets = 4
			_, err := call(w, "full", ops.LayerLimit, in)
			return err
		},
		"fill": func(w *world) error {
			in := ops.EnvironmentCreateInput{OfAccount: ops.OfAccount{Account: "me"}}
			in.Body.Name, in.Body.Layers = "other", []ops.LayerInput{{Role: "app", Stack: "static"}}
			_, err := call(w, "stranger", ops.EnvironmentCreate, in)
			return err
		},
		"break glass": func(w *world) error {
			in := ops.AccessRequestInput{OfEnvironment: shop}
			in.Body.Level, in.Body.Minutes, in.Body.Reason = "full", 60, "Now"
			_, err := call(w, "limited", ops.AccessRequest, in)
			return err
		},
	}
	for name, other := range others {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				token := w.offer("stranger@example.org")
				w.write(func(tx *store.Tx) error {
					mine, err := tx.AccountOf(w.people["stranger"].User)
					if err != nil {
						return err
					}
					if err := tx.SetGlass(w.members["limited"].ID, true); err != nil {
						return err
					}
					return tx.SetQuota(mine.ID, holm.Quota{Environments: number(1)})
				})
				var together sync.WaitGroup
				accepts, rest := make([]error, 3), make([]error, 3)
				for i := range accepts {
					together.Go(func() { _, accepts[i] = w.takeOver("stranger", token, false) })
					together.Go(func() { rest[i] = other(w) })
				}
				together.Wait()
				w.settled(t, accepts, rest)
			})
		})
	}
}

func (w *world) settled(t *testing.T, accepts, others []error) {
	t.Helper()
	won := 0
	for _, err := range accepts {
		if err == nil {
			won++
		}
	}
	if won > 1 {
		t.Errorf("%d accepts went through", won)
	}
	for _, err := range append(slices.Clone(accepts), others...) {
		if err != nil && holm.CodeOf(err) == holm.CodeInternal {
			t.Errorf("somebody got no clean answer: %v", err)
		}
	}
	if won == 1 {
		if got := w.sees("owner", "full", "limited", "admin", "stranger"); got != "stranger" {
			t.Errorf("it is seen by %q", got)
		}
		return
	}
	if _, err := w.shows("stranger"); holm.CodeOf(err) != holm.CodeNotFound {
		t.Errorf("not accepted, and the other one sees it: %v", err)
	}
}
