package app

import (
	"context"
	"fmt"
	"time"

	"github.com/holmhq/holm/internal/job"
	"github.com/holmhq/holm/internal/mail"
	"github.com/holmhq/holm/internal/mail/file"
	"github.com/holmhq/holm/internal/mail/smtp"
	"github.com/holmhq/holm/internal/notify"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// openMail makes what writes and sends mails. Without a mail server they stay
// in the outbox, where an operator reads them.
func (a *App) openMail() error {
	var sender mail.Sender = mail.Nowhere{}
	if a.config.SMTP != nil {
		sender = smtp.New(*a.config.SMTP, time.Now)
	}
	if a.config.MailDir != "" {
		folder, err := file.New(a.config.MailDir, time.Now)
		if err != nil {
			return err
		}
		sender = mail.Tee(a.log, sender, folder)
	}
	a.jobs = job.New(a.store, a.log)
	a.notifier = notify.New(notify.Options{PublicURL: a.config.PublicURL, From: a.config.MailFrom, Sender: sender, Jobs: a.jobs, Store: a.store, Log: a.log,
		Site: a.environmentURL, Forget: a.config.SMTP != nil})
	return nil
}

// mailName says where mails go, for the operator's page.
func (a *App) mailName() string {
	if a.config.SMTP == nil {
		return "outbox"
	}
	return fmt.Sprintf("%s:%d", a.config.SMTP.Host, a.config.SMTP.Port)
}

// mailHealth says whether mails go out: none may be waiting after failures.
func (a *App) mailHealth(ctx context.Context) ops.Health {
	h := ops.Health{Name: "Mail", OK: true, Detail: "goes to " + a.mailName()}
	waiting, reason := 0, ""
	err := a.store.Read(ctx, func(tx *store.Tx) (err error) {
		waiting, reason, err = tx.FailingMails()
		return err
	})
	switch {
	case err != nil:
		return ops.Health{Name: "Mail", Detail: "The outbox cannot be read."}
	case waiting > 0:
		return ops.Health{Name: "Mail", Detail: fmt.Sprintf("%d mails wait; the last attempt said: %s", waiting, reason)}
	}
	return h
}
