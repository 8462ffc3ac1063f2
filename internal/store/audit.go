package store

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/holmhq/holm"
)

// AuditEntry is one row of an audit log. Account "" is the installation's own
// log.
type AuditEntry struct {
	Account     holm.AccountID
	Seq         int64
	Environment holm.EnvironmentID
	Time        time.Time
	User        holm.UserID
	Email       string
	Road        holm.Road
	Operation   string
	Target      string
	Result      string // "0" or an error code
	Detail      map[string]any
	Address     string
}

// Record adds a row to an audit log. Rows are numbered within their account
// without gaps; nothing changes or removes them.
func (tx *Tx) Record(a AuditEntry) error {
	seq, err := tx.counter("audit:" + string(a.Account))
	if err != nil {
		return err
	}
	if a.Detail == nil {
		a.Detail = map[string]any{}
	}
	detail, err := json.Marshal(a.Detail)
	if err != nil {
		return internal(err, "write audit detail")
	}
	_, err = tx.exec("record", `INSERT INTO audit (account_id, seq, environment_id, at, user_id, email, road, operation, target, result, detail, address)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		a.Account, seq, a.Environment, micros(tx.now), a.User, a.Email, string(a.Road), a.Operation, a.Target, a.Result, string(detail), a.Address)
	return err
}

// AuditQuery narrows an audit log.
type AuditQuery struct {
	Account     holm.AccountID
	Environment holm.EnvironmentID // "" for the whole account
	Operation   string             // a name, or "noun." for all of a noun
	Who         string             // e-mail address
	Result      string             // "0", a code, or "refused" for all but 0
	Since       time.Time
	Until       time.Time
	BeforeSeq   int64 // rows before this one, 0 for the newest
	Limit       int
}

// Audit lists rows the newest first.
func (tx *Tx) Audit(f Filter, q AuditQuery) ([]AuditEntry, error) {
	if !f.made {
		return nil, holm.ErrNotFound()
	}
	where := []string{"account_id = $1"}
	args := []any{q.Account}
	and := func(condition string, value any) {
		args = append(args, value)
		where = append(where, strings.ReplaceAll(condition, "?", "$"+itoa(len(args))))
	}
	if q.Environment != "" {
		and("environment_id = ?", q.Environment)
	}
	if f.ownRows {
		and("user_id = ?", f.user)
	}
	if q.Operation != "" && strings.HasSuffix(q.Operation, ".") {
		and("operation LIKE ? ESCAPE '!'", strings.TrimPrefix(like(q.Operation), "%"))
	} else if q.Operation != "" {
		and("operation = ?", q.Operation)
	}
	if q.Who != "" {
		and("LOWER(email) = ?", holm.EmailKey(q.Who))
	}
	if q.Result == "refused" {
		and("result <> ?", "0")
	} else if q.Result != "" {
		and("result = ?", q.Result)
	}
	if !q.Since.IsZero() {
		and("at >= ?", micros(q.Since))
	}
	if !q.Until.IsZero() {
		and("at < ?", micros(q.Until))
	}
	if q.BeforeSeq > 0 {
		and("seq < ?", q.BeforeSeq)
	}
	args = append(args, q.Limit)
	return many(tx, "list audit", `SELECT account_id, seq, environment_id, at, user_id, email, road, operation, target, result, detail, address
		FROM audit WHERE `+strings.Join(where, " AND ")+` ORDER BY seq DESC LIMIT $`+itoa(len(args)), args, scanAudit)
}

func scanAudit(row scanner) (a AuditEntry, err error) {
	var detail string
	err = row.Scan(&a.Account, &a.Seq, &a.Environment, moment{&a.Time}, &a.User, &a.Email, &a.Road, &a.Operation, &a.Target, &a.Result, &detail, &a.Address)
	if err == nil {
		err = json.Unmarshal([]byte(detail), &a.Detail)
	}
	return a, err
}
