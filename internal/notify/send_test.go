package notify_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"log/slog"
	"net"
	netmail "net/mail"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/job"
	"github.com/holmhq/holm/internal/mail"
	"github.com/holmhq/holm/internal/mail/file"
	"github.com/holmhq/holm/internal/mail/smtp"
	"github.com/holmhq/holm/internal/notify"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/internal/store/storetest"
)

// said hands what is logged to the test, which learns from it that an attempt
// has been noted.
type said chan string

func (s said) Enabled(context.Context, slog.Level) bool { return true }
func (s said) WithAttrs([]slog.Attr) slog.Handler       { return s }
func (s said) WithGroup(string) slog.Handler            { return s }
func (s said) Handle(_ context.Context, r slog.Record) error {
	s <- r.Message
	return nil
}

func receive[T any](t *testing.T, from <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(20 * time.Second):
		t.Fatal("nothing happened")
	}
	return v
}

// office is a program that writes and sends mails.
type office struct {
	*notify.Notifier
	jobs *job.Queue
	log  said
}

func open(t *testing.T, db *storetest.Database, sender mail.Sender, forget bool) *office {
	t.Helper()
	o := &office{log: make(said, 1000)}
	logger := slog.New(o.log)
	o.jobs = job.New(db.Store, logger)
	o.Notifier = notify.New(notify.Options{PublicURL: "https://holm.example.org/", From: "holm@example.org", Sender: sender, Jobs: o.jobs, Store: db.Store, Log: logger, Forget: forget})
	if err := errors.Join(o.Resume(t.Context()), o.jobs.Start(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.close(t) })
	return o
}

func (o *office) close(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := o.jobs.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func letter(event string) holm.Letter {
	return holm.Letter{Kind: holm.LetterShared, Event: event, To: "bob@example.org", ToName: "Bob\r\nBcc: eve@example.org", Actor: "ana@example.org",
		Owner: "ana@example.org", Environment: "shop", Level: holm.LevelLimited, Path: "/environments/shop"}
}

// only gives the one mail that was written.
func only(t *testing.T, db *storetest.Database) (m store.Mail) {
	t.Helper()
	db.Read(t, func(tx *store.Tx) error {
		list, err := tx.Mails("", 10)
		if len(list) != 1 {
			t.Errorf("%d mails are kept", len(list))
			return err
		}
		m, err = tx.Mail(list[0].ID)
		return err
	})
	return m
}

// server is a real mail server that can be away and that can refuse.
type server struct {
	address string
	arrived chan []byte
	refuse  error
}

func (s *server) NewSession(*gosmtp.Conn) (gosmtp.Session, error) { return s, nil }
func (s *server) Mail(string, *gosmtp.MailOptions) error          { return nil }
func (s *server) Rcpt(string, *gosmtp.RcptOptions) error          { return s.refuse }
func (s *server) Reset()                                          {}
func (s *server) Logout() error                                   { return nil }
func (s *server) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.arrived <- text
	return err
}

// up has the server listen, and gives what takes it away.
func (s *server) up(t *testing.T) (down func()) {
	t.Helper()
	if s.address == "" {
		s.address = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	if s.arrived == nil {
		s.arrived = make(chan []byte, 10)
	}
	real := gosmtp.NewServer(s)
	real.ErrorLog = log.New(io.Discard, "", 0)
	go func() { _ = real.Serve(listener) }()
	// The listener too: a server that is closed before it serves leaves it open.
	down = func() { _, _ = real.Close(), listener.Close() }
	t.Cleanup(down)
	return down
}

func (s *server) sender(db *storetest.Database) mail.Sender {
	host, port, _ := net.SplitHostPort(s.address)
	number, _ := net.LookupPort("tcp", port)
	return smtp.New(smtp.Server{Host: host, Port: number, Encryption: smtp.Never}, db.Clock.Now)
}

func (s *server) mail(t *testing.T) *netmail.Message {
	t.Helper()
	text := receive(t, s.arrived)
	m, err := netmail.ReadMessage(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return m
}

func TestArrivesOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		var s server
		s.up(t)
		o := open(t, db, s.sender(db), true)
		for range 2 { // one event, one mail
			db.Write(t, func(tx *store.Tx) error { return errors.Join(o.Letter(tx, letter("a")), o.Letter(tx, letter("a"))) })
		}
		undo := errors.New("undo")
		err := db.Store.Write(t.Context(), func(tx *store.Tx) error { return errors.Join(o.Letter(tx, letter("undone")), undo) })
		if !errors.Is(err, undo) {
			t.Fatal(err)
		}
		m := s.mail(t)
		to, err := m.Header.AddressList("To")
		if err != nil || len(to) != 1 || to[0].Address != "bob@example.org" || m.Header.Get("Bcc") != "" {
			t.Errorf("to %v (%v)", to, err)
		}
		if got := m.Header.Get("Subject"); got != "ana@example.org shared shop with you (limited)" {
			t.Errorf("about %s", got)
		}
		o.close(t)
		kept := only(t, db)
		if kept.SentAt.IsZero() || kept.Text != "" || kept.HTML != "" || kept.Attempts != 1 || m.Header.Get("Message-Id") != "<"+kept.ID+"@example.org>" {
			t.Errorf("kept: %+v", kept)
		}
		open(t, db, s.sender(db), true).close(t) // the next start has nothing to send
		if len(s.arrived) != 0 {
			t.Errorf("it arrived twice: %s", <-s.arrived)
		}
	})
}

func TestServerAwayForHours(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		var s server
		s.up(t)()
		o := open(t, db, s.sender(db), true)
		db.Write(t, func(tx *store.Tx) error { return o.Letter(tx, letter("a")) })
		begin := db.Clock.Now()
		for db.Clock.Now().Sub(begin) < 5*time.Hour {
			if text := receive(t, o.log); text != "job failed; it is tried again" {
				t.Fatal(text)
			}
			if m := only(t, db); m.Text == "" || m.LastError == "" || !m.FailedAt.IsZero() {
				t.Fatalf("kept: %+v", m)
			}
			db.Clock.Advance(20 * time.Minute)
			o.jobs.Nudge()
		}
		receive(t, o.log)
		o.close(t)
		s.up(t)
		db.Clock.Advance(20 * time.Minute)
		o = open(t, db, s.sender(db), true)
		s.mail(t)
		o.close(t)
		if m := only(t, db); m.SentAt.IsZero() || m.LastError != "" || m.Attempts < 16 {
			t.Errorf("kept: %+v", m)
		}
	})
}

func TestRefusedForGood(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		s := server{refuse: &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "no such user"}}
		s.up(t)
		o := open(t, db, s.sender(db), true)
		db.Write(t, func(tx *store.Tx) error { return o.Letter(tx, letter("a")) })
		if text := receive(t, o.log); text != "job given up" {
			t.Error(text)
		}
		m := only(t, db)
		if m.FailedAt.IsZero() || !m.SentAt.IsZero() || !strings.Contains(m.LastError, "bob@example.org (550)") || m.Text != "" {
			t.Errorf("kept: %+v", m)
		}
	})
}

// TestLostJob: the mail is what counts; a job that is gone is made anew.
func TestLostJob(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		db.Write(t, func(tx *store.Tx) error {
			_, err := tx.WriteMail(store.Mail{Event: "a", To: "bob@example.org", Subject: "Hello", Text: "Hello.\n"})
			return err
		})
		var s server
		s.up(t)
		open(t, db, s.sender(db), true)
		if got := s.mail(t).Header.Get("Subject"); got != "Hello" {
			t.Error(got)
		}
	})
}

// TestOutbox: without a mail server mails stay to be read, and are files too
// where a folder is given.
func TestOutbox(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		folder := filepath.Join(t.TempDir(), "mails")
		copied, err := file.New(folder, db.Clock.Now)
		if err != nil {
			t.Fatal(err)
		}
		sent := make(chan struct{}, 1)
		sender := mail.Tee(slog.New(slog.DiscardHandler), mail.Nowhere{}, copied, signal(sent))
		o := open(t, db, sender, false)
		db.Write(t, func(tx *store.Tx) error { return o.Letter(tx, letter("a")) })
		receive(t, sent)
		o.close(t)
		if m := only(t, db); m.SentAt.IsZero() || !strings.Contains(m.Text, "https://holm.example.org/environments/shop\n") || m.HTML == "" {
			t.Errorf("kept: %+v", m)
		}
		files, err := filepath.Glob(filepath.Join(folder, "*-bob@example.org.eml"))
		if err != nil || len(files) != 1 {
			t.Errorf("%v (%v)", files, err)
		}
	})
}

type signal chan struct{}

func (s signal) Send(context.Context, mail.Message) error {
	s <- struct{}{}
	return nil
}

// TestStoppedInTheMiddle: a mail that was on its way when the program ended
// counts no attempt and goes out at the next start.
func TestStoppedInTheMiddle(t *testing.T) {
	db := storetest.Open(t, store.SQLite)
	begun := make(chan struct{})
	o := open(t, db, hang(begun), true)
	db.Write(t, func(tx *store.Tx) error { return o.Letter(tx, letter("a")) })
	receive(t, begun)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := o.jobs.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if m := only(t, db); m.Attempts != 0 || m.LastError != "" {
		t.Errorf("kept: %+v", m)
	}
	var s server
	s.up(t)
	open(t, db, s.sender(db), true)
	s.mail(t)
}

type hang chan struct{}

func (h hang) Send(ctx context.Context, _ mail.Message) error {
	close(h)
	<-ctx.Done()
	return ctx.Err()
}

func TestUnknownKindUndoesTheChange(t *testing.T) {
	db := storetest.Open(t, store.SQLite)
	o := open(t, db, mail.Nowhere{}, false)
	l := letter("a")
	l.Kind = "postcard"
	if err := db.Store.Write(t.Context(), func(tx *store.Tx) error { return o.Letter(tx, l) }); err == nil {
		t.Error("a letter without words was written")
	}
}
