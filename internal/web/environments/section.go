package environments

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

const (
	step      = 50  // rows that are shown at first, and more each time
	mostShown = 500 // rows of a section that a live refresh keeps
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
	folded   bool
	create   string // address that creates here; "" where one may not
	refused  string // why creating is not possible, where the button stays
	examples bool
}

// load gives the sections the view asks for.
func load(r *site.Request, v view) ([]section, error) {
	list, err := outline(r)
	if err != nil {
		return nil, err
	}
	closed := folded(r.Request)
	var sections []section
	for _, s := range list {
		if v.only != "" && v.only != s.key {
			continue
		}
		if s.ended == "" {
			if err := s.fill(r, v); err != nil {
				return nil, err
			}
		}
		if v.filtered() && len(s.items) == 0 {
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

// fill gives the section its rows. By name the door pages for us; other
// orders, and the level, it does not know, so all rows are looked at.
func (s *section) fill(r *site.Request, v view) error {
	want := min(max(step, v.shown[s.key]), mostShown)
	before := 0
	if v.only == s.key && v.after != "" {
		want, before = step, v.shown[s.key]
	}
	if v.sort == "name" && v.level == "" {
		cursor := ""
		if before > 0 {
			cursor = v.after
		}
		items, next, err := s.ask(r, v, cursor, want)
		s.items, s.next, s.shown = items, next, before+len(items)
		return err
	}
	all, err := s.all(r, v)
	if err != nil {
		return err
	}
	before = min(before, len(all))
	s.items = all[before:min(len(all), before+want)]
	s.shown = before + len(s.items)
	if s.shown < len(all) {
		s.next = strconv.Itoa(s.shown)
	}
	return nil
}

func (s *section) ask(r *site.Request, v view, cursor string, want int) ([]ops.EnvironmentView, string, error) {
	owner := s.owner.ID
	if s.key == ownKey {
		owner = "me"
	}
	page, err := site.Ask(r, ops.EnvironmentList, ops.EnvironmentListInput{Owner: owner, State: v.state, Name: v.text, Paging: ops.Paging{Cursor: cursor, Limit: want}})
	if err != nil || page.Next == nil {
		return page.Items, "", err
	}
	return page.Items, *page.Next, nil
}

func (s *section) all(r *site.Request, v view) ([]ops.EnvironmentView, error) {
	var all []ops.EnvironmentView
	for cursor := ""; ; {
		items, next, err := s.ask(r, v, cursor, 500)
		if err != nil {
			return nil, err
		}
		for _, e := range items {
			if v.level == "" || e.Level == v.level {
				all = append(all, e)
			}
		}
		if next == "" {
			break
		}
		cursor = next
	}
	switch v.sort {
	case "state":
		slices.SortStableFunc(all, func(a, b ops.EnvironmentView) int { return cmp.Compare(urgency(a.State), urgency(b.State)) })
	case "created":
		slices.SortStableFunc(all, func(a, b ops.EnvironmentView) int { return b.CreatedAt.Compare(a.CreatedAt) })
	}
	return all, nil
}

// urgency sorts by state: what needs a person first, what rests last.
func urgency(state string) int {
	switch holm.State(state) {
	case holm.StateBroken:
		return 0
	case holm.StateRunning:
		return 2
	case holm.StateStopped:
		return 3
	}
	return 1
}

// count says how many there are; while a filter narrows the list, how many of
// them are shown.
func (s section) count(v view) string {
	switch {
	case v.filtered() && s.next != "":
		return strconv.Itoa(s.shown) + "+"
	case v.filtered() || s.next == "":
		return strconv.Itoa(s.shown)
	}
	return strconv.Itoa(max(s.total, s.shown))
}
