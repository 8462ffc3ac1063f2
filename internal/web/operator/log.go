package operator

import (
	"net/url"

	"github.com/holmhq/holm/internal/web/audit"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

const logPath = "/operator/log"

// showLog shows the installation's own audit log: what belongs to no account.
func showLog(r *site.Request) error {
	in := ops.OperatorAuditInput{AuditFilter: ops.AuditFilter{Operation: r.FormValue("operation"), Paging: ops.Paging{Cursor: r.FormValue("cursor"), Limit: perPage}}}
	found, err := site.Ask(r, ops.OperatorAudit, in)
	if err != nil {
		return err
	}
	rows := audit.Rows{Label: "Audit log of the installation", List: found.Items,
		Empty: part.Empty{Icon: part.IconLog, Title: "Nothing has happened yet", Text: "Who is turned away without being known, and what Holm notices, is written here."}}
	if found.Next != nil {
		rows.Older = logPath + "?" + url.Values{"cursor": {*found.Next}}.Encode()
	}
	return r.Frame(page("Log"), installationLog(rows))
}
