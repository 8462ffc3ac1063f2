// Package smtp is the mail driver that hands mails to a mail server.
//
// It must not know what the mails are about.
package smtp

import (
	"crypto/x509"
	"net"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/holmhq/holm"
)

// Encryption says when the connection is encrypted.
type Encryption string

// The ways to encrypt.
const (
	Offered  Encryption = "offered"  // STARTTLS if the server offers it
	Required Encryption = "required" // STARTTLS, or no mail at all
	Never    Encryption = "never"    // clear text, for a server on this machine
	Implicit Encryption = "implicit" // TLS from the first byte (smtps://)
)

// Server is a mail server and how to speak to it.
type Server struct {
	Host       string
	Port       int
	User       string // empty: no sign-in
	Password   holm.Secret
	Encryption Encryption
	// Hello is the name that Holm gives itself; empty means the machine's name.
	Hello string
	// Timeout bounds signing in, and after that handing over one mail.
	Timeout time.Duration
	// Authorities vouch for the server's certificate; nil means the machine's.
	Authorities *x509.CertPool
}

// defaultTimeout leaves time for a server that scans what it gets.
const defaultTimeout = time.Minute

// Parse reads a server from its URL:
//
//	smtp://user:password@host:587      STARTTLS when offered
//	smtps://user:password@host:465     TLS from the first byte
//
// Options follow after "?": starttls=offered|required|never, timeout=30s,
// hello=NAME, ca=FILE (a PEM file of authorities to trust instead of the
// machine's). Without a port, smtps means 465, smtp with a user 587, else 25.
// No error repeats the URL: it may hold a password.
func Parse(address string) (Server, error) {
	u, err := url.Parse(address)
	if err != nil {
		return Server{}, invalid("The mail server's URL cannot be read; write smtp://user:password@host:587, with %%40 for an @ in the password.")
	}
	s := Server{Host: u.Hostname(), User: u.User.Username(), Timeout: defaultTimeout}
	password, _ := u.User.Password()
	s.Password = holm.NewSecret(password)
	switch {
	case u.Scheme == "smtps":
		s.Encryption, s.Port = Implicit, 465
	case u.Scheme == "smtp" && s.User != "":
		s.Encryption, s.Port = Offered, 587
	case u.Scheme == "smtp":
		s.Encryption, s.Port = Offered, 25
	default:
		return Server{}, invalid("The mail server's URL starts with neither smtp:// nor smtps://.")
	}
	if s.Host == "" {
		return Server{}, invalid("The mail server's URL names no host.")
	}
	if (u.Path != "" && u.Path != "/") || u.Fragment != "" {
		return Server{}, invalid("The mail server's URL has a path, which means nothing here.")
	}
	if port := u.Port(); port != "" {
		s.Port, err = strconv.Atoi(port)
		if err != nil || s.Port < 1 || s.Port > 65535 {
			return Server{}, invalid("The mail server's port %q is not between 1 and 65535.", port)
		}
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Server{}, invalid("The options of the mail server's URL cannot be read.")
	}
	for name, values := range query {
		if err := s.set(name, values[len(values)-1]); err != nil {
			return Server{}, err
		}
	}
	return s, nil
}

// set takes one option of the URL.
func (s *Server) set(name, value string) error {
	switch name {
	case "starttls":
		if s.Encryption == Implicit {
			return invalid("The option starttls does not go with smtps://, which is encrypted from the start.")
		}
		s.Encryption = Encryption(value)
		if s.Encryption != Offered && s.Encryption != Required && s.Encryption != Never {
			return invalid("The mail server's option starttls is %q; it can be offered, required or never.", value)
		}
	case "timeout":
		d, err := time.ParseDuration(value)
		if err != nil || d < time.Second || d > 10*time.Minute {
			return invalid("The mail server's option timeout is %q; write a time from 1s to 10m.", value)
		}
		s.Timeout = d
	case "hello":
		if value == "" {
			return invalid("The mail server's option hello is empty; leave it out for the machine's name.")
		}
		s.Hello = value
	case "ca":
		pem, err := os.ReadFile(value)
		if err != nil {
			return holm.Wrap(holm.CodeInvalid, err, "The file of the mail server's option ca, %s, cannot be read.", value)
		}
		s.Authorities = x509.NewCertPool()
		if !s.Authorities.AppendCertsFromPEM(pem) {
			return invalid("The file of the mail server's option ca, %s, has no certificate in PEM.", value)
		}
	default:
		return invalid("The mail server's URL has an option %q; there are starttls, timeout, hello and ca.", name)
	}
	return nil
}

// String gives the address, without user and password.
func (s Server) String() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

func invalid(format string, args ...any) error { return holm.Invalid("smtp", format, args...) }
