// Package mail is the port through which Holm sends mail: what a mail is, what
// a sender promises, and which failures are worth another try.
//
// It must not know how mail travels or what it looks like on the wire; the
// drivers below it do.
package mail

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/holmhq/holm"
)

// Message is one mail to one person.
type Message struct {
	To       string // address, plain ASCII
	ToName   string // may be empty
	From     string // address, plain ASCII
	FromName string // may be empty
	Subject  string // any language, one line
	Text     string // required: some people and programs read only this
	HTML     string // may be empty

	// MessageID is unique and contains an @ ("ntf_0190…@holm.example"). Give the
	// same one at every try of the same mail: a try can fail after the server
	// took the mail, and receivers drop what they have already got by this name.
	// Empty means one of the driver's making.
	MessageID string
	// Date is when the mail was written; zero means the time of sending.
	Date time.Time
	// Headers are set besides the usual ones, which they cannot replace.
	Headers map[string]string
}

// Sender takes mails to their way.
type Sender interface {
	// Send returns when somebody else is responsible for the mail: the next
	// server, or the disk. It checks the message first (see Message.Check).
	//
	// An error that is ErrRefused is final for this mail. Any other is about the
	// moment: the same mail may well go through later.
	Send(ctx context.Context, message Message) error
}

// ErrRefused is in every error that another try cannot mend: the message makes
// no sense, or the server will not have it.
var ErrRefused = errors.New("the mail was refused for good")

// Refused makes an error that is ErrRefused. The sentence is for people.
func Refused(cause error, format string, args ...any) error {
	return holm.Wrap(holm.CodeInvalid, errors.Join(ErrRefused, cause), format, args...)
}

// Nowhere is the sender of an installation without a mail server: it takes
// every sound mail and sends none. Its mails are read where they were written
// down, in the outbox.
type Nowhere struct{}

// Send checks the message and does no more.
func (Nowhere) Send(_ context.Context, message Message) error { return message.Check() }

// Tee sends with first, and gives what it sent to each of the copies. Only
// first decides whether a mail is sent: an error about a copy would lead to
// another try, and so to the same mail twice. It goes to the log instead.
func Tee(log *slog.Logger, first Sender, copies ...Sender) Sender {
	return tee{log, first, copies}
}

type tee struct {
	log    *slog.Logger
	first  Sender
	copies []Sender
}

func (t tee) Send(ctx context.Context, message Message) error {
	if err := t.first.Send(ctx, message); err != nil {
		return err
	}
	for _, copied := range t.copies {
		if err := copied.Send(ctx, message); err != nil {
			t.log.ErrorContext(ctx, "a copy of a sent mail could not be kept", "message", message.MessageID, "error", err)
		}
	}
	return nil
}
