package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
)

func TestDeletedIsHiddenAndKept(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		u, ana := db.person(t, "ana@example.org")
		b, bob := db.person(t, "bob@example.org")
		db.environment(t, ana, "shop")
		shop := must(t, db, func(tx *store.Tx) (holm.Environment, error) { return tx.Environment("shop") })
		db.grant(t, db.member(t, ana, b), shop, holm.LevelFull, time.Time{})
		create := func(a holm.Account, name string) holm.Code {
			return code(t, db, func(tx *store.Tx) error { _, err := tx.CreateEnvironment(environment(a, name), 1<<20); return err })
		}
		is(t, "who loses sight", must(t, db, func(tx *store.Tx) ([]holm.UserID, error) { return tx.Sees(shop) }), []holm.UserID{b.ID, u.ID})
		db.Write(t, func(tx *store.Tx) error { return tx.DeleteEnvironment(shop.ID, holm.StateStopped) })

		is(t, "by name", absent(t, db, func(tx *store.Tx) error { _, err := tx.ToEnvironment(u.ID, "shop"); return err }), true)
		is(t, "owner", absent(t, db, func(tx *store.Tx) error { _, err := tx.ToDeleted(u.ID, "shop"); return err }), false)
		is(t, "collaborator", absent(t, db, func(tx *store.Tx) error { _, err := tx.ToDeleted(b.ID, string(shop.ID)); return err }), true)
		is(t, "name, another account", create(bob, "shop"), holm.CodeConflict)
		is(t, "name, the same account", create(ana, "shop"), "")
		is(t, "restored beside it", code(t, db, func(tx *store.Tx) error { _, err := tx.RestoreEnvironment(shop, "shop"); return err }), holm.CodeConflict)
		wanted := must(t, db, func(tx *store.Tx) (holm.State, error) { return tx.RestoreEnvironment(shop, "old") })
		is(t, "as it was", wanted, holm.StateRunning)
		is(t, "twice", code(t, db, func(tx *store.Tx) error { _, err := tx.RestoreEnvironment(shop, "older"); return err }), holm.CodeNotFound)
		is(t, "found by its new name", absent(t, db, func(tx *store.Tx) error { _, err := tx.ToEnvironment(b.ID, "old"); return err }), false)
	})
}

func TestDeletedIsErasedInTime(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		u, ana := db.person(t, "ana@example.org")
		_, bob := db.person(t, "bob@example.org")
		var gone []holm.Environment
		for range 3 { // the same name again and again
			e := db.environment(t, ana, "shop")
			db.Write(t, func(tx *store.Tx) error { return tx.DeleteEnvironment(e.ID, holm.StateStopped) })
			gone = append(gone, e)
			db.Clock.Advance(time.Hour)
		}
		erasable := func(age time.Duration) int {
			return len(must(t, db, func(tx *store.Tx) ([]holm.Environment, error) { return tx.Erasable(tx.Now().Add(-age)) }))
		}
		is(t, "older than", []int{erasable(4 * time.Hour), erasable(2 * time.Hour), erasable(0)}, []int{0, 2, 3})
		is(t, "the last one has the name", must(t, db, func(tx *store.Tx) (store.Relation, error) { return tx.ToDeleted(u.ID, "shop") }).Environment.ID, gone[2].ID)
		db.Read(t, func(tx *store.Tx) error {
			filter := store.FilterFor(u.ID, ana.ID, tx.Now(), false)
			first, err := tx.Deleted(filter, time.Time{}, 2)
			if err != nil || len(first) != 2 {
				return fmt.Errorf("a page of %d: %w", len(first), err)
			}
			rest, err := tx.Deleted(filter, first[1].DeletedAt, 2)
			if err != nil || len(rest) != 1 {
				return fmt.Errorf("a last page of %d: %w", len(rest), err)
			}
			is(t, "pages", []holm.EnvironmentID{first[0].ID, first[1].ID, rest[0].ID}, []holm.EnvironmentID{gone[2].ID, gone[1].ID, gone[0].ID})
			all, _ := tx.Unfinished(true)
			is(t, "still to be looked after", len(all), 3)
			return err
		})
		db.Write(t, func(tx *store.Tx) error { return tx.Want(gone[0].ID, holm.StateDeleting, holm.StateDeleting) })
		is(t, "begun is not begun again", erasable(0), 2)
		for _, e := range gone {
			db.Write(t, func(tx *store.Tx) error { return tx.EraseEnvironment(e.ID) })
		}
		is(t, "free for everybody", code(t, db, func(tx *store.Tx) error {
			_, err := tx.CreateEnvironment(environment(bob, "shop"), 1<<20)
			return err
		}), "")
		is(t, "nothing to erase", erasable(0), 0)
	})
}
