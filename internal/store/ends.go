package store

import (
	"time"

	"github.com/holmhq/holm"
)

// Ending is something that somebody was given and that ends by itself.
type Ending struct {
	Account      holm.AccountID
	Collaborator holm.Collaborator
	Kind         string // collaboration, environment, group, all, request
	Name         string // of the environment or the group
	Level        string
	At           time.Time
}

// Ends lists what ends after one moment and not after another, of
// collaborators who are active: what is theirs, by the way it was given. What a
// whole group has ends for each of its members.
func (tx *Tx) Ends(after, until time.Time, limit int) ([]Ending, error) {
	from := ` FROM collaborators c JOIN users cu ON cu.id = c.user_id `
	level := `COALESCE(l.name, `
	between := func(column string) string {
		return ` WHERE c.status = 'active' AND ` + column + ` > $1 AND ` + column + ` <= $2`
	}
	who := `SELECT c.account_id, c.id, c.email, cu.name, c.user_id, `
	return many(tx, "list ends", who+`'collaboration' AS kind, '' AS name, '' AS level, c.until_at AS ends`+from+between("c.until_at")+`
		UNION ALL `+who+`'environment', g.name, `+level+`g.level), g.until_at`+from+`JOIN grants g ON g.collaborator_id = c.id LEFT JOIN levels l ON l.id = g.level`+between("g.until_at")+`
		UNION ALL `+who+`'group', t.name, '', m.until_at`+from+`JOIN group_members m ON m.collaborator_id = c.id JOIN access_groups t ON t.id = m.group_id`+between("m.until_at")+`
		UNION ALL `+who+`'group', t.name, `+level+`t.wide_level), t.wide_until`+from+`JOIN group_members m ON m.collaborator_id = c.id JOIN access_groups t ON t.id = m.group_id LEFT JOIN levels l ON l.id = t.wide_level`+between("t.wide_until")+`
		UNION ALL `+who+`'environment', g.name, `+level+`g.level), g.until_at`+from+`JOIN group_members m ON m.collaborator_id = c.id JOIN group_grants g ON g.group_id = m.group_id LEFT JOIN levels l ON l.id = g.level`+between("g.until_at")+`
		UNION ALL `+who+`'all', '', `+level+`c.wide_level), c.wide_until`+from+`LEFT JOIN levels l ON l.id = c.wide_level`+between("c.wide_until")+`
		UNION ALL `+who+`'request', r.name, `+level+`CASE WHEN r.permission <> '' THEN r.permission ELSE r.level END), r.until_at`+from+`
			JOIN access_requests r ON r.collaborator_id = c.id AND r.status = 'approved' LEFT JOIN levels l ON l.id = r.level`+between("r.until_at")+`
		ORDER BY ends, 2, 6 LIMIT $3`, []any{micros(after), micros(until), limit}, func(row scanner) (e Ending, err error) {
		c := &e.Collaborator
		err = row.Scan(&e.Account, &c.ID, &c.Email, &c.Name, &c.User, &e.Kind, &e.Name, &e.Level, moment{&e.At})
		c.Account = e.Account
		return e, err
	})
}

// Mark reads a moment that is kept under a name; zero when it was never set.
func (tx *Tx) Mark(name string) (t time.Time, err error) {
	err = tx.one("read mark", `SELECT value FROM counters WHERE name = $1`, []any{"mark:" + name}, moment{&t})
	if err == ErrNone {
		err = nil
	}
	return t, err
}

// SetMark keeps a moment under a name.
func (tx *Tx) SetMark(name string, t time.Time) error {
	_, err := tx.exec("set mark", `INSERT INTO counters (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, "mark:"+name, micros(t))
	return err
}
