package proxy

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holmhq/holm"
)

func TestStreamsArriveAsTheyAreSent(t *testing.T) {
	e := newEdge(t, Options{})
	next := make(chan string)
	e.put("shop", holm.StateRunning, e.node(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for text := range next {
			fmt.Fprintf(w, "data: %s\n\n", text)
			http.NewResponseController(w).Flush()
		}
	}))
	go func() { next <- "0" }()
	response, err := e.server.Client().Do(e.request("GET", "shop", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewReader(response.Body)
	for i := range 50 {
		// The next message is sent only once this one has arrived.
		if line, err := lines.ReadString('\n'); err != nil || line != fmt.Sprintf("data: %d\n", i) {
			t.Fatal(line, err)
		}
		lines.ReadString('\n')
		next <- fmt.Sprint(i + 1)
	}
	close(next)
}

// TestSlowAnswersOfKnownLengthArrive: what an environment has sent reaches the
// visitor though more is to come and may take long.
func TestSlowAnswersOfKnownLengthArrive(t *testing.T) {
	e := newEdge(t, Options{})
	goOn := make(chan bool)
	e.put("shop", holm.StateRunning, e.node(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "6")
		for _, piece := range []string{"", "one", "two"} {
			io.WriteString(w, piece)
			http.NewResponseController(w).Flush()
			<-goOn
		}
	}))
	response, err := e.server.Client().Do(e.request("GET", "shop", nil)) // the headers alone
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	for _, piece := range []string{"one", "two"} {
		goOn <- true
		got := make([]byte, 3)
		if _, err := io.ReadFull(response.Body, got); err != nil || string(got) != piece {
			t.Fatalf("%q, %v; want %s", got, err, piece)
		}
	}
	goOn <- true
}

func TestUploadsArriveAsTheyAreSent(t *testing.T) {
	e := newEdge(t, Options{})
	arrived := make(chan string)
	e.put("shop", holm.StateRunning, e.node(func(w http.ResponseWriter, r *http.Request) {
		buf := make([]byte, 1)
		for {
			if _, err := r.Body.Read(buf); err != nil {
				return
			}
			arrived <- string(buf)
		}
	}))
	body, write := io.Pipe()
	done := make(chan error, 1)
	go func() {
		response, err := e.server.Client().Do(e.request("POST", "shop", body))
		if err == nil {
			response.Body.Close()
		}
		done <- err
	}()
	for _, c := range "slowly" { // each byte is sent only once the one before has arrived
		if _, err := io.WriteString(write, string(c)); err != nil {
			t.Fatal(err)
		}
		if got := <-arrived; got != string(c) {
			t.Fatalf("%q arrived as %q", c, got)
		}
	}
	write.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestLargeBodiesBothWays(t *testing.T) {
	e := newEdge(t, Options{})
	e.put("shop", holm.StateRunning, e.node(func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.New()
		n, _ := io.Copy(sum, r.Body)
		w.Header().Set("X-Got", fmt.Sprintf("%d %x", n, sum.Sum(nil)[:4]))
		io.Copy(w, io.LimitReader(zero{}, n))
	}))
	const size = 64 << 20
	response, err := e.server.Client().Do(e.request("PUT", "shop", io.LimitReader(zero{}, size)))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	back, err := io.Copy(io.Discard, response.Body)
	if want := fmt.Sprintf("%d %x", size, sum(size)); err != nil || back != size || response.Header.Get("X-Got") != want {
		t.Fatal(back, err, response.Header.Get("X-Got"), want)
	}
}

type zero struct{}

func (zero) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func sum(n int64) []byte {
	h := sha256.New()
	io.Copy(h, io.LimitReader(zero{}, n))
	return h.Sum(nil)[:4]
}

func TestWebSocketsPassBothWays(t *testing.T) {
	e := newEdge(t, Options{})
	ended := make(chan struct{})
	e.put("shop", holm.StateRunning, e.node(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "websocket" || r.Header.Get("Sec-WebSocket-Key") == "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		conn, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer close(ended)
		defer conn.Close()
		io.WriteString(rw, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		rw.Flush()
		io.Copy(conn, rw)
	}))
	conn, err := net.Dial("tcp", strings.TrimPrefix(e.server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET /socket HTTP/1.1\r\nHost: shop.%s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n", base)
	from := bufio.NewReader(conn)
	response, err := http.ReadResponse(from, nil)
	if err != nil || response.StatusCode != 101 || response.Header.Get("Upgrade") != "websocket" {
		t.Fatal(response, err)
	}
	for _, frame := range [][]byte{{0x81, 0x05, 'h', 'e', 'l', 'l', 'o'}, bytes.Repeat([]byte{7}, 1<<16)} {
		go conn.Write(frame)
		got := make([]byte, len(frame))
		if _, err := io.ReadFull(from, got); err != nil || !bytes.Equal(got, frame) {
			t.Fatal(err)
		}
	}
	conn.Close()
	<-ended // the environment hears that the visitor left
}

func TestVisitorsWhoLeaveEndTheRequest(t *testing.T) {
	e := newEdge(t, Options{})
	asked, ended := make(chan struct{}), make(chan struct{})
	e.put("shop", holm.StateRunning, e.node(func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
		close(ended)
	}))
	ctx, leave := context.WithCancel(context.Background())
	failed := make(chan error, 1)
	go func() {
		response, err := e.server.Client().Do(e.request("GET", "shop", nil).WithContext(ctx))
		if err == nil {
			response.Body.Close()
		}
		failed <- err
	}()
	<-asked
	leave()
	<-ended
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestEnvironmentsThatAreTooSlow(t *testing.T) {
	e := newEdge(t, Options{AnswerTime: 50 * time.Millisecond})
	var asked atomic.Int64
	slow := func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		<-r.Context().Done()
	}
	e.put("shop", holm.StateRunning, e.node(slow), e.node(slow))
	if response, _ := e.get("shop"); response.StatusCode != 502 || asked.Load() != 1 {
		t.Fatalf("%s after asking %d nodes", response.Status, asked.Load())
	}
}
