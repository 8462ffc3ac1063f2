package httpapi

import (
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"time"

	"github.com/holmhq/holm"
)

func now() time.Time { return time.Now() }

// exchange is one request and its answer, with what the log says of it. It
// never holds a path, a query or a body: those may carry tokens.
type exchange struct {
	http.ResponseWriter
	status    int
	bytes     int64
	operation string
	user      holm.UserID
	road      holm.Road
	address   string
}

// WriteHeader notes the status.
func (x *exchange) WriteHeader(status int) {
	if x.status == 0 {
		x.status = status
	}
	x.ResponseWriter.WriteHeader(status)
}

// Write counts what is sent.
func (x *exchange) Write(p []byte) (int, error) {
	if x.status == 0 {
		x.status = http.StatusOK
	}
	n, err := x.ResponseWriter.Write(p)
	x.bytes += int64(n)
	return n, err
}

// Unwrap gives what http.ResponseController works on.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// around sets the headers of every answer, refuses paths that a mux would
// redirect, logs, and makes a panic an answer.
func (a *api) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{ResponseWriter: w, address: a.o.Proxies.Address(r)}
		start := time.Now()
		defer func() {
			if p := recover(); p != nil {
				a.survive(x, p)
			}
			a.note(r, x, time.Since(start))
		}()
		h := x.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		if clean := path.Clean(r.URL.Path); clean != r.URL.Path {
			writeError(x, holm.ErrNotFound())
			return
		}
		next.ServeHTTP(x, r)
	})
}

// survive answers a request whose handler panicked. When the answer has begun
// there is nothing left but to break the connection off.
func (a *api) survive(x *exchange, p any) {
	if p == http.ErrAbortHandler {
		panic(p)
	}
	a.o.Log.Error("request panicked", "operation", x.operation, "panic", p, "stack", string(debug.Stack()))
	if x.status != 0 {
		panic(http.ErrAbortHandler)
	}
	writeError(x, fmt.Errorf("panic: %v", p))
}

func (a *api) note(r *http.Request, x *exchange, took time.Duration) {
	level := slog.LevelInfo
	if x.operation == "" && x.status < 400 {
		level = slog.LevelDebug // somebody looks whether we are alive, or reads the reference
	}
	a.o.Log.Log(r.Context(), level, "request", "method", r.Method, "operation", x.operation, "status", x.status,
		"bytes", x.bytes, "took", took, "road", x.road, "user", x.user, "address", x.address)
}

// alive answers as long as the process does.
func alive(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusOK, "application/json", map[string]string{"status": "ok"})
}

// ready answers whether requests would be served.
func (a *api) ready(w http.ResponseWriter, r *http.Request) {
	if a.o.Ready != nil {
		if err := a.o.Ready(r.Context()); err != nil {
			a.o.Log.Warn("not ready", "error", err)
			writeError(w, holm.Errorf(holm.CodeUnavailable, "Holm is not ready to serve yet."))
			return
		}
	}
	writeJSON(w, http.StatusOK, "application/json", map[string]string{"status": "ready"})
}
