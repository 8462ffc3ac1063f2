package environments

import (
	"fmt"
	"strconv"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

const (
	step      = 50  // rows that are shown at first, and more each time
	mostShown = 500 // rows of a section that a live refresh keeps
	firstRows = 200 // rows of all sections together, before later ones wait to be asked for
	ownKey    = "own"
)

// section is the environments of one owner.
type section struct {
	key      string
	title    string
	owner    ops.Person
	role     string // the caller's on that account; "" for the own section
	ended    string // why there is nothing in it, when the collaboration stands still
	setUp    string // where the person can change that
	total    int
	items    []ops.EnvironmentView
	next     string // cursor of the rows to go on with
	shown    int    // rows on the page so far, these included
	later    bool   // it has rows, which come when the person asks for them
	folded   bool
	create   string // address that creates here; "" where one may not
	refused  string // why creating is not possible, where the button stays
	examples bool
	given    []given // what the person was given here, each with what it allows
}

// aside says whether the own section has nothing to show and nothing to offer,
// while others share something: it is then said at the end, in one line.
func (s section) aside(all []section) bool {
	return s.key == ownKey && s.total == 0 && s.refused != "" && len(all) > 1
}

// load gives the sections the view asks for.
func load(r *site.Request, v view) ([]section, error) {
	list, err := outline(r)
	if err != nil {
		return nil, err
	}
	closed, room := folded(r.Request), firstRows
	var sections []section
	for _, s := range list {
		if v.only != "" && v.only != s.key {
			continue
		}
		if s.ended == "" {
			s.later = room <= 0 && v.only == "" && v.shown[s.key] == 0
			if err := s.fill(r, v); err != nil {
				return nil, err
			}
			room -= len(s.items)
		}
		if v.filtered() && len(s.items) == 0 && !s.later {
			continue
		}
		s.folded = closed[s.key] && !v.filtered()
		sections = append(sections, s)
	}
	return sections, nil
}

// outline gives every section without its rows: the own one, then each
// account that shares something or lets the person create.
func outline(r *site.Request) ([]section, error) {
	var sections []section
	if !r.Viewing() {
		own, err := ownSection(r)
		if err != nil {
			return nil, err
		}
		sections = append(sections, own)
	}
	others, err := site.Ask(r, ops.CollaborationList, ops.CollaborationListInput{})
	if err != nil {
		return nil, err
	}
	for _, c := range others.Items {
		s := section{key: c.Account.ID, title: "Environments owned by " + c.Account.Email, owner: c.Account, role: c.Role, total: c.Shared}
		switch {
		case c.Status == string(holm.StatusSuspended):
			s.ended = c.Account.Email + " has suspended your collaboration. What was shared with you comes back when they end that."
		case c.SecondFactorNeeded:
			s.ended, s.setUp = c.Account.Email+" requires a second factor of everybody who works here, and your login has none yet. Turn on the one-time code or add a passkey; what is shared with you comes back at once.", "/account/security"
		case c.Create:
			s.create = "/environments/new?account=" + c.Account.ID
		case c.Shared == 0:
			continue
		}
		sections = append(sections, s)
	}
	return sections, nil
}

func ownSection(r *site.Request) (section, error) {
	s := section{key: ownKey, title: "Your environments", owner: ops.Person{ID: r.User.Account.ID, Email: r.User.Email}}
	limits, err := site.Ask(r, ops.AccountLimits, ops.AccountLimitsInput{OfAccount: ops.OfAccount{Account: "me"}})
	if err != nil {
		return s, err
	}
	s.total = limits.Used.Environments
	switch most := limits.Limits.Environments; {
	case most == 0:
		s.refused = fmt.Sprintf("Your own account is a %s account, which cannot own environments. An operator of this installation can change that.", limits.Type)
	case s.total >= most:
		s.refused = fmt.Sprintf("You own %d of %d environments. Delete one, or ask an operator of this installation for more.", s.total, most)
	default:
		s.create = "/environments/new"
		s.examples = s.total == 0
	}
	return s, nil
}

// fill gives the section its rows; of one that waits it learns only whether
// there are any.
func (s *section) fill(r *site.Request, v view) error {
	if s.later && !v.filtered() {
		s.later = s.total > 0
		return nil
	}
	want, cursor, before := min(max(step, v.shown[s.key]), mostShown), "", 0
	switch {
	case s.later:
		want = 1
	case v.only == s.key && v.after != "":
		want, cursor, before = step, v.after, v.shown[s.key]
	}
	items, next, err := s.ask(r, v, cursor, want)
	if s.later {
		s.later = len(items) > 0
		return err
	}
	s.items, s.next, s.shown = items, next, before+len(items)
	if s.key != ownKey {
		s.given = givenIn(items)
	}
	return err
}

func (s *section) ask(r *site.Request, v view, cursor string, want int) ([]ops.EnvironmentView, string, error) {
	owner := s.owner.ID
	if s.key == ownKey {
		owner = "me"
	}
	page, err := site.Ask(r, ops.EnvironmentList, ops.EnvironmentListInput{Owner: owner, State: v.state, Name: v.text, Stack: v.stack, Level: v.level, Sort: v.sort, Paging: ops.Paging{Cursor: cursor, Limit: want}})
	if err != nil || page.Next == nil {
		return page.Items, "", err
	}
	return page.Items, *page.Next, nil
}

// count says how many there are; while a filter narrows the list, how many of
// them are shown.
func (s section) count(v view) string {
	switch {
	case v.filtered() && s.later:
		return "1+"
	case v.filtered() && s.next != "":
		return strconv.Itoa(s.shown) + "+"
	case v.filtered() || s.next == "" && !s.later:
		return strconv.Itoa(s.shown)
	}
	return strconv.Itoa(max(s.total, s.shown))
}
