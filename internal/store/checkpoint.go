package store

import (
	"errors"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/ledger"
)

// AuditLog is the state of one audit log.
type AuditLog struct {
	Account holm.AccountID
	Size    int64 // rows it has had
	Gone    int64 // of the oldest, how many are not kept any more
	Signed  int64 // size of the newest kept checkpoint
	Root    ledger.Hash
}

const logColumns = `account_id, size, edge, gone, signed`

func scanLog(row scanner) (l AuditLog, err error) {
	var edge []byte
	if err = row.Scan(&l.Account, &l.Size, &edge, &l.Gone, &l.Signed); err != nil {
		return l, err
	}
	e, err := ledger.ParseEdge(l.Size, edge)
	if err == nil {
		l.Root = e.Root()
	}
	return l, err
}

// AuditLog gives the state of an account's log; an empty one where nothing was
// recorded yet.
func (tx *Tx) AuditLog(account holm.AccountID) (AuditLog, error) {
	l, err := scanLog(tx.row(`SELECT `+logColumns+` FROM audit_logs WHERE account_id = $1`, account))
	if err = none(err); errors.Is(err, ErrNone) {
		return AuditLog{Account: account, Root: ledger.Edge(nil).Root()}, nil
	}
	return l, err
}

// AuditAccounts lists whose logs there are.
func (tx *Tx) AuditAccounts() ([]holm.AccountID, error) {
	return many(tx, "list audit logs", `SELECT account_id FROM audit_logs ORDER BY account_id`, nil, func(row scanner) (id holm.AccountID, err error) {
		err = row.Scan(&id)
		return id, err
	})
}

// AuditLogs lists every log.
func (tx *Tx) AuditLogs() ([]AuditLog, error) {
	return many(tx, "list audit logs", `SELECT `+logColumns+` FROM audit_logs ORDER BY account_id`, nil, scanLog)
}

// KeptCheckpoint is a signed checkpoint that is kept.
type KeptCheckpoint struct {
	Account holm.AccountID
	Size    int64
	At      time.Time
	Note    string
}

// KeepCheckpoint keeps a signed checkpoint for good.
func (tx *Tx) KeepCheckpoint(c KeptCheckpoint) error {
	if _, err := tx.exec("keep checkpoint", `INSERT INTO audit_checkpoints (account_id, size, at, note) VALUES ($1, $2, $3, $4) ON CONFLICT (account_id, size) DO NOTHING`,
		c.Account, c.Size, micros(c.At), c.Note); err != nil {
		return err
	}
	_, err := tx.exec("note checkpoint", `UPDATE audit_logs SET signed = $2 WHERE account_id = $1 AND signed < $2`, c.Account, c.Size)
	return err
}

// CheckpointOf finds the first kept checkpoint that is of a row; ErrNone when
// none is yet.
func (tx *Tx) CheckpointOf(account holm.AccountID, row int64) (c KeptCheckpoint, err error) {
	err = tx.one("find checkpoint", `SELECT account_id, size, at, note FROM audit_checkpoints WHERE account_id = $1 AND size >= $2 ORDER BY size LIMIT 1`,
		[]any{account, row}, &c.Account, &c.Size, moment{&c.At}, &c.Note)
	return c, err
}

// CheckpointsSince lists checkpoints kept since a moment, of every log.
func (tx *Tx) CheckpointsSince(t time.Time) ([]KeptCheckpoint, error) {
	return many(tx, "list checkpoints", `SELECT account_id, size, at, note FROM audit_checkpoints WHERE at >= $1 ORDER BY account_id, size`, []any{micros(t)},
		func(row scanner) (c KeptCheckpoint, err error) {
			err = row.Scan(&c.Account, &c.Size, moment{&c.At}, &c.Note)
			return c, err
		})
}

// tiles reads the tiles of one log for tlog.
type tiles struct {
	tx      *Tx
	account holm.AccountID
}

func (t tiles) Height() int                         { return tileHeight }
func (t tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}

func (t tiles) ReadTiles(list []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range list {
		b, err := t.tx.tile(t.account, int64(tile.L), tile.N)
		if errors.Is(err, ErrNone) && tile.L == 0 {
			b, err = t.tx.leaves(t.account, tile.N*tileWidth, tile.W)
		}
		if err != nil {
			return nil, err
		}
		if len(b) < tile.W*tlog.HashSize {
			return nil, errors.New("store: a tile of the audit log is shorter than it was")
		}
		data = append(data, b[:tile.W*tlog.HashSize])
	}
	return data, nil
}

// hashes reads the hashes of a log, each proven against its root: what was
// changed behind Holm's back is an error.
func (tx *Tx) hashes(l AuditLog) tlog.HashReader {
	return tlog.TileHashReader(tlog.Tree{N: l.Size, Hash: l.Root}, tiles{tx, l.Account})
}

// RootAt gives the hash that a log had when it had size rows.
func (tx *Tx) RootAt(l AuditLog, size int64) (ledger.Hash, error) {
	if size == 0 {
		return ledger.Edge(nil).Root(), nil
	}
	if size == l.Size {
		return l.Root, nil
	}
	h, err := tlog.TreeHash(size, tx.hashes(l))
	return h, tampered(err)
}

// EdgeAt gives the hashes that the first size rows of a log come to.
func (tx *Tx) EdgeAt(l AuditLog, size int64) ([]ledger.Hash, error) {
	if size == 0 {
		return []ledger.Hash{}, nil
	}
	list, err := tx.hashes(l).ReadHashes(ledger.EdgeIndexes(size))
	return list, tampered(err)
}

// ProveRow proves that a row is in the log of a size.
func (tx *Tx) ProveRow(l AuditLog, size, row int64) ([]ledger.Hash, error) {
	p, err := tlog.ProveRecord(size, row-1, tx.hashes(l))
	return p, tampered(err)
}

// ProveGrowth proves that a log of one size begins with that of a smaller.
func (tx *Tx) ProveGrowth(l AuditLog, from, to int64) ([]ledger.Hash, error) {
	if from == 0 || from == to {
		return []ledger.Hash{}, nil
	}
	p, err := tlog.ProveTree(to, from, tx.hashes(l))
	return p, tampered(err)
}

// RowHash gives the hash of a row as it stands beside the row.
func (tx *Tx) RowHash(account holm.AccountID, row int64) (h ledger.Hash, err error) {
	var b []byte
	if err = tx.one("read hash of row", `SELECT hash FROM audit WHERE account_id = $1 AND seq = $2`, []any{account, row}, &b); err == nil {
		copy(h[:], b)
	}
	return h, err
}

func tampered(err error) error {
	return internal(err, "the hashes of the audit log do not fit together")
}

// forgetAtOnce is how many rows are removed in one transaction; a whole number
// of tiles.
const forgetAtOnce = 16 * tileWidth

// ForgetAudit removes some of the oldest rows of a log that are older than a
// moment and not beyond a number, and says how many. It stops at the first row
// that is not older. Hashes and checkpoints stay, so that what is left can
// still be checked; only whole tiles of rows go.
func (tx *Tx) ForgetAudit(account holm.AccountID, before time.Time, most int64) (forgotten int64, err error) {
	if _, err = tx.lockHead(account); err != nil {
		return 0, err
	}
	l, err := tx.AuditLog(account)
	if err != nil {
		return 0, err
	}
	upTo := min(most, l.Signed, l.Gone+forgetAtOnce)
	err = tx.one("find old audit rows", `SELECT COALESCE(MIN(seq) - 1, $4) FROM audit WHERE account_id = $1 AND seq > $2 AND seq <= $4 AND at >= $3`,
		[]any{account, l.Gone, micros(before), upTo}, &upTo)
	if upTo = upTo / tileWidth * tileWidth; err != nil || upTo <= l.Gone {
		return 0, err
	}
	if forgotten, err = tx.exec("forget audit rows", `DELETE FROM audit WHERE account_id = $1 AND seq <= $2`, account, upTo); err != nil {
		return 0, err
	}
	_, err = tx.exec("note forgotten rows", `UPDATE audit_logs SET gone = $2 WHERE account_id = $1`, account, upTo)
	return forgotten, err
}
