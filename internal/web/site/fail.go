package site

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
)

// statuses map every error code to the status of a page.
var statuses = map[holm.Code]int{
	holm.CodeInvalid:      http.StatusUnprocessableEntity,
	holm.CodeUnauthorized: http.StatusUnauthorized,
	holm.CodeForbidden:    http.StatusForbidden,
	holm.CodeNotFound:     http.StatusNotFound,
	holm.CodeConflict:     http.StatusConflict,
	holm.CodeGone:         http.StatusGone,
	holm.CodeQuota:        http.StatusConflict,
	holm.CodeTooMany:      http.StatusTooManyRequests,
	holm.CodeUnavailable:  http.StatusServiceUnavailable,
	holm.CodeInternal:     http.StatusInternalServerError,
}

var titles = map[holm.Code]string{
	holm.CodeInvalid:      "That does not fit",
	holm.CodeUnauthorized: "Sign in first",
	holm.CodeForbidden:    "You may not do that",
	holm.CodeNotFound:     "There is nothing here",
	holm.CodeConflict:     "That does not fit what is there now",
	holm.CodeGone:         "This is over",
	holm.CodeQuota:        "A limit is reached",
	holm.CodeTooMany:      "Slow down a little",
	holm.CodeUnavailable:  "Something Holm needs does not answer",
	holm.CodeInternal:     "Something went wrong",
}

// Status gives the HTTP status of an error.
func Status(err error) int {
	var status statusFault
	if errors.As(err, &status) {
		return int(status)
	}
	return statuses[holm.CodeOf(err)]
}

// fail tells an error that no page has told in its own place.
func (r *Request) fail(err error) {
	e := holm.AsError(err)
	if e.Code == holm.CodeUnauthorized && r.Method == http.MethodGet {
		if r.signInFirst() == nil {
			return
		}
	}
	if e.Code == holm.CodeInternal {
		r.Site.Log.Error("page failed", "path", r.URL.Path, "error", err)
	}
	problem := layout.Problem{Status: Status(e), Title: titles[e.Code], Text: e.Detail}
	if e.Wait > 0 {
		r.W.Header().Set("Retry-After", strconv.Itoa(int((e.Wait+time.Second-1)/time.Second)))
	}
	if !r.Caller.SignedIn() {
		problem.Back, problem.Label = "/sign-in", "Sign in"
	}
	err = r.Trouble(problem)
	if err != nil {
		r.Site.Log.Error("error page failed", "path", r.URL.Path, "error", err)
	}
}

// Trouble shows the page for what went wrong: in the frame, or as a card for
// who is not signed in.
func (r *Request) Trouble(p layout.Problem) error {
	page := layout.Page{Title: p.Title, Crumbs: []part.Crumb{{Label: p.Title}}}
	return r.Part(p.Status, layout.Error(r.dress(page), p))
}

// Reason gives the sentence of an error about one field of a form, "" when
// the error is about none or another.
func Reason(err error, field string) string {
	if err == nil {
		return ""
	}
	for _, f := range holm.AsError(err).Fields {
		if f.Name == field {
			return f.Reason
		}
	}
	return ""
}

// Sentence gives what an error says to the person, "" for none.
func Sentence(err error) string {
	if err == nil {
		return ""
	}
	return holm.AsError(err).Detail
}

// Remark gives what an error says when none of the named fields tells it
// where it is, "" otherwise.
func Remark(err error, fields ...string) string {
	for _, name := range fields {
		if Reason(err, name) != "" {
			return ""
		}
	}
	return Sentence(err)
}
