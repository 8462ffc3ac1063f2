package ops

import (
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// PasskeyAnswer is what a device answered to a passkey challenge.
type PasskeyAnswer struct {
	State      string         `json:"state" doc:"The state that came with the challenge"`
	Credential map[string]any `json:"credential" doc:"What the browser gave, as PublicKeyCredential.toJSON writes it"`
}

// PasskeyChallenge is what a browser is asked with.
type PasskeyChallenge struct {
	State   string         `json:"state" doc:"Give it back with the answer"`
	Options map[string]any `json:"options" doc:"For navigator.credentials, as parseCreationOptionsFromJSON and parseRequestOptionsFromJSON read it"`
}

// ProviderAnswer is what a sign-in provider led back with.
type ProviderAnswer struct {
	State string      `json:"state" doc:"The state that the sign-in began with"`
	Code  holm.Secret `json:"code" doc:"The code that the provider gave"`
}

// ProviderStart leads to a sign-in provider.
type ProviderStart struct {
	State string `json:"state"`
	URL   string `json:"url" doc:"Where to go; it leads back with a code"`
}

// SessionBeginInput is the input of session.begin.
type SessionBeginInput struct {
	OfNobody  `reason:"who signs in is not known yet"`
	With      string      `query:"with" enum:"passkey,provider,link" doc:"passkey: a challenge; provider: the address of the sign-in provider; link: the same to link it to your login; nothing: what there is"`
	StepToken holm.Secret `query:"step_token" doc:"For a passkey as second step: the token of the first"`
}

// SessionBegun says how one can sign in here.
type SessionBegun struct {
	PasskeyOrigin string            `json:"passkey_origin" doc:"Address of the dashboard at which passkeys work; empty where they do nowhere"`
	Provider      string            `json:"provider" doc:"Name of the sign-in provider, empty where there is none"`
	Challenge     *PasskeyChallenge `json:"challenge"`
	Start         *ProviderStart    `json:"start"`
}

// TokenView is an access token without its value.
type TokenView struct {
	ID           string       `json:"id"`
	Name         string       `json:"name"`
	Hint         string       `json:"hint" doc:"Its last characters"`
	Permissions  []string     `json:"permissions" doc:"Those it carries; empty for all that you have"`
	Environments []TokenReach `json:"environments" doc:"Those it reaches; empty for all that you see"`
	CreatedAt    time.Time    `json:"created_at"`
	ExpiresAt    time.Time    `json:"expires_at"`
	UsedAt       *time.Time   `json:"used_at"`
	Address      string       `json:"address" doc:"Where it was last used from"`
	Ended        bool         `json:"ended"`
}

// TokenReach is an environment that a token reaches.
type TokenReach struct {
	ID   string `json:"id"`
	Name string `json:"name" doc:"Empty when you cannot see it any more"`
}

// TokenCreated is a new access token with its value, which is never shown
// again.
type TokenCreated struct {
	TokenView
	Token string `json:"token" doc:"For the header Authorization: Bearer …"`
}

// TokenListInput is the input of token.list.
type TokenListInput struct{ OfUser }

// TokenCreateInput is the input of token.create.
type TokenCreateInput struct {
	OfUser
	Body struct {
		Name         string     `json:"name" doc:"What it is for"`
		Permissions  []string   `json:"permissions,omitempty" doc:"Permissions it carries, for example deploy.git; all that you have when not given"`
		Environments []string   `json:"environments,omitempty" doc:"Environments it reaches, id or name; all that you see when not given"`
		Until        *time.Time `json:"until,omitempty" doc:"When it ends; 90 days from now when not given, a year at most"`
	}
}

// TokenDeleteInput is the input of token.delete.
type TokenDeleteInput struct {
	OfUser
	Token string `path:"token" doc:"Access token: its id"`
}

// TOTPView is the one-time code of a person.
type TOTPView struct {
	Enabled       bool     `json:"enabled"`
	Secret        string   `json:"secret" doc:"To type into an authenticator; given until it is on"`
	URL           string   `json:"url" doc:"The same as otpauth address, for a QR code"`
	RecoveryCodes []string `json:"recovery_codes" doc:"Each works once in place of a second factor; given once"`
}

// TOTPEnableInput is the input of totp.enable.
type TOTPEnableInput struct {
	OfUser
	Body struct {
		Code            holm.Secret `json:"code,omitempty" doc:"A code of the authenticator, which turns it on; without one the answer is a new secret"`
		CurrentPassword holm.Secret `json:"current_password,omitempty" doc:"Needed with the code, where you have a password"`
	}
}

// TOTPDisableInput is the input of totp.disable.
type TOTPDisableInput struct {
	OfUser
	Body struct {
		CurrentPassword holm.Secret `json:"current_password,omitempty" doc:"Needed where you have a password"`
	}
}

// PasskeyView is a passkey.
type PasskeyView struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	CreatedAt time.Time  `json:"created_at"`
	UsedAt    *time.Time `json:"used_at"`
}

// PasskeyCreateInput is the input of passkey.create.
type PasskeyCreateInput struct {
	OfUser
	Body struct {
		Name            string         `json:"name,omitempty" doc:"What to call it"`
		Answer          *PasskeyAnswer `json:"answer,omitempty" doc:"What the device answered; without it the answer is a challenge"`
		CurrentPassword holm.Secret    `json:"current_password,omitempty" doc:"Needed where you have a password"`
	}
}

// PasskeyCreated is a challenge, or the passkey once it is registered.
type PasskeyCreated struct {
	Challenge     *PasskeyChallenge `json:"challenge"`
	Passkey       *PasskeyView      `json:"passkey"`
	RecoveryCodes []string          `json:"recovery_codes" doc:"Given once, when this is your first second factor"`
}

// PasskeyUpdateInput is the input of passkey.update.
type PasskeyUpdateInput struct {
	OfUser
	Passkey string `path:"passkey" doc:"Passkey: its id"`
	Body    struct {
		Name string `json:"name" doc:"What to call it"`
	}
}

// PasskeyDeleteInput is the input of passkey.delete.
type PasskeyDeleteInput struct {
	OfUser
	Passkey string `path:"passkey" doc:"Passkey: its id"`
	Body    struct {
		CurrentPassword holm.Secret `json:"current_password,omitempty" doc:"Needed where you have a password"`
	}
}

// RecoveryCreateInput is the input of recovery.create.
type RecoveryCreateInput struct {
	OfUser
	Body struct {
		CurrentPassword holm.Secret `json:"current_password,omitempty" doc:"Needed where you have a password"`
	}
}

// RecoveryCreated are new recovery codes; earlier ones do not work any more.
type RecoveryCreated struct {
	RecoveryCodes []string `json:"recovery_codes" doc:"Each works once in place of a second factor; given once"`
}

// IdentityView is a login at a sign-in provider.
type IdentityView struct {
	ID        string     `json:"id"`
	Issuer    string     `json:"issuer"`
	Email     string     `json:"email" doc:"As the provider gave it"`
	CreatedAt time.Time  `json:"created_at"`
	UsedAt    *time.Time `json:"used_at"`
}

// IdentityLinkInput is the input of identity.link.
type IdentityLinkInput struct {
	OfUser
	Body ProviderAnswer
}

// IdentityUnlinkInput is the input of identity.unlink.
type IdentityUnlinkInput struct {
	OfUser
	Identity string `path:"identity" doc:"Linked login: its id"`
}

// SecurityView is all that a person signs in with.
type SecurityView struct {
	HasPassword       bool           `json:"has_password"`
	TOTP              bool           `json:"totp" doc:"The one-time code is on"`
	Passkeys          []PasskeyView  `json:"passkeys"`
	RecoveryCodesLeft int            `json:"recovery_codes_left"`
	Identities        []IdentityView `json:"identities"`
	PasskeyOrigin     string         `json:"passkey_origin" doc:"Address of the dashboard at which passkeys work; empty where they do nowhere"`
	Provider          string         `json:"provider" doc:"Name of the sign-in provider, empty where there is none"`
}

// UserSecurityInput is the input of user.security.
type UserSecurityInput struct{ OfUser }

// AccountSecurityView is what an account asks of its collaborators.
type AccountSecurityView struct {
	SecondFactorRequired bool `json:"second_factor_required" doc:"Collaborators need a second factor"`
	Without              int  `json:"without" doc:"Active collaborators who have none"`
}

// AccountSecurityInput is the input of account.security.
type AccountSecurityInput struct{ OfAccount }

// AccountSecureInput is the input of account.secure.
type AccountSecureInput struct {
	OfAccount
	Body struct {
		SecondFactorRequired bool `json:"second_factor_required" doc:"Collaborators need a second factor"`
	}
}

// The operations of signing in and what people sign in with.
var (
	SessionBegin = declare[SessionBeginInput, SessionBegun]("session.begin", Read, access.Public, "GET /v1/sign-in",
		"Say how one can sign in, and begin with a passkey or at a provider", "began to sign in")
	TokenList = declare[TokenListInput, Page[TokenView]]("token.list", Read, access.Self, "GET /v1/user/tokens",
		"List your access tokens", "listed their access tokens")
	TokenCreate = personal(declare[TokenCreateInput, TokenCreated]("token.create", Change, access.Self, "POST /v1/user/tokens",
		"Create an access token narrowed to permissions and environments and an end", "created the access token {target}"))
	TokenDelete = personal(declare[TokenDeleteInput, None]("token.delete", Change, access.Self, "DELETE /v1/user/tokens/{token}",
		"Revoke an access token", "revoked the access token {target}"))
	TOTPEnable = personal(declare[TOTPEnableInput, TOTPView]("totp.enable", Change, access.Self, "POST /v1/user/totp",
		"Turn the one-time code on", "set up the one-time code"))
	TOTPDisable = personal(declare[TOTPDisableInput, None]("totp.disable", Change, access.Self, "DELETE /v1/user/totp",
		"Turn the one-time code off", "turned the one-time code off"))
	PasskeyCreate = personal(declare[PasskeyCreateInput, PasskeyCreated]("passkey.create", Change, access.Self, "POST /v1/user/passkeys",
		"Register a passkey", "set up a passkey"))
	PasskeyUpdate = personal(declare[PasskeyUpdateInput, PasskeyView]("passkey.update", Change, access.Self, "PATCH /v1/user/passkeys/{passkey}",
		"Rename a passkey", "renamed the passkey {target}"))
	PasskeyDelete = personal(declare[PasskeyDeleteInput, None]("passkey.delete", Change, access.Self, "DELETE /v1/user/passkeys/{passkey}",
		"Remove a passkey", "removed the passkey {target}"))
	RecoveryCreate = personal(declare[RecoveryCreateInput, RecoveryCreated]("recovery.create", Change, access.Self, "POST /v1/user/recovery-codes",
		"Make new recovery codes; earlier ones end", "made new recovery codes"))
	IdentityLink = personal(declare[IdentityLinkInput, IdentityView]("identity.link", Change, access.Self, "POST /v1/user/identities",
		"Link a login at the sign-in provider", "linked the login {target}"))
	IdentityUnlink = personal(declare[IdentityUnlinkInput, None]("identity.unlink", Change, access.Self, "DELETE /v1/user/identities/{identity}",
		"Unlink a login at the sign-in provider", "unlinked the login {target}"))
	UserSecurity = personal(declare[UserSecurityInput, SecurityView]("user.security", Read, access.Self, "GET /v1/user/security",
		"Show what you sign in with", "looked at what they sign in with"))
	AccountSecurity = declare[AccountSecurityInput, AccountSecurityView]("account.security", Read, access.AccountManageCollaborators, "GET /v1/accounts/{account}/security",
		"Show what the account asks of its collaborators", "looked at what the account asks of collaborators")
	AccountSecure = declare[AccountSecureInput, AccountSecurityView]("account.secure", Change, access.AccountManageCollaborators, "PUT /v1/accounts/{account}/security",
		"Require a second factor of collaborators, or not", "changed what the account asks of collaborators")
)
