// Package layout is the frame around every page of the dashboard: the rail,
// the top bar, the calm card for signing in, the page for what went wrong, and
// the headers that keep foreign scripts out.
//
// It must not know the store, the door or what a page shows: it gets plain data.
package layout

import (
	"strconv"

	"github.com/holmhq/holm/internal/web/part"
)

// Place is an entry of the rail.
type Place string

// The places, in the order of the rail.
const (
	Environments  Place = "environments"
	Collaborators Place = "collaborators"
	Requests      Place = "requests"
	Archives      Place = "archives"
	Audit         Place = "audit"
	Account       Place = "account"
	Operator      Place = "operator"
)

// Paths that the frame itself links or posts to.
const (
	SwitchPath  = "/switch"   // GET: the quick switcher's answers, or its page without a script
	ThemePath   = "/theme"    // POST theme: ServeTheme
	SignOutPath = "/sign-out" // POST
	ProfilePath = "/account"  // the person's own pages
)

// Page is what the frame says about the page inside it.
type Page struct {
	Title   string // of the browser's tab, before "· Holm"
	Current Place  // marked in the rail
	Crumbs  []part.Crumb
	Person  Person
	Nav     Nav
	Theme   Theme  // from ThemeOf
	LiveURL string // the page's event stream; none when empty
	// LiveSince is the last event before the page was made: the stream begins
	// there, or what happens until it is open would be missed.
	LiveSince uint64
	Banner    *Banner  // above everything, e.g. while viewing as somebody else
	Styles    []string // more files of package static
	Scripts   []string
}

// lastEvent is what a stream is asked with that goes on after an event.
func lastEvent(id uint64) string { return `{"Last-Event-ID":"` + strconv.FormatUint(id, 10) + `"}` }

// Person is who is signed in.
type Person struct {
	Name     string
	Email    string
	Initials string // made from Name or Email when empty
	Operator bool
}

// Nav says which entries of the rail there are beyond those everybody has.
type Nav struct {
	Requests bool // there are requests for access to look at
	Waiting  int  // of them for this person's answer
	Archives bool
	Guest    bool // works for others only: has no account of their own to look after
	Viewing  bool // as somebody else: only what is shared with them
}

// Banner says in what unusual way the page is seen, and how to end it.
type Banner struct {
	Text   string
	Action string // what ends it: "Stop viewing as bob@example.org"
	Post   string // where that posts to
}

func (p Person) called() string {
	if p.Name != "" {
		return p.Name
	}
	return p.Email
}

func (p Person) avatar() part.Avatar {
	return part.Avatar{Name: p.called(), Initials: p.Initials}
}

// entry is one link of the rail.
type entry struct {
	place Place
	label string
	icon  part.Icon
	count int
}

func (e entry) path() string { return "/" + string(e.place) }

func (e entry) countWords() string { return strconv.Itoa(e.count) }

// entries are the links that this person has, without the operator's.
func (p Page) entries() []entry {
	if p.Nav.Viewing {
		return []entry{{Environments, "Environments", part.IconEnvironments, 0}}
	}
	entries := []entry{{Environments, "Environments", part.IconEnvironments, 0}}
	if !p.Nav.Guest {
		entries = append(entries, entry{Collaborators, "Collaborators", part.IconPeople, 0})
	}
	if p.Nav.Requests {
		entries = append(entries, entry{Requests, "Requests", part.IconInbox, p.Nav.Waiting})
	}
	if p.Nav.Archives {
		entries = append(entries, entry{Archives, "Archives", part.IconArchive, 0})
	}
	if !p.Nav.Guest {
		entries = append(entries, entry{Audit, "Audit log", part.IconLog, 0})
	}
	return append(entries, entry{Account, "Account", part.IconPerson, 0})
}

var operatorEntry = entry{Operator, "Operator", part.IconOperator, 0}

// A phone's bar has room for four; the rest is behind "More".
const roomOnPhone = 4

// onPhone splits all entries into those of a phone's bar and those behind "More".
func (p Page) onPhone() (bar, behind []entry) {
	all := p.entries()
	if p.Person.Operator {
		all = append(all, operatorEntry)
	}
	if len(all) <= roomOnPhone {
		return all, nil
	}
	return all[:roomOnPhone-1], all[roomOnPhone-1:]
}

// behindMore says whether the phone's bar has the entry only behind "More".
func (p Page) behindMore(place Place) bool {
	_, behind := p.onPhone()
	for _, e := range behind {
		if e.place == place {
			return true
		}
	}
	return false
}

func (p Page) tabTitle() string {
	if p.Title == "" {
		return "Holm"
	}
	return p.Title + " · Holm"
}
