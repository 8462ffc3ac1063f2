package mail

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/holmhq/holm"
)

const (
	// longestSubject in bytes. Nobody reads more, and it stays far below the 998
	// bytes that a line of a mail may have.
	longestSubject = 400
	longestName    = 200
	longestHeader  = 700
	longestBody    = 1 << 20
)

// reserved are the headers that only a driver sets; every Content-… is too.
var reserved = []string{
	"auto-submitted", "bcc", "cc", "date", "dkim-signature", "from", "message-id",
	"mime-version", "received", "reply-to", "return-path", "sender", "subject",
	"to", "x-auto-response-suppress",
}

// Check says what is wrong with a message, as an error that is ErrRefused.
//
// Parts of a mail are written by people who need not be friends (an
// environment's name, an inviter's name). A line break in one of them could
// add headers or recipients of their choice, so nothing with one passes.
func (m Message) Check() error {
	for _, address := range []struct{ field, value string }{{"to", m.To}, {"from", m.From}} {
		clean, err := holm.ParseEmail(address.value)
		if err != nil || clean != address.value {
			return Refused(err, "The mail's %s address %q is not an e-mail address.", address.field, address.value)
		}
	}
	for _, line := range []struct {
		field, value string
		longest      int
	}{
		{"recipient's name", m.ToName, longestName},
		{"sender's name", m.FromName, longestName},
		{"subject", m.Subject, longestSubject},
		{"message id", m.MessageID, longestName},
	} {
		if err := checkLine(line.field, line.value, line.longest); err != nil {
			return err
		}
	}
	if strings.TrimSpace(m.Subject) == "" {
		return Refused(nil, "The mail has no subject.")
	}
	if err := checkMessageID(m.MessageID); err != nil {
		return err
	}
	if strings.TrimSpace(m.Text) == "" {
		return Refused(nil, "The mail has no text.")
	}
	for _, body := range []string{m.Text, m.HTML} {
		if !utf8.ValidString(body) || strings.ContainsRune(body, 0) {
			return Refused(nil, "The mail's text is not valid UTF-8.")
		}
		if len(body) > longestBody {
			return Refused(nil, "The mail's text is longer than %d bytes.", longestBody)
		}
	}
	return m.checkHeaders()
}

func (m Message) checkHeaders() error {
	for name, value := range m.Headers {
		lower := strings.ToLower(name)
		if name == "" || len(name) > 60 || strings.Trim(lower, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return Refused(nil, "The mail's header %q has no valid name.", name)
		}
		if slices.Contains(reserved, lower) || strings.HasPrefix(lower, "content-") {
			return Refused(nil, "The mail's header %s cannot be set that way.", name)
		}
		if err := checkLine("header "+name, value, longestHeader); err != nil {
			return err
		}
	}
	return nil
}

// checkLine refuses whatever could end a header line or confuse who reads it.
func checkLine(field, value string, longest int) error {
	if len(value) > longest {
		return Refused(nil, "The mail's %s is longer than %d bytes.", field, longest)
	}
	if !utf8.ValidString(value) {
		return Refused(nil, "The mail's %s is not valid UTF-8.", field)
	}
	for _, r := range value {
		switch {
		case r < ' ', r >= 0x7f && r < 0xa0: // control characters, line breaks among them
			return Refused(nil, "The mail's %s contains a line break or another control character.", field)
		case r == '\u2028', r == '\u2029': // line breaks of Unicode's own
			return Refused(nil, "The mail's %s contains a line break.", field)
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069': // would turn text around
			return Refused(nil, "The mail's %s contains a character that changes the direction of writing.", field)
		}
	}
	return nil
}

func checkMessageID(id string) error {
	if id == "" {
		return nil
	}
	left, right, found := strings.Cut(id, "@")
	if !found || left == "" || right == "" {
		return Refused(nil, "The mail's message id %q has no text on both sides of one @.", id)
	}
	for _, r := range left + right {
		if r <= ' ' || r >= 0x7f || strings.ContainsRune(`<>()[]\,;:"@`, r) {
			return Refused(nil, "The mail's message id %q contains a character that is not allowed there.", id)
		}
	}
	return nil
}
