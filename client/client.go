// Package client is the Go client of a Holm server. Every call is derived
// from the catalogue: an operation's route and the tags of its input say how
// it is asked for.
//
// It knows the vocabulary and the catalogue. It must not know how the server
// works inside, nor who uses it.
package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

const (
	// callTimeout bounds one call, so that a server that takes the request
	// and never answers is noticed.
	callTimeout = 60 * time.Second
	// maxAnswer bounds what is read into memory of one answer, in bytes.
	maxAnswer = 64 << 20
)

// Client asks one server in the name of one session. It is safe for use by
// several goroutines.
type Client struct {
	base    string
	token   holm.Secret
	agent   string
	road    holm.Road
	http    *http.Client
	timeout time.Duration
	pause   func(ctx context.Context, d time.Duration) error
}

// Option changes a client as it is made.
type Option func(*Client)

// WithVersion names the version of the caller in the header User-Agent.
func WithVersion(version string) Option {
	return func(c *Client) { c.agent = "holm/" + version }
}

// WithRoad tells the server which road the requests come on, for its audit
// log.
func WithRoad(road holm.Road) Option { return func(c *Client) { c.road = road } }

// WithTimeout bounds one call; streams are not bounded.
func WithTimeout(d time.Duration) Option { return func(c *Client) { c.timeout = d } }

// New makes a client of the server at baseURL, for example
// "https://holm.example.org". The token is that of a session; without one only
// public operations are answered. An address that makes no sense is reported
// by the first call.
func New(baseURL, token string, options ...Option) *Client {
	c := &Client{
		base: baseURL, token: holm.NewSecret(token), agent: "holm/unknown",
		// A redirect is never followed: a change would be lost or done
		// twice on the way, and the token is for this server only.
		http:    &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		timeout: callTimeout, pause: pause,
	}
	for _, o := range options {
		o(c)
	}
	return c
}

// Call asks for an operation and gives its output. Errors are *holm.Error with
// the code the server gave; CodeUnavailable when it does not answer.
func Call[I ops.Input, O any](ctx context.Context, c *Client, op ops.Op[I, O], in I) (O, error) {
	var out O
	answer, err := c.Send(ctx, op.Operation, in)
	if err != nil {
		return out, err
	}
	if answer.Value != nil {
		out = answer.Value.(O)
	}
	return out, nil
}

// Answer is what an operation answered.
type Answer struct {
	JSON  json.RawMessage // as it came; nil for operations that answer nothing
	Value any             // the same as the operation's output type; nil likewise
}

// Do asks for an operation whose types are not known to the caller. The input
// is a value of the operation's input type or a pointer to one; the answer is
// a value of its output type, nil for operations that answer nothing.
func (c *Client) Do(ctx context.Context, op *ops.Operation, in any) (any, error) {
	answer, err := c.Send(ctx, op, in)
	return answer.Value, err
}

// Send is Do that keeps the bytes of the answer too.
func (c *Client) Send(ctx context.Context, op *ops.Operation, in any) (Answer, error) {
	if op.Kind == ops.Session && op.Method == http.MethodGet {
		return Answer{}, holm.Errorf(holm.CodeInvalid, "%s is a stream: follow it.", op.Name)
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := c.request(ctx, op, in)
	if err != nil {
		return Answer{}, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return Answer{}, c.unreachable(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return Answer{}, c.unreachable(err)
	}
	if len(body) > maxAnswer {
		return Answer{}, holm.Errorf(holm.CodeUnavailable, "The answer of %s is larger than %d MiB; ask for less at a time.", op.Name, maxAnswer>>20)
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return Answer{}, c.problem(res, body)
	}
	return decode(op, body)
}

// Download asks for an operation whose answer is a file and writes it as it
// comes, however long it is. An error says that what was written is not whole.
func (c *Client) Download(ctx context.Context, op *ops.Operation, in any, w io.Writer) error {
	req, err := c.request(ctx, op, in)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "*/*")
	res, err := c.http.Do(req)
	if err != nil {
		return c.unreachable(err)
	}
	defer res.Body.Close()
	if res.StatusCode < 200 || res.StatusCode > 299 {
		body, _ := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		return c.problem(res, body)
	}
	if _, err := io.Copy(w, res.Body); err != nil {
		return holm.Wrap(holm.CodeUnavailable, err, "The answer of %s broke off; what came is not whole.", op.Name)
	}
	return nil
}

// decode reads an answer as the operation's output type. Fields that this
// client does not know are let through: the server may be newer.
func decode(op *ops.Operation, body []byte) (Answer, error) {
	if op.Output == nil {
		return Answer{}, nil
	}
	out := reflect.New(op.Output)
	if err := json.Unmarshal(body, out.Interface()); err != nil {
		return Answer{}, holm.Wrap(holm.CodeUnavailable, err, "The server's answer to %s cannot be read; is this the address of a Holm server?", op.Name)
	}
	return Answer{JSON: body, Value: out.Elem().Interface()}, nil
}

// unreachable tells why no answer came. The address is named, what was sent is
// not: a URL may hold the token of a mailed link.
func (c *Client) unreachable(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return holm.Wrap(holm.CodeUnavailable, err, "Interrupted.")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return holm.Wrap(holm.CodeUnavailable, err, "The server at %s did not answer in time.", c.base)
	}
	return holm.Wrap(holm.CodeUnavailable, err, "The server at %s does not answer.", c.base)
}

// pause waits for d or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
