package account

import (
	"slices"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

// The life of an access token. Each has an end: one that was forgotten in some
// script must not work for ever.
const (
	tokenTTL     = 90 * 24 * time.Hour
	tokenLongest = 366 * 24 * time.Hour
	tokensMost   = 100
)

func (f *Feature) tokens(s *dispatch.Scope, _ *ops.TokenListInput) (page ops.Page[ops.TokenView], err error) {
	list, err := s.Tx.Tokens(s.User.ID)
	page.Items = []ops.TokenView{}
	for _, t := range list {
		if only := s.OnlyToken(); only != "" && t.ID != only {
			continue
		}
		v, err := f.tokenView(s, t)
		if err != nil {
			return page, err
		}
		page.Items = append(page.Items, v)
	}
	return page, err
}

// tokenView shows a token. An environment that its person cannot see any more
// is not named.
func (f *Feature) tokenView(s *dispatch.Scope, t holm.AccessToken) (v ops.TokenView, err error) {
	v = ops.TokenView{ID: t.ID, Name: t.Name, Hint: t.Hint, Permissions: t.Permissions, CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt,
		UsedAt: ops.TimeOrNull(t.UsedAt), Address: t.Address, Ended: !s.Now().Before(t.ExpiresAt)}
	if v.Permissions == nil {
		v.Permissions = []string{}
	}
	for _, id := range t.Environments {
		e, visible, err := s.Sees(string(id))
		if err != nil {
			return v, err
		}
		if !visible {
			e.Name = ""
		}
		v.Environments = append(v.Environments, ops.TokenReach{ID: string(id), Name: e.Name})
	}
	if v.Environments == nil {
		v.Environments = []ops.TokenReach{}
	}
	return v, nil
}

func (f *Feature) createToken(s *dispatch.Scope, in *ops.TokenCreateInput) (out ops.TokenCreated, err error) {
	t := holm.AccessToken{User: s.User.ID, Name: in.Body.Name, ExpiresAt: s.Now().Add(tokenTTL)}
	s.About(t.Name)
	if t.Name == "" {
		return out, holm.Invalid("name", "Say what the token is for, so that you know it again.")
	}
	if err := holm.CheckLine("name", t.Name, 100); err != nil {
		return out, err
	}
	if in.Body.Until != nil {
		t.ExpiresAt = in.Body.Until.UTC()
	}
	if !t.ExpiresAt.After(s.Now()) || t.ExpiresAt.After(s.Now().Add(tokenLongest)) {
		return out, holm.Invalid("until", "A token ends in the future, within a year.")
	}
	if t.Permissions, err = carried(in.Body.Permissions); err != nil {
		return out, err
	}
	if t.Environments, err = f.reached(s, in.Body.Environments); err != nil {
		return out, err
	}
	before, err := s.Tx.Tokens(s.User.ID)
	if err != nil {
		return out, err
	}
	if len(before) >= tokensMost {
		return out, holm.Errorf(holm.CodeQuota, "You have %d access tokens, which is the most; revoke those that you do not need.", tokensMost)
	}
	token, hash := dispatch.NewAccessToken()
	t.Hint = token[len(token)-4:]
	if t, err = s.Tx.CreateToken(t, hash); err != nil {
		return out, err
	}
	s.Note("id", t.ID)
	l := f.ownLetter(s, holm.LetterTokenAdded, s.User)
	l.What, l.Until, l.Path = t.Name, t.ExpiresAt, "/account/tokens"
	s.Write(l)
	out.Token = token
	out.TokenView, err = f.tokenView(s, t)
	return out, err
}

// carried checks the permissions of a token. Whoever may do anything in an
// environment may see it, or the token could do nothing with what it finds.
func carried(names []string) (list []string, err error) {
	known := access.ForTokens()
	see := false
	for _, name := range names {
		p := access.Permission(name)
		if !slices.Contains(known, p) {
			return nil, holm.Invalid("permissions", "There is no permission %q; they look like deploy.git, and holm token create --help lists them.", name)
		}
		see = see || access.ScopeOf(p) == access.ScopeEnvironment
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	if name := string(access.EnvironmentSee); see && !slices.Contains(list, name) {
		list = append(list, name)
	}
	return list, nil
}

// reached finds the environments of a token among those that its person sees.
func (f *Feature) reached(s *dispatch.Scope, names []string) (list []holm.EnvironmentID, err error) {
	for _, name := range names {
		e, visible, err := s.Sees(name)
		if err != nil {
			return nil, err
		}
		if !visible {
			return nil, holm.Invalid("environments", "There is no environment %q, or you may not see it.", name)
		}
		if !slices.Contains(list, e.ID) {
			list = append(list, e.ID)
		}
	}
	return list, nil
}

// liveTokens counts the access tokens of a person that have not ended.
func liveTokens(s *dispatch.Scope, u holm.User) (n int, err error) {
	list, err := s.Tx.Tokens(u.ID)
	for _, t := range list {
		if s.Now().Before(t.ExpiresAt) {
			n++
		}
	}
	return n, err
}

// revokeTokens revokes every access token of a person, cuts what was opened
// with them, and says how many had not ended.
func revokeTokens(s *dispatch.Scope, u holm.User) (n int, err error) {
	list, err := s.Tx.Tokens(u.ID)
	if err != nil {
		return 0, err
	}
	for _, t := range list {
		s.SessionEnded(t.ID)
		if s.Now().Before(t.ExpiresAt) {
			n++
		}
	}
	s.Note("tokens_revoked", n)
	return n, s.Tx.DeleteTokens(u.ID)
}

func (f *Feature) deleteToken(s *dispatch.Scope, in *ops.TokenDeleteInput) (ops.None, error) {
	list, err := s.Tx.Tokens(s.User.ID)
	if err != nil {
		return ops.None{}, err
	}
	for _, t := range list {
		if t.ID != in.Token {
			continue
		}
		s.About(t.Name)
		s.SessionEnded(t.ID)
		_, err := s.Tx.DeleteToken(s.User.ID, t.ID)
		return ops.None{}, err
	}
	return ops.None{}, holm.ErrNotFound()
}
