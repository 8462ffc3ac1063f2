package ops

import (
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// UserView is how a user sees themselves.
type UserView struct {
	ID       string      `json:"id"`
	Email    string      `json:"email"`
	Name     string      `json:"name"`
	Operator bool        `json:"operator" doc:"Runs this installation"`
	Account  AccountView `json:"account"`
}

// AccountView is an account as its owner sees it.
type AccountView struct {
	ID   string `json:"id"`
	Type string `json:"type" doc:"full, trial or collaborator"`
}

// UserSignUpInput is the input of user.sign_up.
type UserSignUpInput struct {
	OfNobody `reason:"who has no login yet cannot sign in"`
	Body     struct {
		Email      string      `json:"email,omitempty" doc:"E-mail address to sign in with; a link is mailed there"`
		Token      holm.Secret `json:"token,omitempty" doc:"The token of the mailed link, which makes the account with the address it was mailed to"`
		Name       string      `json:"name,omitempty" doc:"Display name, given with the token"`
		Password   holm.Secret `json:"password,omitempty" doc:"At least 10 characters, given with the token"`
		SetupToken holm.Secret `json:"setup_token,omitempty" doc:"The token of the one-time set-up link; needed for the first user"`
	}
}

// Validate asks for what each step needs.
func (in *UserSignUpInput) Validate() error {
	b := &in.Body
	switch {
	case b.Token.Empty() && b.Email == "":
		return holm.Invalid("email", "Write your e-mail address.")
	case !(b.Token.Empty() && b.SetupToken.Empty()) && b.Password.Empty():
		return holm.Invalid("password", "Choose a password of at least 10 characters.")
	}
	return nil
}

// SignedUp is what came of signing up: a mail with a link, or an account and a
// session in it.
type SignedUp struct {
	Mailed  bool            `json:"mailed" doc:"A mail is on its way to the address; it says how to go on"`
	Session *SessionCreated `json:"session"`
}

// UserUpdateInput is the input of user.update; what is not given stays.
type UserUpdateInput struct {
	OfUser
	Body struct {
		Name            *string     `json:"name,omitempty" doc:"Display name"`
		Password        holm.Secret `json:"password,omitempty" doc:"New password, at least 10 characters"`
		CurrentPassword holm.Secret `json:"current_password,omitempty" doc:"Needed to set a new password"`
	}
}

// UserShowInput is the input of user.show.
type UserShowInput struct{ OfUser }

// SessionCreateInput is the input of session.create.
type SessionCreateInput struct {
	OfNobody `reason:"signing in is how a person becomes known"`
	Body     struct {
		Email        string          `json:"email,omitempty" doc:"E-mail address"`
		Password     holm.Secret     `json:"password,omitempty" doc:"Password"`
		StepToken    holm.Secret     `json:"step_token,omitempty" doc:"For the second step: the token that the first was answered with, in second_factor"`
		Code         holm.Secret     `json:"code,omitempty" doc:"Second step: the one-time code; it may come with address and password too"`
		RecoveryCode holm.Secret     `json:"recovery_code,omitempty" doc:"Second step: a recovery code, in place of anything else"`
		Passkey      *PasskeyAnswer  `json:"passkey,omitempty" doc:"What a passkey answered, as second step or as the only one"`
		Provider     *ProviderAnswer `json:"provider,omitempty" doc:"What the sign-in provider led back with"`
	}
}

// Validate asks for what the first step needs where nothing else is given.
func (in *SessionCreateInput) Validate() error {
	b := &in.Body
	switch {
	case b.Passkey != nil || b.Provider != nil || !b.StepToken.Empty():
		return nil
	case b.Email == "":
		return holm.Invalid("email", "Write your e-mail address.")
	case b.Password.Empty():
		return holm.Invalid("password", "Write your password.")
	}
	return nil
}

// SessionCreated is a new session with its token, which is never shown again.
type SessionCreated struct {
	Token     string    `json:"token" doc:"For the header Authorization: Bearer …"`
	ID        string    `json:"id"`
	ExpiresAt time.Time `json:"expires_at"`
	User      UserView  `json:"user"`
}

// SessionView is one of the caller's sessions.
type SessionView struct {
	ID        string    `json:"id"`
	Road      string    `json:"road" doc:"dashboard, api or cli"`
	Method    string    `json:"method" doc:"How it began: password, passkey, provider, sign_up or invitation, with a second factor after a plus"`
	Device    string    `json:"device"`
	Address   string    `json:"address"`
	CreatedAt time.Time `json:"created_at"`
	UsedAt    time.Time `json:"used_at"`
	Current   bool      `json:"current" doc:"The one this request came with"`
}

// SessionListInput is the input of session.list.
type SessionListInput struct{ OfUser }

// SessionDeleteInput is the input of session.delete.
type SessionDeleteInput struct {
	OfUser
	Session string `path:"session" doc:"Session: its id, current, or others for all but this one"`
}

// PasswordForgetInput is the input of password.forget.
type PasswordForgetInput struct {
	OfNobody `reason:"who forgot the password cannot sign in"`
	Body     struct {
		Email string `json:"email" doc:"E-mail address"`
	}
}

// PasswordResetInput is the input of password.reset.
type PasswordResetInput struct {
	OfNobody `reason:"the mailed link proves the address"`
	Token    holm.Secret `path:"token" doc:"The token of the mailed link"`
	Body     struct {
		Password holm.Secret `json:"password" doc:"New password, at least 10 characters"`
	}
}

// The operations on users and their sessions.
var (
	UserSignUp = declare[UserSignUpInput, SignedUp]("user.sign_up", Change, access.Public, "POST /v1/users",
		"Create a full account (only where the installation allows it; the first user becomes operator)", "signed up")
	UserShow = declare[UserShowInput, UserView]("user.show", Read, access.Self, "GET /v1/user",
		"Show yourself and your account", "looked at their profile")
	UserUpdate = personal(declare[UserUpdateInput, UserView]("user.update", Change, access.Self, "PATCH /v1/user",
		"Change display name or language or password", "changed their profile"))
	SessionCreate = declare[SessionCreateInput, SessionCreated]("session.create", Change, access.Public, "POST /v1/sessions",
		"Sign in; second factor where set", "signed in")
	SessionList = personal(declare[SessionListInput, Page[SessionView]]("session.list", Read, access.Self, "GET /v1/user/sessions",
		"List your sessions", "listed their sessions"))
	SessionDelete = personal(declare[SessionDeleteInput, None]("session.delete", Change, access.Self, "DELETE /v1/user/sessions/{session}",
		"End a session", "ended a session"))
	PasswordForget = declare[PasswordForgetInput, None]("password.forget", Change, access.Public, "POST /v1/password-resets",
		"Mail a reset link", "asked for a password reset link")
	PasswordReset = declare[PasswordResetInput, None]("password.reset", Change, access.Public, "PUT /v1/password-resets/{token}",
		"Set a new password with the mailed link", "set a new password by mailed link")
)
