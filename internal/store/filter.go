package store

import (
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// Filter narrows a list to what somebody may see. Only the door makes one (a
// test of the code's shape holds that), and lists cannot be had without.
type Filter struct {
	user    holm.UserID
	account holm.AccountID
	now     time.Time
	ownRows bool
	within  string         // the environments that are let through, "" for all
	factor  bool           // the person has a second factor
	only    holm.AccountID // the one account that is let through, "" for all
	made    bool
}

// FilterFor makes the filter of a person with their own account. With ownRows
// audit logs show only what the person did.
func FilterFor(user holm.UserID, own holm.AccountID, now time.Time, ownRows bool) Filter {
	return Filter{user: user, account: own, now: now, ownRows: ownRows, made: true}
}

// Within narrows the filter to some environments, nil for none narrower, and
// to accounts that ask for no second factor where the person has none.
func (f Filter) Within(environments []holm.EnvironmentID, factor bool) Filter {
	f.within, f.factor = joined(environments), factor
	return f
}

// Of narrows the filter to what one account shares with the person.
func (f Filter) Of(account holm.AccountID) Filter {
	f.only = account
	return f
}

// Visible is an environment in somebody's list with how they stand to it.
type Visible struct {
	Relation
	Section string // "" for the person's own, else the owner's address in lower case
}

// Environments lists what the filter lets through, the person's own first,
// then by owner's address, each in the query's order, with layers. What a page
// costs grows with the page and with the number of accounts that the person
// works on; by state, and with a filter that little passes, also with the
// number of environments that they see; never with the number of all.
func (tx *Tx) Environments(f Filter, q EnvironmentQuery) ([]Visible, error) {
	if !f.made {
		return nil, holm.ErrNotFound()
	}
	q.within, q.now = f.within, tx.now
	if f.only != "" {
		if q.Account != "" && q.Account != f.only {
			return nil, nil
		}
		q.Account = f.only
	}
	list, err := tx.ownSection(f, q)
	if err != nil {
		return nil, err
	}
	if len(list) < q.Limit && q.Level != LevelOwner {
		sections, err := tx.sections(f, q)
		if err != nil {
			return nil, err
		}
		for i := 0; i < len(sections) && len(list) < q.Limit; i++ {
			more, err := tx.shared(&sections[i], q, q.Limit-len(list))
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
		}
	}
	environments := make([]holm.Environment, len(list))
	for i, v := range list {
		environments[i] = v.Environment
	}
	err = tx.fill(environments)
	for i, e := range environments {
		list[i].Environment = e
	}
	return list, err
}

// arguments collects the values of a query that is put together.
type arguments []any

// add gives the placeholder of one more value.
func (a *arguments) add(v any) string {
	*a = append(*a, v)
	return "$" + itoa(len(*a))
}

// ownSection lists the person's own environments.
func (tx *Tx) ownSection(f Filter, q EnvironmentQuery) ([]Visible, error) {
	if q.Account != "" && q.Account != f.account || q.Level != "" && q.Level != LevelOwner || q.After.Key != "" && q.After.Section != "" {
		return nil, nil
	}
	return q.inOrder(q.After.Key, q.Limit, func(q EnvironmentQuery, after string, limit int) ([]Visible, error) {
		var a arguments
		query := `SELECT ` + accountColumns + `, ` + environmentColumns + environmentFrom + `WHERE e.account_id = ` + a.add(f.account) + ` AND` + q.narrowed(&a) +
			q.Order.behind(&a, after, "e.name", "e.id") + ` ORDER BY ` + q.Order.by("e.name", "e.id") + ` LIMIT ` + a.add(limit)
		return many(tx, "list own environments", query, a, func(row scanner) (v Visible, err error) {
			err = row.Scan(append(accountInto(&v.Account), environmentInto(&v.Environment)...)...)
			return v, err
		})
	})
}

// section is what one collaboration makes visible: everything where some gift
// is for all environments, else what is given to the person, their groups and
// on request.
type section struct {
	account holm.Account
	member  holm.Collaborator
	key     string // the owner's address in lower case
	wide    []access.Gift
	groups  []grouped
	asked   bool // something may be given on request
	now     time.Time
}

// grouped is a membership that has not ended.
type grouped struct {
	id    holm.GroupID
	name  string
	until time.Time
}

// sections lists the collaborations that a page may come from, by the owner's
// address.
func (tx *Tx) sections(f Filter, q EnvironmentQuery) ([]section, error) {
	after := ""
	if q.After.Key != "" {
		after = q.After.Section
	}
	list, err := many(tx, "list collaborations", `SELECT `+accountColumns+`, o.email_key, c.id, c.role, c.status, c.until_at, c.breaks_glass, c.wide_level, COALESCE(l.name, ''), COALESCE(l.permissions, ''), c.wide_until,
			EXISTS (SELECT 1 FROM access_requests r WHERE r.collaborator_id = c.id AND r.status = 'approved')
		FROM collaborators c JOIN accounts a ON a.id = c.account_id JOIN users o ON o.id = a.owner_id LEFT JOIN levels l ON l.id = c.wide_level
		WHERE c.user_id = $1 AND c.status = 'active' AND (c.until_at = 0 OR c.until_at > $2) AND ($3 = '' OR c.account_id = $3) AND o.email_key >= $4
		AND ($5 OR NOT a.factor_wanted) ORDER BY o.email_key`, []any{f.user, micros(f.now), q.Account, after, f.factor}, func(row scanner) (s section, err error) {
		wide := gift{through: access.Wide}
		c := &s.member
		err = row.Scan(append(accountInto(&s.account), &s.key, &c.ID, &c.Role, &c.Status, moment{&c.Until}, &c.Glass, &wide.level, &wide.name, &wide.gives, moment{&wide.until}, &s.asked)...)
		c.Account, c.User, s.now = s.account.ID, f.user, f.now
		s.addWide(wide)
		return s, err
	})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list, tx.addGroups(list, `c.user_id = $1`, f.user)
}

func (s *section) addWide(g gift) {
	if g.level != "" {
		s.wide = append(s.wide, g.gift())
	}
}

// addGroups reads the memberships of the collaborators that where finds.
func (tx *Tx) addGroups(list []section, where string, who any) error {
	type membership struct {
		of   holm.CollaboratorID
		in   grouped
		wide gift
	}
	rows, err := many(tx, "list memberships of groups", `SELECT m.collaborator_id, t.id, t.name, m.until_at, t.wide_level, COALESCE(l.name, ''), COALESCE(l.permissions, ''), t.wide_until
		FROM collaborators c JOIN group_members m ON m.collaborator_id = c.id JOIN access_groups t ON t.id = m.group_id LEFT JOIN levels l ON l.id = t.wide_level
		WHERE `+where+` ORDER BY t.name`, []any{who}, func(row scanner) (m membership, err error) {
		err = row.Scan(&m.of, &m.in.id, &m.in.name, moment{&m.in.until}, &m.wide.level, &m.wide.name, &m.wide.gives, moment{&m.wide.until})
		m.wide.through, m.wide.group, m.wide.also = access.Wide, m.in.name, m.in.until
		return m, err
	})
	at := make(map[holm.CollaboratorID]*section, len(list))
	for i := range list {
		at[list[i].member.ID] = &list[i]
	}
	for _, m := range rows {
		if s := at[m.of]; s != nil {
			s.addWide(m.wide)
			if m.in.until.IsZero() || m.in.until.After(s.now) {
				s.groups = append(s.groups, m.in)
			}
		}
	}
	return err
}

// everything says whether a gift, of a level unless that is "", makes all
// environments of the account visible.
func (s *section) everything(level string) bool {
	for _, g := range s.wide {
		if (level == "" || g.Level.Name == level) && g.Level.Gives != 0 && (g.End.IsZero() || g.End.After(s.now)) {
			return true
		}
	}
	return false
}

// shared lists what a collaboration makes visible, from where the query's page
// starts.
func (tx *Tx) shared(s *section, q EnvironmentQuery, limit int) ([]Visible, error) {
	after := ""
	if q.After.Section == s.key {
		after = q.After.Key
	}
	return q.inOrder(after, limit, func(q EnvironmentQuery, after string, limit int) ([]Visible, error) {
		if q.Level == "" {
			return tx.sharedAfter(s, q, after, limit)
		}
		return tx.sharedOnLevel(s, q, after, limit)
	})
}

// sharedOnLevel reads on until enough stand on the query's level: what is read
// was given it in one way, and may stand otherwise all in all.
func (tx *Tx) sharedOnLevel(s *section, q EnvironmentQuery, after string, limit int) (list []Visible, err error) {
	atOnce := max(limit, levelPage)
	for {
		page, err := tx.sharedAfter(s, q, after, atOnce)
		for _, v := range page {
			if len(list) < limit && access.Stand(v.Gifts, tx.now).Name == q.Level {
				list = append(list, v)
			}
		}
		if err != nil || len(list) == limit || len(page) < atOnce {
			return list, err
		}
		after = q.Order.Key(page[len(page)-1].Environment)
	}
}

// levelPage is how many rows are read at once to find those of a level.
const levelPage = 200

// sharedAfter lists what a collaboration makes visible. Each source gives its
// first ones in order, so that no more is read than a page needs.
func (tx *Tx) sharedAfter(s *section, q EnvironmentQuery, after string, limit int) ([]Visible, error) {
	var a arguments
	member, now, size := a.add(s.member.ID), a.add(micros(s.now)), a.add(limit)
	narrowed := q.narrowed(&a)
	live := func(t string) string { return ` AND (` + t + `.until_at = 0 OR ` + t + `.until_at > ` + now + `)` }
	hidden := ` AND NOT EXISTS (SELECT 1 FROM grants h WHERE h.collaborator_id = ` + member + ` AND h.environment_id = e.id AND h.level = 'none'` + live("h") + `)`
	var sources []string
	if s.everything(q.Level) {
		sources = append(sources, `SELECT e.id AS id FROM environments e WHERE e.account_id = `+a.add(s.account.ID)+` AND`+narrowed+hidden+
			q.Order.behind(&a, after, "e.name", "e.id")+` ORDER BY `+q.Order.by("e.name", "e.id")+` LIMIT `+size)
	}
	if len(sources) == 0 || q.Level != "" {
		level, behind := q.levelled(&a, s.account.ID), q.Order.behind(&a, after, "g.name", "g.environment_id")
		given := func(table, who, more string) string {
			// That the environments are the account's goes without saying, and
			// must not be said where it does not help: PostgreSQL would take
			// it for a second condition that few pass.
			from := table + ` g CROSS JOIN environments e`
			if q.rare() {
				from = `environments e CROSS JOIN ` + table + ` g`
				more += ` AND e.account_id = ` + a.add(s.account.ID)
			}
			return `SELECT e.id AS id FROM ` + from + ` WHERE g.` + who + ` AND e.id = g.environment_id AND` + narrowed +
				live("g") + more + level + behind + ` ORDER BY ` + q.Order.by("g.name", "g.environment_id") + ` LIMIT ` + size
		}
		sources = append(sources, given("grants", `collaborator_id = `+member, ` AND g.level <> 'none'`))
		if s.asked {
			sources = append(sources, given("access_requests", `collaborator_id = `+member, ` AND g.status = 'approved'`+hidden))
		}
		for _, m := range s.groups {
			sources = append(sources, given("group_grants", `group_id = `+a.add(m.id), hidden))
		}
	}
	query := `WITH v AS (SELECT * FROM (` + strings.Join(sources, `) s UNION SELECT * FROM (`) + `) s)
		SELECT ` + environmentColumns + `, COALESCE(d.level, ''), COALESCE(l.name, ''), COALESCE(l.permissions, ''), COALESCE(d.until_at, 0)
		FROM v CROSS JOIN environments e CROSS JOIN (SELECT CAST(` + a.add(s.account.Owner) + ` AS TEXT) AS owner_id) a CROSS JOIN (SELECT CAST(` + a.add(s.account.OwnerEmail) + ` AS TEXT) AS email) o
		LEFT JOIN grants d ON d.collaborator_id = ` + member + ` AND d.environment_id = e.id LEFT JOIN levels l ON l.id = d.level
		WHERE e.id = v.id ORDER BY ` + q.Order.by("e.name", "e.id") + ` LIMIT ` + size
	list, err := many(tx, "list shared environments", query, a, func(row scanner) (v Visible, err error) {
		direct := gift{through: access.Direct}
		err = row.Scan(append(environmentInto(&v.Environment), &direct.level, &direct.name, &direct.gives, moment{&direct.until})...)
		if direct.level != "" {
			v.Gifts = append(v.Gifts, direct.gift())
		}
		v.Account, v.Member, v.Section = s.account, s.member, s.key
		return v, err
	})
	if err != nil {
		return nil, err
	}
	return list, tx.addGifts(s, list)
}

// addGifts completes the gifts of a page with those through groups, on all
// environments and on request.
func (tx *Tx) addGifts(s *section, list []Visible) error {
	if len(s.groups) == 0 && !s.asked {
		for i := range list {
			list[i].Gifts = append(list[i].Gifts, s.wide...)
		}
		return nil
	}
	at := make(map[holm.EnvironmentID]*Visible, len(list))
	var a arguments
	member := a.add(s.member.ID)
	var in []string
	for i := range list {
		at[list[i].Environment.ID] = &list[i]
		in = append(in, a.add(list[i].Environment.ID))
	}
	if len(list) == 0 {
		return nil
	}
	those := ` IN (` + strings.Join(in, ", ") + `)`
	query := `SELECT r.environment_id, 3, r.permission, r.level, COALESCE(l.name, ''), COALESCE(l.permissions, ''), r.until_at, 0
		FROM access_requests r LEFT JOIN levels l ON l.id = r.level WHERE r.collaborator_id = ` + member + ` AND r.status = 'approved' AND r.environment_id` + those
	if len(s.groups) > 0 {
		query = `SELECT g.environment_id, 1, t.name, g.level, COALESCE(l.name, ''), COALESCE(l.permissions, ''), g.until_at, m.until_at
			FROM group_members m JOIN access_groups t ON t.id = m.group_id JOIN group_grants g ON g.group_id = m.group_id LEFT JOIN levels l ON l.id = g.level
			WHERE m.collaborator_id = ` + member + ` AND g.environment_id` + those + ` UNION ALL ` + query + ` ORDER BY 2, 3`
	}
	type of struct {
		environment holm.EnvironmentID
		gift        gift
	}
	rows, err := many(tx, "list gifts", query, a, func(row scanner) (g of, err error) {
		err = row.Scan(append([]any{&g.environment}, g.gift.into()...)...)
		return g, err
	})
	for _, narrow := range []bool{true, false} { // in the order of the ways
		if !narrow {
			for i := range list {
				list[i].Gifts = append(list[i].Gifts, s.wide...)
			}
		}
		for _, g := range rows {
			if narrow == (g.gift.through == access.ByGroup) {
				v := at[g.environment]
				v.Gifts = append(v.Gifts, g.gift.gift())
			}
		}
	}
	return err
}

// EffectiveOf lists the environments that a collaborator, also an invited or
// suspended one, can see or could when active, by name after the given one,
// with all that was given there.
func (tx *Tx) EffectiveOf(c holm.Collaborator, a holm.Account, after string, limit int) ([]Visible, error) {
	s := section{account: a, member: c, key: holm.EmailKey(a.OwnerEmail), asked: true, now: tx.now}
	wide := gift{through: access.Wide, level: string(c.Wide), until: c.WideUntil}
	if c.Wide.Own() {
		err := tx.one("read level", `SELECT name, permissions FROM levels WHERE id = $1`, []any{string(c.Wide)}, &wide.name, &wide.gives)
		if err != nil && err != ErrNone {
			return nil, err
		}
	}
	s.addWide(wide)
	list := []section{s}
	if err := tx.addGroups(list, `c.id = $1`, c.ID); err != nil {
		return nil, err
	}
	return tx.shared(&list[0], EnvironmentQuery{After: Place{s.key, after}}, limit)
}

// countShared fills in how many environments collaborators can see, or could
// when active.
func (tx *Tx) countShared(list []*holm.Collaborator) error {
	if len(list) == 0 {
		return nil
	}
	var a arguments
	now := a.add(micros(tx.now))
	at := map[holm.CollaboratorID]*holm.Collaborator{}
	var in []string
	for _, c := range list {
		at[c.ID] = c
		in = append(in, a.add(c.ID))
	}
	live := func(column string) string { return `(` + column + ` = 0 OR ` + column + ` > ` + now + `)` }
	direct := `SELECT COUNT(*) FROM grants g JOIN environments e ON e.id = g.environment_id AND e.deleted_at = 0 WHERE g.collaborator_id = c.id AND ` + live("g.until_at")
	type counted struct {
		id holm.CollaboratorID
		n  int
	}
	rows, err := many(tx, "count shared", `SELECT c.id, CASE
		WHEN c.wide_level <> '' AND `+live("c.wide_until")+` OR EXISTS (SELECT 1 FROM group_members m JOIN access_groups t ON t.id = m.group_id
			WHERE m.collaborator_id = c.id AND `+live("m.until_at")+` AND t.wide_level <> '' AND `+live("t.wide_until")+`)
		THEN (SELECT COUNT(*) FROM environments e WHERE e.account_id = c.account_id AND e.deleted_at = 0) - (`+direct+` AND g.level = 'none')
		ELSE (`+direct+` AND g.level <> 'none') + (SELECT COUNT(DISTINCT x.environment_id) FROM group_members m JOIN group_grants x ON x.group_id = m.group_id
			JOIN environments e ON e.id = x.environment_id AND e.deleted_at = 0
			WHERE m.collaborator_id = c.id AND `+live("m.until_at")+` AND `+live("x.until_at")+`
			AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.collaborator_id = c.id AND g.environment_id = x.environment_id AND `+live("g.until_at")+`))
		END FROM collaborators c WHERE c.id IN (`+strings.Join(in, ", ")+`)`, a, func(row scanner) (r counted, err error) {
		err = row.Scan(&r.id, &r.n)
		return r, err
	})
	for _, r := range rows {
		at[r.id].Shared = r.n
	}
	return err
}
