package store

import (
	"time"

	"github.com/holmhq/holm"
)

// Order is how a list of environments is sorted within a section.
type Order string

// The orders.
const (
	ByName    Order = "name"    // also when none is said
	ByCreated Order = "created" // the last one first
	ByState   Order = "state"   // what needs a person first, what rests last, then by name
)

// LevelOwner is the level of one's own environments in a query.
const LevelOwner = "owner"

// EnvironmentQuery narrows a list of environments further.
type EnvironmentQuery struct {
	Account holm.AccountID // only of this account, "" for all
	State   string
	Name    string // part of name or alias
	Stack   string // of at least one layer
	Level   string // the name under which the person sees their level, or LevelOwner
	Order   Order
	After   Place // where the page before ended; the zero place for the first
	Limit   int
	place   *int   // by state, only this one; nil for all
	within  string // the environments that a filter lets through, "" for all
	now     time.Time
}

// Place is where a page ends: a section, and the order's key of the last
// environment.
type Place struct{ Section, Key string }

// urgency is an environment's place by state. An index is made of the same
// words, so they are not to be changed without it.
const urgency = `CASE e.state WHEN 'broken' THEN 0 WHEN 'running' THEN 2 WHEN 'stopped' THEN 3 ELSE 1 END`

// urgencies are the places: of broken ones, of those on which something is
// done, of running and of stopped ones.
const urgencies = 4

func urgencyOf(s holm.State) int {
	switch s {
	case holm.StateBroken:
		return 0
	case holm.StateRunning:
		return 2
	case holm.StateStopped:
		return 3
	}
	return 1
}

// Key is what an environment is sorted by, unique within a section. An id
// tells when it was made.
func (o Order) Key(e holm.Environment) string {
	switch o {
	case ByCreated:
		return string(e.ID)
	case ByState:
		return itoa(urgencyOf(e.State)) + e.Name
	}
	return e.Name
}

// by gives the order with the columns that name and id are read from.
func (o Order) by(name, id string) string {
	if o == ByCreated {
		return id + ` DESC`
	}
	return name
}

// behind is the condition for what comes after a key.
func (o Order) behind(a *arguments, key, name, id string) string {
	switch {
	case key == "":
		return ""
	case o == ByCreated:
		return ` AND ` + id + ` < ` + a.add(key)
	}
	return ` AND ` + name + ` > ` + a.add(key)
}

// inOrder collects a section's rows up to a limit. By state it is asked once
// for each place, by name, because a database that sorts reads everything
// first. list gives the first ones behind a key.
func (q EnvironmentQuery) inOrder(after string, limit int, list func(q EnvironmentQuery, after string, limit int) ([]Visible, error)) (all []Visible, err error) {
	if q.Order != ByState {
		return list(q, after, limit)
	}
	first := 0
	if after != "" {
		first, after = int(after[0]-'0'), after[1:]
	}
	for place := first; place < urgencies && len(all) < limit && err == nil; place++ {
		if q.State != "" && q.State != string(holm.StateTransferring) && place != urgencyOf(holm.State(q.State)) {
			continue
		}
		one := q
		one.Order, one.place = ByName, &place
		if place > first {
			after = ""
		}
		var more []Visible
		more, err = list(one, after, limit-len(all))
		all = append(all, more...)
	}
	return all, err
}

// rare says that few environments pass the query at a time, so that they are
// looked for in the account first.
func (q EnvironmentQuery) rare() bool {
	if q.place != nil {
		return *q.place < urgencyOf(holm.StateRunning)
	}
	return q.State != "" && q.State != string(holm.StateTransferring) && urgencyOf(holm.State(q.State)) < urgencyOf(holm.StateRunning)
}

// narrowed are the conditions of a query on environments e.
func (q EnvironmentQuery) narrowed(a *arguments) string {
	where := ` e.deleted_at = 0`
	switch {
	case q.State == string(holm.StateTransferring):
		where += ` AND e.offered_until > ` + a.add(micros(q.now)) + ` AND e.state IN ('running', 'stopped')`
	case q.State == string(holm.StateRunning) || q.State == string(holm.StateStopped):
		where += ` AND e.offered_until <= ` + a.add(micros(q.now)) + ` AND e.state = ` + a.add(q.State)
	case q.State != "":
		where += ` AND e.state = ` + a.add(q.State)
	}
	if q.place != nil {
		where += ` AND ` + urgency + ` = ` + itoa(*q.place)
	} else if q.rare() {
		where += ` AND ` + urgency + ` = ` + itoa(urgencyOf(holm.State(q.State)))
	}
	if q.within != "" {
		where += ` AND ` + a.add(q.within) + ` LIKE '%' || e.id || '%'`
	}
	if q.Name != "" {
		where += ` AND e.search LIKE ` + a.add(like(q.Name)) + ` ESCAPE '!'`
	}
	if q.Stack != "" {
		where += ` AND EXISTS (SELECT 1 FROM layers y WHERE y.environment_id = e.id AND y.stack = ` + a.add(q.Stack) + `)`
	}
	return where
}

// levelled is the condition that a gift g is of the query's level: whoever
// stands on a level got it in some way.
func (q EnvironmentQuery) levelled(a *arguments, account holm.AccountID) string {
	switch holm.Level(q.Level) {
	case "":
		return ""
	case holm.LevelFull, holm.LevelLimited:
		return ` AND g.level = ` + a.add(q.Level)
	}
	return ` AND g.level IN (SELECT k.id FROM levels k WHERE k.account_id = ` + a.add(account) + ` AND k.name = ` + a.add(q.Level) + `)`
}
