// Package compose writes a mail the way it travels: headers, encodings and
// the two bodies. The drivers of package mail share it.
//
// It must not know where the mail goes.
package compose

import (
	"crypto/rand"
	netmail "net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/holmhq/holm/internal/mail"
)

// Compose checks a message and writes it. now dates a message that has no
// date. The error is mail.ErrRefused.
func Compose(message mail.Message, now time.Time) (*gomail.Msg, error) {
	if err := message.Check(); err != nil {
		return nil, err
	}
	composed := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	composed.FromMailAddress(&netmail.Address{Name: message.FromName, Address: message.From})
	composed.ToMailAddress(&netmail.Address{Name: message.ToName, Address: message.To})
	composed.Subject(plain(message.Subject))
	for name, value := range message.Headers {
		composed.SetGenHeader(gomail.Header(name), plain(value))
	}

	date := message.Date
	if date.IsZero() {
		date = now
	}
	composed.SetDateWithValue(date)
	id := message.MessageID
	if id == "" {
		_, domain, _ := strings.Cut(message.From, "@")
		id = rand.Text() + "@" + domain
	}
	composed.SetMessageIDWithValue(id)
	// Written by a program: no holiday notes in answer, please. The second says
	// the same to Exchange.
	composed.SetGenHeader("Auto-Submitted", "auto-generated")
	composed.SetGenHeader("X-Auto-Response-Suppress", "All")

	composed.SetBodyString(gomail.TypeTextPlain, message.Text)
	if message.HTML != "" {
		composed.AddAlternativeString(gomail.TypeTextHTML, message.HTML)
	}
	return composed, nil
}

// plain keeps text from being read as what it is not: "=?" starts an encoded
// word, so a name with it could show as something quite different.
func plain(text string) string { return strings.ReplaceAll(text, "=?", "= ?") }
