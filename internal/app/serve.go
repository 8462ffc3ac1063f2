package app

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/holmhq/holm/internal/collaboration"
	"github.com/holmhq/holm/internal/environment"
	"github.com/holmhq/holm/internal/job"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/internal/transfer"
)

// patience is how long open requests may take when Holm ends; the rest of the
// five seconds that an end may take is for everything else.
const patience = 3 * time.Second

// serve answers until ctx ends, then ends everything in order. Nodes go on.
func (a *App) serve(ctx context.Context) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	closing, closeStreams := context.WithCancel(work)
	defer closeStreams()
	var background sync.WaitGroup
	failed := make(chan error, 3)
	a.housekeeping()
	if err := errors.Join(a.notifier.Resume(work), a.jobs.Start(work)); err != nil {
		return err
	}
	background.Go(func() {
		if err := a.audit.Sign(work); err != nil && !ended(err) {
			a.log.Warn("the audit logs could not be signed; it is tried again within an hour", "error", err)
		}
	})
	background.Go(func() {
		if err := a.reconciler.Run(work); !ended(err) {
			failed <- err
		}
	})
	background.Go(func() {
		if err := collaboration.Watch(work, a.door); !ended(err) {
			a.log.Warn("pages are not told any more of what ends by itself", "error", err)
		}
	})
	server := &http.Server{
		Handler: a.handler(closing), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	for _, listener := range []net.Listener{a.listener, a.secure} {
		if listener == nil {
			continue
		}
		background.Go(func() {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		})
		a.log.Info("ready", "address", listener.Addr().String(), "engine", a.config.Engine, "database", a.store.Dialect())
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	closeStreams()
	limited, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if server.Shutdown(limited) != nil {
		server.Close()
	}
	if failed := a.jobs.Stop(limited); failed != nil {
		a.log.Warn("jobs were cut; they are done again at the next start", "error", failed)
	}
	stop()
	background.Wait()
	return err
}

// housekeeping has what has ended forgotten, from time to time.
func (a *App) housekeeping() {
	a.keepAudit()
	job.Every(a.jobs, "invitation.expire", time.Minute, func(ctx context.Context) error { return collaboration.Expire(ctx, a.door) })
	job.Every(a.jobs, "access.remind", time.Minute, func(ctx context.Context) error { return collaboration.Remind(ctx, a.door) })
	job.Every(a.jobs, "view.expire", 10*time.Second, func(ctx context.Context) error { return collaboration.EndViews(ctx, a.door) })
	job.Every(a.jobs, "transfer.expire", time.Minute, func(ctx context.Context) error { return transfer.Expire(ctx, a.door) })
	job.Every(a.jobs, "environment.erase", time.Minute, func(ctx context.Context) error { return environment.Erase(ctx, a.door, a.config.KeepDeleted) })
	job.Every(a.jobs, "environment.schedule", 10*time.Second, func(ctx context.Context) error { return environment.Keep(ctx, a.door) })
	job.Every(a.jobs, "session.sweep", time.Hour, func(ctx context.Context) error {
		return a.store.Write(ctx, func(tx *store.Tx) error {
			return errors.Join(tx.SweepSessions(), tx.SweepUses(), tx.SweepTallies(tx.Now().Unix()/86400-1))
		})
	})
}
