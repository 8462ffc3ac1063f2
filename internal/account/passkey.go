package account

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// relyingParty makes what passkeys are bound to: the host of the dashboard.
// Browsers offer passkeys over HTTPS, and for a name rather than an address;
// only for the machine itself they take plain HTTP, as localhost. nil where
// there is no such address.
func relyingParty(publicURL string) (*webauthn.WebAuthn, string) {
	u, err := url.Parse(publicURL)
	if err != nil || u.Hostname() == "" {
		return nil, ""
	}
	host := u.Hostname()
	address, err := netip.ParseAddr(host)
	switch {
	case err == nil && !address.IsLoopback():
		return nil, ""
	case err == nil:
		u.Host = strings.Replace(u.Host, host, "localhost", 1)
		if address.Is6() {
			u.Host = "localhost"
			if port := u.Port(); port != "" {
				u.Host += ":" + port
			}
		}
		host = "localhost"
	}
	if u.Scheme != "https" && host != "localhost" && !strings.HasSuffix(host, ".localhost") {
		return nil, ""
	}
	origin := u.Scheme + "://" + u.Host
	rp, err := webauthn.New(&webauthn.Config{RPID: host, RPDisplayName: "Holm", RPOrigins: []string{origin}})
	if err != nil {
		return nil, ""
	}
	return rp, origin
}

// holder is a person as the library wants them.
type holder struct {
	user        holm.User
	credentials []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return []byte(h.user.ID) }
func (h holder) WebAuthnName() string                       { return h.user.Email }
func (h holder) WebAuthnDisplayName() string                { return h.user.Email }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.credentials }

func holderOf(tx *store.Tx, u holm.User) (h holder, err error) {
	h.user = u
	keys, err := tx.Passkeys(u.ID)
	for _, k := range keys {
		var c webauthn.Credential
		if err == nil {
			err = json.Unmarshal(k.Credential, &c)
		}
		h.credentials = append(h.credentials, c)
	}
	return h, err
}

// challenge is what a device was asked, sealed until the answer comes.
type challenge struct {
	User    holm.UserID
	Session webauthn.SessionData
	Until   time.Time
}

// What a challenge is for; an answer to one is none to another.
const (
	sealRegister = "passkey register"
	sealPasskey  = "passkey sign-in"
	sealSecond   = "passkey second step"
)

func noPasskeys() error {
	return holm.Errorf(holm.CodeConflict, "Passkeys need a host name and HTTPS, and this installation is not reached by either; its operator sets its address with --public-url.")
}

func asked(s *dispatch.Scope, purpose string, user holm.UserID, session *webauthn.SessionData, options any) (*ops.PasskeyChallenge, error) {
	state, err := sealed(s.Tx, purpose, challenge{User: user, Session: *session, Until: s.Now().Add(stepTTL)})
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(options)
	if err != nil {
		return nil, err
	}
	c := &ops.PasskeyChallenge{State: state}
	return c, json.Unmarshal(raw, &c.Options)
}

// answered opens the challenge of an answer. Each is answered once.
func answered(s *dispatch.Scope, purpose string, a *ops.PasskeyAnswer) (c challenge, credential []byte, err error) {
	if unsealed(s.Tx, purpose, a.State, &c) != nil || !s.Now().Before(c.Until) {
		return c, nil, holm.Errorf(holm.CodeUnauthorized, "The question to the passkey is too long ago; try again.")
	}
	fresh, err := s.Tx.AnswerChallenge(dispatch.HashToken(c.Session.Challenge), c.Until)
	if err != nil {
		return c, nil, err
	}
	if !fresh {
		return c, nil, holm.Errorf(holm.CodeUnauthorized, "This answer of the passkey was used already; try again.")
	}
	credential, err = json.Marshal(a.Credential)
	return c, credential, err
}

func wrongPasskey(cause error) error {
	return holm.Wrap(holm.CodeUnauthorized, cause, "This passkey is not known here, or its answer is wrong.")
}

func passkeyView(k holm.Passkey) ops.PasskeyView {
	return ops.PasskeyView{ID: k.ID, Name: k.Name, CreatedAt: k.CreatedAt, UsedAt: ops.TimeOrNull(k.UsedAt)}
}

// credentialID is how the store knows a credential.
func credentialID(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func (f *Feature) preparePasskey(ctx context.Context, c dispatch.Caller, in *ops.PasskeyCreateInput) (proven, error) {
	if in.Body.Answer == nil {
		return proven{}, nil
	}
	return f.prove(ctx, c, in.Body.CurrentPassword)
}

func (f *Feature) createPasskey(s *dispatch.Scope, in *ops.PasskeyCreateInput) (out ops.PasskeyCreated, err error) {
	if f.rp == nil {
		return out, noPasskeys()
	}
	h, err := holderOf(s.Tx, s.User)
	if err != nil {
		return out, err
	}
	out.RecoveryCodes = []string{}
	if in.Body.Answer == nil {
		out.Challenge, err = f.askRegister(s, h)
		return out, err
	}
	s.Note("answer", "given")
	if err := s.Prepared.(proven).holds(s); err != nil {
		return out, err
	}
	name := in.Body.Name
	if name == "" {
		name = "Passkey"
	}
	if err := holm.CheckLine("name", name, 100); err != nil {
		return out, err
	}
	c, raw, err := answered(s, sealRegister, in.Body.Answer)
	if err != nil {
		return out, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(raw)
	if err != nil || c.User != s.User.ID {
		return out, wrongPasskey(err)
	}
	credential, err := f.rp.CreateCredential(h, c.Session, parsed)
	if err != nil {
		return out, wrongPasskey(err)
	}
	kept, err := json.Marshal(credential)
	if err != nil {
		return out, err
	}
	key, err := s.Tx.CreatePasskey(holm.Passkey{User: s.User.ID, Name: name, Credential: kept}, credentialID(credential.ID))
	if err != nil {
		return out, err
	}
	s.About(name)
	f.changed(s, "The passkey "+name+" was added.")
	v := passkeyView(key)
	out.Passkey = &v
	out.RecoveryCodes, err = f.factorChanged(s, s.User.Factor)
	return out, err
}

// askRegister asks for a passkey that can be found without a name typed, and
// that is not one of those registered already.
func (f *Feature) askRegister(s *dispatch.Scope, h holder) (*ops.PasskeyChallenge, error) {
	creation, session, err := f.rp.BeginRegistration(h, webauthn.WithResidentKeyRequirement(protocol.ResidentKeyRequirementRequired),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired}),
		webauthn.WithExclusions(webauthn.Credentials(h.credentials).CredentialDescriptors()))
	if err != nil {
		return nil, err
	}
	return asked(s, sealRegister, s.User.ID, session, creation.Response)
}

// begin says how one can sign in, and begins with a passkey or at a provider.
func (f *Feature) begin(s *dispatch.Scope, in *ops.SessionBeginInput) (v ops.SessionBegun, err error) {
	v = ops.SessionBegun{PasskeyOrigin: f.origin, Provider: f.providerName()}
	switch in.With {
	case "passkey":
		v.Challenge, err = f.askPasskey(s, in.StepToken)
	case "provider":
		v.Start, err = f.providerStart(s, purposeSignIn)
	case "link":
		if s.User.ID == "" {
			return v, holm.Errorf(holm.CodeUnauthorized, "Sign in first, then link the login.")
		}
		v.Start, err = f.providerStart(s, purposeLink)
	}
	return v, err
}

func (f *Feature) askPasskey(s *dispatch.Scope, first holm.Secret) (*ops.PasskeyChallenge, error) {
	if f.rp == nil {
		return nil, noPasskeys()
	}
	if first.Empty() {
		assertion, session, err := f.rp.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
		if err != nil {
			return nil, err
		}
		return asked(s, sealPasskey, "", session, assertion.Response)
	}
	u, _, err := openStep(s.Tx, first)
	if err != nil {
		return nil, err
	}
	h, err := holderOf(s.Tx, u)
	if err != nil {
		return nil, err
	}
	if len(h.credentials) == 0 {
		return nil, holm.Errorf(holm.CodeConflict, "There is no passkey of this login; use another second factor.")
	}
	assertion, session, err := f.rp.BeginLogin(h, webauthn.WithUserVerification(protocol.VerificationPreferred))
	if err != nil {
		return nil, err
	}
	return asked(s, sealSecond, u.ID, session, assertion.Response)
}

// passkeySignIn finds whose passkey answered, where that is the whole sign-in.
func (f *Feature) passkeySignIn(s *dispatch.Scope, a *ops.PasskeyAnswer) (u holm.User, err error) {
	if f.rp == nil {
		return u, noPasskeys()
	}
	c, raw, err := answered(s, sealPasskey, a)
	if err != nil {
		return u, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(raw)
	if err != nil {
		return u, wrongPasskey(err)
	}
	var failed error
	find := func(rawID, handle []byte) (webauthn.User, error) {
		var key holm.Passkey
		if key, failed = s.Tx.PasskeyByCredential(credentialID(rawID)); failed != nil {
			return nil, failed
		}
		if !bytes.Equal([]byte(key.User), handle) {
			return nil, store.ErrNone
		}
		if u, failed = s.Tx.User(key.User); failed != nil {
			return nil, failed
		}
		var h holder
		h, failed = holderOf(s.Tx, u)
		return h, failed
	}
	_, credential, err := f.rp.ValidatePasskeyLogin(find, c.Session, parsed)
	if failed != nil && !missing(failed) {
		return u, failed
	}
	if err != nil {
		return u, wrongPasskey(err)
	}
	return u, f.usedPasskey(s, u, credential)
}

// passkeyStep checks a passkey as second step.
func (f *Feature) passkeyStep(s *dispatch.Scope, u holm.User, a *ops.PasskeyAnswer) error {
	if f.rp == nil {
		return noPasskeys()
	}
	c, raw, err := answered(s, sealSecond, a)
	if err != nil {
		return err
	}
	if c.User != u.ID {
		return wrongPasskey(nil)
	}
	h, err := holderOf(s.Tx, u)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(raw)
	if err != nil {
		return wrongPasskey(err)
	}
	credential, err := f.rp.ValidateLogin(h, c.Session, parsed)
	if err != nil {
		return wrongPasskey(err)
	}
	return f.usedPasskey(s, u, credential)
}

// usedPasskey notes a use. A counter that went backwards means that there are
// two of a key that cannot be copied.
func (f *Feature) usedPasskey(s *dispatch.Scope, u holm.User, credential *webauthn.Credential) error {
	if credential.Authenticator.CloneWarning {
		return holm.Errorf(holm.CodeUnauthorized, "This passkey has counted backwards, as a copy would; it is not taken. Sign in another way and remove it.")
	}
	key, err := s.Tx.PasskeyByCredential(credentialID(credential.ID))
	if err != nil || key.User != u.ID {
		return wrongPasskey(err)
	}
	kept, err := json.Marshal(credential)
	if err != nil {
		return err
	}
	s.Note("passkey", key.Name)
	return s.Tx.UsePasskey(key.ID, kept)
}

func (f *Feature) renamePasskey(s *dispatch.Scope, in *ops.PasskeyUpdateInput) (v ops.PasskeyView, err error) {
	if err := holm.CheckLine("name", in.Body.Name, 100); err != nil {
		return v, err
	}
	if in.Body.Name == "" {
		return v, holm.Invalid("name", "Write what to call the passkey, for example the device that has it.")
	}
	keys, err := s.Tx.Passkeys(s.User.ID)
	if err != nil {
		return v, err
	}
	for _, k := range keys {
		if k.ID == in.Passkey {
			s.About(in.Body.Name)
			s.Note("was_name", k.Name)
			k.Name = in.Body.Name
			return passkeyView(k), s.Tx.RenamePasskey(s.User.ID, k.ID, k.Name)
		}
	}
	return v, holm.ErrNotFound()
}

func (f *Feature) deletePasskey(s *dispatch.Scope, in *ops.PasskeyDeleteInput) (ops.None, error) {
	if err := s.Prepared.(proven).holds(s); err != nil {
		return ops.None{}, err
	}
	keys, err := s.Tx.Passkeys(s.User.ID)
	if err != nil {
		return ops.None{}, err
	}
	for _, k := range keys {
		if k.ID != in.Passkey {
			continue
		}
		if err := f.keepsAWayIn(s, "", k.ID); err != nil {
			return ops.None{}, err
		}
		if _, err := s.Tx.DeletePasskey(s.User.ID, k.ID); err != nil {
			return ops.None{}, err
		}
		s.About(k.Name)
		f.changed(s, "The passkey "+k.Name+" was removed.")
		_, err := f.factorChanged(s, true)
		return ops.None{}, err
	}
	return ops.None{}, holm.ErrNotFound()
}

// keepsAWayIn refuses to take a person's last way to sign in away.
func (f *Feature) keepsAWayIn(s *dispatch.Scope, identity, passkey string) error {
	hash, err := s.Tx.PasswordHash(s.User.ID)
	if err != nil || hash != "" {
		return err
	}
	keys, err := s.Tx.Passkeys(s.User.ID)
	if err != nil {
		return err
	}
	identities, err := s.Tx.Identities(s.User.ID)
	if err != nil {
		return err
	}
	ways := 0
	for _, k := range keys {
		if k.ID != passkey {
			ways++
		}
	}
	for _, i := range identities {
		if i.ID != identity {
			ways++
		}
	}
	if ways == 0 {
		return holm.Errorf(holm.CodeConflict, "This is your only way to sign in; set a password first (“Forgot your password?” on the sign-in page mails a link).")
	}
	return nil
}
