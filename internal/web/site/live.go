package site

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/holmhq/holm/internal/dispatch"
)

// heartbeat keeps proxies from closing a quiet stream.
const heartbeat = 15 * time.Second

// Live keeps a page live: it follows a stream and sends one message for each
// event, until the person leaves or the right goes. name and data make the
// message of an event; with an empty name there is none. When the right goes,
// the message "gone" is sent, and the page loads again.
func (r *Request) Live(open func(ctx context.Context, after uint64) (*dispatch.Stream, error), message func(e dispatch.Event) (name, data string, err error)) error {
	after, _ := strconv.ParseUint(r.Header.Get("Last-Event-ID"), 10, 64)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	stream, err := open(ctx, after)
	if err != nil {
		return err
	}
	defer stream.Close()
	header := r.W.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("X-Accel-Buffering", "no")
	control := http.NewResponseController(r.W)
	control.SetWriteDeadline(time.Time{})
	fmt.Fprint(r.W, ": following\n\n")
	if err := control.Flush(); err != nil {
		return nil
	}
	events := make(chan dispatch.Event)
	go func() {
		defer close(events)
		for {
			e, ok := stream.Next()
			if !ok {
				return
			}
			select {
			case events <- e:
			case <-ctx.Done():
				return
			}
		}
	}()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-beat.C:
			fmt.Fprint(r.W, ": still here\n\n")
		case e, ok := <-events:
			if !ok {
				if stream.Session.WasCut() {
					gone(r.W, control)
				}
				return nil
			}
			name, data, err := message(e)
			if err != nil {
				gone(r.W, control)
				return nil
			}
			if name != "" {
				write(r.W, e.ID, name, data)
			}
		}
		if err := control.Flush(); err != nil {
			return nil
		}
	}
}

func write(w http.ResponseWriter, id uint64, name, data string) {
	fmt.Fprintf(w, "id: %d\nevent: %s\n", id, name)
	for line := range strings.SplitSeq(data, "\n") {
		fmt.Fprintf(w, "data: %s\n", line)
	}
	fmt.Fprint(w, "\n")
}

func gone(w http.ResponseWriter, control *http.ResponseController) {
	fmt.Fprint(w, "event: gone\ndata: \n\n")
	control.Flush()
}
