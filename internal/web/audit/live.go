package audit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

const (
	topic     = "audit" // what the announcement of new entries listens to
	livePath  = "/audit/live"
	proofPath = "/audit/proof/"
	newsMost  = 99 // entries that are counted
)

var me = ops.OfAccount{Account: "me"}

// follow says that the log grew.
func follow(r *site.Request) error {
	open := func(ctx context.Context, _ uint64) (*dispatch.Stream, error) {
		return r.Site.Door.FollowAudit(ctx, r.Caller, ops.AuditTailInput{OfAccount: me})
	}
	return r.Live(open, func(dispatch.Event) (string, string, error) { return "changed", topic, nil })
}

// own says whether a filter's environment is of the reader's own account.
func own(r *site.Request, f filter) bool {
	_, err := site.Ask(r, ops.AuditAccount, ops.AuditAccountInput{OfAccount: me, Environment: f.Environment, AuditFilter: ops.AuditFilter{Paging: ops.Paging{Limit: 1}}})
	return err == nil
}

// newest is the number of the newest entry of a list.
func newest(list []ops.AuditRow) string {
	most := int64(0)
	for _, row := range list {
		if n, err := strconv.ParseInt(row.ID, 10, 64); err == nil {
			most = max(most, n)
		}
	}
	return strconv.FormatInt(most, 10)
}

// news counts the entries after one, with the filters of the page.
func news(r *site.Request) error {
	f, after := readFilter(r), r.URL.Query().Get("after")
	in := ops.AuditAccountInput{OfAccount: me, AuditFilter: f.asked(), Environment: f.Environment, Order: "oldest"}
	in.Paging = ops.Paging{Cursor: after, Limit: newsMost + 1}
	page, err := site.Ask(r, ops.AuditAccount, in)
	if err != nil {
		return err
	}
	return r.Part(http.StatusOK, f.newer(after, len(page.Items)))
}

// news is the address of the announcement.
func (f filter) news(after string) string {
	q := f.values()
	q.Set("after", after)
	return "/audit/news?" + q.Encode()
}

func countText(n int) string {
	switch {
	case n == 1:
		return "Show 1 new entry"
	case n > newsMost:
		return fmt.Sprintf("Show more than %d new entries", newsMost)
	}
	return fmt.Sprintf("Show %d new entries", n)
}

// file is the address of the log, as it is filtered, as a file.
func (f filter) file(format string) string {
	q := f.values()
	q.Set("format", format)
	return "/audit/export?" + q.Encode()
}

// export answers with the log as a file.
func export(r *site.Request) error {
	f := readFilter(r)
	in := ops.AuditAccountInput{OfAccount: me, AuditFilter: f.asked(), Environment: f.Environment, Format: r.URL.Query().Get("format")}
	e, err := r.Site.Door.ExportAudit(r.Context(), r.Caller, in)
	if err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Type", e.MediaType())
	h.Set("Content-Disposition", `attachment; filename="`+e.FileName()+`"`)
	if r.Method == http.MethodHead {
		return nil
	}
	if err := e.Write(r.Context(), r.W); err != nil {
		r.Site.Log.Warn("an export ended early", "error", err)
		panic(http.ErrAbortHandler) // so that the browser knows that there should be more
	}
	return nil
}

// proof shows that one entry is part of what was signed.
func proof(r *site.Request) error {
	row := r.PathValue("row")
	n, err := strconv.ParseInt(row, 10, 64)
	if err != nil || n < 1 {
		return holm.ErrNotFound()
	}
	v, err := site.Ask(r, ops.AuditCheckpoint, ops.AuditCheckpointInput{OfAccount: me, Row: n})
	var e *holm.Error
	if errors.As(err, &e) && e.Code == holm.CodeInvalid {
		return holm.ErrNotFound()
	}
	if err != nil {
		return err
	}
	return r.Frame(layout.Page{Title: "Proof of entry " + row, Current: layout.Audit, Crumbs: []part.Crumb{{Label: "Audit log", Href: "/audit"}, {Label: "Entry " + row}}}, proofView(row, v))
}

func proofTitle(row string, v ops.AuditCheckpointView) string {
	if v.Kept {
		return fmt.Sprintf("In the kept checkpoint of %d rows", v.Rows)
	}
	return fmt.Sprintf("In a checkpoint of %d rows, signed now; one that is kept follows within the hour", v.Rows)
}

const verifyCommands = "holm audit export --output audit.jsonl\nholm audit verify audit.jsonl --key audit.pub"

// roads are the choices of the filter.
func roads() []part.Option {
	options := []part.Option{{Label: "Any"}}
	for _, road := range []holm.Road{holm.RoadDashboard, holm.RoadAPI, holm.RoadCommandLine, holm.RoadSSH, holm.RoadFTP, holm.RoadSystem} {
		options = append(options, part.Option{Value: string(road), Label: roadName(string(road))})
	}
	return options
}
