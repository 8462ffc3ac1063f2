package account

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/boombuler/barcode/qr"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// safety is what the page about signing in shows.
type safety struct {
	profile
	with     ops.SecurityView
	setup    ops.TOTPView // the secret to scan, while the one-time code is set up
	recovery []string     // new codes, shown once
}

func mountSecurity(s *site.Site) {
	s.Handle("GET /account/security", showSecurity)
	s.Handle("POST /account/password", setPassword)
	s.Handle("POST /account/totp", startTOTP)
	s.Handle("POST /account/totp/confirm", confirmTOTP)
	s.Handle("POST /account/totp/off", stopTOTP)
	s.Handle("POST /account/recovery", renewRecovery)
	s.Handle("POST /account/passkeys/ask", askPasskey)
	s.Handle("POST /account/passkeys", addPasskey)
	s.Handle("POST /account/passkeys/{id}/name", renamePasskey)
	s.Handle("POST /account/passkeys/{id}/remove", removePasskey)
	s.Handle("POST /account/identities/{id}/unlink", unlink)
}

var securityPlaces = []string{"password", "totp", "recovery", "passkeys", "identities"}

func showSecurity(r *site.Request) error {
	s, err := loadSecurity(r)
	if err != nil {
		return err
	}
	for _, place := range securityPlaces {
		s.told[place] = r.Told(place)
	}
	return s.show(r, http.StatusOK)
}

func loadSecurity(r *site.Request) (s safety, err error) {
	s.profile = profile{user: r.User, told: map[string]string{}, failed: map[string]error{}}
	s.with, err = site.Ask(r, ops.UserSecurity, ops.UserSecurityInput{})
	return s, err
}

func (s safety) show(r *site.Request, status int) error {
	return r.FrameStatus(status, page("Sign-in and security"), s.security())
}

// page is one of the account's pages.
func page(title string) layout.Page {
	return layout.Page{Title: title, Current: layout.Account, Crumbs: []part.Crumb{{Label: "Account", Href: "/account"}, {Label: title}}}
}

// securityAgain shows the page with what went wrong at its place.
func securityAgain(r *site.Request, place string, failed error, change func(*safety)) error {
	switch holm.CodeOf(failed) {
	case holm.CodeUnauthorized, holm.CodeNotFound, holm.CodeInternal:
		return failed
	}
	s, err := loadSecurity(r)
	if err != nil {
		return err
	}
	s.failed[place] = failed
	change(&s)
	return s.show(r, site.Status(failed))
}

func asIs(*safety) {}

func current(r *site.Request) holm.Secret {
	return holm.NewSecret(r.PostFormValue("current_password"))
}

func setPassword(r *site.Request) error {
	in := ops.UserUpdateInput{}
	in.Body.CurrentPassword, in.Body.Password = current(r), holm.NewSecret(r.PostFormValue("password"))
	if in.Body.Password.Empty() {
		return securityAgain(r, "password", holm.Invalid("password", "Write a new password of at least 10 characters."), asIs)
	}
	if _, err := site.Ask(r, ops.UserUpdate, in); err != nil {
		return securityAgain(r, "password", err, asIs)
	}
	r.Tell("password", "The new password is set. You are signed out everywhere but here.")
	return r.See("/account/security#password-form")
}

// startTOTP shows the secret to scan. It is not in an address, so that no
// history keeps it.
func startTOTP(r *site.Request) error {
	setup, err := site.Ask(r, ops.TOTPEnable, ops.TOTPEnableInput{})
	if err != nil {
		return securityAgain(r, "totp", err, asIs)
	}
	s, err := loadSecurity(r)
	if err != nil {
		return err
	}
	s.setup = setup
	return s.show(r, http.StatusOK)
}

func confirmTOTP(r *site.Request) error {
	in := ops.TOTPEnableInput{}
	in.Body.Code, in.Body.CurrentPassword = holm.NewSecret(r.PostFormValue("code")), current(r)
	keep := func(s *safety) {
		s.setup = ops.TOTPView{Secret: r.PostFormValue("secret"), URL: otpauth(r.User.Email, r.PostFormValue("secret"))}
	}
	if in.Body.Code.Empty() {
		return securityAgain(r, "totp", holm.Invalid("code", "Write the six digits that your authenticator shows."), keep)
	}
	on, err := site.Ask(r, ops.TOTPEnable, in)
	if err != nil {
		return securityAgain(r, "totp", err, keep)
	}
	return showRecovery(r, "totp", "The one-time code is on.", on.RecoveryCodes)
}

// otpauth is the address that an authenticator reads from a QR code.
func otpauth(email, secret string) string {
	return "otpauth://totp/" + url.PathEscape("Holm:"+email) + "?" + url.Values{"issuer": {"Holm"}, "secret": {secret}}.Encode()
}

// showRecovery shows new recovery codes, once.
func showRecovery(r *site.Request, place, told string, codes []string) error {
	s, err := loadSecurity(r)
	if err != nil {
		return err
	}
	s.told[place], s.recovery = told, codes
	return s.show(r, http.StatusOK)
}

func stopTOTP(r *site.Request) error {
	in := ops.TOTPDisableInput{}
	in.Body.CurrentPassword = current(r)
	if _, err := site.Ask(r, ops.TOTPDisable, in); err != nil {
		return securityAgain(r, "totp", err, asIs)
	}
	r.Tell("totp", "The one-time code is off.")
	return r.See("/account/security#totp")
}

func renewRecovery(r *site.Request) error {
	in := ops.RecoveryCreateInput{}
	in.Body.CurrentPassword = current(r)
	out, err := site.Ask(r, ops.RecoveryCreate, in)
	if err != nil {
		return securityAgain(r, "recovery", err, asIs)
	}
	return showRecovery(r, "recovery", "These are your new codes; earlier ones do not work any more.", out.RecoveryCodes)
}

// askPasskey gives the browser a challenge.
func askPasskey(r *site.Request) error {
	out, err := site.Ask(r, ops.PasskeyCreate, ops.PasskeyCreateInput{})
	return r.Answer(out.Challenge, err)
}

func addPasskey(r *site.Request) error {
	in := ops.PasskeyCreateInput{}
	in.Body.Name, in.Body.CurrentPassword = r.PostFormValue("name"), current(r)
	in.Body.Answer = &ops.PasskeyAnswer{State: r.PostFormValue("state"), Credential: map[string]any{}}
	_ = json.Unmarshal([]byte(r.PostFormValue("credential")), &in.Body.Answer.Credential) // what is none is refused
	out, err := site.Ask(r, ops.PasskeyCreate, in)
	if holm.CodeOf(err) == holm.CodeUnauthorized && err != nil {
		err = holm.Errorf(holm.CodeConflict, "%s", site.Sentence(err))
	}
	if err != nil {
		return securityAgain(r, "passkeys", err, asIs)
	}
	if len(out.RecoveryCodes) > 0 {
		return showRecovery(r, "passkeys", "The passkey "+out.Passkey.Name+" is added.", out.RecoveryCodes)
	}
	r.Tell("passkeys", "The passkey "+out.Passkey.Name+" is added.")
	return r.See("/account/security#passkeys")
}

func renamePasskey(r *site.Request) error {
	in := ops.PasskeyUpdateInput{Passkey: r.PathValue("id")}
	in.Body.Name = r.PostFormValue("name")
	key, err := site.Ask(r, ops.PasskeyUpdate, in)
	if err != nil {
		return securityAgain(r, "passkeys", err, asIs)
	}
	r.Tell("passkeys", "The passkey is called "+key.Name+" now.")
	return r.See("/account/security#passkeys")
}

func removePasskey(r *site.Request) error {
	in := ops.PasskeyDeleteInput{Passkey: r.PathValue("id")}
	in.Body.CurrentPassword = current(r)
	if _, err := site.Ask(r, ops.PasskeyDelete, in); err != nil {
		return securityAgain(r, "passkeys", err, asIs)
	}
	r.Tell("passkeys", "The passkey is removed.")
	return r.See("/account/security#passkeys")
}

func unlink(r *site.Request) error {
	if _, err := site.Ask(r, ops.IdentityUnlink, ops.IdentityUnlinkInput{Identity: r.PathValue("id")}); err != nil {
		return securityAgain(r, "identities", err, asIs)
	}
	r.Tell("identities", "The login is unlinked.")
	return r.See("/account/security#identities")
}

// square is a QR code as the path of an SVG, and its width in modules with the
// quiet border of four that scanners want.
func square(text string) (path string, width int) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", 0
	}
	const border = 4
	size := code.Bounds().Dx()
	for y := range size {
		for x := range size {
			if level, _, _, _ := code.At(x, y).RGBA(); level == 0 {
				path += "M" + strconv.Itoa(x+border) + " " + strconv.Itoa(y+border) + "h1v1h-1z"
			}
		}
	}
	return path, size + 2*border
}
