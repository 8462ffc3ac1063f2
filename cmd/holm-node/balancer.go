package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"path/filepath"
	"sync"
	"time"

	"github.com/holmhq/holm/internal/engine/control"
)

// serveBalancer spreads requests over the upstreams in the control folder and
// takes up every change of them.
func serveBalancer(config control.Config, places places, log *rotatingLog, reporter *reporter) error {
	b := &balancer{next: newTransport()}
	file := filepath.Join(places.control, control.ProxyFile)
	load := func() {
		var upstreams control.Upstreams
		if err := control.Read(file, &upstreams); err != nil {
			log.note("The list of upstreams cannot be read, the last one stays: %v", err)
			return
		}
		if b.pool.set(upstreams.Addresses) {
			log.note("Requests go to %v.", upstreams.Addresses)
		}
	}
	load()
	go watchFolder(places.control, load)
	return serve(config, b.handler(log), log, reporter)
}

// balancer sends each request to one of its upstreams.
type balancer struct {
	pool pool
	next http.RoundTripper
}

func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 2 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		DialContext:         dialer.DialContext,
		DisableCompression:  true, // bytes go through as they are
		MaxIdleConnsPerHost: 32,
		IdleConnTimeout:     20 * time.Second,
	}
}

func (b *balancer) handler(log *rotatingLog) http.Handler {
	return &httputil.ReverseProxy{
		Transport:     b,
		FlushInterval: -1, // streams must not wait for a full buffer
		BufferPool:    buffers{},
		Rewrite:       rewrite,
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			answerFailure(w, r, err, log)
		},
	}
}

// rewrite keeps what Holm's gateway said about the client and adds what it did
// not say.
func rewrite(p *httputil.ProxyRequest) {
	p.Out.URL.Scheme = "http"
	p.Out.URL.Host = "upstream" // RoundTrip puts the chosen one here
	p.Out.Host = p.In.Host
	proto, host := p.In.Header.Get("X-Forwarded-Proto"), p.In.Header.Get("X-Forwarded-Host")
	p.Out.Header["X-Forwarded-For"] = p.In.Header["X-Forwarded-For"]
	p.SetXForwarded()
	if proto != "" {
		p.Out.Header.Set("X-Forwarded-Proto", proto)
	}
	if host != "" {
		p.Out.Header.Set("X-Forwarded-Host", host)
	}
}

var errNoUpstream = errors.New("no node is there to answer")

// RoundTrip asks one upstream after another until one takes the request.
func (b *balancer) RoundTrip(r *http.Request) (*http.Response, error) {
	var body *untouched
	if r.Body != nil && r.Body != http.NoBody {
		body = &untouched{ReadCloser: r.Body}
	}
	err := error(errNoUpstream)
	var tried []*upstream
	for {
		chosen := b.pool.take(tried)
		if chosen == nil {
			return nil, err
		}
		tried = append(tried, chosen)
		var response *http.Response
		response, err = b.ask(r, chosen, body)
		if err == nil {
			return response, nil
		}
		if r.Context().Err() != nil || !mayRetry(r, err, body) {
			return nil, err
		}
	}
}

// ask sends the request to one upstream. The upstream counts as busy until the
// answer's body is closed.
func (b *balancer) ask(r *http.Request, u *upstream, body *untouched) (*http.Response, error) {
	out := r.WithContext(r.Context())
	url := *r.URL
	url.Host = u.address
	out.URL = &url
	if body != nil {
		out.Body = body
	}
	response, err := b.next.RoundTrip(out)
	if err != nil {
		if r.Context().Err() == nil {
			u.failed(time.Now())
		}
		u.release()
		return nil, err
	}
	u.worked()
	response.Body = counted(response.Body, u)
	return response, nil
}

// mayRetry says whether the request may be sent to another upstream: always
// when it never left, else only when doing it twice does no harm.
func mayRetry(r *http.Request, err error, body *untouched) bool {
	if body != nil && body.wasRead() {
		return false
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return true
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete:
		return true
	}
	return false
}

// untouched is a request's body that knows whether anything was read of it,
// and that stays open for the next attempt.
type untouched struct {
	io.ReadCloser
	mu   sync.Mutex
	read bool
}

func (u *untouched) Read(p []byte) (int, error) {
	u.mu.Lock()
	u.read = true
	u.mu.Unlock()
	return u.ReadCloser.Read(p)
}

func (u *untouched) wasRead() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.read
}

// Close does nothing: the server closes the body when the request is done.
func (u *untouched) Close() error { return nil }

func answerFailure(w http.ResponseWriter, r *http.Request, err error, log *rotatingLog) {
	if errors.Is(err, context.Canceled) {
		return // the client has gone
	}
	log.note("%s %s: %v", r.Method, r.URL.Path, err)
	w.Header().Set("Retry-After", "2")
	w.Header().Set("Cache-Control", "no-store")
	if errors.Is(err, errNoUpstream) {
		http.Error(w, "No node of this environment can answer now. Start or add one.", http.StatusServiceUnavailable)
		return
	}
	http.Error(w, "The node that should answer did not. Try again in a moment; its log says why.", http.StatusBadGateway)
}

// counted gives the body back with the upstream released when it is closed.
// A switched connection (a web socket) must stay writable.
func counted(body io.ReadCloser, u *upstream) io.ReadCloser {
	c := &releasing{ReadCloser: body, release: sync.OnceFunc(u.release)}
	if both, ok := body.(io.ReadWriteCloser); ok {
		return struct {
			*releasing
			io.Writer
		}{c, both}
	}
	return c
}

type releasing struct {
	io.ReadCloser
	release func()
}

func (r *releasing) Close() error {
	r.release()
	return r.ReadCloser.Close()
}

// buffers are what bodies are copied through.
type buffers struct{}

var bufferPool = sync.Pool{New: func() any { b := make([]byte, 16<<10); return &b }}

func (buffers) Get() []byte  { return *bufferPool.Get().(*[]byte) }
func (buffers) Put(b []byte) { bufferPool.Put(&b) }
