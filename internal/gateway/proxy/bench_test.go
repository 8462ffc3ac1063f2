package proxy

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/holmhq/holm"
)

// BenchmarkRequest compares a small request through the edge with the same
// request straight to the node, over one kept connection. CPU time includes
// client and node, which are in the same process.
func BenchmarkRequest(b *testing.B) {
	e := newEdge(b, Options{})
	node := e.node(say("hello"))
	e.put("shop", holm.StateRunning, node)
	b.Run("direct", func(b *testing.B) { ask(b, "http://"+node+"/", "") })
	b.Run("edge", func(b *testing.B) { ask(b, e.server.URL+"/", "shop."+base) })
}

func ask(b *testing.B, url, host string) {
	client := &http.Client{Transport: &http.Transport{}}
	b.ReportAllocs()
	before := cpuTime(b)
	for range b.N {
		r, _ := http.NewRequest("GET", url, nil)
		r.Host = host
		response, err := client.Do(r)
		if err != nil || response.StatusCode != 200 {
			b.Fatal(response, err)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	}
	b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N), "cpu-µs/op")
}

// BenchmarkTransfer is the speed of large answers.
func BenchmarkTransfer(b *testing.B) {
	const size = 16 << 20
	e := newEdge(b, Options{})
	node := e.node(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, io.LimitReader(zero{}, size)) })
	e.put("shop", holm.StateRunning, node)
	for name, target := range map[string][2]string{"direct": {"http://" + node + "/", ""}, "edge": {e.server.URL + "/", "shop." + base}} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(size)
			ask(b, target[0], target[1])
		})
	}
}

// BenchmarkOwnWork is what the edge does itself, without any network.
func BenchmarkOwnWork(b *testing.B) {
	e := newEdge(b, Options{})
	e.put("shop", holm.StateRunning, "127.0.0.1:1")
	e.proxy.reverse.Transport = answering{}
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = "shop." + base
	r.Header.Set("Cookie", "a=1; holm_session=x; b=2")
	b.ReportAllocs()
	for range b.N {
		e.proxy.ServeHTTP(httptest.NewRecorder(), r)
	}
}

type answering struct{}

func (answering) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("hello")), Request: r}, nil
}

func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
