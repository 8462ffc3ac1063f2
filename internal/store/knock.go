package store

import "time"

// Knock is how often somebody unknown was turned away in an hour.
type Knock struct {
	Hour      time.Time
	Operation string
	Source    string // the network that they came from
	Result    string // the newest code
	N         int
	Told      int // of these, how many a row tells of already
}

// KnocksCounted is how many are counted from one network in an hour.
const KnocksCounted = 1000

func hourOf(t time.Time) int64 { return t.Unix() / 3600 }

// CountKnock counts somebody unknown who was turned away, and says how many
// that are of this operation from this network in this hour, and how many
// networks did so.
func (tx *Tx) CountKnock(operation, source, result string) (n, sources int, err error) {
	err = tx.one("count knock", `INSERT INTO knocks (hour, operation, source, result, n) VALUES ($1, $2, $3, $4, 1)
		ON CONFLICT (hour, operation, source) DO UPDATE SET n = CASE WHEN knocks.n < $5 THEN knocks.n + 1 ELSE knocks.n END, result = excluded.result RETURNING n`,
		[]any{hourOf(tx.now), operation, source, result, KnocksCounted}, &n)
	if err == nil && n == 1 {
		err = tx.one("count knocking networks", `SELECT COUNT(*) FROM knocks WHERE hour = $1 AND operation = $2`, []any{hourOf(tx.now), operation}, &sources)
	}
	return n, sources, err
}

// TellKnock notes that a row tells of the first one.
func (tx *Tx) TellKnock(operation, source string) error {
	_, err := tx.exec("tell knock", `UPDATE knocks SET told = 1 WHERE hour = $1 AND operation = $2 AND source = $3`, hourOf(tx.now), operation, source)
	return err
}

// TakeKnocks gives and forgets what was counted in hours that are over, by
// hour and operation, the most first.
func (tx *Tx) TakeKnocks() ([]Knock, error) {
	list, err := many(tx, "list knocks", `SELECT hour, operation, source, result, n, told FROM knocks WHERE hour < $1 ORDER BY hour, operation, n DESC, source`,
		[]any{hourOf(tx.now)}, func(row scanner) (k Knock, err error) {
			var hour int64
			err = row.Scan(&hour, &k.Operation, &k.Source, &k.Result, &k.N, &k.Told)
			k.Hour = time.Unix(hour*3600, 0).UTC()
			return k, err
		})
	if err == nil && len(list) > 0 {
		_, err = tx.exec("forget knocks", `DELETE FROM knocks WHERE hour < $1`, hourOf(tx.now))
	}
	return list, err
}
