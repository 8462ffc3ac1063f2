package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/ledger"
)

// sealAtOnce is how many old rows are hashed in one transaction.
const sealAtOnce = 2000

// seal hashes the rows that were written before audit logs were trees. It
// runs at each start and is done after the first: the counter of a log's rows
// goes when all of them are in the tree. A start that is interrupted goes on
// where it stopped.
func (s *Store) seal(ctx context.Context) error {
	var logs []holm.AccountID
	err := s.run(ctx, s.write, nil, func(tx *Tx) (err error) {
		logs, err = many(tx, "find unsealed audit logs", `SELECT name FROM counters WHERE name LIKE 'audit:%'`, nil, func(row scanner) (id holm.AccountID, err error) {
			var name string
			err = row.Scan(&name)
			return holm.AccountID(strings.TrimPrefix(name, "audit:")), err
		})
		return err
	})
	for _, account := range logs {
		for left := true; left && err == nil; {
			err = s.Write(ctx, func(tx *Tx) (err error) {
				left, err = tx.sealSome(account)
				return err
			})
		}
	}
	return err
}

func (tx *Tx) sealSome(account holm.AccountID) (left bool, err error) {
	h, err := tx.lockHead(account)
	if err != nil {
		return false, err
	}
	rows, err := many(tx, "read unsealed rows", `SELECT `+auditColumns+` FROM audit WHERE account_id = $1 AND seq > $2 AND hash IS NULL ORDER BY seq LIMIT $3`, []any{account, h.size, sealAtOnce}, scanAudit)
	if err != nil {
		return false, err
	}
	for _, a := range rows {
		leaf := ledger.Leaf(a.Line)
		if _, err := tx.exec("seal row", `UPDATE audit SET hash = $3 WHERE account_id = $1 AND seq = $2`, account, a.Seq, leaf[:]); err != nil {
			return false, err
		}
		if err := tx.grow(&h, leaf); err != nil {
			return false, err
		}
	}
	if len(rows) > 0 {
		return true, tx.keepHead(h)
	}
	_, err = tx.exec("end counter", `DELETE FROM counters WHERE name = $1`, "audit:"+string(account))
	return false, err
}

// sealMails seals the texts of mails that were written before that was done,
// and has the database forget what they were: a page that is free, and the log
// of changes, still hold what stood there.
func (s *Store) sealMails(ctx context.Context) error {
	found := false
	for left := true; left; {
		err := s.Write(ctx, func(tx *Tx) error {
			open, err := many(tx, "find unsealed mails", `SELECT id, text, html FROM mails WHERE NOT sealed ORDER BY id LIMIT $1`, []any{sealAtOnce}, func(row scanner) (m Mail, err error) {
				err = row.Scan(&m.ID, &m.Text, &m.HTML)
				return m, err
			})
			for _, m := range open {
				if err == nil {
					_, err = tx.exec("seal mail", `UPDATE mails SET text = $2, html = $3, sealed = TRUE WHERE id = $1`, m.ID, tx.sealMail(m.ID, m.Text), tx.sealMail(m.ID, m.HTML))
				}
			}
			left = len(open) == sealAtOnce
			found = found || len(open) > 0
			return err
		})
		if err != nil {
			return err
		}
	}
	if !found {
		return nil
	}
	forget := []string{"VACUUM FULL mails"}
	if s.dialect == SQLite {
		forget = []string{"VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"}
	}
	for _, command := range forget {
		if _, err := s.write.ExecContext(ctx, command); err != nil {
			return unavailable(fmt.Errorf("store: forget what mails were: %w", err))
		}
	}
	return nil
}
