package proxy

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
)

// Who begins a body and sends no more of it must not hold a connection and a
// node's worker forever.
func TestBodiesThatStopAreGivenUp(t *testing.T) {
	e := newEdge(t, Options{Pace: 50 * time.Millisecond})
	ended := make(chan error, 1)
	e.put("shop", holm.StateRunning, e.node(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		ended <- err
	}))
	c, err := net.Dial("tcp", strings.TrimPrefix(e.server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: shop.%s\r\nContent-Length: 10\r\n\r\nab", base)
	select {
	case err := <-ended:
		if err == nil {
			t.Error("the node was given a whole body")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the body is still waited for")
	}
}

// Who takes nothing of an answer is let go; an environment that is silent for
// longer is not.
func TestAnswersThatNobodyTakesAreGivenUp(t *testing.T) {
	e := newEdge(t, Options{Pace: 50 * time.Millisecond})
	gone := make(chan bool, 1)
	quiet := make(chan bool)
	e.put("shop", holm.StateRunning, e.node(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/quiet" {
			io.WriteString(w, "one\n")
			http.NewResponseController(w).Flush()
			<-quiet
			io.WriteString(w, "two\n")
			return
		}
		piece := make([]byte, 1<<20)
		for {
			if _, err := w.Write(piece); err != nil {
				gone <- true
				return
			}
		}
	}))
	c, err := net.Dial("tcp", strings.TrimPrefix(e.server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: shop.%s\r\n\r\n", base)
	select {
	case <-gone:
	case <-time.After(10 * time.Second):
		t.Fatal("the answer is still held")
	}
	r := e.request("GET", "shop", nil)
	r.URL.Path = "/quiet"
	response, err := e.server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewReader(response.Body)
	if line, err := lines.ReadString('\n'); line != "one\n" {
		t.Fatal(line, err)
	}
	silence := time.NewTimer(200 * time.Millisecond) // four times the pace
	<-silence.C
	close(quiet)
	if rest, err := io.ReadAll(lines); string(rest) != "two\n" || err != nil {
		t.Errorf("after a silence: %q, %v", rest, err)
	}
}
