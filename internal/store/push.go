package store

import (
	"errors"

	"github.com/holmhq/holm"
)

// UnpushedLogs lists logs with rows that were not brought to a place yet.
func (tx *Tx) UnpushedLogs(place string) ([]AuditLog, error) {
	return many(tx, "list unpushed audit logs", `SELECT l.account_id, l.size, l.edge, l.gone, l.signed FROM audit_logs l
		LEFT JOIN audit_pushes p ON p.place = $1 AND p.account_id = l.account_id WHERE l.size > COALESCE(p.seq, 0) ORDER BY l.account_id`, []any{place}, scanLog)
}

// Pushed gives the number of the last row of a log that was brought to a
// place, 0 for none.
func (tx *Tx) Pushed(place string, account holm.AccountID) (seq int64, err error) {
	err = tx.one("read push", `SELECT seq FROM audit_pushes WHERE place = $1 AND account_id = $2`, []any{place, account}, &seq)
	if errors.Is(err, ErrNone) {
		return 0, nil
	}
	return seq, err
}

// NotePushed notes that a log was brought to a place up to a row.
func (tx *Tx) NotePushed(place string, account holm.AccountID, seq int64) error {
	_, err := tx.exec("note push", `INSERT INTO audit_pushes (place, account_id, seq) VALUES ($1, $2, $3)
		ON CONFLICT (place, account_id) DO UPDATE SET seq = excluded.seq WHERE audit_pushes.seq < excluded.seq`, place, account, seq)
	return err
}

// AuditAfter lists rows of a log in the order of their numbers, for Holm
// itself.
func (tx *Tx) AuditAfter(account holm.AccountID, seq int64, limit int) ([]AuditEntry, error) {
	return many(tx, "read audit log", `SELECT `+auditColumns+` FROM audit WHERE account_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`, []any{account, seq, limit}, scanAudit)
}
