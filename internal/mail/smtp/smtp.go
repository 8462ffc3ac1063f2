package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"slices"
	"time"

	gomail "github.com/wneessen/go-mail"
	gosmtp "github.com/wneessen/go-mail/smtp"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/mail"
	"github.com/holmhq/holm/internal/mail/compose"
)

// connectTimeout bounds the first step, which is quick or hopeless.
const connectTimeout = 15 * time.Second

// Sender hands each mail to the server over a connection of its own. Mails are
// few, and a connection kept open is one that dies between two mails.
type Sender struct {
	server Server
	clock  holm.Clock
}

// New makes a sender. It does not connect: a mail server that is down when
// Holm starts must not keep Holm from starting.
func New(server Server, clock holm.Clock) *Sender {
	if server.Timeout <= 0 {
		server.Timeout = defaultTimeout
	}
	return &Sender{server: server, clock: clock}
}

// Send returns when the server has taken the mail, or when ctx ends.
func (s *Sender) Send(ctx context.Context, message mail.Message) error {
	composed, err := compose.Compose(message, s.clock())
	if err != nil {
		return err
	}
	// The library heeds ctx only while it connects; closing the connection
	// under it is what ends the rest.
	unhook := func() bool { return true }
	defer func() { unhook() }()
	dial := func(dialing context.Context, network, _ string) (net.Conn, error) {
		connection, err := s.connect(dialing, network)
		if err == nil {
			unhook = context.AfterFunc(ctx, func() { _ = connection.Close() })
		}
		return connection, err
	}
	client, err := s.client(dial)
	if err != nil {
		return holm.Wrap(holm.CodeInternal, err, "The mail server %s cannot be used.", s.server)
	}
	err = client.DialAndSendWithContext(ctx, composed)
	// What fails after the server took the mail, saying good-bye, is no failure.
	if err == nil || composed.IsDelivered() {
		return nil
	}
	if ctx.Err() != nil {
		return holm.Wrap(holm.CodeUnavailable, errors.Join(ctx.Err(), err), "Handing the mail to %s was broken off.", s.server)
	}
	return s.explain(err, message.To)
}

// client prepares the library for one mail.
func (s *Sender) client(dial gomail.DialContextFunc) (*gomail.Client, error) {
	policy := map[Encryption]gomail.TLSPolicy{
		Offered: gomail.TLSOpportunistic, Required: gomail.TLSMandatory,
		Never: gomail.NoTLS, Implicit: gomail.NoTLS,
	}[s.server.Encryption]
	options := []gomail.Option{
		gomail.WithPort(s.server.Port), gomail.WithTimeout(s.server.Timeout),
		gomail.WithDialContextFunc(dial),
		gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(s.tlsConfig()),
		// Addresses are ASCII. Asking for more would make a mail undeliverable
		// behind a server that passes it on to one without.
		gomail.WithoutSMTPUTF8(),
	}
	if s.server.Encryption == Implicit {
		options = append(options, gomail.WithSSL())
	}
	if s.server.Hello != "" {
		options = append(options, gomail.WithHELO(s.server.Hello))
	}
	if s.server.User != "" {
		options = append(options,
			gomail.WithUsername(s.server.User), gomail.WithPassword(s.server.Password.Reveal()),
			// PLAIN and LOGIN are the library's guarded ones: over a connection in
			// clear text they refuse to send the password, except on this machine.
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5))
	}
	return gomail.NewClient(s.server.Host, options...)
}

func (s *Sender) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.server.Host, RootCAs: s.server.Authorities, MinVersion: tls.VersionTLS12}
}

func (s *Sender) connect(ctx context.Context, network string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: connectTimeout}
	if s.server.Encryption == Implicit {
		encrypted := tls.Dialer{NetDialer: dialer, Config: s.tlsConfig()}
		return encrypted.DialContext(ctx, network, s.server.String())
	}
	return dialer.DialContext(ctx, network, s.server.String())
}

// aboutUs are the answers that speak of Holm's sign-in, not of the mail: the
// operator can mend them, so the mail is kept and tried again.
var aboutUs = []int{530, 534, 535, 538}

// explain says what the failure means for people, and whether it is final.
func (s *Sender) explain(err error, to string) error {
	var unknown x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var refused *gomail.SendError
	switch {
	case errors.Is(err, gosmtp.ErrUnencrypted):
		return holm.Wrap(holm.CodeUnavailable, err, "The mail server %s offers no encryption, and Holm does not send its password in clear text.", s.server)
	case errors.As(err, &unknown), errors.As(err, &hostname):
		return holm.Wrap(holm.CodeUnavailable, err, "The certificate of the mail server %s cannot be trusted; name its authority with the option ca=FILE.", s.server)
	case errors.As(err, &refused) && refused.ErrorCode() >= 500 && !slices.Contains(aboutUs, refused.ErrorCode()):
		return mail.Refused(err, "The mail server %s does not take the mail to %s (%d).", s.server, to, refused.ErrorCode())
	}
	return holm.Wrap(holm.CodeUnavailable, err, "The mail server %s did not take the mail; it will be tried again.", s.server)
}
