package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

// The type of a message that is a row of an audit log.
const messageRow = "row"

// tail follows an audit log as server-sent events: each row is one, and its
// number is the event's id, so that who comes back misses none.
func (a *api) tail(rt *route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := a.begin(w, r, rt)
		if err != nil {
			writeError(w, err)
			return
		}
		read, wrong := a.read(w, r, rt)
		in := read.(*ops.AuditTailInput)
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(a.o.Closing, cancel)()
		t, err := a.door.OpenTail(ctx, c, *in, tailStart(in, r.URL.Query().Has("after")))
		if err == nil {
			defer t.Close()
			err = wrong
		}
		var rows []ops.AuditRow
		var more bool
		if err == nil {
			rows, more, err = t.Rows()
		}
		if err != nil {
			writeError(w, err)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/event-stream")
		h.Set("X-Accel-Buffering", "no")
		w.WriteHeader(http.StatusOK)
		if r.Method != http.MethodHead {
			f := &following{api: a, caller: c, stream: t.Stream, w: w, c: http.NewResponseController(w)}
			f.tail(t, rows, more)
		}
	}
}

// tailStart is the number of the row after which a tail begins; negative for
// the newest.
func tailStart(in *ops.AuditTailInput, given bool) int64 {
	if n, err := strconv.ParseInt(in.LastEventID, 10, 64); err == nil && n >= 0 {
		return n
	}
	if given {
		return max(in.After, 0)
	}
	return -1
}

// tail writes rows as they come until the stream ends. Rows that another
// server of the installation wrote are seen with the heartbeat.
func (f *following) tail(t *dispatch.Tail, rows []ops.AuditRow, more bool) {
	if !f.write(": following\n\n") {
		return
	}
	for {
		for _, r := range rows {
			raw, err := json.Marshal(r)
			if err != nil {
				panic(fmt.Errorf("httpapi: a row cannot be told as JSON: %w", err))
			}
			if !f.write(fmt.Sprintf("id: %s\nevent: %s\ndata: %s\n\n", r.ID, messageRow, raw)) {
				return
			}
		}
		if !more {
			_, came, open := t.NextWithin(heartbeat)
			if !open {
				f.close()
				return
			}
			if !came && !f.write(": still here\n\n") {
				return
			}
		}
		var err error
		if rows, more, err = t.Rows(); err != nil {
			f.close()
			return
		}
	}
}

// export answers with a whole log as a file, when the question is for one.
func (a *api) export(w http.ResponseWriter, r *http.Request, c dispatch.Caller, in *ops.AuditAccountInput) {
	e, err := a.door.ExportAudit(r.Context(), c, *in)
	if err != nil {
		writeError(w, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", e.MediaType())
	h.Set("Content-Disposition", `attachment; filename="`+e.FileName()+`"`)
	if r.Method == http.MethodHead {
		return
	}
	if err := e.Write(r.Context(), patient{w, http.NewResponseController(w)}); err != nil {
		a.o.Log.Warn("an export ended early", "user", c.User, "error", err)
		panic(http.ErrAbortHandler) // so that the reader knows that there should be more
	}
}

// patient gives each piece of a long answer its own time to be taken.
type patient struct {
	http.ResponseWriter
	c *http.ResponseController
}

// Write writes one piece.
func (p patient) Write(b []byte) (int, error) {
	p.c.SetWriteDeadline(time.Now().Add(writeTime))
	return p.ResponseWriter.Write(b)
}
