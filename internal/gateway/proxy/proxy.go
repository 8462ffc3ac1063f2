// Package proxy is the edge: it carries requests for <name>.<base domain> to
// the environment of that name, whatever the environment answers with, and
// says calmly what is the matter when nothing answers.
//
// It knows host names and the addresses that it is told. It must not know how
// environments are stored or run, who may do what in them, nor the dashboard,
// whose cookies it keeps away from them.
package proxy

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/origin"
)

// latency is how long a piece of an answer whose length is known may wait for
// more. At once would mean a packet for the headers alone and one for the rest.
const latency = 20 * time.Millisecond

// Target is where an environment answers.
type Target struct {
	Environment holm.EnvironmentID
	State       holm.State
	// Addresses are host:port of the balancer's nodes or, where there is no
	// balancer, of all app nodes. Requests are spread over them.
	Addresses []string
}

// Options say what the proxy serves.
type Options struct {
	// BaseDomain is what the names of environments are put in front of, for
	// example holm.example.org.
	BaseDomain string
	// Resolve finds the environment of a name; an error of code not_found
	// when there is none. It is asked at most once a second for each name.
	Resolve func(ctx context.Context, name string) (Target, error)
	// Proxies are the peers whose X-Forwarded-For and -Proto are kept.
	Proxies origin.Proxies
	// AnswerTime is how long an environment may take until its answer begins;
	// five minutes when not given.
	AnswerTime time.Duration
	// Pace is how long a visitor may send nothing of a body that was begun, or
	// take nothing of an answer that is ready; a minute when not given.
	// Environments themselves may be silent as long as they like.
	Pace time.Duration
	// Log takes failures to reach environments.
	Log *slog.Logger
}

// Proxy carries requests to environments.
type Proxy struct {
	o       Options
	suffix  string // ".holm.example.org"
	names   *names
	reverse *httputil.ReverseProxy
}

// New makes a proxy.
func New(o Options) *Proxy {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.AnswerTime == 0 {
		o.AnswerTime = 5 * time.Minute
	}
	if o.Pace == 0 {
		o.Pace = time.Minute
	}
	p := &Proxy{o: o, suffix: "." + strings.ToLower(strings.Trim(o.BaseDomain, ".")), names: newNames(o.Resolve)}
	p.reverse = &httputil.ReverseProxy{
		Rewrite:        p.rewrite,
		Transport:      newSpread(o.AnswerTime),
		ModifyResponse: p.guard,
		ErrorHandler:   p.failed,
		FlushInterval:  latency, // of answers whose length is known; others pass at once
		BufferPool:     &buffers{},
		ErrorLog:       slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	return p
}

// Match says whether a request's host is an environment's, and of what name.
// Everything below the base domain is: nothing of Holm itself answers there,
// so that no page of an environment shares a host with the dashboard.
func (p *Proxy) Match(host string) (name string, ok bool) {
	name, ok = strings.CutSuffix(origin.Host(host), p.suffix)
	return name, ok && name != ""
}

// Invalidate forgets what is known of an environment, by name or id, so that
// the next request asks anew.
func (p *Proxy) Invalidate(environment string) { p.names.forget(environment) }

// ServeHTTP carries one request.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, ok := p.Match(r.Host)
	if !ok || holm.CheckEnvironmentName(name) != nil {
		tell(w, r, pageUnknown)
		return
	}
	if r.Method == http.MethodConnect || r.Method == http.MethodTrace {
		w.Header().Set("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
		tell(w, r, pageMethod)
		return
	}
	found, err := p.names.find(r.Context(), name)
	switch {
	case r.Context().Err() != nil:
		return
	case err != nil && holm.CodeOf(err) == holm.CodeNotFound:
		tell(w, r, pageUnknown)
		return
	case err != nil:
		p.o.Log.Error("environment could not be looked up", "environment", name, "error", err)
		tell(w, r, pageLater)
		return
	}
	if page, closed := closedPage(found.Target); closed {
		tell(w, r, page)
		return
	}
	trip := &trip{found: found, order: found.order()}
	r = r.WithContext(context.WithValue(r.Context(), tripKey{}, trip))
	p.reverse.ServeHTTP(p.paced(w, r), r)
}

// closedPage says what a visitor is told without asking the environment.
func closedPage(t Target) (page, bool) {
	switch t.State {
	case holm.StateDeleting:
		return pageUnknown, true
	case holm.StateStopped, holm.StateStopping:
		return pageStopped, true
	case holm.StateCreating, holm.StateStarting, holm.StateCloning:
		return pageStarting, len(t.Addresses) == 0
	}
	return pageBroken, len(t.Addresses) == 0
}

// failed tells a visitor that the environment did not answer.
func (p *Proxy) failed(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		// The visitor is gone. Breaking the connection off is all that is
		// left to say, also to a proxy in front.
		panic(http.ErrAbortHandler)
	}
	trip := r.Context().Value(tripKey{}).(*trip)
	p.o.Log.Warn("environment did not answer", "environment", trip.found.name, "state", trip.found.State, "error", err)
	switch trip.found.State {
	case holm.StateCreating, holm.StateStarting, holm.StateCloning, holm.StateRestarting:
		tell(w, r, pageStarting)
	default:
		tell(w, r, pageBroken)
	}
}
