package compose_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm/internal/mail"
	"github.com/holmhq/holm/internal/mail/compose"
)

var now = time.Date(2030, 4, 5, 6, 7, 8, 0, time.UTC)

// read composes a message and reads it back with another implementation.
func read(t *testing.T, message mail.Message) *netmail.Message {
	t.Helper()
	composed, err := compose.Compose(message, now)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if _, err := composed.WriteTo(&text); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(text.String(), "\r\n") {
		if len(line) > 998 {
			t.Errorf("a line of %d bytes, servers may cut it", len(line))
		}
		if strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line break that is not CRLF in %q", line)
		}
	}
	back, err := netmail.ReadMessage(&text)
	if err != nil {
		t.Fatal(err)
	}
	return back
}

func decoded(t *testing.T, back *netmail.Message, header string) string {
	t.Helper()
	text, err := new(mime.WordDecoder).DecodeHeader(back.Header.Get(header))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestCompose(t *testing.T) {
	back := read(t, mail.Message{
		To: "ana@example.com", ToName: `Ana "the" Núñez, Jr.`, From: "holm@example.org", FromName: "Holm",
		Subject: "Žofie shared “obchod” with you — 你好, " + strings.Repeat("ž", 80),
		Text:    "Hello Žofie.\n\n.\nA line with one dot is above.\n" + strings.Repeat("long ", 500) + "\n",
		HTML:    "<p>Hello <b>Žofie</b>.</p>", MessageID: "ntf_1@example.org",
		Headers: map[string]string{"X-Holm-Kind": "shared"},
	})
	for header, want := range map[string]string{
		"Date": "Fri, 05 Apr 2030 06:07:08 +0000", "Message-ID": "<ntf_1@example.org>", "MIME-Version": "1.0",
		"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "X-Holm-Kind": "shared",
		"Subject": "Žofie shared “obchod” with you — 你好, " + strings.Repeat("ž", 80),
		"From":    `"Holm" <holm@example.org>`,
	} {
		if got := decoded(t, back, header); got != want {
			t.Errorf("%s is %q, not %q", header, got, want)
		}
	}
	to, err := back.Header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Name != `Ana "the" Núñez, Jr.` || to[0].Address != "ana@example.com" {
		t.Errorf("To is %v (%v)", to, err)
	}

	kind, parameters, err := mime.ParseMediaType(back.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("the mail is %s (%v)", kind, err)
	}
	parts := multipart.NewReader(back.Body, parameters["boundary"])
	for _, want := range []struct{ kind, begins string }{
		{"text/plain", "Hello Žofie.\r\n\r\n.\r\n"}, {"text/html", "<p>Hello <b>Žofie</b>.</p>"},
	} {
		part, err := parts.NextPart() // decodes quoted-printable
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(part)
		if kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); kind != want.kind || !strings.HasPrefix(string(body), want.begins) {
			t.Errorf("a part %s that begins %.40q, not %s %q", kind, body, want.kind, want.begins)
		}
	}
}

func TestTextAloneIsNoMultipart(t *testing.T) {
	back := read(t, mail.Message{To: "ana@example.com", From: "holm@example.org", Subject: "Hi", Text: "Grüße\n"})
	if kind, _, _ := mime.ParseMediaType(back.Header.Get("Content-Type")); kind != "text/plain" {
		t.Errorf("the mail is %s", kind)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(back.Body))
	if err != nil || strings.TrimSpace(string(body)) != "Grüße" {
		t.Errorf("the body is %q (%v)", body, err)
	}
	if id := back.Header.Get("Message-ID"); !strings.HasSuffix(id, "@example.org>") || len(id) < 20 {
		t.Errorf("the message id is %q", id)
	}
}

func TestNothingPosesAsAnEncodedWord(t *testing.T) {
	back := read(t, mail.Message{To: "ana@example.com", From: "holm@example.org", Text: "x",
		Subject: "=?utf-8?q?Your_account_is_closed?= was shared"})
	if got := decoded(t, back, "Subject"); !strings.Contains(got, "utf-8") {
		t.Errorf("the subject reads %q", got)
	}
}

// ours are all the headers that a mail may have.
var ours = []string{"Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "Message-Id",
	"Mime-Version", "Subject", "To", "X-A", "X-Auto-Response-Suppress"}

func FuzzCompose(f *testing.F) {
	f.Add("ana@example.com", "Ana", "Hello", "X", "Hi.\n")
	f.Add("ana@example.com\r\nBcc: eve@example.com", "Ana\r\nBcc: eve@example.com", "S\r\n\r\nbody", "a\nb", ".\r\n")
	f.Add("a@b", "=?utf-8?q?=0d=0aBcc:_eve?=", "=?utf-8?b?DQpCY2M6IGV2ZQ==?=", "\u2028", "From \n..\n")
	f.Add("\"a b\"@example.com", "\\\",<>", strings.Repeat("ž ", 190), strings.Repeat("x", 700), "=\n")
	f.Fuzz(func(t *testing.T, to, name, subject, value, text string) {
		message := mail.Message{To: to, ToName: name, From: "holm@example.org", Subject: subject, Text: text,
			Headers: map[string]string{"X-A": value}}
		if err := message.Check(); err != nil {
			if !errors.Is(err, mail.ErrRefused) {
				t.Fatalf("a fault that is not final: %v", err)
			}
			return
		}
		back := read(t, message)
		for header, values := range back.Header {
			if !slices.Contains(ours, header) || len(values) != 1 {
				t.Errorf("somebody else's header %s: %q", header, values)
			}
		}
		got, err := back.Header.AddressList("To")
		if err != nil || len(got) != 1 || got[0].Address != to {
			t.Errorf("a mail to %q goes to %v (%v)", to, got, err)
		}
		if got, want := squeezed(decoded(t, back, "Subject")), squeezed(strings.ReplaceAll(subject, "=?", "= ?")); got != want {
			t.Errorf("the subject %q arrives as %q", want, got)
		}
	})
}

// squeezed makes white space plain: folding a long header may change it.
func squeezed(s string) string { return strings.Join(strings.Fields(s), " ") }
