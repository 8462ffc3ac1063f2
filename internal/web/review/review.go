// Package review is where an owner sees who can do what in which environment,
// what of it they used, and takes away what they did not.
//
// It must not decide anything: it asks the door and tells what it answers.
package review

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

const (
	me    = "me"
	topic = "review"
	// perPage is how many people one page shows.
	perPage = 25
)

// Mount adds the pages.
func Mount(s *site.Site) {
	s.Handle("GET /review", show)
	s.Handle("POST /review", trim)
	s.Handle("GET /review.csv", download)
}

// page is the review of some people.
type page struct {
	people []ops.ReviewPerson
	days   int
	more   string // address of the next people
	cursor string
	told   string
	failed error
}

func (p *page) address(cursor string) string {
	q := url.Values{"days": {strconv.Itoa(p.days)}}
	if cursor != "" {
		q.Set("cursor", cursor)
	}
	return "/review?" + q.Encode()
}

func load(r *site.Request) (*page, error) {
	p := &page{days: 90, cursor: r.FormValue("cursor")}
	if n, err := strconv.Atoi(r.FormValue("days")); err == nil {
		p.days = n
	}
	in := ops.AccessReviewInput{Days: p.days, Paging: ops.Paging{Cursor: p.cursor, Limit: perPage}}
	in.Account = me
	answer, err := site.Ask(r, ops.AccessReview, in)
	p.people = answer.Items
	if answer.Next != nil {
		p.more = p.address(*answer.Next)
	}
	return p, err
}

func show(r *site.Request) error {
	p, err := load(r)
	if err != nil {
		return err
	}
	p.told = r.Told(topic)
	return p.show(r, http.StatusOK)
}

func (p *page) show(r *site.Request, status int) error {
	crumbs := []part.Crumb{{Label: "Collaborators", Href: "/collaborators"}, {Label: "Access review"}}
	return r.FrameStatus(status, layout.Page{Title: "Access review", Current: layout.Collaborators, Crumbs: crumbs, LiveURL: "/collaborators/live"}, p.view())
}

// trim takes away what was not used.
func trim(r *site.Request) error {
	in := ops.AccessTrimInput{}
	in.Account, in.Collaborator = me, r.PostFormValue("person")
	in.Body.Environment, in.Body.Loses = r.PostFormValue("environment"), r.PostForm["loses"]
	in.Body.Days, _ = strconv.Atoi(r.PostFormValue("days"))
	v, err := site.Ask(r, ops.AccessTrim, in)
	if err == nil {
		r.Tell(topic, "The level in "+v.Environment.Name+" is "+v.Level+" now. What was open and needed more is cut.")
		p := page{days: in.Body.Days}
		return r.See(p.address(r.PostFormValue("cursor")))
	}
	switch holm.CodeOf(err) {
	case holm.CodeUnauthorized, holm.CodeNotFound, holm.CodeInternal:
		return err
	}
	p, problem := load(r)
	if problem != nil {
		return problem
	}
	p.failed = err
	return p.show(r, site.Status(err))
}

func label(permission string) string {
	if row, ok := access.Lookup(access.Permission(permission)); ok {
		return row.Label
	}
	return permission
}

// split sorts the permissions of somebody into those that were used, those
// that were not, and how many leave no record.
func split(e ops.ReviewEnvironment) (used, unused []ops.ReviewPermission, silent int) {
	for _, p := range e.Permissions {
		switch {
		case p.LastUsedAt != nil && p.Permission != string(access.EnvironmentSee):
			used = append(used, p)
		case p.Counted:
			unused = append(unused, p)
		default:
			silent++
		}
	}
	return used, unused, silent
}

// download gives the whole review as CSV, a row for each permission.
func download(r *site.Request) error {
	p, err := load(r)
	if err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	h.Set("Content-Disposition", `attachment; filename="access-review.csv"`)
	w := csv.NewWriter(r.W)
	w.Write([]string{"person", "status", "environment", "level", "until", "because_of", "permission", "times", "last_used_at", "leaves_a_record"})
	in := ops.AccessReviewInput{Days: p.days, Paging: ops.Paging{Limit: 100}}
	in.Account = me
	for {
		answer, err := site.Ask(r, ops.AccessReview, in)
		if err != nil {
			return err // the file ends here, and a reader sees that it does
		}
		for _, person := range answer.Items {
			write(w, person)
		}
		w.Flush()
		if answer.Next == nil || w.Error() != nil {
			return w.Error()
		}
		in.Cursor = *answer.Next
	}
}

func write(w *csv.Writer, p ops.ReviewPerson) {
	for _, e := range p.Environments {
		var from []string
		for _, g := range e.From {
			from = append(from, g.Rule)
		}
		for _, q := range e.Permissions {
			row := []string{p.Collaborator.Email, p.Status, e.Environment.Name, e.Level, stamp(e.Until), strings.Join(from, ", "), q.Permission,
				strconv.Itoa(q.Times), stamp(q.LastUsedAt), strconv.FormatBool(q.Counted)}
			for i := range row {
				row[i] = harmless(row[i])
			}
			w.Write(row)
		}
	}
}

func stamp(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// harmless keeps spreadsheet programs from running a text that somebody else
// chose as a formula.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(text[0])) {
		return "'" + text
	}
	return text
}
