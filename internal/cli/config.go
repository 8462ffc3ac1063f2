package cli

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/holmhq/holm"
)

// login is a session on a server under a name.
type login struct {
	Name   string `json:"name"`
	Server string `json:"server"`
	Email  string `json:"email"`
	Token  string `json:"token"`
}

// config is the file in which logins are kept.
type config struct {
	path    string
	Current string  `json:"current"` // the name of one
	Logins  []login `json:"logins"`
}

// configPath gives the file: HOLM_CONFIG, or holm/config.json in the user's
// folder for configuration.
func (a *app) configPath() (string, error) {
	if path := a.getenv("HOLM_CONFIG"); path != "" {
		return path, nil
	}
	dir := a.getenv("XDG_CONFIG_HOME")
	if dir == "" {
		home := a.getenv("HOME")
		if home == "" {
			return "", holm.Errorf(holm.CodeInvalid, "There is no home folder to keep logins in; set HOLM_CONFIG to a file.")
		}
		dir = filepath.Join(home, ".config")
	}
	return filepath.Join(dir, "holm", "config.json"), nil
}

// config reads the file; none is an empty one.
func (a *app) config() (*config, error) {
	path, err := a.configPath()
	if err != nil {
		return nil, err
	}
	c := &config{path: path}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, c); err != nil {
		return nil, holm.Wrap(holm.CodeInvalid, err, "The file of logins %s cannot be read; mend or delete it.", path)
	}
	return c, nil
}

// save writes the file whole or not at all, readable by its owner only: it
// holds tokens.
func (c *config) save() error {
	dir := filepath.Dir(c.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	data, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".config-*") // made with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(data, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), c.path)
}

// find gives the login of a name or of a server's address.
func (c *config) find(name string) (login, bool) {
	i := c.index(name)
	if i < 0 {
		return login{}, false
	}
	return c.Logins[i], true
}

func (c *config) index(name string) int {
	if i := slices.IndexFunc(c.Logins, func(l login) bool { return l.Name == name }); i >= 0 {
		return i
	}
	server := strings.TrimSuffix(name, "/")
	return slices.IndexFunc(c.Logins, func(l login) bool { return l.Server == server })
}

// put adds a login or replaces the one of the same name, and makes it the
// current one.
func (c *config) put(l login) {
	c.Logins = slices.DeleteFunc(c.Logins, func(o login) bool { return o.Name == l.Name })
	c.Logins = append(c.Logins, l)
	slices.SortFunc(c.Logins, func(x, y login) int { return strings.Compare(x.Name, y.Name) })
	c.Current = l.Name
}

// remove forgets a login. Another one becomes the current only when asked for:
// nobody should act somewhere by surprise.
func (c *config) remove(name string) {
	c.Logins = slices.DeleteFunc(c.Logins, func(l login) bool { return l.Name == name })
	if c.Current == name {
		c.Current = ""
	}
}

// login gives the login that a command uses: --context or HOLM_CONTEXT, else
// the current one; HOLM_SERVER and HOLM_TOKEN go over it. A stored token goes
// to its own server only.
func (a *app) login() (login, error) {
	c, err := a.config()
	if err != nil {
		return login{}, err
	}
	name := c.Current
	if n := a.getenv("HOLM_CONTEXT"); n != "" {
		name = n
	}
	if a.context != "" {
		name = a.context
	}
	l, found := c.find(name)
	if !found && name != "" && name != c.Current {
		return login{}, holm.Errorf(holm.CodeInvalid, "There is no login called %q; holm context lists them.", name)
	}
	if env := a.getenv("HOLM_SERVER"); env != "" && a.context == "" {
		server, err := serverAddress(env)
		if err != nil {
			return login{}, err
		}
		if server != l.Server {
			l = c.of(server)
		}
	}
	if token := a.getenv("HOLM_TOKEN"); token != "" && a.context == "" {
		l.Token = token
	}
	if l.Server == "" {
		return login{}, holm.Errorf(holm.CodeUnauthorized, "You are not signed in anywhere; start with: holm login URL")
	}
	return l, nil
}

// signedIn says that a login has no session, if so.
func (l login) signedIn() error {
	if l.Token != "" {
		return nil
	}
	return holm.Errorf(holm.CodeUnauthorized, "You are not signed in to %s; sign in with: holm login %s", l.Server, l.Server)
}

// of gives the login at a server; without one, the server alone.
func (c *config) of(server string) login {
	if l, ok := c.find(server); ok {
		return l
	}
	return login{Server: server}
}

// serverAddress brings the address of a server into one form:
// "https://holm.example.org". Without a scheme it is https, except for this
// computer.
func serverAddress(s string) (string, error) {
	if !strings.Contains(s, "://") {
		scheme := "https://"
		if u, err := url.Parse("http://" + s); err == nil && local(u.Hostname()) {
			scheme = "http://"
		}
		s = scheme + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", holm.Invalid("server", "%q is not the address of a server; write it like https://holm.example.org.", s)
	}
	return u.Scheme + "://" + strings.ToLower(u.Host) + strings.TrimRight(u.EscapedPath(), "/"), nil
}

// local says whether a host is this computer.
func local(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasPrefix(host, "127.") || host == "::1"
}
