package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/internal/store/storetest"
)

// BenchmarkRecord measures changes with their audit row, on disk, from one
// and from many sides.
func BenchmarkRecord(b *testing.B) {
	for _, dialect := range []store.Dialect{store.SQLite, store.PostgreSQL} {
		for _, writers := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("%s/%d", dialect, writers), func(b *testing.B) {
				db := &suite{storetest.Open(b, dialect)}
				var next atomic.Int64
				b.ResetTimer()
				var all sync.WaitGroup
				for w := range writers {
					account := holm.AccountID(fmt.Sprint("acc_", w%4))
					all.Go(func() {
						for next.Add(1) <= int64(b.N) {
							db.Write(b, func(tx *store.Tx) error {
								return tx.Record(store.AuditEntry{Account: account, Environment: "env_0190aaaabbbbccccddddeeeeffff0000", User: "usr_0190aaaabbbbccccddddeeeeffff0000", Email: "ana@example.org",
									Road: holm.RoadDashboard, Operation: "environment.update", Target: "shop", Result: "0", Address: "192.0.2.1",
									Detail: map[string]any{"changes": []holm.AuditChange{{What: "alias", Was: "Shop", Now: "The shop"}}, "environment": "shop"}})
							})
						}
					})
				}
				all.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "changes/s")
			})
		}
	}
}
