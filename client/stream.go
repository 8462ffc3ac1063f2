package client

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

const (
	firstPause = 500 * time.Millisecond
	longPause  = 15 * time.Second
	// maxFailures in a row end a stream that was open before: about two
	// minutes, which a restart of the server does not take.
	maxFailures = 12
	// maxLine bounds one line of a stream, in bytes.
	maxLine = 8 << 20
)

// Message is one server-sent event as it came.
type Message struct {
	ID   string
	Type string // "" where the server gives none
	Data []byte
}

// Follow gives the events of a session operation, oldest first, until ctx
// ends, the loop is left, the followed thing is removed, or the caller loses
// the right to follow it. A broken connection is made again and goes on after
// the last event. An error is the last thing given.
func (c *Client) Follow(ctx context.Context, op *ops.Operation, in any) iter.Seq2[ops.Event, error] {
	return func(yield func(ops.Event, error) bool) {
		for m, err := range c.Stream(ctx, op, in) {
			var e ops.Event
			if err == nil {
				e, err = m.event()
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// event reads a message as an event. The frame's id and type count where the
// data has none.
func (m Message) event() (ops.Event, error) {
	var e ops.Event
	if err := json.Unmarshal(m.Data, &e); err != nil {
		return e, holm.Wrap(holm.CodeUnavailable, err, "An event of the server cannot be read.")
	}
	if e.ID == 0 {
		e.ID, _ = strconv.ParseUint(m.ID, 10, 64)
	}
	if e.Type == "" {
		e.Type = m.Type
	}
	return e, nil
}

// Stream is Follow that gives the messages as they came.
func (c *Client) Stream(ctx context.Context, op *ops.Operation, in any) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		s := stream{client: c, op: op, in: in, first: firstPause, pause: firstPause, yield: yield}
		for !s.done {
			s.once(ctx)
		}
	}
}

// stream is a stream under way over several connections.
type stream struct {
	client   *Client
	op       *ops.Operation
	in       any
	yield    func(Message, error) bool
	lastID   string
	opened   bool          // at least once
	failures int           // in a row
	first    time.Duration // the pause after a connection that worked
	pause    time.Duration // the next one, longer after each failure
	done     bool
}

func (s *stream) end(err error) {
	if !s.done && err != nil {
		s.yield(Message{}, err)
	}
	s.done = true
}

// once connects and passes messages on until the connection ends, then waits
// if it is worth another try.
func (s *stream) once(ctx context.Context) {
	err := s.connect(ctx)
	switch {
	case s.done:
		return
	case ctx.Err() != nil:
		s.end(s.client.unreachable(ctx.Err()))
		return
	case err != nil:
		// Only what may heal by itself is tried again, and only where it
		// worked before: a wrong address should be told at once.
		s.failures++
		if holm.CodeOf(err) != holm.CodeUnavailable || !s.opened || s.failures >= maxFailures {
			s.end(err)
			return
		}
	}
	if err := s.client.pause(ctx, s.pause); err != nil {
		s.end(s.client.unreachable(err))
		return
	}
	s.pause = min(2*s.pause, longPause)
}

// connect opens the stream and passes its messages on. An ended or broken
// connection is no error once the server has answered.
func (s *stream) connect(ctx context.Context) error {
	req, err := s.client.request(ctx, s.op, s.in)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "text/event-stream, application/problem+json")
	if s.lastID != "" {
		req.Header.Set("Last-Event-ID", s.lastID)
	}
	res, err := s.client.http.Do(req)
	if err != nil {
		return s.client.unreachable(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		return s.client.problem(res, body)
	}
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		return holm.Errorf(holm.CodeInvalid, "%s does not answer with a stream.", s.op.Name)
	}
	s.opened = true
	s.read(res.Body)
	return nil
}

// read takes the stream apart by the rules of server-sent events.
func (s *stream) read(body io.Reader) {
	lines := bufio.NewScanner(body)
	lines.Buffer(make([]byte, 0, 4096), maxLine)
	var m Message
	var data []string
	for !s.done && lines.Scan() {
		line := lines.Text()
		if line == "" {
			if len(data) > 0 {
				m.Data = []byte(strings.Join(data, "\n"))
				s.pass(m)
			}
			m, data = Message{}, nil
			continue
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "data":
			data = append(data, value)
		case "event":
			m.Type = value
		case "id":
			m.ID = value
		case "retry":
			if ms, err := strconv.Atoi(value); err == nil && ms >= 0 {
				s.first = min(time.Duration(ms)*time.Millisecond, longPause)
				s.pause = s.first
			}
		}
	}
}

// pass gives a message to the follower. After "removed" nothing can follow:
// the thing is gone, or the right to see it.
func (s *stream) pass(m Message) {
	s.failures, s.pause = 0, s.first
	if m.ID != "" {
		s.lastID = m.ID
	}
	kind := m.Type
	if kind == "" && s.op.Output == reflect.TypeFor[ops.Event]() {
		e, _ := m.event()
		kind = e.Type
	}
	if !s.yield(m, nil) || kind == "removed" {
		s.done = true
	}
}
