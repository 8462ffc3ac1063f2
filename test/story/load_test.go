package story

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// visitors ask an environment again and again, as many at once as there are.
type visitors struct {
	stop          context.CancelFunc
	all           sync.WaitGroup
	asked, failed atomic.Int64
	mu            sync.Mutex
	first         string // what the first failed request got
}

// load NAME VISITORS begins; load NAME ends MOST stops, and fails when more
// than MOST requests failed. Half of the visitors post, whose requests nobody
// may send twice.
func load(ts *testscript.TestScript, neg bool, args []string) {
	r := of(ts)
	if args[1] == "ends" {
		most, err := strconv.ParseInt(args[2], 10, 64)
		ts.Check(err)
		v := r.loads[args[0]]
		v.stop()
		v.all.Wait()
		ts.Logf("%d requests, %d failed", v.asked.Load(), v.failed.Load())
		if v.failed.Load() > most || v.asked.Load() < 100 {
			ts.Fatalf("%d of %d requests failed, the first with: %s", v.failed.Load(), v.asked.Load(), v.first)
		}
		return
	}
	number, err := strconv.Atoi(args[1])
	ts.Check(err)
	ctx, stop := context.WithCancel(context.Background())
	v := &visitors{stop: stop}
	r.loads[args[0]] = v
	for i := range number {
		method := http.MethodGet
		if i%2 == 1 {
			method = http.MethodPost
		}
		client := &http.Client{Transport: &http.Transport{}, Timeout: 20 * time.Second}
		v.all.Go(func() { v.visit(ctx, client, method, r.address, args[0]+".holm.localhost") })
	}
}

func (v *visitors) visit(ctx context.Context, client *http.Client, method, address, host string) {
	for ctx.Err() == nil {
		request, _ := http.NewRequest(method, "http://"+address+"/", nil)
		request.Host = host
		v.asked.Add(1)
		response, err := client.Do(request)
		if err == nil {
			raw, failed := io.ReadAll(response.Body)
			response.Body.Close()
			err = failed
			if response.StatusCode != http.StatusOK {
				err = fmt.Errorf("%s\n%.300s", response.Status, raw)
			}
		}
		if err != nil {
			v.failed.Add(1)
			v.mu.Lock()
			if v.first == "" {
				v.first = method + " at " + time.Now().Format(time.StampMilli) + ": " + err.Error()
			}
			v.mu.Unlock()
		}
	}
}
