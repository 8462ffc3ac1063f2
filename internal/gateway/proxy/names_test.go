package proxy

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/holmhq/holm"
)

func TestLookupsAreRememberedForAMoment(t *testing.T) {
	e := newEdge(t, Options{})
	e.put("shop", holm.StateRunning, e.node(say("old")))
	for range 20 {
		e.get("shop")
		e.get("nothing")
	}
	// At most one a second for each of two names, and the machine may be slow.
	if n := e.lookups.Load(); n > 10 {
		t.Errorf("%d lookups", n)
	}
	for _, by := range []string{"shop", "env_shop"} {
		e.mu.Lock()
		target := e.targets["shop"]
		target.Addresses = []string{e.node(say(by))}
		e.targets["shop"] = target
		e.mu.Unlock()
		e.proxy.Invalidate(by)
		if _, body := e.get("shop"); body != by {
			t.Errorf("after Invalidate(%s): %s", by, body)
		}
	}
}

func TestOneLookupServesAllWhoWait(t *testing.T) {
	var asked atomic.Int64
	release := make(chan struct{})
	n := newNames(func(ctx context.Context, name string) (Target, error) {
		asked.Add(1)
		<-release
		return Target{State: holm.StateRunning}, ctx.Err()
	})
	impatient, leave := context.WithCancel(context.Background())
	leave()
	if _, err := n.find(impatient, "shop"); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	results := make(chan error, 50)
	for range 50 {
		go func() {
			_, err := n.find(context.Background(), "shop")
			results <- err
		}()
	}
	close(release)
	for range 50 {
		if err := <-results; err != nil {
			t.Fatal(err) // also not because the first one left
		}
	}
	if asked.Load() != 1 {
		t.Fatal(asked.Load())
	}
}

func TestStrangersCannotFillTheMemory(t *testing.T) {
	n := newNames(func(context.Context, string) (Target, error) { return Target{}, holm.ErrNotFound() })
	for i := range mostNames + 100 {
		n.find(context.Background(), fmt.Sprint("x", i))
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.known) > mostNames {
		t.Fatal(len(n.known))
	}
}
