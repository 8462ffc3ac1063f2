package cli

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/client"
	"github.com/holmhq/holm/ops"
)

// loginFlags are the flags of holm login.
type loginFlags struct {
	email, name string
	stdin       bool
}

func (a *app) loginCommand() *cobra.Command {
	var f loginFlags
	cmd := &cobra.Command{
		Use: "login [URL]", Short: "Sign in to a server and keep the login",
		Long: "Sign in to a server and keep the login on this computer, readable by you only.\nThe login is then the current one. Without URL: sign in again where you were.\n" +
			"HOLM_SERVER and HOLM_TOKEN, where set, go over what is kept.",
		Example: "  holm login https://holm.example.org\n  holm login https://holm.example.org --email ana@example.org --password-stdin < password",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return noArguments(cmd, args[1:])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.signIn(cmd, args, f) },
	}
	cmd.Flags().StringVar(&f.email, "email", "", "Your e-mail address; asked for when not given")
	cmd.Flags().BoolVar(&f.stdin, "password-stdin", false, "Read the password from standard input, and on a second line the code where one is asked for")
	cmd.Flags().StringVar(&f.name, "name", "", "Call the login this; the server's host when not given")
	return cmd
}

// signIn makes a session and keeps it.
func (a *app) signIn(cmd *cobra.Command, args []string, f loginFlags) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	l, err := a.wantedLogin(c, args, f)
	if err != nil {
		return err
	}
	if u, _ := url.Parse(l.Server); u.Scheme == "http" && !local(u.Hostname()) {
		fmt.Fprintf(cmd.ErrOrStderr(), "Careful: %s is not encrypted; others on the way can read the password.\n", l.Server)
	}
	ask := a.asker(cmd)
	if l.Email == "" {
		if l.Email, err = ask.line("E-mail: ", "--email"); err != nil {
			return err
		}
	}
	password, err := ask.secret("Password: ", "password", f.stdin, false)
	if err != nil {
		return err
	}
	var in ops.SessionCreateInput
	in.Body.Email, in.Body.Password = l.Email, password
	session, err := a.signInTwice(cmd, a.client(l), ask, in, f.stdin)
	if err != nil {
		return err
	}
	return a.keep(cmd, c, l, session)
}

// wantedLogin says where somebody signs in, and as whom as far as known.
func (a *app) wantedLogin(c *config, args []string, f loginFlags) (login, error) {
	var l login
	if len(args) == 0 {
		known, err := a.login()
		if err != nil {
			return l, holm.Errorf(holm.CodeInvalid, "Give the server's address: holm login https://holm.example.org")
		}
		l = login{Name: known.Name, Server: known.Server, Email: known.Email}
	} else {
		server, err := serverAddress(args[0])
		if err != nil {
			return l, err
		}
		l.Server = server
	}
	if f.name != "" {
		l.Name = f.name
	}
	if f.email != "" {
		l.Email = f.email
	}
	if l.Name == "" {
		u, _ := url.Parse(l.Server)
		l.Name = u.Host + u.Path
	}
	return l, nil
}

// keep stores a new session as the current login.
func (a *app) keep(cmd *cobra.Command, c *config, l login, session ops.SessionCreated) error {
	l.Token, l.Email = session.Token, session.User.Email
	c.put(l)
	if err := c.save(); err != nil {
		return err
	}
	if a.json {
		return printJSON(cmd.OutOrStdout(), session.User)
	}
	a.out(cmd).line("Signed in to %s as %s.", l.Server, l.Email)
	return nil
}

func (a *app) logoutCommand() *cobra.Command {
	return &cobra.Command{
		Use: "logout", Short: "End the session and forget the login", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := a.login()
			if err != nil {
				return err
			}
			_, err = client.Call(cmd.Context(), a.client(l), ops.SessionDelete, ops.SessionDeleteInput{Session: "current"})
			// The login is forgotten whatever the server says; it may be
			// gone for good.
			if c, cerr := a.config(); cerr == nil && l.Name != "" {
				c.remove(l.Name)
				if serr := c.save(); serr != nil {
					return serr
				}
			}
			if code := holm.CodeOf(err); err != nil && code != holm.CodeUnauthorized && code != holm.CodeNotFound {
				return holm.Wrap(code, err, "The login is forgotten here, but the session could not be ended on %s.", l.Server)
			}
			if !a.json {
				a.out(cmd).line("Signed out of %s.", l.Server)
			}
			return nil
		},
	}
}

func (a *app) whoamiCommand() *cobra.Command {
	return &cobra.Command{
		Use: "whoami", Short: "Show who you are and where", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			l, err := a.login()
			if err == nil {
				err = l.signedIn()
			}
			if err != nil {
				return err
			}
			answer, err := a.client(l).Send(cmd.Context(), ops.UserShow.Operation, ops.UserShowInput{})
			if err != nil {
				return err
			}
			if a.json {
				return printRaw(cmd.OutOrStdout(), answer.JSON)
			}
			u := answer.Value.(ops.UserView)
			operator := ""
			if u.Operator {
				operator = "yes"
			}
			a.out(cmd).pairs([]pair{{"email", text(u.Email)}, {"name", text(u.Name)}, {"account", text(u.Account.Type)},
				{"operator", text(operator)}, {"server", text(l.Server)}})
			return nil
		},
	}
}

func (a *app) contextCommand() *cobra.Command {
	return &cobra.Command{
		Use: "context [NAME]", Short: "List the logins on this computer, or switch to one", ValidArgsFunction: a.completeContexts,
		Args: func(cmd *cobra.Command, args []string) error { return noArguments(cmd, args[min(len(args), 1):]) },
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.config()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return a.listContexts(cmd, c)
			}
			l, ok := c.find(args[0])
			if !ok {
				return holm.Errorf(holm.CodeNotFound, "There is no login called %q; holm context lists them.", args[0])
			}
			c.Current = l.Name
			if err := c.save(); err != nil {
				return err
			}
			a.out(cmd).line("Now using %s as %s.", l.Server, l.Email)
			return nil
		},
	}
}

func (a *app) listContexts(cmd *cobra.Command, c *config) error {
	type view struct {
		Name    string `json:"name"`
		Server  string `json:"server"`
		Email   string `json:"email"`
		Current bool   `json:"current"`
	}
	views, rows := []view{}, [][]cell{}
	for _, l := range c.Logins {
		current := ""
		if l.Name == c.Current {
			current = "current"
		}
		views = append(views, view{l.Name, l.Server, l.Email, current != ""})
		rows = append(rows, []cell{text(l.Name), text(l.Server), text(l.Email), text(current)})
	}
	if a.json {
		return printJSON(cmd.OutOrStdout(), views)
	}
	a.out(cmd).table([]string{"name", "server", "email", ""}, rows, "No logins yet. Start with: holm login URL")
	return nil
}

// linkServer takes a mailed link apart into the server's address and the
// token. What is no link is the token itself.
func linkServer(s string) (server, token string, err error) {
	if !strings.Contains(s, "://") {
		return "", s, nil
	}
	u, err := url.Parse(s)
	if err != nil {
		return "", "", holm.Invalid("token", "The link cannot be read; copy it whole from the mail.")
	}
	path := strings.TrimRight(u.EscapedPath(), "/")
	at := strings.LastIndexByte(path, '/')
	folder := ""
	if at > 0 {
		folder = path[:at]
		token, err = url.PathUnescape(path[at+1:])
	}
	if err != nil || token == "" {
		return "", "", holm.Invalid("token", "The link cannot be read; copy it whole from the mail.")
	}
	server, err = serverAddress(u.Scheme + "://" + u.Host + folder[:strings.LastIndexByte(folder, '/')])
	return server, token, err
}
