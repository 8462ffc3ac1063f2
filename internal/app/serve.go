package app

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/holmhq/holm/internal/collaboration"
	"github.com/holmhq/holm/internal/store"
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
	failed := make(chan error, 2)
	background.Go(func() {
		if err := a.reconciler.Run(work); !ended(err) {
			failed <- err
		}
	})
	background.Go(func() { a.housekeeping(work) })
	if err := a.mail.start(work); err != nil {
		return err
	}
	server := &http.Server{
		Handler: a.handler(closing), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
	background.Go(func() {
		if err := server.Serve(a.listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	})
	a.log.Info("ready", "address", a.listener.Addr().String(), "engine", a.config.Engine, "database", a.store.Dialect())
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
	stop()
	background.Wait()
	return err
}

// housekeeping forgets what has ended.
func (a *App) housekeeping(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		err := errors.Join(collaboration.Expire(ctx, a.door),
			a.store.Write(ctx, func(tx *store.Tx) error { return tx.SweepSessions() }))
		if !ended(err) {
			a.log.Error("housekeeping failed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
