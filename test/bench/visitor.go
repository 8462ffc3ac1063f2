package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// visitor asks over connections that it keeps.
type visitor struct {
	http  *http.Client
	url   string
	host  string // header Host; the URL's when empty
	token string // none when empty
}

func newVisitor(url, host, token string) *visitor {
	return &visitor{http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}, Timeout: patience}, url: url, host: host, token: token}
}

// get asks for a path and gives the status; the answer is read to its end.
func (v *visitor) get(ctx context.Context, path string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.url+path, nil)
	if err != nil {
		return 0, err
	}
	if v.host != "" {
		r.Host = v.host
	}
	if v.token != "" {
		r.Header.Set("Authorization", "Bearer "+v.token)
	}
	response, err := v.http.Do(r)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, err
}

// until asks again and again until the answer is 200.
func (v *visitor) until200(ctx context.Context) error {
	for began := time.Now(); time.Since(began) < patience && ctx.Err() == nil; time.Sleep(3 * time.Millisecond) {
		if code, err := v.get(ctx, "/"); err == nil && code == http.StatusOK {
			return nil
		}
	}
	return fmt.Errorf("%s%s does not answer with 200", v.url, v.host)
}

// many asks n times over a few connections at once; every answer must be 200.
func (v *visitor) many(ctx context.Context, n int) error {
	var left atomic.Int64
	left.Store(int64(n))
	failures := make(chan error, connections)
	var all sync.WaitGroup
	for range connections {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				code, err := v.get(ctx, "/")
				if err == nil && code != http.StatusOK {
					err = fmt.Errorf("%s%s answers %d", v.url, v.host, code)
				}
				if err != nil {
					failures <- err
					return
				}
			}
		})
	}
	all.Wait()
	select {
	case err := <-failures:
		return err
	default:
		return nil
	}
}

const connections = 4

func (v *visitor) close() { v.http.CloseIdleConnections() }
