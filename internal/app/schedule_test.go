package app

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/environment"
	"github.com/holmhq/holm/internal/job"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// TestScheduleFires: the job queue of a server that starts stops and starts an
// environment by its schedule, once each, and what was missed while no server
// ran is made up for.
func TestScheduleFires(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.now = time.Date(2030, 5, 6, 7, 0, 0, 0, time.UTC) // a Monday
		in := ops.EnvironmentUpdateInput{OfEnvironment: ops.OfEnvironment{Environment: string(w.shop.ID)}}
		in.Body.Schedule = &holm.Schedule{TimeZone: "UTC", Days: []string{"mon", "tue", "wed", "thu", "fri"}, Start: "08:00", Stop: "18:00"}
		_, err := dispatch.Call(context.Background(), w.door, w.people["owner"], ops.EnvironmentUpdate, in)
		must(t, err)
		for _, step := range []struct {
			at   string
			want holm.State
		}{
			{"2030-05-06T07:59:00Z", holm.StateRunning}, // as it was
			{"2030-05-06T18:00:30Z", holm.StateStopped},
			{"2030-05-07T07:59:00Z", holm.StateStopped},
			{"2030-05-07T08:00:30Z", holm.StateRunning},
			{"2030-05-11T03:00:00Z", holm.StateStopped}, // days later, on a Saturday
			{"2030-05-13T09:00:00Z", holm.StateRunning},
		} {
			at, err := time.Parse(time.RFC3339, step.at)
			must(t, err)
			w.now = at
			w.serveSchedule(t)
			if got := w.wanted(t); got != step.want {
				t.Errorf("at %s it is to be %s, not %s", step.at, got, step.want)
			}
		}
	})
}

// serveSchedule has the job queue of a new server run the schedules once.
func (w *world) serveSchedule(t *testing.T) {
	t.Helper()
	ran := make(chan error, 10)
	jobs := job.New(w.store, slog.New(slog.DiscardHandler))
	job.Every(jobs, "environment.schedule", 10*time.Second, func(ctx context.Context) error {
		err := environment.Keep(ctx, w.door)
		ran <- err
		return err
	})
	must(t, jobs.Start(t.Context()))
	select {
	case err := <-ran:
		must(t, err)
	case <-time.After(20 * time.Second):
		t.Fatal("the schedules were not looked at")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	must(t, jobs.Stop(ctx))
}

func (w *world) wanted(t *testing.T) (state holm.State) {
	t.Helper()
	w.write(func(tx *store.Tx) error {
		e, err := tx.ToReconcile(w.shop.ID)
		state = e.Wanted
		return err
	})
	return state
}
