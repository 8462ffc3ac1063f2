package store_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/store"
)

// world is the model that lists of environments are held against: everything
// in plain Go, nothing clever.
type world struct {
	now     time.Time
	people  []holm.User
	own     []holm.Account         // of the person with the same index
	members map[[2]int]*membership // account, person
	all     []*modelled
	teams   [][]*team // of the account with the same index
}

type membership struct {
	c      holm.Collaborator
	levels map[*modelled]holm.Grant
	groups map[*team]time.Time // with the end of the membership
}

// team is a group of an account's collaborators.
type team struct {
	g      holm.Group
	levels map[*modelled]holm.GroupGrant
}

// sees is the rule for one environment of somebody else: what is given
// directly decides, also when it hides; then groups; then what is given on all
// environments.
func (c *membership) sees(m *modelled, now time.Time) bool {
	if g, ok := c.levels[m]; ok && !over(g.Until, now) {
		return g.Level != holm.LevelNone
	}
	if c.c.Wide != "" && !over(c.c.WideUntil, now) {
		return true
	}
	for t, end := range c.groups {
		g, ok := t.levels[m]
		if !over(end, now) && (ok && !over(g.Until, now) || t.g.Wide != "" && !over(t.g.WideUntil, now)) {
			return true
		}
	}
	return false
}

type modelled struct {
	e     holm.Environment
	owner int
}

// visible is the rule: one's own, and what an active collaboration that has
// not ended makes visible.
func (w *world) visible(person int, q store.EnvironmentQuery) (names []string) {
	type line struct {
		section string
		m       *modelled
		made    int
	}
	var lines []line
	for made, m := range w.all {
		section, level := "", store.LevelOwner
		if m.owner != person {
			section = holm.EmailKey(w.people[m.owner].Email)
			c := w.members[[2]int{m.owner, person}]
			if c == nil || c.c.Status != holm.StatusActive || over(c.c.Until, w.now) {
				continue
			}
			if !c.sees(m, w.now) {
				continue
			}
			level = c.level(m, w.now)
		}
		if q.Account != "" && q.Account != m.e.Account || q.State != "" && q.State != string(m.e.State) || q.Level != "" && q.Level != level || q.Stack != "" ||
			!strings.Contains(m.e.Name, strings.ToLower(q.Name)) && !strings.Contains(strings.ToLower(m.e.Alias), strings.ToLower(q.Name)) {
			continue
		}
		lines = append(lines, line{section, m, made})
	}
	slices.SortFunc(lines, func(a, b line) int {
		in := cmp.Compare(a.section, b.section)
		switch q.Order {
		case store.ByCreated:
			return cmp.Or(in, cmp.Compare(b.made, a.made))
		case store.ByState:
			return cmp.Or(in, cmp.Compare(rest(a.m.e.State), rest(b.m.e.State)), cmp.Compare(a.m.e.Name, b.m.e.Name))
		}
		return cmp.Or(in, cmp.Compare(a.m.e.Name, b.m.e.Name))
	})
	for _, l := range lines {
		names = append(names, l.section+"/"+l.m.e.Name)
	}
	return names
}

// rest is how much an environment of a state can wait for a person.
func rest(s holm.State) int {
	return slices.Index([]holm.State{holm.StateBroken, holm.StateCreating, holm.StateRunning, holm.StateStopped}, s)
}

// level is what the person sees as their level: of each way's gifts, what
// access makes of them.
func (c *membership) level(m *modelled, now time.Time) string {
	var gifts []access.Gift
	if g, ok := c.levels[m]; ok {
		gifts = append(gifts, access.Gift{Level: access.Preset(g.Level), End: g.Until})
	}
	for t, end := range c.groups {
		if g, ok := t.levels[m]; ok {
			gifts = append(gifts, access.Gift{Level: access.Preset(g.Level), Through: access.ByGroup, End: access.Sooner(end, g.Until)})
		}
		if t.g.Wide != "" {
			gifts = append(gifts, access.Gift{Level: access.Preset(t.g.Wide), Through: access.Wide, End: access.Sooner(end, t.g.WideUntil)})
		}
	}
	if c.c.Wide != "" {
		gifts = append(gifts, access.Gift{Level: access.Preset(c.c.Wide), Through: access.Wide, End: c.c.WideUntil})
	}
	return access.Stand(gifts, now).Name
}

func over(end, now time.Time) bool { return !end.IsZero() && !end.After(now) }

// TestVisibleIsWhatTheModelSays does random things to a store and a model, and
// compares what everybody sees, in one piece and page by page.
func TestVisibleIsWhatTheModelSays(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		round := 0
		rapid.Check(t, func(rt *rapid.T) {
			round++
			w := &world{members: map[[2]int]*membership{}, teams: make([][]*team, 3)}
			for i := range 3 {
				u, a := db.person(t, fmt.Sprintf("P%d-%d@example.org", i, round))
				w.people, w.own = append(w.people, u), append(w.own, a)
			}
			step := &steps{suite: db, world: w, round: round, t: t}
			step.begin(rt)
			for range rapid.IntRange(0, 15).Draw(rt, "steps") {
				step.take(rt)
			}
			w.now = db.Clock.Now()
			step.counted()
			for person := range w.people {
				q := store.EnvironmentQuery{Name: rapid.SampledFrom([]string{"", "", "e", "É", "É%", "_", "1"}).Draw(rt, "search"), State: rapid.SampledFrom([]string{"", "", "", "running", "broken"}).Draw(rt, "state"),
					Order: rapid.SampledFrom([]store.Order{store.ByName, store.ByCreated, store.ByState}).Draw(rt, "order"), Level: rapid.SampledFrom([]string{"", "", "limited", "full", "owner"}).Draw(rt, "level")}
				if rapid.Bool().Draw(rt, "one account") {
					q.Account = w.own[rapid.IntRange(0, 2).Draw(rt, "which")].ID
				}
				want := w.visible(person, q)
				for _, size := range []int{1000, rapid.IntRange(1, 3).Draw(rt, "page size")} {
					if got := step.pages(person, q, size); !slices.Equal(got, want) {
						rt.Fatalf("person %d, %+v, pages of %d: got %v, want %v", person, q, size, got, want)
					}
				}
			}
		})
	})
}

// steps are what can happen to a world.
type steps struct {
	*suite
	*world
	round int
	made  int
	t     *testing.T
}

// begin makes a world in which much is shared already, so that a few steps
// lead to every corner.
func (s *steps) begin(rt *rapid.T) {
	for owner := range s.people {
		for range 2 {
			s.create(owner)
		}
		for person := range s.people {
			s.join(rt, owner, person)
		}
		for _, name := range []string{"A", "B"} {
			g := must(s.t, s.suite, func(tx *store.Tx) (holm.Group, error) {
				return tx.CreateGroup(holm.Group{Account: s.own[owner].ID, Name: name})
			})
			s.teams[owner] = append(s.teams[owner], &team{g, map[*modelled]holm.GroupGrant{}})
		}
	}
	for _, m := range s.all {
		for person := range s.people {
			s.share(rt, m, person)
		}
	}
}

func (s *steps) create(owner int) {
	e := s.environment(s.t, s.own[owner], fmt.Sprintf("e%d-%d", s.round, s.made))
	s.made++
	s.all = append(s.all, &modelled{e, owner})
}

func (s *steps) take(rt *rapid.T) {
	person := func(label string) int { return rapid.IntRange(0, len(s.people)-1).Draw(rt, label) }
	switch rapid.SampledFrom([]string{"create", "join", "grant", "grant", "group", "group", "wide", "status", "status", "erase", "observe", "alias", "wait"}).Draw(rt, "step") {
	case "create":
		s.create(person("owner"))
	case "join":
		s.join(rt, person("owner"), person("collaborator"))
	case "grant":
		if len(s.all) > 0 {
			s.share(rt, s.all[rapid.IntRange(0, len(s.all)-1).Draw(rt, "environment")], person("with"))
		}
	case "status":
		key := [2]int{person("owner"), person("collaborator")}
		if m := s.members[key]; m != nil {
			m.c.Status = rapid.SampledFrom([]holm.Status{holm.StatusActive, holm.StatusSuspended, holm.StatusRemoved, holm.StatusLeft}).Draw(rt, "status")
			s.Write(s.t, func(tx *store.Tx) error { return tx.SetStatus(m.c.ID, m.c.Status) })
			if !m.c.Status.Open() {
				delete(s.members, key)
			}
		}
	case "group":
		s.regroup(rt, person("owner"))
	case "wide":
		if m := s.members[[2]int{person("owner"), person("collaborator")}]; m != nil {
			m.c.Wide, m.c.WideUntil = rapid.SampledFrom([]holm.Level{"", holm.LevelLimited}).Draw(rt, "wide"), s.until(rt, "wide ends")
			s.Write(s.t, func(tx *store.Tx) error { return tx.SetWide(m.c.ID, m.c.Wide, m.c.WideUntil) })
		}
	case "wait":
		s.Clock.Advance(time.Duration(rapid.IntRange(1, 3).Draw(rt, "hours")) * time.Hour)
	default:
		s.change(rt)
	}
}

// regroup changes a group of an account: its members, its levels, what it has
// on all environments.
func (s *steps) regroup(rt *rapid.T, owner int) {
	t := s.teams[owner][rapid.IntRange(0, 1).Draw(rt, "group")]
	switch rapid.IntRange(0, 3).Draw(rt, "change of group") {
	case 0:
		c := s.members[[2]int{owner, rapid.IntRange(0, len(s.people)-1).Draw(rt, "member")}]
		if c == nil {
			return
		}
		if rapid.IntRange(0, 3).Draw(rt, "leaves") == 3 {
			s.Write(s.t, func(tx *store.Tx) error { return tx.DropMember(t.g.ID, c.c.ID) })
			delete(c.groups, t)
			return
		}
		c.groups[t] = s.until(rt, "membership ends")
		s.Write(s.t, func(tx *store.Tx) error { return tx.PutMember(t.g.ID, c.c.ID, c.groups[t]) })
	case 1:
		t.g.Wide, t.g.WideUntil = rapid.SampledFrom([]holm.Level{"", "", holm.LevelFull}).Draw(rt, "wide"), s.until(rt, "wide ends")
		s.Write(s.t, func(tx *store.Tx) error { return tx.UpdateGroup(t.g) })
	default:
		var mine []*modelled
		for _, m := range s.all {
			if m.owner == owner {
				mine = append(mine, m)
			}
		}
		if len(mine) == 0 {
			return
		}
		m := rapid.SampledFrom(mine).Draw(rt, "environment")
		g := holm.GroupGrant{Group: t.g.ID, Environment: m.e.ID, Level: rapid.SampledFrom([]holm.Level{holm.LevelNone, holm.LevelLimited, holm.LevelFull}).Draw(rt, "level"), Until: s.until(rt, "level ends")}
		s.Write(s.t, func(tx *store.Tx) error { return tx.SetGroupGrant(g, s.people[owner].ID) })
		t.levels[m] = g
		if g.Level == holm.LevelNone {
			delete(t.levels, m)
		}
	}
}

// change does something to an environment.
func (s *steps) change(rt *rapid.T) {
	if len(s.all) == 0 {
		return
	}
	i := rapid.IntRange(0, len(s.all)-1).Draw(rt, "environment")
	m := s.all[i]
	switch rapid.IntRange(0, 2).Draw(rt, "change") {
	case 0:
		s.Write(s.t, func(tx *store.Tx) error { return tx.EraseEnvironment(m.e.ID) })
		s.all = slices.Delete(s.all, i, i+1)
	case 1:
		m.e.State = rapid.SampledFrom([]holm.State{holm.StateRunning, holm.StateBroken, holm.StateStopped}).Draw(rt, "state")
		s.Write(s.t, func(tx *store.Tx) error {
			_, err := tx.Observe(m.e.ID, 1, 1, m.e.State, "")
			return err
		})
	case 2:
		m.e.Alias = rapid.SampledFrom([]string{"École", "100 É%", "", "snake_case", "Shop 1"}).Draw(rt, "alias")
		s.Write(s.t, func(tx *store.Tx) error { return tx.SetAlias(m.e.ID, m.e.Alias) })
	}
}

func (s *steps) until(rt *rapid.T, label string) time.Time {
	if hours := rapid.IntRange(0, 5).Draw(rt, label); hours > 0 {
		return s.Clock.Now().Add(time.Duration(hours) * time.Hour)
	}
	return time.Time{}
}

func (s *steps) join(rt *rapid.T, owner, person int) {
	if owner == person || s.members[[2]int{owner, person}] != nil {
		return
	}
	c := must(s.t, s.suite, func(tx *store.Tx) (holm.Collaborator, error) {
		old, err := tx.Collaborator(s.own[owner].ID, s.people[person].Email)
		if err != nil && holm.CodeOf(err) != holm.CodeNotFound {
			return old, err
		}
		old.Account, old.Email, old.Role, old.InvitedBy, old.Until = s.own[owner].ID, s.people[person].Email, holm.RoleViewer, s.people[owner].ID, s.until(rt, "collaboration ends")
		return tx.PutInvitation(old, fmt.Sprint(s.round, owner, person))
	})
	if rapid.IntRange(0, 4).Draw(rt, "accepts") > 0 {
		must(s.t, s.suite, func(tx *store.Tx) (bool, error) { return tx.AcceptInvitation(c.ID, s.people[person].ID) })
		c.Status = holm.StatusActive
		s.members[[2]int{owner, person}] = &membership{c, map[*modelled]holm.Grant{}, map[*team]time.Time{}}
	}
}

func (s *steps) share(rt *rapid.T, m *modelled, person int) {
	c := s.members[[2]int{m.owner, person}]
	if c == nil {
		return
	}
	g := holm.Grant{Collaborator: c.c.ID, Environment: m.e.ID, Level: rapid.SampledFrom([]holm.Level{holm.LevelInherit, holm.LevelNone, holm.LevelLimited, holm.LevelFull}).Draw(rt, "level"), Until: s.until(rt, "level ends")}
	s.Write(s.t, func(tx *store.Tx) error { return tx.SetGrant(g, s.people[m.owner].ID) })
	c.levels[m] = g
	if g.Level == holm.LevelInherit {
		delete(c.levels, m)
	}
}

// counted compares the number that owners are shown with what is seen, and how
// each stands to each environment with what the list said of it.
func (s *steps) counted() {
	for key, m := range s.members {
		if m.c.Status != holm.StatusActive || over(m.c.Until, s.now) {
			continue
		}
		want := 0
		for _, e := range s.all {
			if e.owner != key[0] {
				continue
			}
			sees := m.sees(e, s.now)
			if sees {
				want++
			}
			r := must(s.t, s.suite, func(tx *store.Tx) (store.Relation, error) { return tx.ToEnvironment(s.people[key[1]].ID, e.e.Name) })
			if stands := access.Stand(r.Gifts, s.now); (stands.Gives != 0) != sees {
				s.t.Errorf("%v sees %s: %v, stands %+v", key, e.e.Name, sees, stands)
			}
		}
		c := s.collaborator(s.t, s.own[key[0]], s.people[key[1]].Email)
		list := must(s.t, s.suite, func(tx *store.Tx) ([]store.Visible, error) {
			a, err := tx.AccountOf(s.people[key[0]].ID)
			if err != nil {
				return nil, err
			}
			return tx.EffectiveOf(c, a, "", 100)
		})
		if c.Shared != want || len(list) != want {
			s.t.Errorf("%v sees %d, counted %d, listed %d", key, want, c.Shared, len(list))
		}
	}
}

// pages reads a list page by page.
func (s *steps) pages(person int, q store.EnvironmentQuery, size int) (names []string) {
	q.Limit = size
	for {
		var page []store.Visible
		s.Read(s.t, func(tx *store.Tx) (err error) {
			page, err = tx.Environments(store.FilterFor(s.people[person].ID, s.own[person].ID, tx.Now(), false), q)
			return err
		})
		for _, v := range page {
			names = append(names, v.Section+"/"+v.Environment.Name)
			if own := v.Environment.Owner == s.people[person].ID; own != (v.Section == "") || !own && access.Stand(v.Gifts, s.Clock.Now()).Gives == 0 || own && v.Member.ID != "" {
				s.t.Errorf("person %d stands to %s as %+v", person, v.Environment.Name, v.Relation)
			}
		}
		if len(page) < size {
			return names
		}
		q.After = store.Place{Section: page[size-1].Section, Key: q.Order.Key(page[size-1].Environment)}
	}
}

func TestListNeedsAFilter(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		is(t, "unfiltered", code(t, db, func(tx *store.Tx) error {
			_, err := tx.Environments(store.Filter{}, store.EnvironmentQuery{Limit: 10})
			return err
		}), holm.CodeNotFound)
	})
}
