package site

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/holmhq/holm"
)

const (
	// formLimit is the most that a form may have, in bytes.
	formLimit = 1 << 20
	// formTime is how long a form may take to arrive.
	formTime = 30 * time.Second
)

// statusFault narrows the status of a request that HTTP itself has a word for.
type statusFault int

// Error names the status, for logs.
func (s statusFault) Error() string { return http.StatusText(int(s)) }

// receive reads a form within its limits, before anything else is done for
// it. The deadline is lifted again: left in place it would end streams on this
// connection.
func (r *Request) receive() error {
	r.Body = http.MaxBytesReader(r.W, r.Body, formLimit)
	if r.Method != http.MethodPost || strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		return nil
	}
	c := http.NewResponseController(r.W)
	c.SetReadDeadline(time.Now().Add(formTime))
	err := r.ParseForm()
	var large *http.MaxBytesError
	switch {
	case err == nil:
		c.SetReadDeadline(time.Time{})
		return nil
	case errors.As(err, &large):
		return holm.Wrap(holm.CodeInvalid, statusFault(http.StatusRequestEntityTooLarge), "What was sent is larger than 1 MiB; send less at once.")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return holm.Wrap(holm.CodeInvalid, statusFault(http.StatusRequestTimeout), "The form took too long to arrive; send it again.")
	}
	return holm.Wrap(holm.CodeInvalid, statusFault(http.StatusBadRequest), "The form could not be read; load the page and send it again.")
}
