package store

import (
	"time"

	"github.com/holmhq/holm"
)

// deviceLife is how long a device is known after its last sign-in.
const deviceLife = 365 * 24 * time.Hour

// KnowDevice notes that a person has signed in on a device, by the hash of
// what the device keeps; "" is no device.
func (tx *Tx) KnowDevice(user holm.UserID, keyHash string) error {
	if keyHash == "" {
		return nil
	}
	_, err := tx.exec("know device", `INSERT INTO known_devices (user_id, key_hash, seen_at) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, key_hash) DO UPDATE SET seen_at = excluded.seen_at`, user, keyHash, micros(tx.now))
	if err != nil {
		return err
	}
	return tx.forgetDevices(user, tx.now.Add(-deviceLife))
}

// KnownDevice says whether a person has signed in on a device.
func (tx *Tx) KnownDevice(user holm.UserID, keyHash string) (bool, error) {
	var n int
	err := tx.one("look for device", `SELECT COUNT(*) FROM known_devices WHERE user_id = $1 AND key_hash = $2 AND seen_at >= $3`,
		[]any{user, keyHash, micros(tx.now.Add(-deviceLife))}, &n)
	return n > 0, err
}

// ForgetDevices has no device of a person known any more.
func (tx *Tx) ForgetDevices(user holm.UserID) error {
	return tx.forgetDevices(user, tx.now.Add(deviceLife))
}

func (tx *Tx) forgetDevices(user holm.UserID, seenBefore time.Time) error {
	_, err := tx.exec("forget devices", `DELETE FROM known_devices WHERE user_id = $1 AND seen_at < $2`, user, micros(seenBefore))
	return err
}

// Tally counts one more of something on a day (days since 1970) and gives how
// many there were. It counts with the transaction: what is undone never was.
func (tx *Tx) Tally(what string, day int64) (n int, err error) {
	err = tx.one("tally", `INSERT INTO tallies (what, day, n) VALUES ($1, $2, 1)
		ON CONFLICT (what, day) DO UPDATE SET n = tallies.n + 1 RETURNING n`, []any{what, day}, &n)
	return n, err
}

// SweepTallies forgets what was counted before a day.
func (tx *Tx) SweepTallies(day int64) error {
	_, err := tx.exec("sweep tallies", `DELETE FROM tallies WHERE day < $1`, day)
	return err
}
