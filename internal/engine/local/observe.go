package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/internal/engine/control"
	"github.com/holmhq/holm/stacks"
)

// probeLimit is how long a service may take to take a connection.
const probeLimit = time.Second

// brokenAfter is how many times in a row a service has to end by itself until
// its node counts as broken.
const brokenAfter = 3

// Observe tells what is there. It asks each running node's service.
func (e *Engine) Observe(ctx context.Context, id holm.EnvironmentID) ([]engine.Observed, error) {
	if !idPattern.MatchString(string(id)) {
		return nil, nil
	}
	w, _, err := e.readEnvironment(id)
	if err != nil {
		return nil, internal(err, "What environment %s is cannot be read.", id)
	}
	out := make([]engine.Observed, len(w.Nodes))
	failures := make([]error, len(w.Nodes))
	var all sync.WaitGroup
	for i, n := range w.Nodes {
		all.Go(func() { out[i], failures[i] = e.observe(ctx, w, n) })
	}
	all.Wait()
	if err := first(failures); err != nil {
		return nil, err
	}
	return out, ctx.Err()
}

func (e *Engine) observe(ctx context.Context, w engine.Environment, n engine.Node) (engine.Observed, error) {
	p := e.place(w, n)
	r, err := p.readRecord()
	if err != nil {
		return engine.Observed{}, internal(err, "What node %d does cannot be read.", n.ID)
	}
	o := engine.Observed{
		Node: n.ID, Address: e.network.node(w.Subnet, n.Slot).String(),
		State: holm.StateStopped, Since: r.Since, Restarts: r.Restarts, EnvVersion: r.EnvVersion,
	}
	stack, err := p.stack(n)
	if err == nil {
		o.Port = stack.Port
	}
	pulling, pulls := e.pulls.Load(n.ID)
	switch {
	case pulls && !e.alive(r.Process):
		o.State, o.Reason = holm.StateStarting, pulling.(string)
	case r.Failure != "":
		o.State, o.Reason = holm.StateBroken, r.Failure
	case e.alive(r.Process):
		o.State, o.Reason = e.serviceState(ctx, p, stack, o.Address)
	case r.Process != nil && r.Process.BootID == e.bootID:
		o.Reason = fmt.Sprintf("Node %d ended by itself; most likely its memory limit was reached or somebody killed it.", n.ID)
	case r.Process != nil:
		o.Reason = "This machine was started anew."
	}
	return o, nil
}

// stack gives a node's stack, as its image makes it where it has one.
func (p place) stack(n engine.Node) (stacks.Stack, error) {
	stack, err := stacks.Get(n.Stack)
	if err != nil {
		return stack, err
	}
	offer, err := p.asImage(stacks.Offer{Stack: stack})
	return offer.Stack, err
}

// serviceState tells how the service of a running node is: what holm-node says
// of it, and whether it takes connections.
func (e *Engine) serviceState(ctx context.Context, p place, stack stacks.Stack, address string) (holm.State, string) {
	status, err := control.ReadStatus(p.statusFile())
	status.Reason = tame(status.Reason)
	if err == nil && status.InARow >= brokenAfter {
		return holm.StateBroken, status.Reason
	}
	if err == nil && status.Phase == control.Waiting {
		return holm.StateStarting, status.Reason
	}
	switch stack.Health.Kind {
	case "tcp":
		if !answers(ctx, address, stack.Port) {
			return holm.StateStarting, ""
		}
	case "http":
		if why := answersHTTP(ctx, address, stack.Port, stack.Health.Path); why != "" {
			return holm.StateStarting, why
		}
	case "command":
		// holm-node runs it inside and tells.
		if err != nil || status.Phase != control.Running {
			return holm.StateStarting, status.Reason
		}
	}
	return holm.StateRunning, ""
}

// maxReason bounds a sentence that comes out of a node, in bytes.
const maxReason = 500

// tame makes text of a node fit to be shown: one line of bounded length.
func tame(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	if len(text) > maxReason {
		text = strings.ToValidUTF8(text[:maxReason], "") + "…"
	}
	return text
}

// prober asks services over HTTP. It keeps no connection and follows nothing,
// since a node could lead it anywhere.
var prober = &http.Client{
	Transport:     &http.Transport{DialContext: connect, DisableKeepAlives: true, Proxy: nil, MaxResponseHeaderBytes: 64 << 10},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       probeLimit,
}

// answersHTTP says why a service does not answer as it should, "" when it
// does.
func answersHTTP(ctx context.Context, address string, port int, path string) string {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(address, strconv.Itoa(port))+path, nil)
	if err != nil {
		return "The address of its health check cannot be used."
	}
	response, err := prober.Do(request)
	if err != nil {
		return "The service does not answer its health check yet."
	}
	_ = response.Body.Close()
	if response.StatusCode >= http.StatusInternalServerError {
		return fmt.Sprintf("The service answers its health check with the status %d.", response.StatusCode)
	}
	return ""
}

// firstTry is how long the first try to connect may take, and each further one
// twice as long. A bridge that is just coming up loses what is sent over it,
// and the kernel would only ask again after a second.
const firstTry = 10 * time.Millisecond

// answers says whether something takes connections there.
func answers(ctx context.Context, address string, port int) bool {
	connection, err := connect(ctx, "tcp4", net.JoinHostPort(address, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	_ = connection.Close()
	return true
}

// connect makes a connection within probeLimit, or says why there is none.
func connect(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	for dialer := (net.Dialer{Timeout: firstTry}); ; dialer.Timeout *= 2 {
		connection, err := dialer.DialContext(ctx, network, address)
		var slow net.Error
		if err == nil || ctx.Err() != nil || !errors.As(err, &slow) || !slow.Timeout() {
			return connection, err
		}
	}
}
