package proxy

import (
	"io"
	"net/http"
	"time"
)

// pacedBody is a visitor's body that must go on arriving.
type pacedBody struct {
	io.ReadCloser
	c    *http.ResponseController
	pace time.Duration
}

func (b pacedBody) Read(p []byte) (int, error) {
	b.c.SetReadDeadline(time.Now().Add(b.pace))
	n, err := b.ReadCloser.Read(p)
	// Between two pieces it is the environment that may take its time, and
	// after the last one the connection waits for the next request.
	b.c.SetReadDeadline(time.Time{})
	return n, err
}

// pacedAnswer is an answer that the visitor must go on taking.
type pacedAnswer struct {
	http.ResponseWriter
	c    *http.ResponseController
	pace time.Duration
}

func (a pacedAnswer) Write(p []byte) (int, error) {
	a.c.SetWriteDeadline(time.Now().Add(a.pace))
	n, err := a.ResponseWriter.Write(p)
	a.c.SetWriteDeadline(time.Time{}) // until the environment has more
	return n, err
}

// FlushError sends what was written.
func (a pacedAnswer) FlushError() error {
	a.c.SetWriteDeadline(time.Now().Add(a.pace))
	err := a.c.Flush()
	a.c.SetWriteDeadline(time.Time{})
	return err
}

// Unwrap gives what http.ResponseController works on.
func (a pacedAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// paced puts limits of time around a request.
func (p *Proxy) paced(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
	c := http.NewResponseController(w)
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = pacedBody{r.Body, c, p.o.Pace}
	}
	return pacedAnswer{w, c, p.o.Pace}
}
