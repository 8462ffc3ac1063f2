package cli

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/holmhq/holm"
)

// printer writes results: for a person on a terminal with aligned columns,
// colours and relative times; for a program as lines of fields separated by
// tabs, with RFC 3339 times and without heads.
type printer struct {
	w        io.Writer
	terminal bool
	color    bool
	now      time.Time
}

// The colours, by what they mean.
const (
	plain  = ""
	green  = "32"
	yellow = "33"
	red    = "31"
	grey   = "90"
	bold   = "1"
)

// paint colours a text, where colours are wanted.
func (p *printer) paint(color, s string) string {
	if !p.color || color == plain || s == "" {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}

// cell is one field of a table.
type cell struct{ text, color string }

func text(s string) cell { return cell{text: s} }

func number(n int) cell { return cell{text: strconv.Itoa(n)} }

// state is a state or status in its colour. The word stays: colour alone tells
// nothing to many.
func state(s string) cell {
	switch s {
	case "running", "active", "0", "yes":
		return cell{s, green}
	case "broken", "no", "removed", "declined", "expired", "forbidden":
		return cell{s, red}
	case "stopped", "left", "none", "":
		return cell{s, grey}
	}
	return cell{s, yellow}
}

// time writes a moment; the zero one is "".
func (p *printer) time(t time.Time) cell {
	switch {
	case t.IsZero():
		return cell{}
	case p.terminal:
		return text(relative(p.now, t))
	}
	return text(t.UTC().Format(time.RFC3339))
}

// end writes an optional moment; none is "".
func (p *printer) end(t *time.Time) cell {
	if t == nil {
		return cell{}
	}
	if last := t.UTC().Add(-time.Nanosecond); p.terminal && t.Equal(t.Truncate(24*time.Hour)) && !soon(p.now, *t) {
		return text(last.Format("2 Jan 2006")) // the last day on which it is there
	}
	return p.time(*t)
}

// soon says whether a moment is told by its distance from now.
func soon(now, t time.Time) bool { return now.Sub(t).Abs() < 31*24*time.Hour }

// relative tells a moment by its distance from now; more than a month away by
// its date.
func relative(now, t time.Time) string {
	d := now.Sub(t)
	future := d < 0
	if future {
		d = -d
	}
	var s string
	switch {
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		s = fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		s = fmt.Sprintf("%d h", d/time.Hour)
	case soon(now, t):
		s = fmt.Sprintf("%d days", d/(24*time.Hour))
	default:
		return t.In(now.Location()).Format("2 Jan 2006")
	}
	if future {
		return "in " + s
	}
	return s + " ago"
}

// line writes one sentence.
func (p *printer) line(format string, args ...any) {
	fmt.Fprintln(p.w, clean(fmt.Sprintf(format, args...)))
}

// heading writes the head of a section, for people only.
func (p *printer) heading(s string) {
	if p.terminal {
		fmt.Fprintln(p.w, p.paint(bold, clean(s)))
	}
}

// gap writes an empty line between sections, for people only.
func (p *printer) gap() {
	if p.terminal {
		fmt.Fprintln(p.w)
	}
}

// table writes rows under heads. Without rows a person gets the sentence
// nothing, a program no line.
func (p *printer) table(heads []string, rows [][]cell, nothing string) {
	if !p.terminal {
		for _, row := range rows {
			p.fields(row)
		}
		return
	}
	if len(rows) == 0 {
		fmt.Fprintln(p.w, p.paint(grey, nothing))
		return
	}
	all := [][]cell{make([]cell, len(heads))}
	for i, h := range heads {
		all[0][i] = cell{strings.ToUpper(h), grey}
	}
	p.align(append(all, rows...))
}

// fields writes one row for a program.
func (p *printer) fields(row []cell) {
	texts := make([]string, len(row))
	for i, c := range row {
		texts[i] = clean(c.text)
	}
	fmt.Fprintln(p.w, strings.Join(texts, "\t"))
}

// align writes rows with columns as wide as their widest field. Columns that
// are empty below their head are left out.
func (p *printer) align(rows [][]cell) {
	widths := make([]int, len(rows[0]))
	used := make([]bool, len(rows[0]))
	for n, row := range rows {
		for i := range row {
			row[i].text = clean(row[i].text)
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i].text))
			used[i] = used[i] || n > 0 && row[i].text != ""
		}
	}
	for _, row := range rows {
		var b strings.Builder
		blanks := 0
		for i, c := range row {
			if !used[i] {
				continue
			}
			b.WriteString(strings.Repeat(" ", blanks))
			b.WriteString(p.paint(c.color, c.text))
			blanks = widths[i] - utf8.RuneCountInString(c.text) + 2
		}
		fmt.Fprintln(p.w, strings.TrimRight(b.String(), " "))
	}
}

// pair is a named value.
type pair struct {
	name  string
	value cell
}

// pairs writes named values one a line; for people those without a value are
// left out.
func (p *printer) pairs(list []pair) {
	width := 0
	for _, x := range list {
		if x.value.text != "" {
			width = max(width, utf8.RuneCountInString(x.name))
		}
	}
	for _, x := range list {
		switch {
		case !p.terminal:
			p.fields([]cell{text(x.name), x.value})
		case x.value.text != "":
			fmt.Fprintf(p.w, "%s  %s\n", p.paint(grey, fmt.Sprintf("%-*s", width, x.name)), p.paint(x.value.color, clean(x.value.text)))
		}
	}
}

// clean makes a text that others wrote safe to show: control characters could
// move the cursor, change the title or forge lines, and the marks of writing
// direction could make a name look like another.
func clean(s string) string {
	if strings.IndexFunc(s, unsafe) < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t':
			b.WriteByte(' ')
		case unsafe(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unsafe(r rune) bool { return holm.Hidden(r) }

// escaped writes what cannot be seen in JSON as \u escapes. Line breaks and
// tabs between values stay.
func escaped(data []byte) []byte {
	risky := func(r rune) bool { return unsafe(r) && r != '\n' && r != '\t' && r != '\r' && r != utf8.RuneError }
	if !bytes.ContainsFunc(data, risky) {
		return data
	}
	out := make([]byte, 0, len(data)+64)
	for _, r := range string(data) {
		switch {
		case !risky(r):
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}
