// Package operator is the feature of running an installation: its health and
// the mails it wrote.
//
// It must not give an operator any sight of other people's environments.
package operator

import (
	"context"

	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

// Options are what the feature tells about.
type Options struct {
	Version  string
	Engine   string
	Database string
	Mail     string // "outbox", or the mail server's address
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
}

func mails(s *dispatch.Scope, in *ops.OperatorMailsInput) (page ops.Page[ops.MailView], err error) {
	page.Items = []ops.MailView{}
	list, err := s.Tx.Mails(in.Cursor, in.Size()+1)
	for i, m := range list {
		if i == in.Size() {
			page.Next = &list[i-1].ID
			break
		}
		page.Items = append(page.Items, ops.MailView{ID: m.ID, To: m.To, Subject: m.Subject, Text: m.Text, HTML: m.HTML, CreatedAt: m.CreatedAt,
			SentAt: ops.TimeOrNull(m.SentAt), Attempts: m.Attempts, LastError: m.LastError})
	}
	return page, err
}
