package smtp_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/mail"
	"github.com/holmhq/holm/internal/mail/smtp"
)

// delivery is what the server took.
type delivery struct {
	from, to, user string
	encrypted      bool
	text           []byte
}

// server is a real mail server whose answers a test chooses.
type server struct {
	smtp.Server // how to reach it
	taken       chan delivery

	rcpt, data error // answers; nil takes the mail
	hangUp     bool  // breaks the connection in the middle of the text
}

const password = "correct horse"

// start runs a server with the settings that configure makes.
func start(t *testing.T, host string, implicit bool, configure func(*server, *gosmtp.Server)) *server {
	t.Helper()
	s := &server{taken: make(chan delivery, 10)}
	certificate := httptest.NewTLSServer(nil)
	t.Cleanup(certificate.Close)
	s.Authorities = x509.NewCertPool()
	s.Authorities.AddCert(certificate.Certificate())

	real := gosmtp.NewServer(gosmtp.BackendFunc(func(c *gosmtp.Conn) (gosmtp.Session, error) {
		return &session{server: s, conn: c}, nil
	}))
	real.TLSConfig = &tls.Config{Certificates: certificate.TLS.Certificates}
	real.ErrorLog = log.New(io.Discard, "", 0)
	if configure != nil {
		configure(s, real)
	}
	listener, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Fatal(err)
	}
	s.Host, s.Port, s.Timeout = host, listener.Addr().(*net.TCPAddr).Port, 30*time.Second
	s.Encryption = smtp.Offered
	if implicit {
		listener, s.Encryption = tls.NewListener(listener, real.TLSConfig), smtp.Implicit
	}
	go func() { _ = real.Serve(listener) }()
	t.Cleanup(func() { _ = real.Close() })
	return s
}

type session struct {
	server *server
	conn   *gosmtp.Conn
	now    delivery
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, given string) error {
		if given != password {
			return gosmtp.ErrAuthFailed
		}
		s.now.user = user
		return nil
	}), nil
}
func (s *session) Mail(from string, _ *gosmtp.MailOptions) error { s.now.from = from; return nil }
func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	s.now.to = to
	return s.server.rcpt
}
func (s *session) Data(r io.Reader) error {
	if s.server.hangUp {
		return s.conn.Conn().Close()
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.server.data != nil {
		return s.server.data
	}
	_, s.now.encrypted = s.conn.TLSConnectionState()
	s.now.text = text
	s.server.taken <- s.now
	return nil
}
func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func message() mail.Message {
	return mail.Message{To: "ana@example.com", ToName: "Ana", From: "holm@example.org", FromName: "Holm",
		Subject: "Žofie shared “obchod”", Text: "Hello.\n.\nBye.\n", HTML: "<p>Hello.</p>", MessageID: "ntf_1@example.org"}
}

func send(t *testing.T, to smtp.Server) error {
	t.Helper()
	return smtp.New(to, time.Now).Send(t.Context(), message())
}

func TestSend(t *testing.T) {
	for name, try := range map[string]struct {
		implicit, noTLS bool
		encryption      smtp.Encryption
		encrypted       bool
	}{
		"TLS from the start":         {implicit: true, encryption: smtp.Implicit, encrypted: true},
		"STARTTLS offered":           {encryption: smtp.Offered, encrypted: true},
		"STARTTLS required":          {encryption: smtp.Required, encrypted: true},
		"STARTTLS not wanted":        {encryption: smtp.Never},
		"STARTTLS not to be had":     {encryption: smtp.Offered, noTLS: true},
		"no sign-in, no encryption ": {encryption: smtp.Never, noTLS: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, "127.0.0.1", try.implicit, func(_ *server, real *gosmtp.Server) {
				real.AllowInsecureAuth = true
				if try.noTLS {
					real.TLSConfig = nil
				}
			})
			s.Encryption, s.User, s.Password = try.encryption, "holm", holm.NewSecret(password)
			if err := send(t, s.Server); err != nil {
				t.Fatal(err)
			}
			got := <-s.taken
			if got.from != "holm@example.org" || got.to != "ana@example.com" || got.user != "holm" || got.encrypted != try.encrypted {
				t.Errorf("arrived: %+v", got)
			}
			back, err := netmail.ReadMessage(bytes.NewReader(got.text))
			if err != nil || back.Header.Get("Message-Id") != "<ntf_1@example.org>" || back.Header.Get("Auto-Submitted") != "auto-generated" {
				t.Errorf("the mail is not ours (%v): %s", err, got.text)
			}
			if !bytes.Contains(got.text, []byte("\r\n.\r\nBye.")) {
				t.Errorf("the line with a dot is lost: %s", got.text)
			}
		})
	}
}

func TestFailures(t *testing.T) {
	for name, try := range map[string]struct {
		prepare func(*server, *gosmtp.Server)
		reach   func(*smtp.Server)
		final   bool
		says    string
	}{
		"recipient unknown": {prepare: func(s *server, _ *gosmtp.Server) {
			s.rcpt = &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
		}, final: true, says: "does not take the mail to ana@example.com (550)"},
		"recipient greylisted": {prepare: func(s *server, _ *gosmtp.Server) {
			s.rcpt = &gosmtp.SMTPError{Code: 450, EnhancedCode: gosmtp.EnhancedCode{4, 2, 0}, Message: "later"}
		}, says: "tried again"},
		"text refused": {prepare: func(s *server, _ *gosmtp.Server) {
			s.data = &gosmtp.SMTPError{Code: 554, EnhancedCode: gosmtp.EnhancedCode{5, 7, 1}, Message: "spam"}
		}, final: true, says: "(554)"},
		"server full": {prepare: func(s *server, _ *gosmtp.Server) {
			s.data = &gosmtp.SMTPError{Code: 452, EnhancedCode: gosmtp.EnhancedCode{4, 3, 1}, Message: "disk full"}
		}, says: "tried again"},
		"dies in the middle":   {prepare: func(s *server, _ *gosmtp.Server) { s.hangUp = true }, says: "tried again"},
		"wrong password":       {reach: func(s *smtp.Server) { s.User, s.Password = "holm", holm.NewSecret("wrong") }, says: "tried again"},
		"nobody there":         {reach: func(s *smtp.Server) { s.Port = closedPort(t) }, says: "tried again"},
		"certificate unknown":  {reach: func(s *smtp.Server) { s.Authorities = x509.NewCertPool() }, says: "cannot be trusted"},
		"encryption not there": {prepare: func(_ *server, r *gosmtp.Server) { r.TLSConfig = nil }, reach: func(s *smtp.Server) { s.Encryption = smtp.Required }, says: "tried again"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, "127.0.0.1", false, try.prepare)
			if try.reach != nil {
				try.reach(&s.Server)
			}
			err := send(t, s.Server)
			if err == nil || errors.Is(err, mail.ErrRefused) != try.final {
				t.Fatalf("final should be %v: %v", try.final, err)
			}
			if !try.final && holm.CodeOf(err) != holm.CodeUnavailable {
				t.Errorf("the code is %s", holm.CodeOf(err))
			}
			if !strings.Contains(holm.AsError(err).Detail, try.says) {
				t.Errorf("it says %q, not %q", holm.AsError(err).Detail, try.says)
			}
			if len(s.taken) != 0 {
				t.Error("the server took the mail all the same")
			}
		})
	}
}

// closedPort gives a port where nobody listens.
func closedPort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// TestPasswordStaysHome: a server elsewhere that offers no encryption asks for
// the password. 127.0.0.2 stands for elsewhere; only 127.0.0.1 is "here".
func TestPasswordStaysHome(t *testing.T) {
	s := start(t, "127.0.0.2", false, func(_ *server, real *gosmtp.Server) { real.TLSConfig, real.AllowInsecureAuth = nil, true })
	s.User, s.Password = "holm", holm.NewSecret(password)
	err := send(t, s.Server)
	if err == nil || !strings.Contains(err.Error(), "clear text") || strings.Contains(err.Error(), password) {
		t.Errorf("the password went out: %v", err)
	}
	if len(s.taken) != 0 {
		t.Error("the mail was sent")
	}
}

// script plays a server that says lines and reads what it is told in between.
// After its last line it hangs up, or with silent set stays on the line.
func script(t *testing.T, silent bool, lines ...string) (smtp.Server, <-chan struct{}) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	met := make(chan struct{})
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = connection.Close() }()
		told := textproto.NewReader(bufio.NewReader(connection))
		for i, line := range lines {
			switch {
			case i == 0: // the greeting comes first
			case strings.HasPrefix(lines[i-1], "354"):
				_, _ = told.ReadDotBytes()
			default:
				_, _ = told.ReadLine()
			}
			_, _ = io.WriteString(connection, line+"\r\n")
		}
		close(met)
		if silent {
			_, _ = io.Copy(io.Discard, connection)
		}
	}()
	return smtp.Server{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Encryption: smtp.Never, Timeout: time.Minute}, met
}

func TestHangingUpAfterTakingTheMailIsNoFailure(t *testing.T) {
	taker, _ := script(t, false, "220 hi", "250 hi", "250 noop", "250 from", "250 to", "354 go on", "250 taken")
	if err := send(t, taker); err != nil {
		t.Errorf("a taken mail would be sent twice: %v", err)
	}
}

func TestCancelEndsASilentServer(t *testing.T) {
	for name, lines := range map[string][]string{
		"before the greeting":  nil,
		"after the greeting":   {"220 hi"},
		"before the recipient": {"220 hi", "250 hi", "250 noop", "250 from"},
	} {
		t.Run(name, func(t *testing.T) {
			silent, met := script(t, true, lines...)
			ctx, cancel := context.WithCancel(t.Context())
			go func() { <-met; cancel() }()
			err := smtp.New(silent, time.Now).Send(ctx, message())
			if !errors.Is(err, context.Canceled) || errors.Is(err, mail.ErrRefused) {
				t.Errorf("cancelled, it says %v", err)
			}
		})
	}
}

func TestUnsoundMailIsRefusedUnsent(t *testing.T) {
	err := smtp.New(smtp.Server{Host: "127.0.0.1", Port: closedPort(t)}, time.Now).Send(t.Context(), mail.Message{To: "x"})
	if !errors.Is(err, mail.ErrRefused) {
		t.Errorf("%v", err)
	}
}
