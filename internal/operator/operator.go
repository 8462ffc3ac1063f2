// Package operator is the feature of running an installation: its health and
// the mails it wrote.
//
// It must not give an operator any sight of other people's environments.
package operator

import (
	"context"
	"errors"
	"strconv"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// Options are what the feature tells about.
type Options struct {
	Version  string
	Engine   string
	Database string
	Mail     string // "outbox", or the mail server's address
	// Withhold keeps passwords in mails to others from operators. It is off
	// where there is no mail server: somebody has to hand them over.
	Withhold bool
	// Parts says how each part of the installation is. It must answer within
	// a second.
	Parts func(ctx context.Context) []ops.Health
}

// Bind binds the feature's operations.
func Bind(d *dispatch.Door, o Options) {
	// Parts are looked at before the transaction: some ask the world.
	dispatch.Prepare(d, ops.OperatorStatus, func(ctx context.Context, _ dispatch.Caller, _ *ops.OperatorStatusInput) ([]ops.Health, error) {
		return o.Parts(ctx), nil
	})
	dispatch.Bind(d, ops.OperatorStatus, func(s *dispatch.Scope, _ *ops.OperatorStatusInput) (v ops.StatusView, err error) {
		v = ops.StatusView{Version: o.Version, Engine: o.Engine, Database: o.Database, Mail: o.Mail}
		v.Parts, _ = s.Prepared.([]ops.Health)
		if v.Users, err = s.Tx.UserCount(); err != nil {
			return v, err
		}
		v.Environments, err = s.Tx.AllEnvironmentCount()
		return v, err
	})
	dispatch.Bind(d, ops.OperatorMails, mails)
	dispatch.Bind(d, ops.OperatorMail, o.mail)
}

func mails(s *dispatch.Scope, in *ops.OperatorMailsInput) (page ops.Page[ops.MailView], err error) {
	page.Items = []ops.MailView{}
	list, err := s.Tx.Mails(in.Cursor, in.Size()+1)
	for i, m := range list {
		if i == in.Size() {
			page.Next = &list[i-1].ID
			break
		}
		page.Items = append(page.Items, viewOf(m))
	}
	return page, err
}

func viewOf(m store.Mail) ops.MailView {
	return ops.MailView{ID: m.ID, To: m.To, Subject: m.Subject, CreatedAt: m.CreatedAt, SentAt: ops.TimeOrNull(m.SentAt), Attempts: m.Attempts, LastError: m.LastError}
}

// mail gives the text of a mail. Whom it is to finds the reading in their own
// audit log.
func (o Options) mail(s *dispatch.Scope, in *ops.OperatorMailInput) (v ops.MailTextView, err error) {
	m, err := s.Tx.Mail(in.Mail)
	switch {
	case errors.Is(err, store.ErrNone):
		return v, holm.ErrNotFound()
	case errors.Is(err, store.ErrSealed):
		// The mail is shown as one whose text is gone, which it is.
	case err != nil:
		return v, err
	}
	s.About(strconv.Quote(m.Subject) + " to " + m.To)
	s.Note("mail", m.ID)
	to, err := s.Tx.UserByEmail(m.To)
	if err != nil && !errors.Is(err, store.ErrNone) {
		return v, err
	}
	if err == nil && to.ID != s.User.ID {
		account, err := s.Tx.AccountOf(to.ID)
		if err != nil {
			return v, err
		}
		s.AlsoIn(account.ID)
	}
	v.MailView = viewOf(m)
	if v.Withheld = m.Private && o.Withhold && to.ID != s.User.ID; !v.Withheld {
		v.Text, v.HTML = m.Text, m.HTML
	}
	return v, nil
}
