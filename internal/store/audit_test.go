package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
)

// audit lists the numbers of the rows that a query finds.
func (db *suite) audit(t *testing.T, user holm.UserID, own bool, q store.AuditQuery) (numbers []int64) {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 1000
	}
	q.Account = "acc_1"
	db.Read(t, func(tx *store.Tx) error {
		list, err := tx.Audit(store.FilterFor(user, "acc_1", tx.Now(), own), q)
		for _, a := range list {
			numbers = append(numbers, a.Seq)
		}
		return err
	})
	return numbers
}

// TestAuditHasNoGaps: sixteen writers at once, half of whom change their mind.
func TestAuditHasNoGaps(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		const writers, rows = 16, 10
		undo := errors.New("undo")
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for i := range rows {
					err := db.Store.Write(t.Context(), func(tx *store.Tx) error {
						err := tx.Record(store.AuditEntry{Account: "acc_1", User: "usr_1", Operation: "x.y", Target: fmt.Sprint(w), Result: "0"})
						if err == nil && i%2 == 1 {
							return undo
						}
						return err
					})
					if err != nil && !errors.Is(err, undo) {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		got := db.audit(t, "usr_1", false, store.AuditQuery{})
		if len(got) != writers*rows/2 {
			t.Errorf("%d rows", len(got))
		}
		for i, n := range got {
			if n != int64(len(got)-i) {
				t.Fatalf("row %d has number %d: %v", i, n, got)
			}
		}
	})
}

func TestAuditFilters(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		start := db.Clock.Now()
		for _, a := range []store.AuditEntry{
			{User: "usr_ana", Email: "Ana@example.org", Operation: "environment.create", Environment: "env_1", Result: "0", Detail: map[string]any{"name": "shop", "nodes": 2.0}},
			{User: "usr_bob", Email: "bob@example.org", Operation: "environment.delete", Environment: "env_1", Result: "forbidden"},
			{User: "usr_bob", Email: "bob@example.org", Operation: "node.restart", Environment: "env_2", Result: "0"},
			{User: "usr_ana", Email: "Ana@example.org", Operation: "environmentx.create", Result: "conflict"},
		} {
			a.Account, a.Road, a.Address = "acc_1", holm.RoadAPI, "192.0.2.1"
			db.Write(t, func(tx *store.Tx) error { return tx.Record(a) })
			a.Account = "acc_2"
			db.Write(t, func(tx *store.Tx) error { return tx.Record(a) })
			db.Clock.Advance(time.Hour)
		}
		for name, try := range map[string]struct {
			q    store.AuditQuery
			own  bool
			want []int64
		}{
			"all":            {store.AuditQuery{}, false, []int64{4, 3, 2, 1}},
			"own rows":       {store.AuditQuery{}, true, []int64{3, 2}},
			"environment":    {store.AuditQuery{Environment: "env_1"}, false, []int64{2, 1}},
			"operation":      {store.AuditQuery{Operation: "node.restart"}, false, []int64{3}},
			"noun":           {store.AuditQuery{Operation: "environment."}, false, []int64{2, 1}},
			"person":         {store.AuditQuery{Who: "ANA@example.org"}, false, []int64{4, 1}},
			"done":           {store.AuditQuery{Result: "0"}, false, []int64{3, 1}},
			"refused":        {store.AuditQuery{Result: "refused"}, false, []int64{4, 2}},
			"code":           {store.AuditQuery{Result: "forbidden"}, false, []int64{2}},
			"since":          {store.AuditQuery{Since: start.Add(time.Hour)}, false, []int64{4, 3, 2}},
			"until":          {store.AuditQuery{Until: start.Add(time.Hour)}, false, []int64{1}},
			"page of until":  {store.AuditQuery{Until: start.Add(3 * time.Hour), Before: store.AuditPlace{Time: start.Add(time.Hour), Seq: 2}}, false, []int64{1}},
			"until of page":  {store.AuditQuery{Until: start.Add(time.Hour), Before: store.AuditPlace{Time: start.Add(3 * time.Hour), Seq: 4}}, false, []int64{1}},
			"page":           {store.AuditQuery{Before: store.AuditPlace{Time: start.Add(3 * time.Hour), Seq: 4}, Limit: 2}, false, []int64{3, 2}},
			"all together":   {store.AuditQuery{Environment: "env_1", Operation: "environment.", Who: "bob@example.org", Result: "refused", Since: start, Until: start.Add(9 * time.Hour), Before: store.AuditPlace{Time: start.Add(9 * time.Hour), Seq: 9}}, true, []int64{2}},
			"no such person": {store.AuditQuery{Who: "eve@example.org"}, false, nil},
		} {
			is(t, name, db.audit(t, "usr_bob", try.own, try.q), try.want)
		}
		db.Read(t, func(tx *store.Tx) error {
			list, err := tx.Audit(store.FilterFor("usr_ana", "acc_1", tx.Now(), false), store.AuditQuery{Account: "acc_1", Environment: "env_1", Result: "0", Limit: 1})
			list[0].Line = nil
			is(t, "whole", list[0], store.AuditEntry{Account: "acc_1", Seq: 1, Environment: "env_1", Time: start, User: "usr_ana", Email: "Ana@example.org", Road: holm.RoadAPI,
				Operation: "environment.create", Result: "0", Detail: map[string]any{"name": "shop", "nodes": 2.0}, Address: "192.0.2.1"})
			if _, unmade := tx.Audit(store.Filter{}, store.AuditQuery{Account: "acc_1", Limit: 1}); holm.CodeOf(unmade) != holm.CodeNotFound {
				t.Errorf("a filter that the door did not make: %v", unmade)
			}
			return err
		})
	})
}
