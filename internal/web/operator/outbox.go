package operator

import (
	"io"
	"net/url"
	"regexp"
	"strings"

	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// perPage is how many mails one page of the outbox has.
const perPage = 50

// outbox is a page of the mails that were written, the newest first.
type outbox struct {
	mails  []mail
	cursor string
	more   string
	stays  bool // no mail server is set: mails stay here
}

// mail is one of them.
type mail struct {
	ops.MailView
	stays bool // no mail server is set: it went nowhere
}

// letter is a mail with its text.
type letter struct {
	mail
	read ops.MailTextView
}

func showOutbox(r *site.Request) error {
	o := outbox{cursor: r.FormValue("cursor"), stays: r.Site.Outbox}
	found, err := site.Ask(r, ops.OperatorMails, ops.OperatorMailsInput{Paging: ops.Paging{Cursor: o.cursor, Limit: perPage}})
	if err != nil {
		return err
	}
	for _, v := range found.Items {
		o.mails = append(o.mails, mail{v, o.stays})
	}
	if found.Next != nil {
		o.more = "/operator/outbox?" + url.Values{"cursor": {*found.Next}}.Encode()
	}
	return r.Frame(page("Outbox"), o.view())
}

// readMail asks for a mail with its text, which is recorded.
func readMail(r *site.Request) (letter, error) {
	v, err := site.Ask(r, ops.OperatorMail, ops.OperatorMailInput{Mail: r.PathValue("id")})
	return letter{mail{v.MailView, r.Site.Outbox}, v}, err
}

func showMail(r *site.Request) error {
	m, err := readMail(r)
	if err != nil {
		return err
	}
	// The mail itself is in a frame, which no other page may have.
	h := r.W.Header()
	h.Set("Content-Security-Policy", h.Get("Content-Security-Policy")+"; frame-src 'self'")
	p := layout.Page{Title: m.Subject, Current: layout.Operator,
		Crumbs: []part.Crumb{{Label: "Operator", Href: "/operator"}, {Label: "Outbox", Href: "/operator/outbox"}, {Label: m.Subject}}}
	return r.Frame(p, m.view())
}

// strict lets a mail be looked at and nothing else: no script, no form, no
// address but those a person clicks, and no origin of ours.
const strict = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; " +
	"sandbox allow-popups allow-popups-to-escape-sandbox"

// serveMail gives the mail as a mail program would show it, for the frame of
// showMail. Its links open beside, since pages of ours refuse to be framed.
func serveMail(r *site.Request) error {
	m, err := readMail(r)
	if err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Security-Policy", strict)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Content-Type", "text/html; charset=utf-8")
	io.WriteString(r.W, strings.Replace(m.read.HTML, "<head>", `<head><base target="_blank">`, 1)) // the reader may be gone
	return nil
}

func (m mail) path() string { return "/operator/outbox/" + url.PathEscape(m.ID) }

// forgotten says whether the text was taken away after the mail went out.
func (m letter) forgotten() bool { return m.read.Text == "" && m.read.HTML == "" }

func (m mail) state() part.StateDot {
	switch {
	case m.stays:
		return part.StateDot{State: "queued", Word: "in the outbox"}
	case m.SentAt != nil:
		return part.StateDot{State: "succeeded", Word: "sent"}
	case m.LastError != "":
		return part.StateDot{State: "failed", Word: "not sent yet"}
	}
	return part.StateDot{State: "queued", Word: "waiting"}
}

var link = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;:!?)]`)

// piece is part of a text: words, or an address.
type piece struct {
	text string
	link bool
}

// pieces cuts a text at its addresses.
func pieces(text string) (list []piece) {
	for {
		at := link.FindStringIndex(text)
		if at == nil {
			return append(list, piece{text: text})
		}
		list = append(list, piece{text: text[:at[0]]}, piece{text: text[at[0]:at[1]], link: true})
		text = text[at[1]:]
	}
}

// action is the address that the mail is about: the first in its text.
func (m letter) action() string { return link.FindString(m.read.Text) }
