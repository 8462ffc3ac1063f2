package httpapi

import (
	"net/http/httptest"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
)

// BenchmarkShow asks for one of 100,000 environments in an SQLite file, as a
// collaborator with limited access, through everything but the network:
// sign-in, decision, reading, JSON.
//
//	go test -run - -bench Show -cpu 1 ./internal/httpapi
func BenchmarkShow(b *testing.B) {
	const environments = 100_000
	w := newWorld(b, Options{})
	ana, bob := w.meet("ana"), w.meet("bob")
	first := w.environment(ana, "e-0")
	w.share(ana, bob, first, holm.LevelLimited)
	ids := []holm.EnvironmentID{first.ID}
	for len(ids) < environments {
		w.tx(func(tx *store.Tx) error {
			c, err := tx.CollaboratorOf(ana.account.ID, bob.user.ID)
			for n := len(ids) + 1000; err == nil && len(ids) < min(n, environments); {
				var e holm.Environment
				e, err = tx.CreateEnvironment(holm.Environment{Account: ana.account.ID, Name: name(len(ids)), State: holm.StateRunning, Wanted: holm.StateRunning, Creator: ana.user.ID}, 1<<30)
				if err != nil {
					return err
				}
				ids = append(ids, e.ID)
				for i, role := range []holm.LayerRole{holm.LayerBalancer, holm.LayerApp} {
					if _, err = tx.CreateLayer(holm.Layer{Environment: e.ID, Role: role, Stack: "static", Version: "1", Cloudlets: 2}, i, i+1); err != nil {
						return err
					}
				}
				err = tx.SetGrant(holm.Grant{Collaborator: c.ID, Environment: e.ID, Level: holm.LevelLimited}, ana.user.ID)
			}
			return err
		})
	}
	handler := New(w.door, Options{})
	b.Run("limited", func(b *testing.B) {
		took := make([]time.Duration, 0, b.N)
		b.ReportAllocs()
		for i := range b.N {
			r, rec := request("GET", "/v1/environments/"+name((i*7919)%environments), bob.token, nil)
			start := time.Now()
			handler.ServeHTTP(rec, r)
			took = append(took, time.Since(start))
			if rec.Code != 200 {
				b.Fatal(rec.Code, rec.Body)
			}
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	})
}

func name(n int) string { return "e-" + strconv.Itoa(n) }

// BenchmarkRefused is the cost of a request that ends at the sign-in.
func BenchmarkRefused(b *testing.B) {
	w := newWorld(b, Options{})
	handler := New(w.door, Options{})
	b.ReportAllocs()
	for range b.N {
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, httptest.NewRequest("GET", "/v1/environments/shop", nil))
		if rec.Code != 401 {
			b.Fatal(rec.Code)
		}
	}
}
