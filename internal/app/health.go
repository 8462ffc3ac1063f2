package app

import (
	"context"
	"fmt"
	"syscall"
	"time"

	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

const (
	// tooLate is how long a job may be due before something is wrong with
	// those who take them.
	tooLate = 2 * time.Minute
	// diskLeast and diskShare are how much must be free where data is kept.
	diskLeast = 1 << 30 // bytes
	diskShare = 20      // one part in so many
)

// jobHealth says whether work in the background goes on.
func (a *App) jobHealth(ctx context.Context) ops.Health {
	var w store.Work
	err := a.store.Read(ctx, func(tx *store.Tx) (err error) {
		w, err = tx.Work()
		return err
	})
	switch {
	case err != nil:
		return ops.Health{Name: "Jobs", Detail: "The jobs cannot be read."}
	case !w.Oldest.IsZero() && w.Now.Sub(w.Oldest) > tooLate:
		return ops.Health{Name: "Jobs", Detail: fmt.Sprintf("Nobody takes jobs: one is due since %s. Start Holm again.", w.Oldest.Format("2 January 15:04 UTC"))}
	case w.GivenUp > 0:
		return ops.Health{Name: "Jobs", Detail: fmt.Sprintf("%d were given up in the last 30 days; the newest, %s, said: %s", w.GivenUp, w.LastKind, w.LastSaid)}
	}
	return ops.Health{Name: "Jobs", OK: true, Detail: fmt.Sprintf("%d wait for their time", w.Waiting)}
}

// diskHealth says whether there is room where data is kept.
func (a *App) diskHealth() ops.Health {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(a.config.Data, &fs); err != nil {
		return ops.Health{Name: "Disk", Detail: "The data folder cannot be looked at."}
	}
	free, all := uint64(fs.Bavail)*uint64(fs.Bsize), uint64(fs.Blocks)*uint64(fs.Bsize)
	detail := fmt.Sprintf("%.1f of %.1f GB free for data", float64(free)/1e9, float64(all)/1e9)
	return ops.Health{Name: "Disk", OK: free >= min(diskLeast, all/diskShare), Detail: detail}
}
