// Package audit shows who did what: the account's audit log with its filters,
// and Rows, which every page with a log uses.
//
// It must not know what an operation does: the door gives each row its
// sentence.
package audit

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// Mount adds the page.
func Mount(s *site.Site) {
	s.Handle("GET /audit", show)
	s.Handle("GET /audit/live", follow)
	s.Handle("GET /audit/news", news)
	s.Handle("GET /audit/export", export)
	s.Handle("GET /audit/proof/{row}", proof)
}

// filter is what the address narrows the log to, as it was written.
type filter struct {
	Who, Operation, Environment, Result, Road, Since, Until string
	Cursor                                                  string
	Err                                                     error
}

func readFilter(r *site.Request) filter {
	q := r.URL.Query()
	return filter{Who: q.Get("who"), Operation: q.Get("operation"), Environment: q.Get("environment"), Result: q.Get("result"), Road: q.Get("road"),
		Since: q.Get("since"), Until: q.Get("until"), Cursor: q.Get("cursor")}
}

func show(r *site.Request) error {
	f := readFilter(r)
	page, err := ask(r, f)
	status := http.StatusOK
	switch holm.CodeOf(err) {
	case holm.CodeInvalid:
		f.Err = err
	case holm.CodeNotFound:
		f.Err = holm.Invalid("environment", "There is no environment %q here, or you may not see it.", f.Environment)
	default:
		if err != nil {
			return err
		}
	}
	if f.Err != nil {
		status = site.Status(f.Err)
	}
	rows := Rows{Label: "Audit log", List: page.Items, Empty: f.empty(), Proof: proofPath}
	if f.Environment != "" && !own(r, f) {
		rows.Proof = "" // of an account that is not the reader's
	}
	if page.Next != nil {
		rows.Older = f.with("cursor", *page.Next)
	}
	return r.FrameStatus(status, layout.Page{Title: "Audit log", Current: layout.Audit, LiveURL: livePath, Crumbs: []part.Crumb{{Label: "Audit log"}}}, f.view(rows))
}

// ask asks for the account's log, or for an environment's when there is one
// in the filter.
func ask(r *site.Request, f filter) (ops.Page[ops.AuditRow], error) {
	filter := f.asked()
	filter.Paging = ops.Paging{Cursor: f.Cursor, Limit: 50}
	if f.Environment != "" {
		in := ops.AuditListInput{AuditFilter: filter}
		in.Environment = f.Environment
		return site.Ask(r, ops.AuditList, in)
	}
	in := ops.AuditAccountInput{AuditFilter: filter}
	in.Account = "me"
	return site.Ask(r, ops.AuditAccount, in)
}

// asked is the filter as the door takes it.
func (f filter) asked() ops.AuditFilter {
	return ops.AuditFilter{Operation: f.Operation, Who: f.Who, Result: f.Result, Road: f.Road, Since: moment(f.Since), Until: moment(f.Until)}
}

// moment brings what a form's field says, which is UTC, into the form that
// the door takes. What is none is left as it is, for the door to say so.
func moment(text string) string {
	t, err := time.Parse("2006-01-02T15:04", text)
	if err != nil {
		return text
	}
	return t.Format(time.RFC3339)
}

// values are the filter as a query, without the cursor.
func (f filter) values() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"who": f.Who, "operation": f.Operation, "environment": f.Environment, "result": f.Result, "road": f.Road, "since": f.Since, "until": f.Until} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// with is the address with one value more, or less where it is "".
func (f filter) with(name, value string) string {
	q := f.values()
	q.Set(name, value)
	if value == "" {
		q.Del(name)
	}
	if len(q) == 0 {
		return "/audit"
	}
	return "/audit?" + q.Encode()
}

// chips are the filters that are on, each with the address without it.
func (f filter) chips() (chips []part.Chip) {
	labels := map[string]string{"who": "by " + f.Who, "operation": operationName(f.Operation), "environment": "in " + f.Environment,
		"result": resultLabel(f.Result), "road": "by " + roadName(f.Road), "since": "since " + f.Since + " UTC", "until": "before " + f.Until + " UTC"}
	q := f.values()
	for _, name := range slices.Sorted(maps.Keys(q)) {
		chips = append(chips, part.Chip{Label: labels[name], Remove: f.with(name, "")})
	}
	return chips
}

func (f filter) empty() part.Empty {
	if len(f.values()) > 0 {
		return part.Empty{Icon: part.IconFilter, Title: "Nothing fits these filters", Text: "Take one away to see more."}
	}
	return part.Empty{Icon: part.IconLog, Title: "Nothing has happened yet", Text: "Every change and every refusal on your account is written here: who, when, from where, with what."}
}
