package job_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holmhq/holm/internal/job"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/internal/store/storetest"
)

// TestMain lets the tests start this program again as the one that dies.
func TestMain(m *testing.M) {
	if url := os.Getenv("HOLM_TEST_DIES"); url != "" {
		die(url, os.Getenv("HOLM_TEST_DIR"))
	}
	os.Exit(m.Run())
}

// die enqueues a job, begins it, says so and hangs until it is killed.
func die(url, dir string) {
	ctx := context.Background()
	clock := func() time.Time { return time.Date(2030, 4, 5, 6, 7, 8, 0, time.UTC) }
	s, err := store.Open(ctx, store.Options{URL: url, Dir: dir, Clock: clock})
	if err != nil {
		panic(err)
	}
	q := job.New(s, slog.Default())
	job.Register(q, job.Policy{}, func(context.Context, job.Job[greet]) error {
		fmt.Println("begun")
		select {}
	})
	if err := q.Start(ctx); err != nil {
		panic(err)
	}
	if err := s.Write(ctx, func(tx *store.Tx) error { return q.Enqueue(tx, greet{"ana"}) }); err != nil {
		panic(err)
	}
	select {}
}

func TestKilledInTheMiddle(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		program, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		command := exec.CommandContext(t.Context(), program)
		command.Env = append(os.Environ(), "HOLM_TEST_DIES="+db.Options.URL, "HOLM_TEST_DIR="+db.Options.Dir)
		out, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 10)); err != nil {
			t.Fatal(err)
		}
		if err := command.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = command.Wait()

		attempts := make(chan int, 10)
		q, _ := newQueue(db)
		job.Register(q, job.Policy{}, func(_ context.Context, j job.Job[greet]) error {
			attempts <- j.Attempt
			return nil
		})
		start(t, q)
		if list := kept(t, db, "greet"); len(list) != 1 || list[0].Holder == "" {
			t.Fatalf("the dead process left %+v", list)
		}
		db.Clock.Advance(30 * time.Second)
		q.Nudge()
		if got := receive(t, attempts); got != 2 {
			t.Errorf("attempt %d", got)
		}
		stop(t, q)
		if list := kept(t, db, "greet"); len(list) != 0 {
			t.Errorf("it stays: %v", list)
		}
	})
}

func TestCrashLoopEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		q, log := newQueue(db)
		job.Register(q, job.Policy{Attempts: 2}, func(context.Context, job.Job[greet]) error {
			t.Error("it was begun once more")
			return nil
		})
		db.Write(t, func(tx *store.Tx) error { return q.Enqueue(tx, greet{"ana"}) })
		for range 2 { // processes that died over it
			db.Write(t, func(tx *store.Tx) error {
				_, err := tx.TakeJobs("greet", "dead", time.Second, 1)
				return err
			})
			db.Clock.Advance(time.Second)
		}
		start(t, q)
		if text := receive(t, log); text != "job given up" {
			t.Error(text)
		}
	})
}

func TestStopGivesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		q, _ := newQueue(db)
		begun := make(chan struct{})
		job.Register(q, job.Policy{}, func(ctx context.Context, _ job.Job[greet]) error {
			close(begun)
			<-ctx.Done()
			return ctx.Err()
		})
		start(t, q)
		db.Write(t, func(tx *store.Tx) error { return q.Enqueue(tx, greet{"ana"}) })
		receive(t, begun)
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // no patience at all
		if err := q.Stop(ctx); err != nil {
			t.Fatal(err)
		}
		list := kept(t, db, "greet")
		if len(list) != 1 || list[0].Holder != "" || list[0].Attempts != 0 || list[0].DueAt.After(db.Clock.Now()) {
			t.Errorf("kept: %+v", list)
		}
	})
}

// TestTwoServers has two queues on one database work side by side: nothing is
// done twice while both live.
func TestTwoServers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *storetest.Database) {
		const jobs = 60
		var counts [jobs]atomic.Int32
		done := make(chan struct{}, jobs*2)
		queues := []*job.Queue{}
		for range 2 {
			s := storetest.Reopen(t, db.Options)
			q := job.New(s, slog.New(slog.DiscardHandler))
			job.Register(q, job.Policy{AtOnce: 3}, func(_ context.Context, j job.Job[once]) error {
				var n int
				_, err := fmt.Sscan(j.Args.ID, &n)
				counts[n].Add(1)
				done <- struct{}{}
				return err
			})
			start(t, q)
			queues = append(queues, q)
		}
		for n := range jobs {
			db.Write(t, func(tx *store.Tx) error { return queues[n%2].Enqueue(tx, once{fmt.Sprint(n)}) })
		}
		for range jobs {
			receive(t, done)
		}
		for _, q := range queues {
			stop(t, q)
		}
		for n := range counts {
			if got := counts[n].Load(); got != 1 {
				t.Errorf("job %d was done %d times", n, got)
			}
		}
	})
}
