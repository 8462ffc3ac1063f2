package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/holmhq/holm/internal/store"
)

func TestDevices(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		ana, _ := db.person(t, "ana@example.org")
		bob, _ := db.person(t, "bob@example.org")
		db.Write(t, func(tx *store.Tx) error {
			_, err := tx.SeeDevice(ana.ID, "laptop")
			return err
		})
		knows := func(key string) (known bool) {
			db.Read(t, func(tx *store.Tx) (err error) { known, err = tx.KnownDevice(ana.ID, key); return err })
			return known
		}
		is(t, "known", knows("laptop"), true)
		is(t, "no device", knows(""), false)
		db.Read(t, func(tx *store.Tx) error {
			known, err := tx.KnownDevice(bob.ID, "laptop")
			is(t, "somebody else's", known, false)
			return err
		})
		db.Clock.Advance(200 * 24 * time.Hour)
		db.Write(t, func(tx *store.Tx) error { _, err := tx.SeeDevice(ana.ID, "laptop"); return err })
		db.Clock.Advance(200 * 24 * time.Hour)
		is(t, "used since", knows("laptop"), true)
		db.Clock.Advance(200 * 24 * time.Hour)
		is(t, "a year later", knows("laptop"), false)
		see := func() store.Device {
			return must(t, db, func(tx *store.Tx) (store.Device, error) { return tx.SeeDevice(ana.ID, "laptop") })
		}
		is(t, "seen again", see(), store.DeviceKnown)
		is(t, "known again", knows("laptop"), true)
		db.Write(t, func(tx *store.Tx) error { return tx.ForgetDevices(ana.ID) })
		is(t, "forgotten", knows("laptop"), false)
		is(t, "forgotten, and nothing to tell of", see(), store.DeviceKnown)
	})
}

func TestTallies(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		tally := func(day int64) int {
			return must(t, db, func(tx *store.Tx) (int, error) { return tx.Tally("mails", day, 1) })
		}
		is(t, "first", tally(5), 1)
		is(t, "second", tally(5), 2)
		is(t, "another day", tally(6), 1)
		undone := errors.New("undone")
		db.Store.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.Tally("mails", 5, 1); return errors.Join(err, undone) })
		is(t, "what was undone does not count", tally(5), 3)
		db.Write(t, func(tx *store.Tx) error { return tx.SweepTallies(6) })
		is(t, "swept", tally(5), 1)
		is(t, "kept", tally(6), 2)
	})
}
