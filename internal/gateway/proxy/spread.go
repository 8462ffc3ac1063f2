package proxy

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// dialTime is how long a node may take to accept a connection.
	dialTime = 2 * time.Second
	// shun is how long a node that could not be reached is tried last.
	shun = 5 * time.Second
)

// trip is one request on its way.
type trip struct {
	found *found
	order []string // addresses in the order in which they are tried
}

type tripKey struct{}

// spread sends a request to the nodes of an environment, one after another
// until one takes it. Connections are kept for each address.
type spread struct {
	transport *http.Transport
	mu        sync.Mutex
	shunned   map[string]time.Time // until when
}

func newSpread(answerTime time.Duration) *spread {
	dialer := &net.Dialer{Timeout: dialTime, KeepAlive: 15 * time.Second}
	return &spread{shunned: map[string]time.Time{}, transport: &http.Transport{
		DialContext:           dialer.DialContext,
		DisableCompression:    true, // what the visitor asked for passes as it is
		MaxIdleConns:          4096,
		MaxIdleConnsPerHost:   128,
		IdleConnTimeout:       30 * time.Second,
		ResponseHeaderTimeout: answerTime,
		ExpectContinueTimeout: time.Second,
		WriteBufferSize:       32 << 10,
		ReadBufferSize:        32 << 10,
	}}
}

// RoundTrip tries the nodes. A request that no byte of was sent may go to the
// next one whatever it is; one that was sent only when doing it twice is the
// same as doing it once.
func (s *spread) RoundTrip(r *http.Request) (*http.Response, error) {
	order := s.best(r.Context().Value(tripKey{}).(*trip).order)
	body := &untouched{ReadCloser: r.Body}
	var err error
	for i, address := range order {
		u := *r.URL
		u.Host = address
		try := r.WithContext(r.Context())
		try.URL = &u
		if r.Body != nil && r.Body != http.NoBody {
			try.Body = body
		}
		var response *http.Response
		if response, err = s.transport.RoundTrip(try); err == nil {
			s.forgive(address)
			return response, nil
		}
		unreached := notReached(err)
		if unreached {
			s.avoid(address)
		}
		again := unreached && !body.read.Load() || !unreached && repeatable(r) && brokeOff(err)
		if !again || i == len(order)-1 || r.Context().Err() != nil {
			break
		}
	}
	return nil, err
}

// notReached says that no connection came about.
func notReached(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// brokeOff says that a connection ended without an answer: the node died. A
// node that is slow is not asked of another, which would be slow as well.
func brokeOff(err error) bool {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return false
	}
	return !errors.Is(err, context.Canceled)
}

// repeatable says that a request without a body may be sent twice.
func repeatable(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return (r.Body == nil || r.Body == http.NoBody) && r.Header.Get("Upgrade") == ""
	}
	return false
}

// best puts nodes last that could not be reached a moment ago.
func (s *spread) best(order []string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.shunned) == 0 || len(order) < 2 {
		return order
	}
	now := time.Now()
	good := make([]string, 0, len(order))
	var bad []string
	for _, address := range order {
		if until, ok := s.shunned[address]; ok && now.Before(until) {
			bad = append(bad, address)
		} else {
			good = append(good, address)
		}
	}
	return append(good, bad...)
}

func (s *spread) avoid(address string) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.shunned) > 1024 {
		for a, until := range s.shunned {
			if now.After(until) {
				delete(s.shunned, a)
			}
		}
	}
	s.shunned[address] = now.Add(shun)
}

func (s *spread) forgive(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.shunned) > 0 {
		delete(s.shunned, address)
	}
}

// untouched is the body of a request that may still go to another node. It
// notes whether something was read of it. A transport that fails closes the
// body; that must not end it, and the reverse proxy closes the real one.
type untouched struct {
	io.ReadCloser
	read atomic.Bool
}

// Read notes that the body is no longer whole.
func (u *untouched) Read(p []byte) (int, error) {
	u.read.Store(true)
	return u.ReadCloser.Read(p)
}

// Close does nothing.
func (u *untouched) Close() error { return nil }

// buffers lends copy buffers to the reverse proxy.
type buffers struct{ pool sync.Pool }

// Get lends a buffer.
func (b *buffers) Get() []byte {
	if p, ok := b.pool.Get().(*[]byte); ok {
		return *p
	}
	return make([]byte, 32<<10)
}

// Put takes a buffer back.
func (b *buffers) Put(p []byte) { b.pool.Put(&p) }
