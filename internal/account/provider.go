package account

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// ProviderOptions say where an installation's sign-in provider is, by OpenID
// Connect.
type ProviderOptions struct {
	Issuer   string // its address; "" for no provider
	ClientID string
	Secret   holm.Secret
	Name     string // as people know it; the host of the issuer when empty
}

// CallbackPath is where a provider leads people back to, on the dashboard.
const CallbackPath = "/sign-in/provider/back"

// What a round trip to the provider is for.
const (
	purposeSignIn = "provider sign-in"
	purposeLink   = "provider link"
)

// providerPatience is how long a provider may take to answer.
const providerPatience = 10 * time.Second

// provider is the sign-in provider. It is asked about itself when it is first
// needed, so that Holm starts without it.
type provider struct {
	o        ProviderOptions
	redirect string
	mu       sync.Mutex
	found    *oidc.Provider
}

// trip is a round trip to the provider, sealed until it comes back.
type trip struct {
	User     holm.UserID
	Nonce    string
	Verifier string // of PKCE
	Until    time.Time
}

// claims are what a provider says of a person.
type claims struct {
	Issuer   string
	Subject  string
	Nonce    string
	Email    string `json:"email"`
	Verified bool   `json:"email_verified"`
	Name     string `json:"name"`
	Until    time.Time
}

func newProvider(o Options) *provider {
	if o.Provider.Issuer == "" {
		return nil
	}
	p := &provider{o: o.Provider, redirect: o.PublicURL + CallbackPath}
	if p.o.Name == "" {
		p.o.Name = p.o.Issuer
		if u, err := url.Parse(p.o.Issuer); err == nil && u.Host != "" {
			p.o.Name = u.Hostname()
		}
	}
	return p
}

func (f *Feature) providerName() string {
	if f.provider == nil {
		return ""
	}
	return f.provider.o.Name
}

func noProvider() error {
	return holm.Errorf(holm.CodeConflict, "This installation has no sign-in provider; its operator sets one with --oidc-issuer.")
}

// config asks the provider about itself, once.
func (p *provider) config(ctx context.Context) (*oauth2.Config, *oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found == nil {
		// The context given here is kept by the library for fetching keys later.
		found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), &http.Client{Timeout: providerPatience}), p.o.Issuer)
		if err != nil {
			return nil, nil, holm.Wrap(holm.CodeUnavailable, err, "The sign-in provider %s does not answer as one; try again later or sign in with your password.", p.o.Name)
		}
		p.found = found
	}
	return &oauth2.Config{ClientID: p.o.ClientID, ClientSecret: p.o.Secret.Reveal(), Endpoint: p.found.Endpoint(), RedirectURL: p.redirect,
		Scopes: []string{oidc.ScopeOpenID, "email", "profile"}}, p.found, nil
}

// prepareBegin has the provider found before the transaction.
func (f *Feature) prepareBegin(ctx context.Context, _ dispatch.Caller, in *ops.SessionBeginInput) (*oauth2.Config, error) {
	if f.provider == nil || in.With != "provider" && in.With != "link" {
		return nil, nil
	}
	c, _, err := f.provider.config(ctx)
	return c, err
}

func (f *Feature) providerStart(s *dispatch.Scope, purpose string) (*ops.ProviderStart, error) {
	c, _ := s.Prepared.(*oauth2.Config)
	if c == nil {
		return nil, noProvider()
	}
	raw := make([]byte, 16)
	rand.Read(raw)
	t := trip{User: s.User.ID, Nonce: base64.RawURLEncoding.EncodeToString(raw), Verifier: oauth2.GenerateVerifier(), Until: s.Now().Add(stepTTL)}
	if purpose == purposeSignIn {
		t.User = ""
	}
	state, err := sealed(s.Tx, purpose, t)
	return &ops.ProviderStart{State: state, URL: c.AuthCodeURL(state, oidc.Nonce(t.Nonce), oauth2.S256ChallengeOption(t.Verifier))}, err
}

// redeem has the provider say whose a code is, before the transaction.
func (f *Feature) redeem(ctx context.Context, purpose string, user holm.UserID, a ops.ProviderAnswer) (c claims, err error) {
	if f.provider == nil {
		return c, noProvider()
	}
	var t trip
	err = f.o.Read(ctx, func(tx *store.Tx) error {
		if unsealed(tx, purpose, a.State, &t) != nil || !tx.Now().Before(t.Until) || t.User != user {
			return holm.Errorf(holm.CodeUnauthorized, "The way to the sign-in provider was begun too long ago, or by somebody else; begin again.")
		}
		return nil
	})
	if err != nil {
		return c, err
	}
	config, found, err := f.provider.config(ctx)
	if err != nil {
		return c, err
	}
	ctx, cancel := context.WithTimeout(ctx, providerPatience)
	defer cancel()
	token, err := config.Exchange(ctx, a.Code.Reveal(), oauth2.VerifierOption(t.Verifier))
	if err != nil {
		return c, holm.Wrap(holm.CodeUnauthorized, err, "The sign-in provider does not take the code; begin again.")
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := found.Verifier(&oidc.Config{ClientID: config.ClientID}).Verify(ctx, raw)
	if err == nil && id.Nonce != t.Nonce {
		err = errors.New("the nonce is another one")
	}
	if err == nil {
		err = id.Claims(&c)
	}
	if err != nil {
		return c, holm.Wrap(holm.CodeUnauthorized, err, "What the sign-in provider says cannot be trusted; begin again, and tell the operator if it stays.")
	}
	c.Issuer, c.Subject, c.Nonce, c.Until = id.Issuer, id.Subject, t.Nonce, t.Until
	if c.Email == "" {
		err = f.askUser(ctx, found, token, &c)
	}
	return c, err
}

// askUser asks the provider for the address, which some leave out of the
// token.
func (f *Feature) askUser(ctx context.Context, found *oidc.Provider, token *oauth2.Token, c *claims) error {
	info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil || info.Subject != c.Subject {
		return holm.Wrap(holm.CodeUnauthorized, err, "The sign-in provider does not say who you are; begin again, and tell the operator if it stays.")
	}
	c.Email, c.Verified = info.Email, info.EmailVerified
	return nil
}

// once makes sure that a round trip counts once.
func once(s *dispatch.Scope, c claims) error {
	fresh, err := s.Tx.AnswerChallenge(dispatch.HashToken("provider "+c.Nonce), c.Until)
	if err == nil && !fresh {
		err = holm.Errorf(holm.CodeUnauthorized, "This sign-in was used already; begin again.")
	}
	return err
}

// providerSignIn finds whose login at the provider it is, or makes a user
// where the installation lets people sign up. An address alone never opens an
// account that is there already: its person links the login first.
func (f *Feature) providerSignIn(s *dispatch.Scope, c claims) (u holm.User, err error) {
	if err := once(s, c); err != nil {
		return u, err
	}
	s.About(c.Email)
	identity, err := s.Tx.IdentityBySubject(c.Issuer, c.Subject)
	if err == nil {
		if u, err = s.Tx.User(identity.User); err != nil {
			return u, err
		}
		return u, s.Tx.UseIdentity(identity.ID, c.Email)
	}
	if !missing(err) {
		return u, err
	}
	if !c.Verified {
		return u, holm.Errorf(holm.CodeForbidden, "%s has not verified your e-mail address; verify it there, then sign in here again.", f.providerName())
	}
	email, err := holm.ParseEmail(c.Email)
	if err != nil {
		return u, err
	}
	if other, err := s.Tx.UserByEmail(email); err == nil {
		own, err := s.Tx.AccountOf(other.ID)
		if err == nil {
			s.LogIn(own.ID)
			err = holm.Errorf(holm.CodeConflict, "%s has a login here already. Sign in with it, then link %s under Account, Security.", other.Email, f.providerName())
		}
		return u, err
	} else if !missing(err) {
		return u, err
	}
	return f.newFromProvider(s, c, email)
}

func (f *Feature) newFromProvider(s *dispatch.Scope, c claims, email string) (u holm.User, err error) {
	if n, err := s.Tx.UserCount(); err != nil || n == 0 {
		return u, errors.Join(err, holm.Errorf(holm.CodeConflict, "This installation has no first user yet; make that one with the link that the server printed."))
	}
	if !f.o.OpenSignUp {
		return u, holm.Errorf(holm.CodeForbidden, "This installation does not let people sign up by themselves; ask its operator or to be invited.")
	}
	if holm.CheckLine("name", c.Name, 100) != nil {
		c.Name = ""
	}
	u, _, err = s.Tx.CreateUser(holm.User{Email: email, Name: c.Name, ProvenAt: s.Now()}, "", holm.AccountFull)
	if err != nil {
		return u, err
	}
	s.Note("new_user", true)
	_, err = s.Tx.CreateIdentity(holm.Identity{User: u.ID, Issuer: c.Issuer, Subject: c.Subject, Email: c.Email})
	return u, err
}

func identityView(i holm.Identity) ops.IdentityView {
	return ops.IdentityView{ID: i.ID, Issuer: i.Issuer, Email: i.Email, CreatedAt: i.CreatedAt, UsedAt: ops.TimeOrNull(i.UsedAt)}
}

func (f *Feature) prepareLink(ctx context.Context, c dispatch.Caller, in *ops.IdentityLinkInput) (claims, error) {
	if c.Token != "" {
		return claims{}, nil // the door refuses
	}
	return f.redeem(ctx, purposeLink, c.User, in.Body)
}

func (f *Feature) link(s *dispatch.Scope, _ *ops.IdentityLinkInput) (v ops.IdentityView, err error) {
	c := s.Prepared.(claims)
	if err := once(s, c); err != nil {
		return v, err
	}
	s.About(c.Email)
	i, err := s.Tx.CreateIdentity(holm.Identity{User: s.User.ID, Issuer: c.Issuer, Subject: c.Subject, Email: c.Email})
	if err != nil {
		return v, err
	}
	f.changed(s, "The login "+c.Email+" at "+f.providerName()+" was linked.")
	return identityView(i), nil
}

func (f *Feature) unlink(s *dispatch.Scope, in *ops.IdentityUnlinkInput) (ops.None, error) {
	list, err := s.Tx.Identities(s.User.ID)
	if err != nil {
		return ops.None{}, err
	}
	for _, i := range list {
		if i.ID != in.Identity {
			continue
		}
		if err := f.keepsAWayIn(s, i.ID, ""); err != nil {
			return ops.None{}, err
		}
		s.About(i.Email)
		f.changed(s, "The login "+i.Email+" at "+f.providerName()+" was unlinked.")
		_, err := s.Tx.DeleteIdentity(s.User.ID, i.ID)
		return ops.None{}, err
	}
	return ops.None{}, holm.ErrNotFound()
}
