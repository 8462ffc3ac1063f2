package store

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/ledger"
)

// tileHeight: tiles of 256 hashes, 8 KiB.
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// Record adds a row to an audit log. Rows are numbered within their account
// without gaps; nothing changes them. It is written when all else of the
// transaction is: a log is locked only for the end of a change, and several
// are locked in one order, so that changes to different accounts never wait
// for each other in a circle. What cannot be recorded does not happen.
func (tx *Tx) Record(a AuditEntry) error {
	if a.Detail == nil {
		a.Detail = map[string]any{}
	}
	a.Time = tx.now
	tx.records = append(tx.records, a)
	return nil
}

func (tx *Tx) writeRecords() error {
	slices.SortStableFunc(tx.records, func(a, b AuditEntry) int { return cmp.Compare(a.Account, b.Account) })
	for from := 0; from < len(tx.records); {
		to := from + 1
		for to < len(tx.records) && tx.records[to].Account == tx.records[from].Account {
			to++
		}
		if err := tx.appendLog(tx.records[from:to]); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// head is what of a log must be known to add to it.
type head struct {
	account holm.AccountID
	size    int64
	edge    ledger.Edge
}

// lockHead reads a log's head and keeps others from adding to it until the
// transaction ends.
func (tx *Tx) lockHead(account holm.AccountID) (head, error) {
	h := head{account: account}
	query := `SELECT size, edge FROM audit_logs WHERE account_id = $1`
	if tx.dialect == PostgreSQL {
		query += ` FOR UPDATE`
	}
	var edge []byte
	err := tx.one("lock audit log", query, []any{account}, &h.size, &edge)
	if errors.Is(err, ErrNone) {
		if _, err = tx.exec("begin audit log", `INSERT INTO audit_logs (account_id, size, edge) VALUES ($1, 0, $2) ON CONFLICT (account_id) DO NOTHING`, account, []byte{}); err == nil {
			err = tx.one("lock audit log", query, []any{account}, &h.size, &edge)
		}
	}
	if err != nil {
		return h, err
	}
	h.edge, err = ledger.ParseEdge(h.size, edge)
	return h, err
}

func (tx *Tx) keepHead(h head) error {
	_, err := tx.exec("keep audit log", `UPDATE audit_logs SET size = $2, edge = $3 WHERE account_id = $1`, h.account, h.size, h.edge.Bytes())
	return err
}

// appendLog adds rows of one account.
func (tx *Tx) appendLog(rows []AuditEntry) error {
	h, err := tx.lockHead(rows[0].Account)
	if err != nil {
		return err
	}
	for i := range rows {
		a := &rows[i]
		detail, err := json.Marshal(a.Detail)
		if err != nil {
			return internal(err, "write audit detail")
		}
		soundRow(a)
		a.Seq = h.size + 1
		a.Line = holm.AuditLine(*a, string(detail))
		leaf := ledger.Leaf(a.Line)
		if _, err := tx.exec("record", `INSERT INTO audit (account_id, seq, environment_id, at, user_id, email, road, operation, target, result, detail, address, hash)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			a.Account, a.Seq, a.Environment, micros(a.Time), a.User, a.Email, string(a.Road), a.Operation, a.Target, a.Result, string(detail), a.Address, leaf[:]); err != nil {
			return err
		}
		if err := tx.noteUse(a); err != nil {
			return err
		}
		if err := tx.grow(&h, leaf); err != nil {
			return err
		}
	}
	return tx.keepHead(h)
}

// grow adds a leaf to the tree. The row with its hash is there already.
func (tx *Tx) grow(h *head, leaf ledger.Hash) error {
	h.edge = h.edge.Add(h.size, leaf)
	h.size++
	if h.size%tileWidth != 0 {
		return nil
	}
	hashes, err := tx.leaves(h.account, h.size-tileWidth, tileWidth)
	if err != nil {
		return err
	}
	return tx.putTile(h.account, 0, h.size/tileWidth-1, hashes)
}

// leaves reads the hashes that stand beside rows.
func (tx *Tx) leaves(account holm.AccountID, after int64, n int) ([]byte, error) {
	list, err := many(tx, "read hashes of rows", `SELECT hash FROM audit WHERE account_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq`,
		[]any{account, after, after + int64(n)}, func(row scanner) (b []byte, err error) {
			err = row.Scan(&b)
			return b, err
		})
	if err == nil && len(list) != n {
		err = errors.New("store: hashes of audit rows are missing")
	}
	return slices.Concat(list...), err
}

// putTile keeps a whole tile and adds its hash to the tile above.
func (tx *Tx) putTile(account holm.AccountID, level, number int64, hashes []byte) error {
	if _, err := tx.exec("keep hashes", `INSERT INTO audit_tiles (account_id, level, number, hashes) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account_id, level, number) DO UPDATE SET hashes = excluded.hashes`, account, level, number, hashes); err != nil {
		return err
	}
	if len(hashes) < tileWidth*tlog.HashSize {
		return nil
	}
	list, err := ledger.Split(hashes)
	if err != nil {
		return err
	}
	var tree ledger.Edge
	for i, h := range list {
		tree = tree.Add(int64(i), h)
	}
	root := tree.Root()
	above, err := tx.tile(account, level+1, number/tileWidth)
	if err != nil && !errors.Is(err, ErrNone) {
		return err
	}
	return tx.putTile(account, level+1, number/tileWidth, append(above, root[:]...))
}

func (tx *Tx) tile(account holm.AccountID, level, number int64) (b []byte, err error) {
	err = tx.one("read hashes", `SELECT hashes FROM audit_tiles WHERE account_id = $1 AND level = $2 AND number = $3`, []any{account, level, number}, &b)
	return b, err
}
