package store

import (
	"time"

	"github.com/holmhq/holm"
)

// deviceLife is how long a device is known after its last sign-in.
const deviceLife = 365 * 24 * time.Hour

// Device is how a sign-in from a device relates to those before it.
type Device int

// What is known of a device. The first ever is nothing to tell anybody.
const (
	DeviceKnown Device = iota
	DeviceFirst
	DeviceNew
)

// SeeDevice notes that a person signed in from a device, and says whether it
// was known.
func (tx *Tx) SeeDevice(user holm.UserID, key string) (Device, error) {
	n, err := tx.exec("see device", `UPDATE devices SET seen_at = $3 WHERE user_id = $1 AND key = $2`, user, key, micros(tx.now))
	if err != nil || n > 0 {
		return DeviceKnown, err
	}
	var before int
	if err := tx.one("count devices", `SELECT COUNT(*) FROM devices WHERE user_id = $1`, []any{user}, &before); err != nil {
		return DeviceKnown, err
	}
	if _, err := tx.exec("add device", `INSERT INTO devices (user_id, key, seen_at) VALUES ($1, $2, $3)`, user, key, micros(tx.now)); err != nil {
		return DeviceKnown, err
	}
	if before == 0 {
		return DeviceFirst, nil
	}
	return DeviceNew, nil
}

// KnownDevice says whether a person has signed in on a device within a year.
func (tx *Tx) KnownDevice(user holm.UserID, key string) (bool, error) {
	var n int
	err := tx.one("look for device", `SELECT COUNT(*) FROM devices WHERE user_id = $1 AND key = $2 AND seen_at >= $3`,
		[]any{user, key, micros(tx.now.Add(-deviceLife))}, &n)
	return n > 0, err
}

// ForgetDevices has no device of a person known any more. They stay devices
// that the person has been told of.
func (tx *Tx) ForgetDevices(user holm.UserID) error {
	_, err := tx.exec("forget devices", `UPDATE devices SET seen_at = 0 WHERE user_id = $1`, user)
	return err
}

// Tally counts more of something on a day (days since 1970) and gives how many
// there were. It counts with the transaction: what is undone never was.
func (tx *Tx) Tally(what string, day int64, more int) (n int, err error) {
	err = tx.one("tally", `INSERT INTO tallies (what, day, n) VALUES ($1, $2, $3)
		ON CONFLICT (what, day) DO UPDATE SET n = tallies.n + excluded.n RETURNING n`, []any{what, day, more}, &n)
	return n, err
}

// SweepTallies forgets what was counted before a day.
func (tx *Tx) SweepTallies(day int64) error {
	_, err := tx.exec("sweep tallies", `DELETE FROM tallies WHERE day < $1`, day)
	return err
}
