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

const (
	// heartbeat keeps connections through proxies open, and finds dead ones.
	heartbeat = 15 * time.Second
	// burst is how long changes are gathered after one has been told: the
	// first is told at once, what follows close behind becomes one message.
	burst = 100 * time.Millisecond
)

// The types of messages.
const (
	messageState   = "state"   // how it is now; the first, unless something was missed
	messageChanged = "changed" // how it is after a change
	messageReset   = "reset"   // the same, and some changes were missed
	messageRemoved = "removed" // the environment is gone
	messageClosed  = "closed"  // the right is gone, or the server ends
)

// events follows an environment as server-sent events. They carry what the
// follower may see at that moment, asked of the door anew each time.
func (a *api) events(rt *route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := a.begin(w, r, rt)
		if err != nil {
			writeError(w, err)
			return
		}
		read, wrong := a.read(w, r, rt)
		in := read.(*ops.EnvironmentEventsInput)
		after, _ := strconv.ParseUint(in.LastEventID, 10, 64) // what is no number of ours starts anew
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(a.o.Closing, cancel)()
		stream, err := a.door.Follow(ctx, c, in.Environment, after)
		if err == nil {
			defer stream.Close()
			err = wrong
		}
		if err != nil {
			writeError(w, err)
			return
		}
		f := &following{api: a, caller: c, stream: stream, w: w, c: http.NewResponseController(w), last: stream.Since()}
		h := w.Header()
		h.Set("Content-Type", "text/event-stream")
		h.Set("X-Accel-Buffering", "no") // nginx in front would hold messages back
		w.WriteHeader(http.StatusOK)
		if r.Method != http.MethodHead {
			f.run()
		}
	}
}

// following is one open event stream.
type following struct {
	api    *api
	caller dispatch.Caller
	stream *dispatch.Stream
	w      http.ResponseWriter
	c      *http.ResponseController
	last   uint64 // number of the newest event that was told
}

// run tells how it is, then every change until the stream ends. Who comes
// back is told by the type of the first message what they missed.
func (f *following) run() {
	kind, open := f.gather(0)
	if kind == "" {
		kind = messageState
	}
	for open && f.tell(kind) {
		if kind, open = f.gather(burst); open && kind == "" {
			kind, open = f.wait()
		}
	}
	if !open {
		f.close()
	}
}

// wait waits for a change, with heartbeats.
func (f *following) wait() (kind string, open bool) {
	for {
		e, came, open := f.stream.NextWithin(heartbeat)
		switch {
		case !open:
			return "", false
		case came:
			return f.take("", e), true
		}
		// A reader that is gone ends the session, which the next wait sees.
		f.write(": still here\n\n")
	}
}

// gather collects the changes of a while as one; "" when there were none.
func (f *following) gather(while time.Duration) (kind string, open bool) {
	end := time.Now().Add(while)
	for {
		e, came, open := f.stream.NextWithin(time.Until(end))
		if !open || !came {
			return kind, open
		}
		kind = f.take(kind, e)
	}
}

// take notes an event and gives the type of the message for it and those
// gathered before.
func (f *following) take(before string, e dispatch.Event) string {
	f.last = max(f.last, e.ID)
	switch {
	case e.Type == dispatch.EventRemoved || before == messageRemoved:
		return messageRemoved
	case e.Type == dispatch.EventReset || before == messageReset:
		return messageReset
	}
	return messageChanged
}

// tell sends one message and says whether the stream goes on.
func (f *following) tell(kind string) bool {
	m := ops.Event{ID: f.last, Type: kind, Time: f.api.o.Clock().UTC()}
	if kind != messageRemoved {
		in := ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: string(f.stream.Session.Environment.ID)}}
		view, err := dispatch.Call(f.stream.Session, f.api.door, f.caller, ops.EnvironmentShow, in)
		if err != nil {
			f.close() // the follower asks again and hears why, as far as it may
			return false
		}
		view = withLists(view).(ops.EnvironmentView)
		m.Environment = &view
	}
	raw, err := json.Marshal(m)
	if err != nil {
		panic(fmt.Errorf("httpapi: an event cannot be told as JSON: %w", err))
	}
	if !f.write(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", f.last, kind, raw)) {
		return false
	}
	if kind == messageRemoved {
		f.close()
		return false
	}
	return true
}

// close says that nothing more will come. Why is not said: the follower finds
// out by asking, as far as it may know.
func (f *following) close() { f.write("event: " + messageClosed + "\ndata: {}\n\n") }

// write sends text at once. A reader that does not take it in time is let go.
func (f *following) write(text string) bool {
	f.c.SetWriteDeadline(time.Now().Add(writeTime))
	if _, err := f.w.Write([]byte(text)); err != nil {
		return false
	}
	return f.c.Flush() == nil
}
