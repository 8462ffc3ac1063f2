package mail_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/mail"
)

func sound() mail.Message {
	return mail.Message{
		To: "ana@example.com", ToName: "Ana Núñez", From: "holm@example.org", FromName: "Holm",
		Subject: "Bo shared “shop” with you", Text: "Hello.\n", HTML: "<p>Hello.</p>",
		MessageID: "ntf_1@example.org", Headers: map[string]string{"X-Holm-Kind": "shared"},
	}
}

func TestCheck(t *testing.T) {
	if err := sound().Check(); err != nil {
		t.Fatalf("a sound mail is refused: %v", err)
	}
	for name, spoil := range map[string]func(*mail.Message){
		"no recipient":             func(m *mail.Message) { m.To = "" },
		"recipient with a name":    func(m *mail.Message) { m.To = "Ana <ana@example.com>" },
		"two recipients":           func(m *mail.Message) { m.To = "ana@example.com,bo@example.com" },
		"recipient with a line":    func(m *mail.Message) { m.To = "ana@example.com\r\nBcc: eve@example.com" },
		"recipient with a newline": func(m *mail.Message) { m.To = "ana@example.com\n" },
		"look-alike recipient":     func(m *mail.Message) { m.To = "аna@example.com" },
		"sender with a line":       func(m *mail.Message) { m.From = "holm@example.org\nX: y" },
		"name with a line":         func(m *mail.Message) { m.ToName = "Ana\r\nBcc: eve@example.com" },
		"name with a bare CR":      func(m *mail.Message) { m.FromName = "Holm\rBcc: eve@example.com" },
		"name too long":            func(m *mail.Message) { m.ToName = strings.Repeat("a", 201) },
		"subject with a line":      func(m *mail.Message) { m.Subject = "Hi\r\n\r\nbody" },
		"subject with NEL":         func(m *mail.Message) { m.Subject = "Hi\u0085there" },
		"subject with LS":          func(m *mail.Message) { m.Subject = "Hi\u2028there" },
		"subject turned around":    func(m *mail.Message) { m.Subject = "Hi\u202eereht" },
		"subject with NUL":         func(m *mail.Message) { m.Subject = "Hi\x00" },
		"subject not UTF-8":        func(m *mail.Message) { m.Subject = "Hi \xff" },
		"subject empty":            func(m *mail.Message) { m.Subject = " " },
		"subject too long":         func(m *mail.Message) { m.Subject = strings.Repeat("a", 401) },
		"no text":                  func(m *mail.Message) { m.Text = "\n" },
		"text with NUL":            func(m *mail.Message) { m.Text = "a\x00" },
		"HTML not UTF-8":           func(m *mail.Message) { m.HTML = "<p>\xff</p>" },
		"text too long":            func(m *mail.Message) { m.Text = strings.Repeat("a", 1<<20+1) },
		"id without @":             func(m *mail.Message) { m.MessageID = "ntf_1" },
		"id with brackets":         func(m *mail.Message) { m.MessageID = "<ntf_1@example.org>" },
		"id with two @":            func(m *mail.Message) { m.MessageID = "a@b@c" },
		"header that is ours":      func(m *mail.Message) { m.Headers = map[string]string{"bCC": "eve@example.com"} },
		"header of content":        func(m *mail.Message) { m.Headers = map[string]string{"Content-Type": "text/html"} },
		"header name with a line":  func(m *mail.Message) { m.Headers = map[string]string{"X\r\nBcc": "eve@example.com"} },
		"header name with a colon": func(m *mail.Message) { m.Headers = map[string]string{"X: y\nZ": "1"} },
		"header value with a line": func(m *mail.Message) { m.Headers = map[string]string{"X-A": "1\nBcc: eve@example.com"} },
	} {
		t.Run(name, func(t *testing.T) {
			message := sound()
			spoil(&message)
			err := message.Check()
			if !errors.Is(err, mail.ErrRefused) {
				t.Fatalf("not refused for good: %v", err)
			}
			if holm.CodeOf(err) != holm.CodeInvalid || !strings.HasSuffix(holm.AsError(err).Detail, ".") {
				t.Errorf("no sentence for people: %#v", holm.AsError(err))
			}
		})
	}
}

// recorder is a sender whose answer a test chooses.
type recorder struct {
	sent []mail.Message
	err  error
}

func (r *recorder) Send(_ context.Context, m mail.Message) error {
	if r.err == nil {
		r.sent = append(r.sent, m)
	}
	return r.err
}

func TestTeeCopiesOnlyWhatWasSent(t *testing.T) {
	down := errors.New("down")
	first, copied := &recorder{err: down}, &recorder{}
	tee := mail.Tee(slog.New(slog.DiscardHandler), first, copied)
	if err := tee.Send(t.Context(), sound()); !errors.Is(err, down) {
		t.Errorf("the first sender's failure is lost: %v", err)
	}
	if len(copied.sent) != 0 {
		t.Error("a mail that was not sent was copied")
	}
	first.err = nil
	if err := tee.Send(t.Context(), sound()); err != nil || len(copied.sent) != 1 {
		t.Errorf("sent but not copied: %v, %d copies", err, len(copied.sent))
	}
}

func TestTeeLogsAFailingCopy(t *testing.T) {
	var log bytes.Buffer
	first := &recorder{}
	tee := mail.Tee(slog.New(slog.NewTextHandler(&log, nil)), first, &recorder{err: errors.New("disk full")})
	if err := tee.Send(t.Context(), sound()); err != nil {
		t.Errorf("a failing copy leads to another try: %v", err)
	}
	if !strings.Contains(log.String(), "disk full") || len(first.sent) != 1 {
		t.Errorf("nothing in the log: %s", log.String())
	}
}

func TestNowhereStillChecks(t *testing.T) {
	if err := (mail.Nowhere{}).Send(t.Context(), sound()); err != nil {
		t.Error(err)
	}
	if err := (mail.Nowhere{}).Send(t.Context(), mail.Message{}); !errors.Is(err, mail.ErrRefused) {
		t.Errorf("an empty mail passes: %v", err)
	}
}
