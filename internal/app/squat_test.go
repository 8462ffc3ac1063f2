package app

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// cutsToken runs what should revoke a token and checks that the stream opened
// with it ends at once and the token opens nothing any more.
func (w *world) cutsToken(c dispatch.Caller, token string, revoke func()) {
	w.t.Helper()
	stream, err := w.door.Follow(context.Background(), c, "shop", 0)
	must(w.t, err)
	defer stream.Close()
	revoke()
	select {
	case <-stream.Session.Done():
	case <-time.After(5 * time.Second):
		w.t.Fatal("the stream is still open")
	}
	if !stream.Session.WasCut() {
		w.t.Error("the stream ended for another reason")
	}
	_, err = w.door.Authenticate(context.Background(), token, dispatch.Caller{Road: holm.RoadAPI})
	w.refuses("the token", err, holm.CodeUnauthorized)
	w.refuses("who was let in with it a moment ago", callAs(w, c, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: shop}), holm.CodeUnauthorized)
}

func (w *world) passwordChanged() (found holm.Letter) {
	for _, l := range w.letters {
		if l.Kind == holm.LetterPasswordChanged {
			found = l
		}
	}
	return found
}

// squatted is a world where somebody else made the login of Dora's address,
// when that needed no proof, and has every way in.
type squatted struct {
	*world
	dora   holm.User
	own    holm.Account
	stolen string // an access token
	by     dispatch.Caller
}

func squat(t *testing.T) squatted {
	w := squatted{world: newWorld(t)}
	w.dora, w.own = w.add("dora", holm.User{Email: "dora@example.org"}, holm.AccountFull)
	w.enrol("dora")
	w.write(func(tx *store.Tx) error {
		_, passkey := tx.CreatePasskey(holm.Passkey{User: w.dora.ID, Name: "Theirs", Credential: []byte("{}")}, "credential")
		_, linked := tx.CreateIdentity(holm.Identity{User: w.dora.ID, Issuer: "https://login.example.com", Subject: "squatter"})
		_, device := tx.SeeDevice(w.dora.ID, "their device")
		_, noted := tx.NoteFactor(w.dora.ID)
		return errors.Join(passkey, linked, device, noted)
	})
	var made ops.TokenCreated
	w.by, made = w.token("dora", func(*ops.TokenCreateInput) {})
	w.stolen = made.Token
	return w
}

// nothingLeft checks that none of the squatter's ways leads in.
func (w squatted) nothingLeft() {
	w.t.Helper()
	_, err := w.door.Authenticate(context.Background(), w.stolen, dispatch.Caller{Road: holm.RoadAPI})
	w.refuses("the token", err, holm.CodeUnauthorized)
	_, err = w.door.Authenticate(context.Background(), "dora", dispatch.Caller{Road: holm.RoadAPI})
	w.refuses("the session", err, holm.CodeUnauthorized)
	w.refuses("who held the token", callAs(w.world, w.by, ops.UserShow, ops.UserShowInput{}), holm.CodeUnauthorized)
	must(w.t, w.store.Read(context.Background(), func(tx *store.Tx) error {
		keys, _ := tx.Passkeys(w.dora.ID)
		identities, _ := tx.Identities(w.dora.ID)
		codes, _ := tx.RecoveryCodesLeft(w.dora.ID)
		tokens, _ := tx.Tokens(w.dora.ID)
		_, totp := tx.TOTPOf(w.dora.ID)
		known, _ := tx.KnownDevice(w.dora.ID, "their device")
		u, err := tx.User(w.dora.ID)
		if len(keys)+len(identities)+codes+len(tokens) > 0 || !errors.Is(totp, store.ErrNone) || known || u.Factor || u.ProvenAt.IsZero() {
			w.t.Errorf("left: %v %v %d codes, %v, %v, device %v, %+v", keys, identities, codes, tokens, totp, known, u)
		}
		return err
	}))
	in := ops.SessionCreateInput{}
	in.Body.Email, in.Body.Password = "dora@example.org", holm.NewSecret(password)
	_, err = call(w.world, "nobody", ops.SessionCreate, in)
	w.refuses("the password", err, holm.CodeUnauthorized)
	in.Body.Password = holm.NewSecret("another long password")
	_, err = call(w.world, "nobody", ops.SessionCreate, in)
	must(w.t, err)
	l := w.passwordChanged()
	if !l.ByMail || !strings.Contains(l.What, "1 passkey, the one-time code, 1 linked login") {
		w.t.Errorf("the mail says %q", l.What)
	}
}

// TestSquatterKeepsNothingAfterAReset: the owner of the address asks for a link
// to set a password, and uses it.
func TestSquatterKeepsNothingAfterAReset(t *testing.T) {
	w := squat(t)
	forget := ops.PasswordForgetInput{}
	forget.Body.Email = "dora@example.org"
	_, err := call(w.world, "nobody", ops.PasswordForget, forget)
	must(t, err)
	link := w.letters[len(w.letters)-1]
	must(t, w.resetPassword(strings.TrimPrefix(link.Path, "/password/")))
	row, err := json.Marshal(w.audit(w.own.ID))
	if err != nil || !strings.Contains(string(row), `"address_proven":true`) || !strings.Contains(string(row), `"passkeys":1`) {
		t.Errorf("the log: %s, %v", row, err)
	}
	w.nothingLeft()
}

// TestSquatterKeepsNothingAfterAnInvitation: the owner of the address is
// invited and follows the link, signed in nowhere or in the login that was
// made for them. Either way they set a new password.
func TestSquatterKeepsNothingAfterAnInvitation(t *testing.T) {
	for _, as := range []string{"nobody", "dora"} {
		t.Run(as, func(t *testing.T) {
			w := squat(t)
			w.write(func(tx *store.Tx) error {
				_, err := tx.PutInvitation(holm.Collaborator{Account: w.account.ID, Email: "dora@example.org", Role: holm.RoleViewer, InvitedBy: w.account.Owner, LinkUntil: w.now.Add(time.Hour)}, dispatch.HashToken("for dora"))
				return err
			})
			token := holm.NewSecret("for dora")
			shown, err := call(w.world, "nobody", ops.InvitationShow, ops.InvitationShowInput{Token: token})
			must(t, err)
			if shown.Known {
				t.Error("the login is taken for hers")
			}
			_, err = call(w.world, as, ops.InvitationAccept, ops.InvitationAcceptInput{Token: token})
			w.refuses("without a new password", err, holm.CodeInvalid)
			in := ops.InvitationAcceptInput{Token: token}
			in.Body.Name, in.Body.Password = "Dora", holm.NewSecret("another long password")
			out, err := call(w.world, as, ops.InvitationAccept, in)
			must(t, err)
			if out.Session == nil || out.User.Name != "Dora" || out.User.ID != string(w.dora.ID) {
				t.Errorf("%+v", out)
			}
			w.nothingLeft()
		})
	}
}

func TestResetByMailRevokesTokens(t *testing.T) {
	w := newWorld(t)
	c, made := w.token("owner", func(*ops.TokenCreateInput) {})
	w.token("owner", func(in *ops.TokenCreateInput) { in.Body.Name = "another" })
	others, _ := w.token("full", func(*ops.TokenCreateInput) {})
	w.cutsToken(c, made.Token, func() { must(t, w.resetPassword("reset")) })
	must(t, callAs(w, others, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: shop}))
	if l := w.passwordChanged(); !l.ByMail || l.Tokens != 2 || l.OtherWays != 0 {
		t.Errorf("the mail: %+v", l)
	}
}

// Whoever reads the mails must not get past a second factor with a reset.
func TestResetByMailKeepsTheSecondFactor(t *testing.T) {
	w := newWorld(t)
	w.enrol("owner")
	must(t, w.resetPassword("reset"))
	in := ops.SessionCreateInput{}
	in.Body.Email, in.Body.Password = "owner@example.org", holm.NewSecret("another long password")
	_, err := call(w, "nobody", ops.SessionCreate, in)
	w.refuses("the new password alone", err, holm.CodeUnauthorized)
}

func TestOperatorEndsSessionsAndTokens(t *testing.T) {
	w := newWorld(t)
	c, made := w.token("full", func(*ops.TokenCreateInput) {})
	w.cutsToken(c, made.Token, func() {
		in := ops.OperatorUpdateUserInput{User: "full@example.org"}
		in.Body.EndSessions = true
		_, err := call(w, "operator", ops.OperatorUpdateUser, in)
		must(t, err)
	})
}

// Scripts go on when their person changes the password, who is told of them.
func TestPasswordChangeKeepsAndCountsTokens(t *testing.T) {
	w := newWorld(t)
	change := func(from, to string) holm.Letter {
		in := ops.UserUpdateInput{}
		in.Body.CurrentPassword, in.Body.Password = holm.NewSecret(from), holm.NewSecret(to)
		_, err := call(w, "owner", ops.UserUpdate, in)
		must(t, err)
		return w.passwordChanged()
	}
	soon := w.now.Add(time.Hour)
	w.token("owner", func(in *ops.TokenCreateInput) { in.Body.Until = &soon })
	w.now = soon // which ends it: it does not count below, nor does the session of an hour
	w.write(func(tx *store.Tx) error {
		s, err := tx.CreateSession(holm.Session{User: w.people["owner"].User, ExpiresAt: w.now.Add(time.Hour)}, dispatch.HashToken("later"))
		c := w.people["owner"]
		c.Session = s.ID
		w.people["owner"] = c
		return err
	})
	if l := change(password, "the second long password"); l.ByMail || l.Tokens != 0 || l.Path != "/account/security" {
		t.Errorf("without tokens: %+v", l)
	}
	c, _ := w.token("owner", func(*ops.TokenCreateInput) {})
	if l := change("the second long password", "the third long password"); l.ByMail || l.Tokens != 1 || l.Path != "/account/tokens" {
		t.Errorf("with one: %+v", l)
	}
	must(t, callAs(w, c, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: shop}))
}
