package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// front starts a balancer over these upstreams.
func front(t *testing.T, upstreams ...string) (*balancer, string) {
	t.Helper()
	log, err := openLog(filepath.Join(t.TempDir(), "log"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	b := &balancer{next: newTransport()}
	b.pool.set(upstreams)
	server := httptest.NewServer(accessLog(b.handler(log), log))
	t.Cleanup(server.Close)
	return b, server.URL
}

// back starts an upstream and gives its address.
func back(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// closedPort gives an address where nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func fetch(t *testing.T, request *http.Request) (int, string) {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func request(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestBalancerSpreads(t *testing.T) {
	var count [3]atomic.Int64
	var addresses []string
	for i := range count {
		addresses = append(addresses, back(t, func(http.ResponseWriter, *http.Request) { count[i].Add(1) }))
	}
	_, url := front(t, addresses...)
	for range 30 {
		fetch(t, request(t, "GET", url, ""))
	}
	for i := range count {
		if n := count[i].Load(); n != 10 {
			t.Errorf("upstream %d got %d of 30 requests", i, n)
		}
	}
}

func TestBalancerGoesOnToTheNext(t *testing.T) {
	good := back(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	_, url := front(t, closedPort(t), closedPort(t), good)
	for _, method := range []string{"GET", "POST", "PUT"} {
		for range 4 {
			if status, body := fetch(t, request(t, method, url, "hello")); status != 200 || body != "hello" {
				t.Errorf("%s: %d %q", method, status, body)
			}
		}
	}
}

func TestBalancerDoesNotPostTwice(t *testing.T) {
	var posts atomic.Int64
	hangUp := func(w http.ResponseWriter, r *http.Request) {
		posts.Add(1)
		_, _ = io.ReadAll(r.Body)
		c, _, _ := w.(http.Hijacker).Hijack()
		c.Close()
	}
	_, url := front(t, back(t, hangUp), back(t, hangUp))
	if status, _ := fetch(t, request(t, "POST", url, "pay")); status != http.StatusBadGateway {
		t.Errorf("status %d", status)
	}
	if n := posts.Load(); n != 1 {
		t.Errorf("the request was sent %d times", n)
	}
}

func TestBalancerWithoutUpstreams(t *testing.T) {
	_, url := front(t)
	if status, body := fetch(t, request(t, "GET", url, "")); status != http.StatusServiceUnavailable || !strings.Contains(body, "No node") {
		t.Errorf("%d %q", status, body)
	}
}

func TestBalancerForwards(t *testing.T) {
	_, url := front(t, back(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, r.Host, r.Header.Get("X-Forwarded-For"), r.Header.Get("X-Forwarded-Proto"), r.Header.Get("X-Forwarded-Host"))
	}))
	r := request(t, "GET", url, "")
	r.Host = "shop.example"
	r.Header.Set("X-Forwarded-For", "192.0.2.7")
	r.Header.Set("X-Forwarded-Proto", "https")
	if _, body := fetch(t, r); body != "shop.example 192.0.2.7, 127.0.0.1 https shop.example\n" {
		t.Errorf("the upstream saw %q", body)
	}
}

func TestBalancerStreams(t *testing.T) {
	next := make(chan bool)
	_, url := front(t, back(t, func(w http.ResponseWriter, _ *http.Request) {
		for range 2 {
			fmt.Fprintln(w, "tick")
			w.(http.Flusher).Flush()
			<-next
		}
	}))
	response, err := http.DefaultClient.Do(request(t, "GET", url, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for range 2 { // each has to arrive while the answer is still going on
		if !lines.Scan() || lines.Text() != "tick" {
			t.Fatalf("got %q, %v", lines.Text(), lines.Err())
		}
		next <- true
	}
}

func TestBalancerSwitchesProtocols(t *testing.T) {
	b, url := front(t, back(t, func(w http.ResponseWriter, _ *http.Request) {
		c, both, _ := w.(http.Hijacker).Hijack()
		defer c.Close()
		fmt.Fprint(both, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		both.Flush()
		line, _ := both.ReadString('\n')
		fmt.Fprint(both, "you said ", line)
		both.Flush()
	}))
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
	reader := bufio.NewReader(c)
	response, err := http.ReadResponse(reader, nil)
	if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%v %v", response, err)
	}
	fmt.Fprintln(c, "hello")
	if line, err := reader.ReadString('\n'); line != "you said hello\n" {
		t.Errorf("got %q, %v", line, err)
	}
	c.Close()
	for range 1000 { // the upstream is free again when the switch has ended
		b.pool.mu.Lock()
		busy := b.pool.all[0].busy
		b.pool.mu.Unlock()
		if busy == 0 {
			return
		}
		<-time.After(time.Millisecond)
	}
	t.Error("the upstream still counts as busy")
}

func TestPoolPrefersTheIdleAndTheHealthy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p pool
		p.set([]string{"a", "b", "c"})
		first := p.take(nil)
		second := p.take(nil)
		third := p.take(nil)
		if first == second || second == third || first == third {
			t.Error("equals do not take turns")
		}
		second.release()
		if got := p.take(nil); got != second {
			t.Errorf("%s was taken, not the idle %s", got.address, second.address)
		}
		third.release()
		third.failed(time.Now())
		if got := p.take(nil); got == third {
			t.Error("an upstream was taken that has just failed")
		}
		if got := p.take([]*upstream{first, second}); got != third {
			t.Error("the only one left was not taken")
		}
		third.release()
		time.Sleep(firstRest)
		if got := p.take(nil); got != third {
			t.Error("an upstream that rested is not taken again")
		}
	})
}

func TestPoolKeepsCountsOfThoseThatStay(t *testing.T) {
	var p pool
	p.set([]string{"a", "b"})
	a := p.take(nil)
	if !p.set([]string{"c", a.address}) {
		t.Error("the change was not seen")
	}
	if p.set([]string{"c", a.address}) {
		t.Error("a change was seen where none is")
	}
	if got := p.take(nil); got.address != "c" {
		t.Errorf("the busy upstream %s was taken", got.address)
	}
	a.release()
}
