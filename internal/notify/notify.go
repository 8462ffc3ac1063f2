// Package notify writes Holm's mails and has them sent: a letter is rendered
// and kept in the transaction of the change it tells of, together with the job
// that sends it.
//
// It knows the store, the queue and the mail port. It must not know who writes
// letters or why, nor how mail travels.
package notify

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/job"
	"github.com/holmhq/holm/internal/mail"
	"github.com/holmhq/holm/internal/store"
)

// Options are what a notifier stands on.
type Options struct {
	PublicURL string // of the dashboard, without a path; links begin with it
	From      string // the address that mails come from
	Sender    mail.Sender
	Jobs      *job.Queue
	Store     *store.Store
	Log       *slog.Logger
	// Site gives where an environment answers, by its name; nil when mails
	// shall not say.
	Site func(environment string) string
	// Forget has the body of a mail removed once it is sent: it may hold a link
	// that is as good as a password. It is off where people read their mails in
	// the outbox.
	Forget bool
}

// Notifier writes mails and sends them.
type Notifier struct {
	options Options
}

// send is the job that sends a mail.
type send struct {
	Mail string `json:"mail"`
}

func (send) Kind() string  { return "mail.send" }
func (s send) Key() string { return s.Mail }

// policy: a mail server may be away for days. After that, links in mails have
// ended anyway.
var policy = job.Policy{Timeout: 2 * time.Minute, Attempts: 500, Longest: 15 * time.Minute, AtOnce: 4}

// New makes a notifier and registers its work with the queue.
func New(o Options) *Notifier {
	o.PublicURL = strings.TrimRight(o.PublicURL, "/")
	n := &Notifier{options: o}
	job.Register(o.Jobs, policy, n.send)
	return n
}

// Letter writes a mail in the transaction of the change it tells of. It goes
// out once the transaction is kept, and once only: a second letter about the
// same event is dropped.
func (n *Notifier) Letter(tx *store.Tx, l holm.Letter) error {
	r, err := render(n.options, l, tx.Now())
	if err != nil {
		return err
	}
	id, err := tx.WriteMail(store.Mail{Event: l.Event, To: l.To, ToName: clean(l.ToName, longestName), Subject: r.Subject, Text: r.Text, HTML: r.HTML, Private: !l.Password.Empty()})
	if err != nil || id == "" {
		return err
	}
	return n.options.Jobs.Enqueue(tx, send{id})
}

// Resume enqueues every mail that waits to be sent, for the start of the
// program. Those that have a job keep it.
func (n *Notifier) Resume(ctx context.Context) error {
	return n.options.Store.Write(ctx, func(tx *store.Tx) error {
		waiting, err := tx.UnsentMails(100_000)
		for _, id := range waiting {
			if err == nil {
				err = n.options.Jobs.Enqueue(tx, send{id})
			}
		}
		return err
	})
}

func (n *Notifier) send(ctx context.Context, j job.Job[send]) error {
	var m store.Mail
	err := n.options.Store.Read(ctx, func(tx *store.Tx) (err error) {
		m, err = tx.Mail(j.Args.Mail)
		return err
	})
	if errors.Is(err, store.ErrNone) || err == nil && !(m.SentAt.IsZero() && m.FailedAt.IsZero()) {
		return nil
	}
	if errors.Is(err, store.ErrSealed) {
		return n.note(ctx, m.ID, true, holm.Errorf(holm.CodeUnavailable, "The text of the mail was sealed with another key than secret.key is now; what it told of has to be done again."))
	}
	if err != nil {
		return err
	}
	err = n.options.Sender.Send(ctx, n.message(m))
	if ctx.Err() == context.Canceled {
		// The program ends in the middle: the mail is sent at the next start, and
		// receivers know it by its id if it has arrived already.
		return errors.Join(err, ctx.Err())
	}
	// What came of it is noted even when the time of the attempt is up.
	return n.note(context.WithoutCancel(ctx), m.ID, j.Last, err)
}

// note writes down how an attempt ended and gives the queue the error.
func (n *Notifier) note(ctx context.Context, id string, last bool, err error) error {
	final := err != nil && (last || errors.Is(err, mail.ErrRefused))
	failed := n.options.Store.Write(ctx, func(tx *store.Tx) error {
		if err == nil {
			return tx.MailSent(id, n.options.Forget)
		}
		if noted := tx.MailFailed(id, err.Error(), final); noted != nil || !final || !n.options.Forget {
			return noted
		}
		return tx.ForgetMail(id)
	})
	if failed != nil {
		return failed
	}
	if final {
		return job.Permanent(err)
	}
	return err
}

func (n *Notifier) message(m store.Mail) mail.Message {
	_, domain, _ := strings.Cut(n.options.From, "@")
	return mail.Message{To: m.To, ToName: m.ToName, From: n.options.From, FromName: "Holm", Subject: m.Subject, Text: m.Text, HTML: m.HTML,
		MessageID: m.ID + "@" + domain, Date: m.CreatedAt}
}
