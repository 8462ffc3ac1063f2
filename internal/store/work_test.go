package store_test

import (
	"testing"
	"time"

	"github.com/holmhq/holm/internal/store"
)

func TestWork(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		work := func() (w store.Work) {
			db.Read(t, func(tx *store.Tx) (err error) { w, err = tx.Work(); return err })
			return w
		}
		is(t, "nothing", work(), store.Work{Now: db.Clock.Now()})
		db.Write(t, func(tx *store.Tx) error {
			_, err := tx.PutJob(store.Job{Kind: "later", Args: "{}", DueAt: tx.Now().Add(time.Hour)})
			return err
		})
		is(t, "not due", work(), store.Work{Now: db.Clock.Now(), Waiting: 1})
		due := db.Clock.Now().Add(time.Hour)
		db.Clock.Advance(2 * time.Hour)
		is(t, "due", work(), store.Work{Now: db.Clock.Now(), Waiting: 1, Oldest: due.UTC()})
		db.Write(t, func(tx *store.Tx) error {
			list, err := tx.TakeJobs("later", "somebody", time.Minute, 1)
			is(t, "taken", len(list), 1)
			if err == nil {
				err = tx.FailJob(list[0], "it is broken")
			}
			return err
		})
		is(t, "given up", work(), store.Work{Now: db.Clock.Now(), GivenUp: 1, LastKind: "later", LastSaid: "it is broken"})
	})
}
