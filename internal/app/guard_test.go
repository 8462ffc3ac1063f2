package app

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

func (w *world) tries(address, device, login, pass string) error {
	in := ops.SessionCreateInput{}
	in.Body.Email, in.Body.Password = login+"@example.org", holm.NewSecret(pass)
	_, err := dispatch.Call(context.Background(), w.door, dispatch.Caller{Road: holm.RoadAPI, Address: address, DeviceKey: device}, ops.SessionCreate, in)
	return err
}

// Guessing from very many addresses ends, and the person's own browser and
// home still sign in.
func TestGuessingFromEverywhereLocksNobodyOut(t *testing.T) {
	w := newWorld(t)
	must(t, w.tries("192.0.2.9", "laptop", "owner", password))
	stopped := false
	for i := 0; i < 400 && !stopped; i++ {
		stopped = holm.CodeOf(w.tries(fmt.Sprintf("2001:db8:%x::1", i), "", "owner", "wrong wrong")) == holm.CodeTooMany
	}
	if !stopped {
		t.Fatal("400 addresses guess on")
	}
	err := w.tries("2001:db8:ffff::1", "", "owner", password)
	if holm.CodeOf(err) != holm.CodeTooMany || holm.AsError(err).Wait <= 0 || holm.AsError(err).Wait > 10*time.Minute {
		t.Errorf("an unknown place: %v", err)
	}
	must(t, w.tries("198.51.100.7", "laptop", "owner", password))
	must(t, w.tries("192.0.2.9", "", "owner", password))
	if holm.CodeOf(w.tries("198.51.100.8", "laptop of somebody else", "owner", password)) != holm.CodeTooMany {
		t.Error("a device that was made up is known")
	}
}

func TestInvitationsFillNobodysMailbox(t *testing.T) {
	w := newWorld(t)
	invite := func(kind, email string) error {
		in := ops.CollaboratorInviteInput{OfAccount: ops.OfAccount{Account: "me"}}
		in.Body.Email = email
		_, err := call(w, kind, ops.CollaboratorInvite, in)
		return err
	}
	count := func(kind string, email func(i int) string) (n int) {
		for i := range 600 {
			err := invite(kind, email(i))
			if holm.CodeOf(err) == holm.CodeTooMany && err != nil {
				if holm.AsError(err).Wait != 12*time.Hour {
					t.Errorf("wait %v", holm.AsError(err).Wait)
				}
				return n
			}
			must(t, err)
			n++
		}
		return n
	}
	if n := count("owner", func(int) string { return "Victim@example.org" }); n != 10 {
		t.Errorf("%d mails to one address", n)
	}
	in := ops.CollaboratorResendInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: "victim@example.org"}}
	if _, err := call(w, "owner", ops.CollaboratorResend, in); holm.CodeOf(err) != holm.CodeTooMany {
		t.Errorf("sending again goes on: %v", err)
	}
	if n := count("stranger", func(i int) string { return fmt.Sprintf("p%d@example.org", i) }); n != 500 {
		t.Errorf("%d mails from one account", n)
	}
	w.now = w.now.Add(12 * time.Hour)
	must(t, invite("owner", "victim@example.org"))
}

func TestResetLinksFillNobodysMailbox(t *testing.T) {
	w := newWorld(t)
	for i := range 30 {
		in := ops.PasswordForgetInput{}
		in.Body.Email = "owner@example.org"
		_, err := dispatch.Call(context.Background(), w.door, dispatch.Caller{Road: holm.RoadAPI, Address: fmt.Sprintf("203.0.113.%d", i)}, ops.PasswordForget, in)
		must(t, err) // the same answer, mailed or not
	}
	n := 0
	for _, l := range w.letters {
		if l.Kind == holm.LetterPasswordReset {
			n++
		}
	}
	if n != 8 {
		t.Errorf("%d mails", n)
	}
}

// TestSigningUpTellsNobodyWhichAddressesAreTaken: the answer is the same, the
// mail is not; and nobody can fill a mailbox with them.
func TestSigningUpTellsNobodyWhichAddressesAreTaken(t *testing.T) {
	w := newWorld(t)
	ask := func(address, email string) (ops.SignedUp, error) {
		in := ops.UserSignUpInput{}
		in.Body.Email = email
		return dispatch.Call(context.Background(), w.door, dispatch.Caller{Road: holm.RoadAPI, Address: address}, ops.UserSignUp, in)
	}
	for i := range 8 {
		for _, email := range []string{"OWNER@example.org", "new@example.org"} {
			out, err := ask(fmt.Sprintf("203.0.113.%d", i), email)
			must(t, err)
			if out != (ops.SignedUp{Mailed: true}) {
				t.Fatalf("%s is answered with %+v", email, out)
			}
		}
	}
	mails := map[string]int{}
	for _, l := range w.letters {
		mails[string(l.Kind)+" "+l.To]++
	}
	delete(mails, "environment_created owner@example.org")
	if len(mails) != 2 || mails["sign_up new@example.org"] != 3 || mails["sign_up_taken owner@example.org"] != 3 {
		t.Errorf("the mails: %v", mails)
	}
	tries := 0
	for i := range 30 {
		if _, err := ask("203.0.113.99", fmt.Sprintf("somebody%d@example.org", i)); err == nil {
			tries++
		} else if holm.CodeOf(err) != holm.CodeTooMany {
			t.Fatal(err)
		}
	}
	if tries != 10 {
		t.Errorf("one network signed up %d", tries)
	}
	_, err := ask("203.0.113.1", "another@example.org")
	must(t, err)
}

// TestSignUpNeedsTheMailedLink: no password for an address that was not
// proven, and each link makes one account with the address it was mailed to.
func TestSignUpNeedsTheMailedLink(t *testing.T) {
	w := newWorld(t)
	up := func(change func(*ops.UserSignUpInput)) (ops.SignedUp, error) {
		in := ops.UserSignUpInput{}
		change(&in)
		return call(w, "nobody", ops.UserSignUp, in)
	}
	_, err := up(func(in *ops.UserSignUpInput) {
		in.Body.Email, in.Body.Password = "dora@example.org", holm.NewSecret(password)
	})
	w.refuses("a password before the proof", err, holm.CodeInvalid)
	var links []string
	for range 2 {
		_, err := up(func(in *ops.UserSignUpInput) { in.Body.Email = "dora@example.org" })
		must(t, err)
		links = append(links, strings.TrimPrefix(w.letters[len(w.letters)-1].Path, "/sign-up/"))
	}
	with := func(link, email string) (ops.SignedUp, error) {
		return up(func(in *ops.UserSignUpInput) {
			in.Body.Token, in.Body.Email, in.Body.Password, in.Body.Name = holm.NewSecret(link), email, holm.NewSecret(password), "Dora"
		})
	}
	_, err = with("made up", "")
	w.refuses("a link made up", err, holm.CodeGone)
	_, err = with(links[0], "eve@example.org")
	w.refuses("another address", err, holm.CodeInvalid)
	out, err := with(links[0], "")
	must(t, err)
	if out.Session == nil || out.Session.User.Email != "dora@example.org" || out.Session.User.Account.Type != "full" {
		t.Fatalf("%+v", out)
	}
	for _, link := range links {
		_, err = with(link, "")
		w.refuses("a link of before", err, holm.CodeGone)
	}
	_, err = up(func(in *ops.UserSignUpInput) { in.Body.Email = "fay@example.org" })
	must(t, err)
	late := strings.TrimPrefix(w.letters[len(w.letters)-1].Path, "/sign-up/")
	w.now = w.now.Add(24*time.Hour + time.Second)
	_, err = with(late, "")
	w.refuses("a link of yesterday", err, holm.CodeGone)
}

func TestViewersAreNotToldHowMuchTheOwnerHas(t *testing.T) {
	w := newWorld(t)
	for person, want := range map[string]int{"owner": 1, "admin": 1, "none": 0, "limited": 0} {
		account := "owner@example.org"
		v, err := call(w, person, ops.AccountLimits, ops.AccountLimitsInput{OfAccount: ops.OfAccount{Account: account}})
		must(t, err)
		if v.Used.Environments != want {
			t.Errorf("%s is told %d", person, v.Used.Environments)
		}
	}
}

func TestTheNewPasswordIsAnother(t *testing.T) {
	w := newWorld(t)
	in := ops.UserUpdateInput{}
	in.Body.Password, in.Body.CurrentPassword = holm.NewSecret(password), holm.NewSecret(password)
	if _, err := call(w, "owner", ops.UserUpdate, in); holm.CodeOf(err) != holm.CodeInvalid {
		t.Errorf("the old one again: %v", err)
	}
}

func TestNobodyHoldsTheServerOpen(t *testing.T) {
	w := newWorld(t)
	open := 0
	for range 300 {
		stream, err := w.door.Follow(context.Background(), w.people["limited"], "shop", 0)
		if err != nil {
			if holm.CodeOf(err) != holm.CodeTooMany {
				t.Fatal(err)
			}
			break
		}
		defer stream.Close()
		open++
	}
	if open != 96 {
		t.Errorf("%d streams with one sign-in", open)
	}
	stream, err := w.door.Follow(context.Background(), w.people["full"], "shop", 0)
	must(t, err)
	stream.Close()
}

// What the inviter typed is how the invitation is called; from the acceptance
// on the person is called as they write themselves.
func TestTheSpellingOfAnInvitation(t *testing.T) {
	w := newWorld(t)
	in := ops.CollaboratorInviteInput{OfAccount: ops.OfAccount{Account: "me"}}
	in.Body.Email = "STRANGER@Example.org"
	_, err := call(w, "owner", ops.CollaboratorInvite, in)
	must(t, err)
	w.write(func(tx *store.Tx) error {
		c, err := tx.Collaborator(w.account.ID, "stranger@example.org")
		if err != nil {
			return err
		}
		return tx.SetLink(c.ID, dispatch.HashToken("spelled"), w.now.Add(time.Hour))
	})
	_, err = call(w, "stranger", ops.InvitationAccept, ops.InvitationAcceptInput{Token: holm.NewSecret("spelled")})
	must(t, err)
	c, err := call(w, "owner", ops.CollaboratorShow, ops.CollaboratorShowInput{OfCollaborator: ops.OfCollaborator{Account: "me", Collaborator: "stranger@example.org"}})
	must(t, err)
	if c.Email != "stranger@example.org" {
		t.Errorf("called %s", c.Email)
	}
}
