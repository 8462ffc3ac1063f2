package notify

import (
	"bytes"
	"embed"
	"fmt"
	html "html/template"
	"strings"
	text "text/template"
	"time"
	"unicode/utf8"

	"github.com/holmhq/holm"
)

// page is what a mail says, before it is text or HTML.
type page struct {
	Subject string
	Heading string
	Lead    string // one sentence: who did what
	Facts   []fact
	Shares  []share
	Notes   []string // what else to know, one paragraph each
	Button  string   // what the link does
	After   string   // about the link
	Why     string   // why one gets this mail

	// Set for every mail:
	Link      string // of the button
	PublicURL string
}

// fact is one line of the table: what, and which.
type fact struct{ Label, Value, Link string }

// share is one environment in the table of an invitation.
type share struct{ Environment, Alias, Level, Until string }

// rendered is a mail ready to be kept.
type rendered struct{ Subject, Text, HTML string }

//go:embed layout.txt layout.html
var layouts embed.FS

var (
	textLayout = text.Must(text.New("layout.txt").Funcs(text.FuncMap{"wrap": func(s string) string { return wrap(s, 76) }, "facts": textFacts, "shares": textShares}).
			ParseFS(layouts, "layout.txt"))
	htmlLayout = html.Must(html.ParseFS(layouts, "layout.html"))
)

// render writes a letter. now is when what it tells of happened.
func render(o Options, l holm.Letter, now time.Time) (r rendered, err error) {
	write := letters[l.Kind]
	if write == nil {
		return r, fmt.Errorf("notify: there are no words for the letter %q", l.Kind)
	}
	v := look(o, l, now)
	p := write(v)
	p.PublicURL, p.Link = o.PublicURL, v.link
	var text, html bytes.Buffer
	if err := textLayout.Execute(&text, p); err != nil {
		return r, fmt.Errorf("notify: text of %s: %w", l.Kind, err)
	}
	if err := htmlLayout.Execute(&html, p); err != nil {
		return r, fmt.Errorf("notify: HTML of %s: %w", l.Kind, err)
	}
	return rendered{Subject: clip(p.Subject, longestSubject), Text: text.String(), HTML: html.String()}, nil
}

// textFacts sets facts in two columns.
func textFacts(facts []fact) string {
	width := 0
	for _, f := range facts {
		width = max(width, utf8.RuneCountInString(f.Label))
	}
	var out strings.Builder
	for _, f := range facts {
		indent := strings.Repeat(" ", width+4)
		value := f.Value
		if f.Link != "" {
			value = f.Link
		}
		value = strings.ReplaceAll(wrap(value, 72-width), "\n", "\n"+indent)
		fmt.Fprintf(&out, "  %s%s  %s\n", f.Label, strings.Repeat(" ", width-utf8.RuneCountInString(f.Label)), value)
	}
	return out.String()
}

// textShares sets environments one a line.
func textShares(shares []share) string {
	var out strings.Builder
	for _, s := range shares {
		out.WriteString("  " + s.Environment)
		if s.Alias != "" {
			out.WriteString(" (" + s.Alias + ")")
		}
		out.WriteString(": " + s.Level)
		if s.Until != "" {
			out.WriteString(", until " + s.Until)
		}
		out.WriteByte('\n')
	}
	return out.String()
}
