// Package httpapi is the catalogue as REST: every bound operation with a
// route, errors as problem documents, events as streams, the OpenAPI
// description and a reference that people can read.
//
// It knows the vocabulary, the permissions, the catalogue and the door. It
// must not know what any operation does, nor of the store, the dashboard or
// cookies. huma gives schemas, validation and the description; routing is the
// standard mux, because operations are known by their reflect.Type only.
package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/origin"
)

// Options say how the catalogue is served.
type Options struct {
	// Version of the program, shown on the reference page.
	Version string
	// PublicURL is where people reach this installation, without a slash at
	// the end, for example https://holm.example.org.
	PublicURL string
	// Proxies are the peers whose X-Forwarded-For is believed.
	Proxies origin.Proxies
	// Ready says why the program cannot serve yet, nil when it can. Without
	// it the program is always ready.
	Ready func(ctx context.Context) error
	// Closing is done when the server begins to end; event streams end with
	// it. Without it they last until their connection is closed.
	Closing context.Context
	// Clock gives the time of events; the time of day when not given.
	Clock holm.Clock
	// Log takes one line a request, and failures. Without it nothing is logged.
	Log *slog.Logger
}

type api struct {
	door    *dispatch.Door
	o       Options
	routes  []*route
	schemas schemas
}

// New makes the handler of everything that the door has bound, for the paths
// /v1/, /docs, /docs/, /healthz and /readyz. Operations that are bound later
// are not served.
func New(door *dispatch.Door, o Options) http.Handler {
	a := build(door, o)
	mux := http.NewServeMux()
	for _, rt := range a.routes {
		mux.Handle(rt.op.Method+" "+rt.op.Path, a.serve(rt))
	}
	mux.HandleFunc("GET /v1/openapi.json", a.description())
	mux.HandleFunc("GET /docs", a.reference())
	mux.HandleFunc("GET /docs/style.css", style)
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("GET /readyz", a.ready)
	mux.HandleFunc("/", unrouted(mux))
	return a.around(mux)
}

// build makes the routes and schemas.
func build(door *dispatch.Door, o Options) *api {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = now
	}
	if o.Closing == nil {
		o.Closing = context.Background()
	}
	o.PublicURL = strings.TrimSuffix(o.PublicURL, "/")
	a := &api{door: door, o: o, schemas: newSchemas()}
	a.routes = a.schemas.routes(door)
	return a
}
