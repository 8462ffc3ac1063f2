package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/client"
	"github.com/holmhq/holm/ops"
)

// signInTwice makes a session: with the password, and where the login has a
// second factor with a code of it. A passkey needs a browser.
func (a *app) signInTwice(cmd *cobra.Command, c *client.Client, ask *asker, in ops.SessionCreateInput, stdin bool) (ops.SessionCreated, error) {
	session, err := client.Call(cmd.Context(), c, ops.SessionCreate, in)
	if err == nil {
		return session, nil
	}
	second := holm.AsError(err).SecondFactor
	if second == nil {
		return session, err
	}
	if !contains(second.Kinds, "code") && !contains(second.Kinds, "recovery_code") {
		return session, holm.Errorf(holm.CodeUnauthorized, "This login asks for a passkey, which needs a browser; create an access token there, under Account, Access tokens, and set it as HOLM_TOKEN.")
	}
	code, err := ask.secret("Code of your authenticator, or a recovery code: ", "code", stdin, false)
	if err != nil {
		return session, err
	}
	step := ops.SessionCreateInput{}
	step.Body.StepToken = holm.NewSecret(second.Token)
	if len(strings.ReplaceAll(code.Reveal(), " ", "")) <= 8 {
		step.Body.Code = code
	} else {
		step.Body.RecoveryCode = code
	}
	return client.Call(cmd.Context(), c, ops.SessionCreate, step)
}

// polishSignUp takes the link of the mail as an argument, asks then for what a
// login needs, and keeps the session: the link brought them here, so they are
// in.
func polishSignUp(c *command) {
	c.lift("token")
	c.usage, c.least = " [LINK]", 0
	c.long = "Make an account of your own, where the installation lets people do that. First give\nyour address: a link is mailed there. Then run it again with that link."
	c.example = "  holm user sign-up --email ana@example.org\n  holm user sign-up https://holm.example.org/sign-up/TOKEN"
	c.before = func(x *call) (err error) {
		in := x.in.Interface().(*ops.UserSignUpInput)
		switch {
		case in.Body.Email == "" && in.Body.Token.Empty():
			return holm.Invalid("email", "Give --email, or the link of the mail.")
		case in.Body.Token.Empty() && !x.given("setup_token"):
			return nil
		}
		for _, f := range c.flags {
			if f.field.Name == "password" {
				f.ask = f.ask || in.Body.Password.Empty() && !f.stdin
			}
		}
		if x.ask.person && in.Body.Name == "" && !x.app.json {
			in.Body.Name, err = x.ask.line("Your name: ", "--name")
		}
		return err
	}
	c.render = func(x *call, out any) error {
		v := out.(ops.SignedUp)
		if v.Session == nil {
			x.out.line("A mail is on its way to %s. Go on with its link: holm user sign-up LINK", x.in.Interface().(*ops.UserSignUpInput).Body.Email)
			return nil
		}
		x.out.line("You have an account, and are signed in as %s.", v.Session.User.Email)
		return x.keepSession(*v.Session)
	}
}

// keepSession keeps a session that a link began as the login with its server.
func (x *call) keepSession(session ops.SessionCreated) error {
	cfg, err := x.app.config()
	if err != nil {
		return err
	}
	l, err := x.app.wantedLogin(cfg, []string{x.login.Server}, loginFlags{email: session.User.Email})
	if err != nil {
		return err
	}
	return x.app.keep(x.cmd, cfg, l, session)
}

// polishSessionCreate asks for the password where nothing else is given.
func polishSessionCreate(c *command) {
	c.before = func(x *call) error {
		in := x.in.Interface().(*ops.SessionCreateInput)
		b := &in.Body
		for _, f := range c.flags {
			switch f.field.Name {
			case "password":
				f.ask = f.ask || b.Password.Empty() && b.Passkey == nil && b.Provider == nil && !x.given("step_token")
			}
		}
		return nil
	}
}

// given says whether a secret is going to be given.
func (x *call) given(name string) bool {
	for _, f := range x.flags {
		if f.field.Name == name {
			return f.ask || f.stdin || !x.in.Elem().FieldByIndex(f.field.Index).Interface().(holm.Secret).Empty()
		}
	}
	return false
}

func polishTokenCreate(c *command) {
	var permissions, environments []string
	c.lift("name")
	c.usage = " NAME"
	names := make([]string, 0, 40)
	for _, p := range access.ForTokens() {
		names = append(names, string(p))
	}
	c.long = "Create an access token for a script. It carries the permissions and reaches the\nenvironments that you name, and never more than you may do yourself; what you may\n" +
		"not do any more it cannot either. It is shown once. Permissions:\n\n" + columns(names)
	c.example = "  holm token create \"Deploy from CI\" --permission deploy.git --environment shop --until 30d"
	c.extra = func(fs *pflag.FlagSet) {
		fs.StringArrayVar(&permissions, "permission", nil, "A `permission` it carries; several allowed, all that you have when not given")
		fs.StringArrayVar(&environments, "environment", nil, "An `environment` it reaches; several allowed, all that you see when not given")
	}
	c.before = func(x *call) error {
		in := x.in.Interface().(*ops.TokenCreateInput)
		in.Body.Permissions = append(in.Body.Permissions, permissions...)
		in.Body.Environments = append(in.Body.Environments, environments...)
		return nil
	}
	c.render = func(x *call, out any) error {
		v := out.(ops.TokenCreated)
		if !x.out.terminal {
			x.out.line("%s", v.Token)
			return nil
		}
		x.out.token(v.TokenView)
		x.out.gap()
		x.out.line("%s", v.Token)
		x.out.line("This is shown once. Scripts give it as HOLM_TOKEN, or in the header Authorization: Bearer.")
		return nil
	}
}

// columns writes names so that they fit a page of help.
func columns(names []string) string {
	var b strings.Builder
	for i := 0; i < len(names); i += 3 {
		b.WriteString(" ")
		for _, name := range names[i:min(i+3, len(names))] {
			b.WriteString(" " + name + strings.Repeat(" ", max(0, 32-len(name))))
		}
		b.WriteString("\n")
	}
	return strings.TrimRight(b.String(), " \n")
}

func (p *printer) token(v ops.TokenView) {
	p.pairs([]pair{{"name", text(v.Name)}, {"permissions", text(orAll(v.Permissions))}, {"environments", text(orAll(reach(v)))},
		{"ends", p.time(v.ExpiresAt)}, {"last used", p.end(v.UsedAt)}, {"from", text(v.Address)}, {"id", text(v.ID)}})
}

func orAll(list []string) string {
	if len(list) == 0 {
		return "all"
	}
	return strings.Join(list, ", ")
}

func reach(v ops.TokenView) (names []string) {
	for _, e := range v.Environments {
		if e.Name == "" {
			e.Name = e.ID
		}
		names = append(names, e.Name)
	}
	return names
}

func (p *printer) tokens(list []ops.TokenView) {
	var rows [][]cell
	for _, v := range list {
		ends := p.time(v.ExpiresAt)
		if v.Ended {
			ends = cell{"ended", grey}
		}
		rows = append(rows, []cell{text(v.Name), text("…" + v.Hint), text(orAll(v.Permissions)), text(orAll(reach(v))), ends, p.end(v.UsedAt), text(v.ID)})
	}
	p.table([]string{"name", "token", "permissions", "environments", "ends", "last used", "id"}, rows, "No access tokens. Create one with: holm token create NAME")
}

func (p *printer) sessions(list []ops.SessionView) {
	var rows [][]cell
	for _, v := range list {
		this := ""
		if v.Current {
			this = "this one"
		}
		rows = append(rows, []cell{text(v.Device), text(v.Address), text(v.Road), text(v.Method), p.time(v.CreatedAt), p.time(v.UsedAt), text(v.ID), text(this)})
	}
	p.table([]string{"device", "address", "road", "signed in with", "since", "last used", "id", ""}, rows, "No sessions.")
}

func (p *printer) security(v ops.SecurityView) {
	on := func(yes bool) cell {
		if yes {
			return cell{"on", green}
		}
		return cell{"off", grey}
	}
	p.pairs([]pair{{"password", on(v.HasPassword)}, {"one-time code", on(v.TOTP)}, {"recovery codes left", number(v.RecoveryCodesLeft)}})
	p.gap()
	var rows [][]cell
	for _, k := range v.Passkeys {
		rows = append(rows, []cell{text("passkey"), text(k.Name), p.time(k.CreatedAt), p.end(k.UsedAt), text(k.ID)})
	}
	for _, i := range v.Identities {
		rows = append(rows, []cell{text(v.Provider), text(i.Email), p.time(i.CreatedAt), p.end(i.UsedAt), text(i.ID)})
	}
	p.table([]string{"with", "name", "since", "last used", "id"}, rows, "No passkeys.")
}

// polishTOTPEnable asks for the code after it has shown the secret.
func polishTOTPEnable(c *command) {
	c.long = "Turn the one-time code on. Without --code a new secret is shown, for your\nauthenticator; then run it again with --code, which asks for a code of it."
	c.before = func(x *call) error {
		for _, f := range c.flags {
			if f.field.Name == "current_password" {
				f.ask = f.ask || x.given("code") && !f.stdin
			}
		}
		return nil
	}
	c.render = func(x *call, out any) error {
		v := out.(ops.TOTPView)
		if !v.Enabled {
			x.out.pairs([]pair{{"secret", text(v.Secret)}, {"address", text(v.URL)}})
			x.out.line("Add it to your authenticator, then: holm totp enable --code")
			return nil
		}
		x.out.line("The one-time code is on.")
		x.out.recovery(v.RecoveryCodes)
		return nil
	}
}

func (p *printer) recovery(codes []string) {
	if len(codes) == 0 {
		return
	}
	p.line("Recovery codes, each works once in place of a second factor. They are shown once; keep them apart from your devices:")
	for _, code := range codes {
		p.line("  %s", code)
	}
}
