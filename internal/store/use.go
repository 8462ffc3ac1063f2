package store

import (
	"time"

	"github.com/holmhq/holm"
)

// Use is how often somebody did an operation in an environment.
type Use struct {
	User        holm.UserID
	Environment holm.EnvironmentID
	Operation   string
	Times       int
	Last        time.Time
}

const dayLength = 24 * time.Hour

// dayOf counts the days of UTC from 1970.
func dayOf(t time.Time) int64 { return t.UnixMicro() / dayLength.Microseconds() }

// noteUse counts what a row of the audit log tells of, where somebody did
// something in an environment and was let.
func (tx *Tx) noteUse(a *AuditEntry) error {
	if a.User == "" || a.Environment == "" || a.Result != "0" {
		return nil
	}
	_, err := tx.exec("note use", `INSERT INTO uses (account_id, user_id, environment_id, operation, day, times, last_at) VALUES ($1, $2, $3, $4, $5, 1, $6)
		ON CONFLICT (account_id, user_id, day, environment_id, operation) DO UPDATE SET times = uses.times + 1, last_at = excluded.last_at`,
		a.Account, a.User, a.Environment, a.Operation, dayOf(a.Time), micros(a.Time))
	return err
}

// Uses counts what a person did in an account's environments since the day of
// a moment, as the audit log has it: changes and sessions that were let
// through.
func (tx *Tx) Uses(account holm.AccountID, user holm.UserID, since time.Time) ([]Use, error) {
	return many(tx, "count uses", `SELECT environment_id, operation, SUM(times), MAX(last_at) FROM uses
		WHERE account_id = $1 AND user_id = $2 AND day >= $3 GROUP BY environment_id, operation`, []any{account, user, dayOf(since)}, func(row scanner) (Use, error) {
		u := Use{User: user}
		err := row.Scan(&u.Environment, &u.Operation, &u.Times, moment{&u.Last})
		return u, err
	})
}

// UsesKept is how long uses are counted.
const UsesKept = 401 * dayLength

// SweepUses forgets uses that no review asks for any more.
func (tx *Tx) SweepUses() error {
	_, err := tx.exec("sweep uses", `DELETE FROM uses WHERE day < $1`, dayOf(tx.now.Add(-UsesKept)))
	return err
}
