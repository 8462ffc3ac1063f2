package store

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/holmhq/holm"
)

// AuditEntry is one row of an audit log.
type AuditEntry = holm.AuditEntry

// AuditQuery narrows an audit log.
type AuditQuery struct {
	Account     holm.AccountID
	Environment holm.EnvironmentID // "" for the whole account
	Operation   string             // a name, or "noun." for all of a noun
	Who         string             // e-mail address
	Result      string             // "0", a code, or "refused" for all but 0
	Road        holm.Road
	Since       time.Time
	Until       time.Time
	Before      AuditPlace // rows before this one, zero for the newest
	Limit       int

	// Oldest gives rows in the order of their numbers, those after AfterSeq.
	Oldest   bool
	AfterSeq int64
}

// AuditPlace is where a row stands in a list: by time, and by number where
// times are equal.
type AuditPlace struct {
	Time time.Time
	Seq  int64
}

const auditColumns = `account_id, seq, environment_id, at, user_id, email, road, operation, target, result, detail, address`

// soundRow makes the texts of a row ones that both databases take, before the
// row is hashed.
func soundRow(a *AuditEntry) {
	for _, s := range []*string{(*string)(&a.Environment), (*string)(&a.User), &a.Email, (*string)(&a.Road), &a.Operation, &a.Target, &a.Result, &a.Address} {
		*s = soundText(*s)
	}
}

// selection builds the query for a list.
type selection struct {
	where []string
	args  []any
	// filters are the conditions that have an index each, by column.
	filters []filterOn
}

type filterOn struct {
	column string
	value  any
}

func (s *selection) and(condition string, value any) {
	s.args = append(s.args, value)
	s.where = append(s.where, strings.ReplaceAll(condition, "?", "$"+itoa(len(s.args))))
}

// Audit lists rows, the newest first unless asked otherwise. Whatever it is
// narrowed by, a page is read from an index in the order of that index.
func (tx *Tx) Audit(f Filter, q AuditQuery) ([]AuditEntry, error) {
	if !f.made {
		return nil, holm.ErrNotFound()
	}
	s := &selection{}
	s.and("account_id = ?", q.Account)
	s.between(q)
	for _, on := range []filterOn{{"environment_id", string(q.Environment)}, {"LOWER(email)", holm.EmailKey(q.Who)}, {"road", string(q.Road)}} {
		if on.value != "" {
			s.filters = append(s.filters, on)
		}
	}
	if f.ownRows {
		s.filters = append(s.filters, filterOn{"user_id", string(f.user)})
	}
	alternatives, err := tx.alternatives(s, q)
	if err != nil {
		return nil, err
	}
	if q.Oldest {
		return tx.oldest(s, q, alternatives)
	}
	if err := tx.narrow(s, q.Account, alternatives); err != nil {
		return nil, err
	}
	return tx.newest(s, q, alternatives)
}

// between adds what bounds a list from above and below.
func (s *selection) between(q AuditQuery) {
	if !q.Since.IsZero() {
		s.and("at >= ?", micros(q.Since))
	}
	// Only the tighter of two bounds is written: PostgreSQL starts reading at one
	// of them, and may take the wrong one and skip a million entries of the index.
	onward := q.Before.Seq > 0 && (q.Until.IsZero() || q.Before.Time.Before(q.Until))
	if !q.Until.IsZero() && !onward {
		s.and("at < ?", micros(q.Until))
	}
	if q.AfterSeq > 0 {
		s.and("seq > ?", q.AfterSeq)
	}
	if onward {
		s.args = append(s.args, micros(q.Before.Time), q.Before.Seq)
		n := len(s.args)
		s.where = append(s.where, "(at, seq) < ($"+itoa(n-1)+", $"+itoa(n)+")")
	}
}

// alternatives are the values that one column may have, when a filter allows
// several: all operations of a noun, or every result but 0. The list is then
// made of one list for each, because together they would have to be sorted.
type alternatives struct {
	column string
	values []string
}

func (tx *Tx) alternatives(s *selection, q AuditQuery) (a alternatives, err error) {
	switch {
	case strings.HasSuffix(q.Operation, "."):
		a.column = "operation"
		a.values, err = tx.auditValues(q.Account, "operation", q.Operation)
	case q.Operation != "":
		s.filters = append(s.filters, filterOn{"operation", q.Operation})
	}
	switch {
	case q.Result == "refused" && a.column != "":
		s.and("result <> ?", "0")
	case q.Result == "refused":
		a.column = "result"
		a.values, err = tx.auditValues(q.Account, "result", "")
		a.values = slices.DeleteFunc(a.values, func(v string) bool { return v == "0" })
	case q.Result != "":
		s.filters = append(s.filters, filterOn{"result", q.Result})
	}
	return a, err
}

// auditValues lists which values of a column a log has, with a look into its
// index for each.
func (tx *Tx) auditValues(account holm.AccountID, column, prefix string) (list []string, err error) {
	for last := prefix; ; {
		found, err := many(tx, "list values of the audit log", `SELECT `+column+` FROM audit WHERE account_id = $1 AND `+column+` > $2 ORDER BY `+column+` LIMIT 1`,
			[]any{account, last}, func(row scanner) (v string, err error) { err = row.Scan(&v); return v, err })
		if err != nil || len(found) == 0 || !strings.HasPrefix(found[0], prefix) {
			return list, err
		}
		last = found[0]
		list = append(list, last)
	}
}

// probeMost is how many rows are counted to see whether a filter is narrow.
const probeMost = 1000

// narrow adds the filters. Of several, the list is read from the index of the
// one that lets the fewest rows through; PostgreSQL knows by itself which.
func (tx *Tx) narrow(s *selection, account holm.AccountID, a alternatives) error {
	best := -1
	if len(s.filters) > 1 && tx.dialect == SQLite && a.column == "" {
		least := probeMost + 1
		for i, f := range s.filters {
			var n int
			if err := tx.one("probe audit log", `SELECT COUNT(*) FROM (SELECT 1 FROM audit WHERE account_id = $1 AND `+f.column+` = $2 LIMIT `+itoa(probeMost)+`)`,
				[]any{account, f.value}, &n); err != nil {
				return err
			}
			if n < least {
				least, best = n, i
			}
		}
	}
	for i, f := range s.filters {
		if best >= 0 && i != best {
			s.and("+"+f.column+" = ?", f.value) // a plus keeps SQLite from its index
		} else {
			s.and(f.column+" = ?", f.value)
		}
	}
	return nil
}

func (tx *Tx) newest(s *selection, q AuditQuery, a alternatives) ([]AuditEntry, error) {
	const order = ` ORDER BY at DESC, seq DESC LIMIT `
	from := `SELECT ` + auditColumns + ` FROM audit WHERE ` + strings.Join(s.where, " AND ")
	limit := itoa(q.Limit)
	if a.column == "" {
		return many(tx, "list audit", from+order+limit, s.args, scanAudit)
	}
	if len(a.values) == 0 {
		return []AuditEntry{}, nil
	}
	var parts []string
	for i, v := range a.values {
		s.args = append(s.args, v)
		parts = append(parts, `SELECT * FROM (`+from+` AND `+a.column+` = $`+itoa(len(s.args))+order+limit+`) AS part_`+itoa(i))
	}
	return many(tx, "list audit", `SELECT * FROM (`+strings.Join(parts, " UNION ALL ")+`) AS whole`+order+limit, s.args, scanAudit)
}

func (tx *Tx) oldest(s *selection, q AuditQuery, a alternatives) ([]AuditEntry, error) {
	for _, f := range s.filters {
		s.and(f.column+" || '' = ?", f.value) // in the order of numbers: through no index of a filter
	}
	if a.column != "" {
		var any []string
		for _, v := range a.values {
			s.args = append(s.args, v)
			any = append(any, "$"+itoa(len(s.args)))
		}
		if len(any) == 0 {
			return []AuditEntry{}, nil
		}
		s.where = append(s.where, a.column+` || '' IN (`+strings.Join(any, ", ")+`)`)
	}
	return many(tx, "list audit", `SELECT `+auditColumns+` FROM audit WHERE `+strings.Join(s.where, " AND ")+` ORDER BY seq LIMIT `+itoa(q.Limit), s.args, scanAudit)
}

func scanAudit(row scanner) (a AuditEntry, err error) {
	var detail string
	err = row.Scan(&a.Account, &a.Seq, &a.Environment, moment{&a.Time}, &a.User, &a.Email, &a.Road, &a.Operation, &a.Target, &a.Result, &detail, &a.Address)
	if err == nil {
		a.Line = holm.AuditLine(a, detail)
		err = json.Unmarshal([]byte(detail), &a.Detail)
	}
	return a, err
}
