package config

import (
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/mail/smtp"
	"github.com/holmhq/holm/internal/origin"
	"github.com/holmhq/holm/internal/sink"
)

// off turns a listener off.
const off = "off"

// option is one decision: how it is called everywhere, what holds when nobody
// decides, and how its text becomes part of a Config. A setter's error is one
// sentence for people, and never repeats a secret.
type option struct {
	name, standard, help string
	set                  func(c *Config, text string) error
}

var options = []option{
	{"data", "./data", "folder for everything that must be kept", func(c *Config, s string) error {
		if s == "" {
			return fault("Name the folder for data.")
		}
		return absolute(&c.Data, s)
	}},
	{"keys", "", "folder of secret.key and audit.key, to keep them apart from the data (default: the data folder)", func(c *Config, s string) error {
		if s == "" {
			return nil
		}
		return absolute(&c.Keys, s)
	}},
	{"http", "127.0.0.1:8080", "address of dashboard, REST and environments, or off", func(c *Config, s string) error {
		return listener(&c.HTTP, s)
	}},
	{"https", off, "the same with TLS, or off", func(c *Config, s string) error {
		return listener(&c.HTTPS, s)
	}},
	{"ssh", "127.0.0.1:3022", "address kept for the SSH gateway; nothing listens there yet", func(c *Config, s string) error {
		return listener(&c.SSH, s)
	}},
	{"ftp", off, "off: there is no FTP gateway yet", func(c *Config, s string) error {
		return listener(&c.FTP, s)
	}},
	{"base-domain", "holm.localhost", "environments answer at <name>.<base domain>", setBaseDomain},
	{"public-url", "", "URL of the dashboard in mails (default: from base-domain and the addresses)", setPublicURL},
	{"trusted-proxies", "", "addresses or networks of the proxies in front of Holm, whose X-Forwarded-For and X-Forwarded-Proto are believed", func(c *Config, s string) (err error) {
		c.Proxies, err = origin.Parse(s)
		return err
	}},
	{"engine", string(Local), "what runs nodes: local, or simulated to try Holm without any", setEngine},
	{"stacks", "", "folder with stacks of your own (docs/stacks.md)", func(c *Config, s string) error {
		if s == "" {
			return nil
		}
		return absolute(&c.Stacks, s)
	}},
	{"database", "sqlite", "sqlite, or postgres://user:password@host/name", setDatabase},
	{"smtp", "outbox", "mail server, smtp://user:password@host:port or smtps://…, or outbox to keep mails unsent", setSMTP},
	{"mail-from", "", "address that mails come from (default: holm@<base domain>)", func(c *Config, s string) error {
		return optionalEmail(&c.MailFrom, s)
	}},
	{"mail-dir", "", "folder that gets every sent mail as a file too", func(c *Config, s string) error {
		if s == "" {
			return nil
		}
		return absolute(&c.MailDir, s)
	}},
	{"operator-email", "", "address of the first user, to create one unattended", func(c *Config, s string) error {
		return optionalEmail(&c.OperatorEmail, s)
	}},
	{"operator-password", "", "password of the first user; rather in a file or in HOLM_OPERATOR_PASSWORD, flags can be seen by others", func(c *Config, s string) error {
		c.OperatorPassword = holm.NewSecret(s)
		return nil
	}},
	{"database-file", "", "file that holds what --database says, where that has a password", func(c *Config, s string) error {
		return fromFile(c, s, setDatabase)
	}},
	{"smtp-file", "", "file that holds what --smtp says, where that has a password", func(c *Config, s string) error {
		return fromFile(c, s, setSMTP)
	}},
	{"operator-password-file", "", "file that holds the password of the first user", func(c *Config, s string) error {
		return fromFile(c, s, func(c *Config, text string) error {
			c.OperatorPassword = holm.NewSecret(text)
			return nil
		})
	}},
	{"oidc-issuer", "", "address of a sign-in provider (OpenID Connect), empty for none", setIssuer},
	{"oidc-client-id", "", "what the sign-in provider calls this installation", func(c *Config, s string) error {
		c.OIDC.ClientID = s
		return nil
	}},
	{"oidc-secret-file", "", "file with the secret that the sign-in provider gave; empty for a public client", func(c *Config, s string) error {
		if s == "" {
			return nil
		}
		return absolute(&c.OIDC.SecretFile, s)
	}},
	{"oidc-name", "", "what people call the sign-in provider (default: its host)", func(c *Config, s string) error {
		if err := holm.CheckLine("name", s, 40); err != nil {
			return fault("The name of the sign-in provider must fit a button.")
		}
		c.OIDC.Name = s
		return nil
	}},
	{"sign-up", "closed", "open: anybody may make an account; closed: only who is invited", setSignUp},
	{"audit-keep", "400d", "how long audit rows are kept, in days, at least 30d: 400d; or forever", setAuditKeep},
	{"audit-push", off, "where audit rows are brought to as well: https://host/path, syslog+tls://host:6514, syslog://host:514, or off", setAuditPush},
	{"checkpoints", off, "folder that gets every signed checkpoint of the audit logs, best on another machine, or off", func(c *Config, s string) error {
		if s == off {
			c.Checkpoints = ""
			return nil
		}
		return absolute(&c.Checkpoints, s)
	}},
	{"checkpoints-mail", "", "address that gets the newest checkpoints by mail each day", func(c *Config, s string) error {
		return optionalEmail(&c.CheckpointsMail, s)
	}},
	{"keep-deleted", "7d", "how long a deleted environment can be restored, in days or hours: 7d, 12h; 0 erases it at once", setKeepDeleted},
}

func fault(format string, args ...any) error { return holm.Errorf(holm.CodeInvalid, format, args...) }

// absolute makes a path independent of the folder that Holm runs in.
func absolute(into *string, path string) error {
	if strings.ContainsAny(path, "\x00\n\r") {
		return fault("A folder's name cannot contain a line break.")
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return fault("The folder %s cannot be found from here.", path)
	}
	*into = full
	return nil
}

// listener checks host:port; a host is an IP address, localhost or nothing.
func listener(into *string, text string) error {
	if text == off {
		*into = ""
		return nil
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return fault("%q is not an address to listen on; write host:port, like 127.0.0.1:8080, or off.", text)
	}
	if number, err := strconv.Atoi(port); err != nil || number < 0 || number > 65535 || strings.ContainsAny(port, "+-") {
		return fault("%q is not a port; it is a number up to 65535.", port)
	}
	if _, err := netip.ParseAddr(host); err != nil && host != "" && host != "localhost" {
		return fault("%q is not an IP address of this machine to listen on.", host)
	}
	*into = text
	return nil
}

func setBaseDomain(c *Config, text string) error {
	domain := strings.ToLower(strings.TrimSuffix(text, "."))
	if len(domain) > 190 { // leaves room for a name of 63 in front
		return fault("The domain is longer than 190 characters.")
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return fault("%q is not a domain; write one like apps.example.com.", text)
		}
	}
	if _, err := netip.ParseAddr(domain); err == nil {
		return fault("%s is an IP address; environments need a domain, of which they get names.", text)
	}
	c.BaseDomain = domain
	return nil
}

func setPublicURL(c *Config, text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" ||
		u.User != nil || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery {
		return fault("This is not the URL of a dashboard; write one like https://holm.example.com, without a path.")
	}
	c.PublicURL = u.Scheme + "://" + u.Host
	return nil
}

// setIssuer takes HTTPS, and plain HTTP from this machine alone: who can
// change what a provider says can sign in as anybody.
func setIssuer(c *Config, text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return fault("This is not the address of a sign-in provider; write one like https://login.example.com.")
	}
	ip, err := netip.ParseAddr(u.Hostname())
	near := u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	if u.Scheme != "https" && !(u.Scheme == "http" && near) {
		return fault("A sign-in provider is reached by https.")
	}
	c.OIDC.Issuer = text
	return nil
}

func setEngine(c *Config, text string) error {
	c.Engine = Engine(text)
	switch c.Engine {
	case Local, Kubernetes, Simulated:
		return nil
	}
	return fault("There is no engine %q; there are local, kubernetes and simulated.", text)
}

func setDatabase(c *Config, text string) error {
	if text != "sqlite" && text != "sqlite:memory" {
		// What is wrong with it is not told: it may contain a password.
		u, err := url.Parse(text)
		if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
			return fault("This is not a database that Holm knows; write sqlite or postgres://user:password@host/name.")
		}
		if strings.Trim(u.Path, "/") == "" {
			return fault("The URL of the PostgreSQL database does not say which database; write postgres://user:password@host/name.")
		}
	}
	c.Database = holm.NewSecret(text)
	return nil
}

func setSMTP(c *Config, text string) error {
	if text == "outbox" {
		c.SMTP = nil
		return nil
	}
	server, err := smtp.Parse(text)
	if err != nil {
		return err
	}
	c.SMTP = &server
	return nil
}

// fromFile gives the text of a file to the option that it stands for. A line
// break at its end is the editor's.
func fromFile(c *Config, path string, set func(*Config, string) error) error {
	if path == "" {
		return nil
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > longestFile {
		return fault("The file %s cannot be read; name a file that holds the value and nothing else.", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fault("The file %s cannot be read; who starts Holm must be allowed to.", path)
	}
	value := strings.TrimRight(string(text), "\r\n")
	if value == "" || strings.ContainsAny(value, "\r\n\x00") {
		return fault("The file %s must hold one line with the value.", path)
	}
	return set(c, value)
}

func setSignUp(c *Config, text string) error {
	if text != "open" && text != "closed" {
		return fault("%q is neither open nor closed.", text)
	}
	c.SignUpOpen = text == "open"
	return nil
}

// longestKept bounds how long deleted environments may fill the disk.
const longestKept = 3650 * 24 * time.Hour

func setKeepDeleted(c *Config, text string) error {
	wrong := fault("%q is not how long; write days or hours like 7d or 12h, or 0, at most 3650d.", text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 || n > 3650 {
			return wrong
		}
		c.KeepDeleted = time.Duration(n) * 24 * time.Hour
		return nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > longestKept {
		return wrong
	}
	c.KeepDeleted = d
	return nil
}

func setAuditKeep(c *Config, text string) error {
	if text == "forever" {
		c.AuditKeep = 0
		return nil
	}
	days, err := strconv.Atoi(strings.TrimSuffix(text, "d"))
	if err != nil || !strings.HasSuffix(text, "d") || days < 30 || days > 36500 {
		return fault("%q is not how long to keep audit rows; write days, at least 30d, or forever.", text)
	}
	c.AuditKeep = time.Duration(days) * 24 * time.Hour
	return nil
}

func setAuditPush(c *Config, text string) error {
	c.AuditPush = holm.Secret{}
	if text == off || text == "" {
		return nil
	}
	if _, err := sink.Parse(text); err != nil {
		return err
	}
	c.AuditPush = holm.NewSecret(text)
	return nil
}

func optionalEmail(into *string, text string) error {
	if text == "" {
		return nil
	}
	email, err := holm.ParseEmail(text)
	*into = email
	return err
}
