package proxy

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/origin"
)

const base = "holm.localhost"

// edge is a proxy on a real port with environments that tests put behind it.
type edge struct {
	t       testing.TB
	proxy   *Proxy
	server  *httptest.Server
	mu      sync.Mutex
	targets map[string]Target
	lookups atomic.Int64
}

func newEdge(t testing.TB, o Options) *edge {
	e := &edge{t: t, targets: map[string]Target{}}
	o.BaseDomain = base
	if o.Resolve == nil {
		o.Resolve = e.resolve
	}
	e.proxy = New(o)
	e.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := e.proxy.Match(r.Host); !ok {
			io.WriteString(w, "dashboard")
			return
		}
		e.proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(e.server.Close)
	return e
}

func (e *edge) resolve(_ context.Context, name string) (Target, error) {
	e.lookups.Add(1)
	e.mu.Lock()
	defer e.mu.Unlock()
	target, ok := e.targets[name]
	if !ok {
		return Target{}, holm.ErrNotFound()
	}
	return target, nil
}

// put says where an environment answers from now on.
func (e *edge) put(name string, state holm.State, backends ...string) {
	e.mu.Lock()
	e.targets[name] = Target{Environment: holm.EnvironmentID("env_" + name), State: state, Addresses: backends}
	e.mu.Unlock()
	e.proxy.Invalidate(name)
}

// node starts a backend and gives its address.
func (e *edge) node(h http.HandlerFunc) string {
	s := httptest.NewServer(h)
	e.t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return strings.TrimPrefix(s.URL, "http://")
}

// dead is an address where nothing listens.
func dead(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (e *edge) request(method, name string, body io.Reader) *http.Request {
	e.t.Helper()
	r, err := http.NewRequest(method, e.server.URL+"/", body)
	if err != nil {
		e.t.Fatal(err)
	}
	r.Host = name + "." + base
	return r
}

func (e *edge) do(r *http.Request) (*http.Response, string) {
	e.t.Helper()
	response, err := e.server.Client().Do(r)
	if err != nil {
		e.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	return response, string(body)
}

func (e *edge) get(name string) (*http.Response, string) {
	e.t.Helper()
	return e.do(e.request("GET", name, nil))
}

func say(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, text) }
}

func TestMatch(t *testing.T) {
	p := New(Options{BaseDomain: "Holm.Example.org."})
	for host, want := range map[string]string{
		"shop.holm.example.org": "shop", "SHOP.Holm.example.ORG:8443": "shop", "shop.holm.example.org.": "shop", "shop.holm.example.org.:80": "shop",
		"a.b.holm.example.org": "a.b", "holm.example.org": "", "holm.example.org:80": "", ".holm.example.org": "", "": "", "shopholm.example.org": "",
		"shop.holm.example.org.evil.org": "", "127.0.0.1:80": "", "[::1]:80": "", "[::1]": "",
	} {
		if name, ok := p.Match(host); name != want && ok || ok != (want != "") {
			t.Errorf("%q is %q %v, wanted %q", host, name, ok, want)
		}
	}
}

func TestRequestsReachTheirEnvironment(t *testing.T) {
	e := newEdge(t, Options{})
	var got *http.Request
	e.put("shop", holm.StateRunning, e.node(func(w http.ResponseWriter, r *http.Request) {
		got = r
		w.Header().Set("X-Own", "kept")
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, "from the shop")
	}))
	r := e.request("GET", "shop", nil)
	r.URL.Path, r.URL.RawPath, r.URL.RawQuery = "/a b/c", "/a%20b%2Fc", "x=1;y=2&z=%zz"
	r.URL.Path = "/a b/c"
	for name, value := range map[string]string{"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Host": "evil.org", "X-Forwarded-Proto": "https", "Forwarded": "for=6.6.6.6", "X-Real-Ip": "6.6.6.6",
		"Connection": "X-Hop", "X-Hop": "1", "Authorization": "Basic abc"} {
		r.Header.Set(name, value)
	}
	response, body := e.do(r)
	if response.StatusCode != http.StatusTeapot || body != "from the shop" || response.Header.Get("X-Own") != "kept" {
		t.Fatal(response.Status, body)
	}
	if got.Host != "shop."+base || got.URL.RawQuery != "x=1;y=2&z=%zz" || got.URL.EscapedPath() != "/a%20b%2Fc" {
		t.Errorf("arrived as %s %s", got.Host, got.RequestURI)
	}
	want := map[string]string{"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "shop." + base, "X-Forwarded-Proto": "http", "Forwarded": "", "X-Real-Ip": "127.0.0.1", "X-Hop": "", "Authorization": "Basic abc"}
	for name, value := range want {
		if got.Header.Get(name) != value {
			t.Errorf("%s is %q, wanted %q", name, got.Header.Get(name), value)
		}
	}
	if response, body := e.do(func() *http.Request { r := e.request("GET", "x", nil); r.Host = base; return r }()); response.StatusCode != 200 || body != "dashboard" {
		t.Error("the base domain is not the dashboard's:", body)
	}
}

func TestTrustedProxiesAreBelieved(t *testing.T) {
	e := newEdge(t, Options{Proxies: origin.Proxies{netip.MustParsePrefix("127.0.0.0/8")}})
	e.put("shop", holm.StateRunning, e.node(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header.Get("X-Forwarded-For"), " ", r.Header.Get("X-Forwarded-Proto"))
	}))
	r := e.request("GET", "shop", nil)
	r.Header.Set("X-Forwarded-For", "203.0.113.7")
	r.Header.Set("X-Forwarded-Proto", "https")
	if _, body := e.do(r); body != "203.0.113.7, 127.0.0.1 https" {
		t.Fatal(body)
	}
}

// A token of Holm's own that was sent to an environment by mistake, and the
// header that CGI makes a proxy of, must not reach what others deployed.
func TestTokensOfHolmStayOut(t *testing.T) {
	e := newEdge(t, Options{})
	var got http.Header
	e.put("shop", holm.StateRunning, e.node(func(w http.ResponseWriter, r *http.Request) { got = r.Header }))
	for sent, want := range map[string]string{"Bearer holm_abc": "", "bearer  holm_abc": "", "Basic holm_x": "", "Bearer abc": "Bearer abc"} {
		r := e.request("GET", "shop", nil)
		r.Header.Set("Authorization", sent)
		r.Header.Set("Proxy", "http://evil.example")
		e.do(r)
		if got.Get("Authorization") != want || got.Get("Proxy") != "" {
			t.Errorf("%q arrives as %q, Proxy %q", sent, got.Get("Authorization"), got.Get("Proxy"))
		}
	}
}

func TestCookiesOfTheDashboardStayOut(t *testing.T) {
	e := newEdge(t, Options{})
	var seen []string
	e.put("shop", holm.StateRunning, e.node(func(w http.ResponseWriter, r *http.Request) {
		seen = r.Header["Cookie"]
		for _, c := range []string{
			"own=1; Path=/", "deep=1; Domain=shop.holm.localhost", "dotted=1; domain=.Shop.Holm.Localhost", "empty=1; Domain=",
			"parent=1; Domain=holm.localhost", "dot=1; Domain=.HOLM.localhost; Path=/", "top=1;domain=localhost", "other=1; Domain=blog.holm.localhost",
			"holm_session=stolen", "__Host-holm_session=stolen; Secure; Path=/", "HOLM_SESSION=x",
		} {
			w.Header().Add("Set-Cookie", c)
		}
		w.Header().Set("Clear-Site-Data", `"cookies"`)
		w.Header().Set("Alt-Svc", `h3="evil.org:443"`)
	}))
	r := e.request("GET", "shop", nil)
	r.Header["Cookie"] = []string{`a=1; holm_session=secret; b="x y"; __Host-holm_session=secret; __Secure-Holm_csrf=secret`, "holm_session=secret", "c=3;holm_x"}
	response, _ := e.do(r)
	if got := strings.Join(seen, "|"); got != `a=1; b="x y"|c=3` {
		t.Errorf("the environment got %q", got)
	}
	if got := strings.Join(response.Header["Set-Cookie"], "|"); got != "own=1; Path=/|deep=1; Domain=shop.holm.localhost|dotted=1; domain=.Shop.Holm.Localhost|empty=1; Domain=" {
		t.Errorf("the visitor got %q", got)
	}
	if response.Header.Get("Clear-Site-Data") != "" || response.Header.Get("Alt-Svc") != "" {
		t.Error(response.Header)
	}
	r = e.request("GET", "shop", nil)
	r.Header.Set("Cookie", "holm_session=secret")
	if e.do(r); len(seen) != 0 {
		t.Error(seen)
	}
}

func TestPages(t *testing.T) {
	e := newEdge(t, Options{})
	e.put("stopped", holm.StateStopped, dead(t))
	e.put("starting", holm.StateStarting)
	e.put("half-started", holm.StateStarting, dead(t))
	e.put("broken", holm.StateRunning, dead(t))
	e.put("empty", holm.StateRunning)
	e.put("deleting", holm.StateDeleting, dead(t))
	for _, c := range []struct {
		name, title string
		status      int
		wait        string
	}{
		{"nothing", "There is nothing here", 404, ""}, {"a.b", "There is nothing here", 404, ""}, {"-x", "There is nothing here", 404, ""}, {"deleting", "There is nothing here", 404, ""},
		{"stopped", "Stopped", 503, ""}, {"starting", "Starting", 503, "2"}, {"half-started", "Starting", 503, "2"},
		{"broken", "Not answering", 502, ""}, {"empty", "Not answering", 502, ""},
	} {
		r := e.request("GET", c.name, nil)
		r.Header.Set("Accept", "text/html,*/*")
		response, body := e.do(r)
		if response.StatusCode != c.status || !strings.Contains(body, "<h1>"+c.title+"</h1>") || response.Header.Get("Retry-After") != c.wait {
			t.Errorf("%s: %s %s", c.name, response.Status, body)
		}
		if strings.Contains(body, `http-equiv="refresh"`) != (c.wait != "") {
			t.Errorf("%s: a page that tries again by itself, or not: %s", c.name, body)
		}
		style := body[strings.Index(body, "<style>")+7 : strings.Index(body, "</style>")]
		sum := sha256.Sum256([]byte(style))
		if policy := response.Header.Get("Content-Security-Policy"); !strings.Contains(policy, base64.StdEncoding.EncodeToString(sum[:])) || strings.Contains(policy, "unsafe") {
			t.Errorf("the policy %q does not know the style", policy)
		}
		response, body = e.get(c.name)
		if response.StatusCode != c.status || response.Header.Get("Content-Type") != "text/plain; charset=utf-8" || strings.Contains(body, "<") || response.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s in text: %s %q", c.name, response.Header, body)
		}
		response, body = e.do(e.request("HEAD", c.name, nil))
		if response.StatusCode != c.status || body != "" {
			t.Errorf("%s: HEAD %s %q", c.name, response.Status, body)
		}
	}
	if response, _ := e.do(e.request("TRACE", "stopped", nil)); response.StatusCode != 405 {
		t.Error(response.Status)
	}
}

func TestHostsCannotBeMarkup(t *testing.T) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/", nil)
	r.Host = `<script>alert(1)</script>.` + base
	r.Header.Set("Accept", "text/html")
	New(Options{BaseDomain: base}).ServeHTTP(w, r)
	if w.Code != 404 || strings.Contains(w.Body.String(), "<script") {
		t.Fatal(w.Code, w.Body)
	}
}

func TestLookupsThatFailSayNothing(t *testing.T) {
	e := newEdge(t, Options{Resolve: func(context.Context, string) (Target, error) { return Target{}, errors.New("password=canary") }})
	if response, body := e.get("shop"); response.StatusCode != 503 || strings.Contains(body, "canary") || response.Header.Get("Retry-After") == "" {
		t.Fatal(response.Status, body)
	}
}

func TestRequestsAreSpreadOverNodes(t *testing.T) {
	e := newEdge(t, Options{})
	e.put("shop", holm.StateRunning, e.node(say("a")), e.node(say("b")), e.node(say("c")))
	e.put("blog", holm.StateRunning, e.node(say("x")), e.node(say("y")))
	seen := map[string]int{}
	for i := range 30 { // two environments in turn must not keep each other on one node
		_, body := e.get("shop")
		seen[body]++
		_, body = e.get("blog")
		seen[body]++
		if i == 15 {
			e.proxy.Invalidate("shop")
		}
	}
	for body, n := range map[string]int{"a": 10, "b": 10, "c": 10, "x": 15, "y": 15} {
		if seen[body] != n {
			t.Errorf("%s answered %d times of %d", body, seen[body], n)
		}
	}
}

func TestAnotherNodeIsAskedWhenOneCannotBeReached(t *testing.T) {
	e := newEdge(t, Options{})
	gone := dead(t)
	e.put("shop", holm.StateRunning, gone, e.node(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(w, r.Body)
	}))
	for i := range 6 {
		body := fmt.Sprintf("order %d", i)
		// A request that was never sent may be sent elsewhere, whatever it is.
		if response, got := e.do(e.request("POST", "shop", strings.NewReader(body))); response.StatusCode != 200 || got != body {
			t.Fatal(response.Status, got)
		}
		if response, _ := e.get("shop"); response.StatusCode != 200 {
			t.Fatal(response.Status)
		}
	}
	s := e.proxy.reverse.Transport.(*spread)
	if order := s.best([]string{gone, "other:1"}); order[0] != "other:1" {
		t.Error("a node that could not be reached is still tried first")
	}
}

// dying is a node that takes a request and breaks the connection off.
func (e *edge) dying(asked *atomic.Int64) string {
	return e.node(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			conn.Close()
		}
	})
}

func TestNodesThatDieOnARequest(t *testing.T) {
	e := newEdge(t, Options{})
	var asked atomic.Int64
	e.put("shop", holm.StateRunning, e.dying(&asked), e.node(say("alive")))
	for range 4 {
		if response, body := e.get("shop"); response.StatusCode != 200 || body != "alive" {
			t.Fatal(response.Status, body)
		}
	}
	e.put("till", holm.StateRunning, e.dying(&asked), e.dying(&asked))
	asked.Store(0)
	if response, _ := e.do(e.request("POST", "till", strings.NewReader("pay"))); response.StatusCode != 502 || asked.Load() != 1 {
		t.Fatalf("%s, a payment was sent %d times", response.Status, asked.Load())
	}
}

func TestNodesThatDieInTheMiddleOfAnAnswer(t *testing.T) {
	e := newEdge(t, Options{})
	e.put("shop", holm.StateRunning, e.node(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "half")
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	response, err := e.server.Client().Do(e.request("GET", "shop", nil))
	if err == nil {
		_, err = io.ReadAll(response.Body)
		response.Body.Close()
	}
	if err == nil {
		t.Fatal("half an answer passed as a whole one")
	}
}

func TestManyVisitorsAtOnce(t *testing.T) {
	e := newEdge(t, Options{})
	for i := range 10 {
		name := fmt.Sprintf("e-%d", i)
		e.put(name, holm.StateRunning, e.node(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s %s", r.Host, body)
		}))
	}
	var all sync.WaitGroup
	for v := range 100 {
		all.Go(func() {
			for n := range 10 {
				name, text := fmt.Sprintf("e-%d", (v+n)%10), fmt.Sprintf("visitor %d request %d", v, n)
				if _, body := e.do(e.request("POST", name, strings.NewReader(text))); body != name+"."+base+" "+text {
					t.Errorf("%s got %s", text, body)
				}
			}
		})
	}
	all.Wait()
}
