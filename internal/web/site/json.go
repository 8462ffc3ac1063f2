package site

import (
	"encoding/json"
	"net/http"

	"github.com/holmhq/holm"
)

// Answer answers a script of a page with JSON, or with what went wrong.
func (r *Request) Answer(v any, err error) error {
	status := http.StatusOK
	if err != nil {
		status, v = Status(err), map[string]string{"detail": holm.AsError(err).Detail}
	}
	r.W.Header().Set("Content-Type", "application/json")
	r.W.WriteHeader(status)
	return json.NewEncoder(r.W).Encode(v)
}

// keepFor is how long a browser keeps what belongs to a round trip elsewhere,
// in seconds.
const keepFor = 900

// Keep has the browser keep a value while the person is at another site.
func (r *Request) Keep(name, value string) {
	http.SetCookie(r.W, &http.Cookie{Name: r.named(name), Value: value, Quoted: true, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.secure(), MaxAge: keepFor})
}

// Kept gives a value that the browser kept, "" when there is none.
func (r *Request) Kept(name string) string {
	c, err := r.Cookie(r.named(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// Drop has the browser forget a value.
func (r *Request) Drop(name string) {
	http.SetCookie(r.W, &http.Cookie{Name: r.named(name), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: r.secure(), MaxAge: -1})
}
