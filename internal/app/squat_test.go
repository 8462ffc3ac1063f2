package app

import (
	"context"
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

// TestSquatterKeepsNoToken: somebody signs up with the address of another,
// makes an access token and waits. The person sets a password by mail and
// accepts an invitation; the token reaches nothing of what is shared then.
func TestSquatterKeepsNoToken(t *testing.T) {
	w := newWorld(t)
	up := ops.UserSignUpInput{}
	up.Body.Email, up.Body.Password = "dora@example.org", holm.NewSecret(password)
	squatter, err := call(w, "nobody", ops.UserSignUp, up)
	must(t, err)
	w.people["squatter"], err = w.door.Authenticate(context.Background(), squatter.Token, dispatch.Caller{Road: holm.RoadAPI, Address: "198.51.100.66"})
	must(t, err)
	c, made := w.token("squatter", func(*ops.TokenCreateInput) {})
	must(t, callAs(w, c, ops.UserShow, ops.UserShowInput{}))

	forget := ops.PasswordForgetInput{}
	forget.Body.Email = "dora@example.org"
	_, err = call(w, "nobody", ops.PasswordForget, forget)
	must(t, err)
	link := w.letters[len(w.letters)-1]
	if link.Kind != holm.LetterPasswordReset {
		t.Fatalf("the last letter is %s", link.Kind)
	}
	must(t, w.resetPassword(strings.TrimPrefix(link.Path, "/password/")))
	in := ops.SessionCreateInput{}
	in.Body.Email, in.Body.Password = "dora@example.org", holm.NewSecret("another long password")
	dora, err := call(w, "nobody", ops.SessionCreate, in)
	must(t, err)
	w.people["dora"], err = w.door.Authenticate(context.Background(), dora.Token, dispatch.Caller{Road: holm.RoadAPI, Address: "192.0.2.44"})
	must(t, err)

	invite := ops.CollaboratorInviteInput{OfAccount: ops.OfAccount{Account: "me"}}
	invite.Body.Email = "dora@example.org"
	invite.Body.Environments = []ops.Share{{Environment: "shop", Level: string(holm.LevelFull)}}
	_, err = call(w, "owner", ops.CollaboratorInvite, invite)
	must(t, err)
	w.write(func(tx *store.Tx) error {
		c, err := tx.Collaborator(w.account.ID, "dora@example.org")
		if err != nil {
			return err
		}
		return tx.SetLink(c.ID, dispatch.HashToken("for dora"), w.now.Add(time.Hour))
	})
	_, err = call(w, "dora", ops.InvitationAccept, ops.InvitationAcceptInput{Token: holm.NewSecret("for dora")})
	must(t, err)
	_, err = call(w, "dora", ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: shop})
	must(t, err)

	_, err = w.door.Authenticate(context.Background(), made.Token, dispatch.Caller{Road: holm.RoadAPI})
	w.refuses("the squatter's token", err, holm.CodeUnauthorized)
	w.refuses("who held it", callAs(w, c, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: shop}), holm.CodeUnauthorized)
	list, err := call(w, "dora", ops.TokenList, ops.TokenListInput{})
	must(t, err)
	if len(list.Items) != 0 {
		t.Errorf("tokens: %+v", list.Items)
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
