package app

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// token makes an access token for a person and gives the caller that it is.
func (w *world) token(kind string, change func(*ops.TokenCreateInput)) (dispatch.Caller, ops.TokenCreated) {
	w.t.Helper()
	in := ops.TokenCreateInput{}
	in.Body.Name = "script"
	change(&in)
	out, err := call(w, kind, ops.TokenCreate, in)
	must(w.t, err)
	c, err := w.door.Authenticate(context.Background(), out.Token, dispatch.Caller{Road: holm.RoadAPI, Address: "192.0.2.9"})
	must(w.t, err)
	return c, out
}

// as asks as any caller.
func callAs[I ops.Input, O any](w *world, c dispatch.Caller, op ops.Op[I, O], in I) error {
	_, err := dispatch.Call(context.Background(), w.door, c, op, in)
	return err
}

func callAsFor[I ops.Input, O any](w *world, c dispatch.Caller, op ops.Op[I, O], in I) (O, error) {
	return dispatch.Call(context.Background(), w.door, c, op, in)
}

func (w *world) refuses(what string, err error, want holm.Code) {
	w.t.Helper()
	if err == nil || holm.CodeOf(err) != want {
		w.t.Errorf("%s: %v, want %s", what, err, want)
	}
}

var shop = ops.OfEnvironment{Environment: "shop"}

func TestAccessTokensAreNarrow(t *testing.T) {
	w := newWorld(t)
	in := ops.EnvironmentCreateInput{OfAccount: ops.OfAccount{Account: "me"}}
	in.Body.Name, in.Body.Layers = "blog", []ops.LayerInput{{Role: "app", Stack: "static", Nodes: 1, Cloudlets: 1}}
	_, err := call(w, "owner", ops.EnvironmentCreate, in)
	must(t, err)
	c, made := w.token("owner", func(in *ops.TokenCreateInput) {
		in.Body.Permissions, in.Body.Environments = []string{"environment.stop"}, []string{"shop"}
	})
	if !strings.HasPrefix(made.Token, "holm_pat_") || len(made.Token) != len("holm_pat_")+43+6 {
		t.Errorf("the token %q", made.Token)
	}
	must(t, callAs(w, c, ops.EnvironmentStop, ops.EnvironmentStopInput{OfEnvironment: shop}))
	must(t, callAs(w, c, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: shop}))
	w.refuses("a permission it does not carry", callAs(w, c, ops.EnvironmentStart, ops.EnvironmentStartInput{OfEnvironment: shop}), holm.CodeForbidden)
	blog := ops.OfEnvironment{Environment: "blog"}
	missing := callAs(w, c, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: "no-such"}})
	there := callAs(w, c, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: blog})
	w.refuses("an environment it does not reach", there, holm.CodeNotFound)
	if there.Error() != missing.Error() {
		t.Errorf("what is not reached is told apart: %v, %v", there, missing)
	}
	page, err := dispatch.Call(context.Background(), w.door, c, ops.EnvironmentList, ops.EnvironmentListInput{})
	must(t, err)
	if len(page.Items) != 1 || page.Items[0].Name != "shop" || len(page.Items[0].Permissions) != 2 {
		t.Errorf("the list has %+v", page.Items)
	}
	w.refuses("the account", callAs(w, c, ops.CollaboratorList, ops.CollaboratorListInput{OfAccount: ops.OfAccount{Account: "me"}}), holm.CodeForbidden)
	w.refuses("another environment", callAs(w, c, ops.EnvironmentCreate, in), holm.CodeForbidden)

	row := w.audit(w.account.ID)
	if raw, _ := json.Marshal(row); strings.Contains(string(raw), made.Token) || !strings.Contains(string(raw), `"access_token":"script"`) {
		t.Errorf("the log: %s", raw)
	}
}

// A token can do nothing that would make it, or who holds it, into more.
func TestAccessTokensCannotGrow(t *testing.T) {
	w := newWorld(t)
	c, _ := w.token("owner", func(*ops.TokenCreateInput) {})
	create := ops.TokenCreateInput{}
	create.Body.Name = "more"
	update := ops.UserUpdateInput{}
	update.Body.Password, update.Body.CurrentPassword = holm.NewSecret("a new and long password"), holm.NewSecret(password)
	for what, err := range map[string]error{
		"another token": callAs(w, c, ops.TokenCreate, create), "a password": callAs(w, c, ops.UserUpdate, update),
		"a one-time code": callAs(w, c, ops.TOTPEnable, ops.TOTPEnableInput{}), "a passkey": callAs(w, c, ops.PasskeyCreate, ops.PasskeyCreateInput{}),
		"ending sessions": callAs(w, c, ops.SessionDelete, ops.SessionDeleteInput{Session: "others"}), "looking at sessions": callAs(w, c, ops.SessionList, ops.SessionListInput{}),
		"recovery codes": callAs(w, c, ops.RecoveryCreate, ops.RecoveryCreateInput{}), "what one signs in with": callAs(w, c, ops.UserSecurity, ops.UserSecurityInput{}),
	} {
		w.refuses(what, err, holm.CodeForbidden)
	}
	must(t, callAs(w, c, ops.EnvironmentStop, ops.EnvironmentStopInput{OfEnvironment: shop}))
	viewer, _ := w.token("limited", func(in *ops.TokenCreateInput) {
		in.Body.Permissions = []string{"environment.delete", "environment.start"}
	})
	w.refuses("what its person may not do", callAs(w, viewer, ops.EnvironmentDelete, ops.EnvironmentDeleteInput{OfEnvironment: shop, Confirm: "shop"}), holm.CodeForbidden)
	stranger := ops.TokenCreateInput{}
	stranger.Body.Name, stranger.Body.Environments = "reach", []string{"shop"}
	_, err := call(w, "stranger", ops.TokenCreate, stranger)
	w.refuses("an environment of others", err, holm.CodeInvalid)
	invitation := ops.InvitationAcceptInput{Token: holm.NewSecret("pending")}
	w.refuses("accepting", callAs(w, c, ops.InvitationAccept, invitation), holm.CodeForbidden)
}

func TestAccessTokensEndAtOnce(t *testing.T) {
	for _, kind := range []string{"full", "owner"} {
		t.Run(kind, func(t *testing.T) { tokensEndAtOnce(t, kind) })
	}
}

func tokensEndAtOnce(t *testing.T, kind string) {
	w := newWorld(t)
	end := w.now.Add(300 * time.Millisecond)
	for name, finish := range map[string]func(made ops.TokenCreated){
		"revoked": func(made ops.TokenCreated) {
			_, err := call(w, kind, ops.TokenDelete, ops.TokenDeleteInput{Token: made.ID})
			must(t, err)
		},
		"ended": func(ops.TokenCreated) { w.now = end },
	} {
		c, made := w.token(kind, func(in *ops.TokenCreateInput) {
			if name == "ended" {
				in.Body.Until = &end
			}
		})
		stream, err := w.door.Follow(context.Background(), c, "shop", 0)
		must(t, err)
		finish(made)
		select {
		case <-stream.Session.Done():
		case <-time.After(5 * time.Second):
			t.Fatalf("%s: the stream is still open", name)
		}
		if !stream.Session.WasCut() {
			t.Errorf("%s: %v", name, context.Cause(stream.Session))
		}
		w.refuses(name, callAs(w, c, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: shop}), holm.CodeUnauthorized)
		_, err = w.door.Authenticate(context.Background(), made.Token, dispatch.Caller{})
		w.refuses(name, err, holm.CodeUnauthorized)
	}
	for _, l := range w.letters {
		if l.Kind == holm.LetterTokenAdded && l.To == kind+"@example.org" {
			return
		}
	}
	t.Error("nobody was told of the tokens")
}

// code gives the one-time code of a secret at the moment of the world.
func (w *world) code(secret string, after time.Duration) holm.Secret {
	w.t.Helper()
	code, err := totp.GenerateCode(secret, w.now.Add(after))
	must(w.t, err)
	return holm.NewSecret(code)
}

// enrol turns the one-time code on for a person.
func (w *world) enrol(kind string) (secret string, recovery []string) {
	w.t.Helper()
	v, err := call(w, kind, ops.TOTPEnable, ops.TOTPEnableInput{})
	must(w.t, err)
	in := ops.TOTPEnableInput{}
	in.Body.Code, in.Body.CurrentPassword = w.code(v.Secret, 0), holm.NewSecret(password)
	on, err := call(w, kind, ops.TOTPEnable, in)
	must(w.t, err)
	if !on.Enabled || on.Secret != "" || len(on.RecoveryCodes) != 10 {
		w.t.Fatalf("turned on: %+v", on)
	}
	w.now = w.now.Add(time.Minute)
	return v.Secret, on.RecoveryCodes
}

// signIn does the first step and gives what the second is asked for with.
func (w *world) signIn(kind string) holm.Secret {
	w.t.Helper()
	in := ops.SessionCreateInput{}
	in.Body.Email, in.Body.Password = kind+"@example.org", holm.NewSecret(password)
	_, err := call(w, "nobody", ops.SessionCreate, in)
	w.refuses("the first step alone", err, holm.CodeUnauthorized)
	second := holm.AsError(err).SecondFactor
	if second == nil {
		w.t.Fatal("no second step is asked for")
	}
	return holm.NewSecret(second.Token)
}

func (w *world) second(step holm.Secret, code, recovery holm.Secret) error {
	in := ops.SessionCreateInput{}
	in.Body.StepToken, in.Body.Code, in.Body.RecoveryCode = step, code, recovery
	_, err := call(w, "nobody", ops.SessionCreate, in)
	return err
}

func TestOneTimeCodesServeOnce(t *testing.T) {
	w := newWorld(t)
	secret, recovery := w.enrol("full")
	none := holm.Secret{}
	step := w.signIn("full")
	w.refuses("a wrong code", w.second(step, holm.NewSecret("000000"), none), holm.CodeUnauthorized)
	must(t, w.second(step, w.code(secret, 0), none))
	w.refuses("the same code again", w.second(w.signIn("full"), w.code(secret, 0), none), holm.CodeUnauthorized)
	w.refuses("a code of before", w.second(w.signIn("full"), w.code(secret, -30*time.Second), none), holm.CodeUnauthorized)
	w.refuses("a code of long ago", w.second(w.signIn("full"), w.code(secret, -5*time.Minute), none), holm.CodeUnauthorized)

	must(t, w.second(w.signIn("full"), none, holm.NewSecret(strings.ToUpper(recovery[0]))))
	w.refuses("a recovery code again", w.second(w.signIn("full"), none, holm.NewSecret(recovery[0])), holm.CodeUnauthorized)
	v, err := call(w, "full", ops.UserSecurity, ops.UserSecurityInput{})
	must(t, err)
	if v.RecoveryCodesLeft != 9 || !v.TOTP {
		t.Errorf("security: %+v", v)
	}
	stale := w.signIn("full")
	w.now = w.now.Add(11 * time.Minute)
	w.refuses("a first step of long ago", w.second(stale, w.code(secret, 0), none), holm.CodeUnauthorized)
	w.refuses("a made-up first step", w.second(holm.NewSecret("made-up"), w.code(secret, 0), none), holm.CodeUnauthorized)

	must(t, w.store.Read(context.Background(), func(tx *store.Tx) error {
		u, err := tx.UserByEmail("full@example.org")
		must(t, err)
		c, err := tx.TOTPOf(u.ID)
		if strings.Contains(c.Secret, secret) {
			t.Error("the secret lies open in the database")
		}
		return err
	}))
	raw, _ := json.Marshal(w.audit(must2(t, w, "full")))
	for _, hidden := range append([]string{secret}, recovery...) {
		if strings.Contains(string(raw), hidden) {
			t.Errorf("the log has %s", hidden)
		}
	}
	if !strings.Contains(string(raw), "second factor is needed") {
		t.Error("the log does not tell of the first step")
	}
}

// must2 gives the own account of a person.
func must2(t *testing.T, w *world, kind string) (id holm.AccountID) {
	t.Helper()
	must(t, w.store.Read(context.Background(), func(tx *store.Tx) error {
		a, err := tx.AccountOf(w.people[kind].User)
		id = a.ID
		return err
	}))
	return id
}

// Whoever has the password cannot try all codes, from however many addresses.
func TestSecondStepsAreLimited(t *testing.T) {
	w := newWorld(t)
	secret, _ := w.enrol("full")
	step := w.signIn("full")
	tries := 0
	for ; tries < 50; tries++ {
		if err := w.second(step, holm.NewSecret("000000"), holm.Secret{}); holm.CodeOf(err) == holm.CodeTooMany {
			break
		}
	}
	if tries > 15 {
		t.Errorf("%d codes could be tried", tries)
	}
	w.refuses("the right code, too late", w.second(step, w.code(secret, 0), holm.Secret{}), holm.CodeTooMany)
	w.now = w.now.Add(11 * time.Minute)
	must(t, w.second(w.signIn("full"), w.code(secret, 0), holm.Secret{}))
}

// What people guess at their own second step holds nobody else up.
func TestSecondStepsOfOthersGoOn(t *testing.T) {
	w := newWorld(t)
	secret, _ := w.enrol("full")
	wrong := holm.NewSecret("000000")
	for _, other := range []string{"admin", "limited", "none", "expired", "stranger", "operator"} {
		w.enrol(other)
	}
	for _, other := range []string{"admin", "limited", "none", "expired", "stranger", "operator"} {
		step := w.signIn(other)
		for range 10 {
			w.refuses(other, w.second(step, wrong, holm.Secret{}), holm.CodeUnauthorized)
		}
	}
	step := w.signIn("full")
	w.refuses("a slip", w.second(step, wrong, holm.Secret{}), holm.CodeUnauthorized)
	must(t, w.second(step, w.code(secret, 0), holm.Secret{}))
}

func TestFactorNeedsThePassword(t *testing.T) {
	w := newWorld(t)
	w.enrol("full")
	off := ops.TOTPDisableInput{}
	_, err := call(w, "full", ops.TOTPDisable, off)
	w.refuses("turning it off without the password", err, holm.CodeInvalid)
	off.Body.CurrentPassword = holm.NewSecret("another password")
	_, err = call(w, "full", ops.TOTPDisable, off)
	w.refuses("turning it off with a wrong one", err, holm.CodeInvalid)
	off.Body.CurrentPassword = holm.NewSecret(password)
	_, err = call(w, "full", ops.TOTPDisable, off)
	must(t, err)
	in := ops.SessionCreateInput{}
	in.Body.Email, in.Body.Password = "full@example.org", holm.NewSecret(password)
	_, err = call(w, "nobody", ops.SessionCreate, in)
	must(t, err)
}

func TestSecondFactorOfCollaborators(t *testing.T) {
	w := newWorld(t)
	w.enrol("limited")
	stream, err := w.door.Follow(context.Background(), w.people["full"], "shop", 0)
	must(t, err)
	kept, err := w.door.Follow(context.Background(), w.people["limited"], "shop", 0)
	must(t, err)
	in := ops.AccountSecureInput{OfAccount: ops.OfAccount{Account: "me"}}
	in.Body.SecondFactorRequired = true
	v, err := call(w, "owner", ops.AccountSecure, in)
	must(t, err)
	if !v.SecondFactorRequired || v.Without != 4 { // admin, full, none, expired
		t.Errorf("asked: %+v", v)
	}
	select {
	case <-stream.Session.Done():
	case <-time.After(5 * time.Second):
		t.Fatal("the stream of who has none is still open")
	}
	if kept.Session.Err() != nil {
		t.Error("the stream of who has one was cut")
	}
	_, err = call(w, "full", ops.EnvironmentStop, ops.EnvironmentStopInput{OfEnvironment: shop})
	w.refuses("without one", err, holm.CodeForbidden)
	if !strings.Contains(err.Error(), "one-time code") {
		t.Errorf("the refusal does not say what to do: %v", err)
	}
	_, err = call(w, "none", ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: shop})
	w.refuses("who may not see it", err, holm.CodeNotFound)
	page, err := call(w, "full", ops.EnvironmentList, ops.EnvironmentListInput{})
	must(t, err)
	list, err := call(w, "full", ops.CollaborationList, ops.CollaborationListInput{})
	must(t, err)
	if len(page.Items) != 0 || len(list.Items) != 1 || !list.Items[0].SecondFactorNeeded {
		t.Errorf("lists: %+v %+v", page.Items, list.Items)
	}
	must(t, callAs(w, w.people["limited"], ops.EnvironmentStop, ops.EnvironmentStopInput{OfEnvironment: shop}))
	must(t, callAs(w, w.people["owner"], ops.EnvironmentStart, ops.EnvironmentStartInput{OfEnvironment: shop}))
	people, err := call(w, "owner", ops.CollaboratorList, ops.CollaboratorListInput{OfAccount: ops.OfAccount{Account: "me"}})
	must(t, err)
	for _, c := range people.Items {
		if c.SecondFactor != (c.Email == "limited@example.org") {
			t.Errorf("%s: second factor %v", c.Email, c.SecondFactor)
		}
	}
	w.enrol("full")
	must(t, callAs(w, w.people["full"], ops.EnvironmentStop, ops.EnvironmentStopInput{OfEnvironment: shop}))
	told := 0
	for _, l := range w.letters {
		if l.Kind == holm.LetterFactorWanted {
			told++
		}
	}
	if told != 4 {
		t.Errorf("%d people were told", told)
	}
}

func TestNewDeviceIsTold(t *testing.T) {
	w := newWorld(t)
	signIn := func(device, browser, address string) int {
		in := ops.SessionCreateInput{}
		in.Body.Email, in.Body.Password = "stranger@example.org", holm.NewSecret(password)
		must(t, callAs(w, dispatch.Caller{Road: holm.RoadDashboard, Device: device, DeviceKey: browser, Address: address}, ops.SessionCreate, in))
		n := 0
		for _, l := range w.letters {
			if l.Kind == holm.LetterNewDevice {
				n++
			}
		}
		return n
	}
	for _, c := range []struct {
		what, device, browser, address string
		letters                        int
	}{
		{"the first ever", "Firefox/140", "aaa", "192.0.2.1", 0},
		{"the same from elsewhere", "Firefox/141", "aaa", "198.51.100.1", 0},
		{"another browser", "Firefox/140", "bbb", "192.0.2.1", 1},
		{"a script", "holm/1.2", "", "192.0.2.1", 2},
		{"its next version", "holm/1.3", "", "192.0.2.1", 2},
		{"the same script elsewhere", "holm/1.3", "", "198.51.100.1", 3},
		{"a browser whose cookie names the script", "Firefox/140", dispatch.HashToken("holm/ 192.0.2.1"), "203.0.113.9", 4},
	} {
		if n := signIn(c.device, c.browser, c.address); n != c.letters {
			t.Errorf("%s: %d letters, want %d", c.what, n, c.letters)
		}
	}
}

func TestEndingTheOtherSessions(t *testing.T) {
	w := newWorld(t)
	in := ops.SessionCreateInput{}
	in.Body.Email, in.Body.Password = "full@example.org", holm.NewSecret(password)
	other, err := call(w, "nobody", ops.SessionCreate, in)
	must(t, err)
	c, err := w.door.Authenticate(context.Background(), other.Token, dispatch.Caller{})
	must(t, err)
	stream, err := w.door.Follow(context.Background(), c, "shop", 0)
	must(t, err)
	_, err = call(w, "full", ops.SessionDelete, ops.SessionDeleteInput{Session: "others"})
	must(t, err)
	select {
	case <-stream.Session.Done():
	case <-time.After(5 * time.Second):
		t.Fatal("the other session's stream is still open")
	}
	_, err = w.door.Authenticate(context.Background(), other.Token, dispatch.Caller{})
	w.refuses("the other session", err, holm.CodeUnauthorized)
	list, err := call(w, "full", ops.SessionList, ops.SessionListInput{})
	must(t, err)
	if len(list.Items) != 1 || !list.Items[0].Current {
		t.Errorf("left: %+v", list.Items)
	}
}
