package environment

import (
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

func (p *page) sharing() (templ.Component, error) {
	rows, err := site.Ask(p.Request, ops.EnvironmentSharing, ops.EnvironmentSharingInput{OfEnvironment: p.target(), Paging: ops.Paging{Cursor: p.URL.Query().Get("cursor")}})
	if err != nil {
		return nil, err
	}
	return p.sharingBody(rows), nil
}

// choice is what the form says about one person: what they should have, and
// what they had when the page was made.
type choice struct {
	person, level, until string
	wasLevel, wasUntil   string
}

func (c choice) changed() bool {
	return c.level != c.wasLevel || (c.level != string(holm.LevelNone) && c.until != c.wasUntil)
}

// choices reads the form. Only people that the page has shown are in it.
func choices(form url.Values) []choice {
	var list []choice
	for name := range form {
		id, ok := strings.CutPrefix(name, "was-")
		if !ok {
			continue
		}
		c := choice{person: id, level: form.Get("level-" + id), until: form.Get("until-" + id), wasLevel: form.Get(name), wasUntil: form.Get("wasuntil-" + id)}
		if c.level == "" {
			c.level = c.wasLevel
		}
		list = append(list, c)
	}
	return list
}

// share saves the rows that were changed, all or none.
func share(r *site.Request) error {
	p, err := open(r, sharing)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return holm.Invalid("level", "The form could not be read.")
	}
	in := ops.EnvironmentShareInput{OfEnvironment: p.target()}
	var changed []choice
	for _, c := range choices(r.PostForm) {
		if !c.changed() {
			continue
		}
		until, err := parseDay(c.until)
		if err != nil {
			return again(r, sharing, err)
		}
		changed = append(changed, c)
		in.Body.Collaborators = append(in.Body.Collaborators, ops.PersonShare{Collaborator: c.person, Level: c.level, Until: until})
	}
	if len(changed) == 0 && p.sees(sharing) {
		return r.See(p.path(sharingPath))
	}
	now, err := p.everybody()
	if err != nil {
		return again(r, sharing, err)
	}
	if stale := outdated(changed, now); stale != "" {
		return again(r, sharing, holm.Errorf(holm.CodeConflict, "Nothing was saved, because somebody changed this meanwhile: %s. Below is how it is now.", stale))
	}
	for i, c := range changed {
		in.Body.Collaborators[i].Was = &ops.Held{Level: now[c.person].Level, Until: now[c.person].Until}
	}
	if _, err := site.Ask(r, ops.EnvironmentShare, in); err != nil {
		return again(r, sharing, err)
	}
	r.Tell(topic, saved(changed, now))
	return r.See(p.path(sharingPath))
}

// everybody gives every row of the sharing, by collaborator.
func (p *page) everybody() (map[string]ops.SharingRow, error) {
	rows, cursor := map[string]ops.SharingRow{}, ""
	for {
		page, err := site.Ask(p.Request, ops.EnvironmentSharing, ops.EnvironmentSharingInput{OfEnvironment: p.target(), Paging: ops.Paging{Cursor: cursor, Limit: 500}})
		if err != nil {
			return nil, err
		}
		for _, row := range page.Items {
			rows[row.Collaborator.ID] = row
		}
		if page.Next == nil {
			return rows, nil
		}
		cursor = *page.Next
	}
}

// outdated says what differs from what the page had shown, "" when nothing.
func outdated(changed []choice, now map[string]ops.SharingRow) string {
	var differ []string
	for _, c := range changed {
		row, ok := now[c.person]
		switch {
		case !ok:
			differ = append(differ, "one person is no collaborator any more")
		case row.Level != c.wasLevel || day(row.Until) != c.wasUntil:
			differ = append(differ, row.Collaborator.Email+" has "+site.LevelName(row.Level)+" now, not "+site.LevelName(c.wasLevel))
		}
	}
	return strings.Join(differ, ", ")
}

// saved says what was changed.
func saved(changed []choice, now map[string]ops.SharingRow) string {
	if len(changed) > 3 {
		return "Saved: " + Counted(len(changed), "person") + " changed. Each was mailed."
	}
	var words []string
	for _, c := range changed {
		word := now[c.person].Collaborator.Email + " has " + site.LevelName(c.level)
		if c.until != "" && c.level != string(holm.LevelNone) {
			word += " until the end of " + c.until
		}
		words = append(words, word)
	}
	return "Saved: " + strings.Join(words, ", ") + "."
}

// Access that ends by itself ends with a day, in UTC.

func parseDay(text string) (*time.Time, error) {
	if text == "" {
		return nil, nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return nil, holm.Invalid("until", "%q is not a date; write it like 2026-01-31.", text)
	}
	t = t.AddDate(0, 0, 1)
	return &t, nil
}

// day is the last day on which access that ends then is there.
func day(until *time.Time) string {
	if until == nil {
		return ""
	}
	return until.UTC().Add(-time.Nanosecond).Format(time.DateOnly)
}
