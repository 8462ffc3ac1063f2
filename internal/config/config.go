// Package config reads what an operator has decided: flags of 'holm serve',
// HOLM_… in the environment, and a file, in that order of precedence.
//
// It checks what can be checked by reading. It must not open, connect to or
// listen on anything it names, except that file and those that hold passwords.
package config

import (
	"net"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/mail/smtp"
	"github.com/holmhq/holm/internal/origin"
)

// Engine names what runs nodes.
type Engine string

// The engines.
const (
	Local      Engine = "local"
	Kubernetes Engine = "kubernetes"
	Simulated  Engine = "simulated"
)

// Config is every decision of the operator, checked. Addresses to listen on
// are host:port; empty means off.
type Config struct {
	Data             string // folder for everything that must be kept; absolute
	Keys             string // folder of the keys; absolute
	HTTP             string
	HTTPS            string
	SSH              string
	FTP              string
	BaseDomain       string // environments answer at <name>.<base domain>
	PublicURL        string // of the dashboard, in mails; without a slash at its end
	Engine           Engine
	Stacks           string       // folder with stacks of the operator's own; empty: none
	Database         holm.Secret  // "sqlite", "sqlite:memory" or postgres://…
	SMTP             *smtp.Server // nil: mails stay in the outbox
	MailFrom         string       // address that mails come from
	MailDir          string       // every mail as a file too; empty: no
	OperatorEmail    string       // creates the first user unattended; empty: no
	OperatorPassword holm.Secret
	OIDC             OIDC          // the sign-in provider
	SignUpOpen       bool          // may anybody make an account?
	Checkpoints      string        // folder that gets signed checkpoints; empty: no
	CheckpointsMail  string        // address that gets them each day; empty: no
	AuditKeep        time.Duration // how long audit rows are kept; 0: for ever
	AuditPush        holm.Secret   // where audit rows are brought to as well, for sink.Parse; empty: no
	// KeepDeleted is how long a deleted environment can be restored; 0: it is
	// erased at once.
	KeepDeleted time.Duration
	// Proxies in front of Holm, whose word about a client's address is taken.
	Proxies origin.Proxies
	// Exposed names the options whose passwords stand in the command line,
	// where every user of the machine can read them.
	Exposed []string
}

// OIDC is where the sign-in provider is; without an issuer there is none.
type OIDC struct {
	Issuer     string
	ClientID   string
	SecretFile string // absolute; empty for a public client
	Name       string // as people know it; empty for its host
}

// Load reads the configuration from arguments and the environment, as
// 'holm serve' does. env is os.Getenv.
func Load(args []string, env func(string) string) (Config, error) {
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	flags.Usage = func() {}
	Register(flags)
	if err := flags.Parse(args); err != nil {
		return Config{}, FlagError(err)
	}
	if flags.NArg() > 0 {
		return Config{}, holm.Errorf(holm.CodeInvalid, "There is no option called %q; options begin with --.", flags.Arg(0))
	}
	return From(flags, env)
}

// Register adds every option as a flag, for a command that calls From after
// its flags were read.
func Register(flags *pflag.FlagSet) {
	flags.String(fileOption, "", "file of options, as YAML")
	for _, o := range options {
		// The default is only shown here: From gives it to what nobody has set.
		flags.String(o.name, o.standard, o.help)
	}
}

// From reads the configuration from flags that Register added and that were
// parsed. All faults are told at once, a sentence each, on a line each.
func From(flags *pflag.FlagSet, env func(string) string) (Config, error) {
	values := make(map[string]value, len(options))
	for _, o := range options {
		values[o.name] = value{text: o.standard, source: "default"}
	}
	var faults faults
	if path, source := filePath(flags, env); source != "" {
		faults.add(readFile(path, values))
	}
	for _, o := range options {
		if text := env(variable(o.name)); text != "" {
			values[o.name] = value{text, variable(o.name)}
		}
		if flag := flags.Lookup(o.name); flag != nil && flag.Changed {
			values[o.name] = value{flag.Value.String(), "--" + o.name}
		}
	}
	var c Config
	for _, o := range options {
		v := values[o.name]
		if of, isFile := strings.CutSuffix(o.name, "-file"); isFile && v.text != "" && values[of].source != "" && values[of].source != "default" {
			faults.add(holm.Invalid(o.name, "%s: %s is given by %s already; give one of the two.", v.source, of, values[of].source))
		}
		if secret(o.name, v.text) && v.source == "--"+o.name {
			c.Exposed = append(c.Exposed, o.name)
		}
		if err := o.set(&c, v.text); err != nil {
			faults.add(holm.Invalid(o.name, "%s: %s", v.source, holm.AsError(err).Detail))
		}
	}
	if len(faults) == 0 {
		faults.add(c.derive()...)
	}
	return c, faults.error()
}

// value is what one option was given, and where, for messages.
type value struct{ text, source string }

// variable gives an option's name in the environment: HOLM_BASE_DOMAIN.
func variable(name string) string {
	return "HOLM_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// derive fills in what follows from other options, and checks what only
// several together can get wrong.
func (c *Config) derive() []error {
	var faults []error
	if c.Keys == "" {
		c.Keys = c.Data
	}
	if c.MailFrom == "" {
		c.MailFrom = "holm@" + c.BaseDomain
	}
	if c.PublicURL == "" {
		c.PublicURL = c.Address(c.HTTP, c.HTTPS)
	}
	if (c.OperatorEmail == "") != c.OperatorPassword.Empty() {
		faults = append(faults, holm.Invalid("operator-email", "operator-email and operator-password make the first user together; give both or neither."))
	}
	if host := c.PublicHost(); strings.HasSuffix(host, "."+c.BaseDomain) {
		faults = append(faults, holm.Invalid("public-url", "The dashboard cannot be at %s: every name below the base domain %s is an environment's. Give it a host of another domain with --public-url.", host, c.BaseDomain))
	}
	if (c.OIDC.Issuer == "") != (c.OIDC.ClientID == "") {
		faults = append(faults, holm.Invalid("oidc-issuer", "oidc-issuer and oidc-client-id make the sign-in provider together; give both or neither."))
	}
	if c.HTTP == "" && c.HTTPS == "" {
		faults = append(faults, holm.Invalid("http", "http and https are both off; nobody could reach the dashboard."))
	}
	taken := map[string]string{}
	for _, listener := range []struct{ name, address string }{{"http", c.HTTP}, {"https", c.HTTPS}, {"ssh", c.SSH}, {"ftp", c.FTP}} {
		if listener.address == "" || strings.HasSuffix(listener.address, ":0") {
			continue
		}
		if other, found := taken[listener.address]; found {
			faults = append(faults, holm.Invalid(listener.name, "%s and %s cannot both listen on %s.", other, listener.name, listener.address))
		}
		taken[listener.address] = listener.name
	}
	return faults
}

// Address gives the dashboard's URL when it listens on these addresses. With a
// port of 0 it is "", because the port is known only once the server listens;
// ask again with the address it got.
func (c Config) Address(http, https string) string {
	scheme, listen, usual := "https", https, "443"
	if https == "" {
		scheme, listen, usual = "http", http, "80"
	}
	host, port, err := net.SplitHostPort(listen)
	if err != nil || port == "0" {
		return ""
	}
	// An address of all interfaces is nothing to type; certificates are for
	// names. Only a loopback address is a way to reach a server by number.
	if ip := net.ParseIP(host); scheme == "https" || host == "" || (ip != nil && ip.IsUnspecified()) {
		host = c.BaseDomain
	}
	if port == usual {
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		return scheme + "://" + host
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}
