package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/holmhq/holm"
)

// answer is how an error code is told over HTTP.
type answer struct {
	status int
	title  string
	// wait is the Retry-After in seconds, 0 for none.
	wait int
}

// answers is the one place where codes become statuses. A reached quota is a
// conflict with what the account has: no right is missing (403), waiting does
// not help (429), and the input may be fine (422).
var answers = map[holm.Code]answer{
	holm.CodeInvalid:      {http.StatusUnprocessableEntity, "The input does not make sense", 0},
	holm.CodeUnauthorized: {http.StatusUnauthorized, "Sign in first", 0},
	holm.CodeForbidden:    {http.StatusForbidden, "A right is missing", 0},
	holm.CodeNotFound:     {http.StatusNotFound, "Not found", 0},
	holm.CodeConflict:     {http.StatusConflict, "It does not fit what is there now", 0},
	holm.CodeGone:         {http.StatusGone, "It is gone", 0},
	holm.CodeQuota:        {http.StatusConflict, "The account's limit is reached", 0},
	holm.CodeTooMany:      {http.StatusTooManyRequests, "Slow down", 30},
	holm.CodeUnavailable:  {http.StatusServiceUnavailable, "Something Holm needs does not answer", 5},
	holm.CodeInternal:     {http.StatusInternalServerError, "Something went wrong inside Holm", 0},
}

// statusFault narrows the status of a request that HTTP itself has a word
// for: it is the cause of an error of code invalid.
type statusFault int

// Error names the status, for logs.
func (s statusFault) Error() string { return http.StatusText(int(s)) }

// fault makes an error about the request as a message, not about its meaning.
func fault(status int, format string, args ...any) *holm.Error {
	return holm.Wrap(holm.CodeInvalid, statusFault(status), format, args...)
}

// Misdirected answers a request that came in under a host which is not this
// installation's, with the URL that is.
func Misdirected(w http.ResponseWriter, url string) {
	writeError(w, fault(http.StatusMisdirectedRequest, "Holm does not answer at this address; use %s.", url))
}

// Problem is an error as it is told: a problem document of RFC 9457.
type Problem struct {
	Type   string    `json:"type" doc:"Where the code is described, relative to the server"`
	Title  string    `json:"title" doc:"The code in a few words"`
	Status int       `json:"status" doc:"The HTTP status"`
	Detail string    `json:"detail" doc:"One sentence: what happened and what to do"`
	Code   holm.Code `json:"code" doc:"The kind of the error; the list is closed"`
	*Refusal
	SecondFactor *holm.SecondFactor `json:"second_factor,omitempty" doc:"Set where a sign-in needs one more step"`
	Errors       []holm.Field       `json:"errors,omitempty" doc:"The inputs that do not make sense, and why"`
}

// Refusal is what a problem of code forbidden says more.
type Refusal struct {
	Permission  string `json:"permission" doc:"The right that is missing"`
	Reason      string `json:"reason" doc:"The rule that decided"`
	GrantableBy string `json:"grantable_by" doc:"Who can give the right; empty when nobody can"`
}

// problemOf makes the document of an error.
func problemOf(err error) Problem {
	e := holm.AsError(err)
	a, ok := answers[e.Code]
	if !ok {
		e = holm.AsError(fmt.Errorf("httpapi: no answer for code %q: %v", e.Code, err))
		a = answers[e.Code]
	}
	p := Problem{Type: "/docs#error-" + string(e.Code), Title: a.title, Status: a.status, Detail: e.Detail, Code: e.Code, Errors: e.Fields, SecondFactor: e.SecondFactor}
	var status statusFault
	if e.Code == holm.CodeInvalid && errors.As(e, &status) {
		p.Status, p.Title = int(status), http.StatusText(int(status))
	}
	if e.Permission != "" {
		p.Refusal = &Refusal{Permission: e.Permission, Reason: e.Reason, GrantableBy: e.GrantableBy}
	}
	return p
}

// writeError tells an error. What may not be seen and what does not exist
// arrive here as the same error and leave as the same bytes.
func writeError(w http.ResponseWriter, err error) {
	p := problemOf(err)
	h := w.Header()
	if p.Code == holm.CodeUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="holm"`)
	}
	wait := answers[p.Code].wait
	if known := holm.AsError(err).Wait; known > 0 {
		wait = int((known + time.Second - 1) / time.Second)
	}
	if wait > 0 {
		h.Set("Retry-After", strconv.Itoa(wait))
	}
	writeJSON(w, p.Status, "application/problem+json", p)
}

// writeTime is how long a reader may take for one answer or message.
const writeTime = 30 * time.Second

// writeJSON sends a document. The deadline is lifted again at the end, since
// the connection may carry requests of other roads next.
func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Errorf("httpapi: %T cannot be told as JSON: %w", v, err))
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(raw)+1))
	c := http.NewResponseController(w)
	c.SetWriteDeadline(time.Now().Add(writeTime))
	w.WriteHeader(status)
	w.Write(append(raw, '\n'))
	c.Flush()
	c.SetWriteDeadline(time.Time{})
}

// unrouted answers what no route takes: a path that has other methods is told
// which, any other is nothing that exists.
func unrouted(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			other := &http.Request{Method: method, URL: r.URL, Host: r.Host}
			if _, pattern := mux.Handler(other); pattern != "/" {
				allowed = append(allowed, method)
			}
		}
		if len(allowed) == 0 {
			writeError(w, holm.ErrNotFound())
			return
		}
		list := strings.Join(allowed, ", ")
		w.Header().Set("Allow", list)
		writeError(w, fault(http.StatusMethodNotAllowed, "This path takes %s.", list))
	}
}
