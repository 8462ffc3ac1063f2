package sink_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/sink"
)

var rows = []holm.AuditEntry{
	{Seq: 1, Time: time.Date(2030, 4, 5, 6, 7, 8, 9000, time.UTC), Result: "0", Line: []byte(`{"number":1,"text":"ä\n"}`)},
	{Seq: 2, Time: time.Date(2030, 4, 5, 6, 7, 9, 0, time.UTC), Result: "forbidden", Line: []byte(`{"number":2}`)},
}

func deliver(t *testing.T, address string) error {
	t.Helper()
	p, err := sink.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return p.Deliver(t.Context(), rows)
}

func TestJSONLinesOverHTTP(t *testing.T) {
	status := 204
	var got, user, kind string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		name, password, _ := r.BasicAuth()
		got, user, kind = string(body), name+":"+password, r.Header.Get("Content-Type")
		w.WriteHeader(status)
	}))
	defer server.Close()
	address := strings.Replace(server.URL, "http://", "http://holm:s3cret@", 1) + "/logs?x=y"
	if err := deliver(t, address); err != nil {
		t.Fatal(err)
	}
	if got != string(rows[0].Line)+"\n"+string(rows[1].Line)+"\n" || user != "holm:s3cret" || kind != "application/jsonl" {
		t.Errorf("%q from %s as %s", got, user, kind)
	}
	for _, status = range []int{500, 404, 302} {
		if err := deliver(t, address); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%d: %v", status, err)
		}
	}
	server.Close()
	if err := deliver(t, address); err == nil || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "x=y") {
		t.Errorf("nobody there: %v", err)
	}
}

// receive takes one connection and gives its messages by the length in front
// of each.
func receive(l net.Listener, messages chan<- string) {
	conn, err := l.Accept()
	if err != nil {
		return
	}
	defer close(messages)
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		size, err := in.ReadString(' ')
		if err != nil {
			return
		}
		n, _ := strconv.Atoi(strings.TrimSpace(size))
		m := make([]byte, n)
		if _, err := io.ReadFull(in, m); err != nil {
			return
		}
		messages <- string(m)
	}
}

func TestSyslog(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	messages := make(chan string, 10)
	go receive(l, messages)
	if err := deliver(t, "syslog://"+l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	first, second := <-messages, <-messages
	if !strings.HasPrefix(first, "<110>1 2030-04-05T06:07:08.000009Z ") || !strings.HasSuffix(first, " holm - audit - \ufeff"+string(rows[0].Line)) || !strings.HasPrefix(second, "<108>1 ") {
		t.Errorf("%q, %q", first, second)
	}
	l.Close()
	if err := deliver(t, "syslog://"+l.Addr().String()); err == nil {
		t.Error("nobody there, and yet it is delivered")
	}
}

// A receiver that goes away in the middle has taken nothing for sure.
func TestSyslogCutOff(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}()
	if err := deliver(t, "syslog://"+l.Addr().String()); err == nil {
		t.Error("cut off, and yet it is delivered")
	}
}

// Over TLS the other side must be who it says.
func TestSyslogWithoutTrust(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	if err := deliver(t, "syslog+tls://"+server.Listener.Addr().String()); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v", err)
	}
}

func TestParse(t *testing.T) {
	for _, bad := range []string{"", "logs", "http://logs.example.org", "ftp://x", "syslog://host", "syslog://u:p@h:1", "syslog://h:1/x", "https://", "https://h/#x", "https://user:s3cret@h:x y"} {
		if _, err := sink.Parse(bad); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	p, err := sink.Parse("https://u:s3cret@logs.example.org/in?key=s3cret")
	if err != nil || fmt.Sprint(p) != "https://logs.example.org" || strings.Contains(p.Name(), "s3cret") {
		t.Errorf("%v, %v", p, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if p.Deliver(ctx, rows) == nil {
		t.Error("given up, and yet it is delivered")
	}
}
