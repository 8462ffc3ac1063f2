package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/client"
	"github.com/holmhq/holm/ops"
)

// follow shows the events of a session until it ends or is interrupted, which
// is how a person leaves it. With --json each event is one line.
func (x *call) follow() error {
	for m, err := range x.client.Stream(x.cmd.Context(), x.op, x.in.Interface()) {
		if err != nil {
			if x.cmd.Context().Err() != nil {
				return nil
			}
			return err
		}
		row := x.op.Name == ops.AuditTail.Name
		if row && m.Type != "row" {
			continue // the stream ends there; the client begins it anew
		}
		if x.app.json {
			var line bytes.Buffer
			if err := json.Compact(&line, m.Data); err != nil {
				return holm.Wrap(holm.CodeUnavailable, err, "An event of the server cannot be read.")
			}
			if err := printRaw(x.cmd.OutOrStdout(), line.Bytes()); err != nil {
				return err
			}
			continue
		}
		if row {
			var r ops.AuditRow
			if json.Unmarshal(m.Data, &r) == nil {
				x.out.row(r)
			}
			continue
		}
		var e ops.Event
		if json.Unmarshal(m.Data, &e) == nil {
			x.out.event(e)
		}
	}
	return nil
}

// event writes one event on a line.
func (p *printer) event(e ops.Event) {
	row := []cell{text(e.Time.UTC().Format(time.RFC3339)), text(e.Type)}
	if p.terminal {
		row[0].text = e.Time.In(p.now.Location()).Format(time.TimeOnly)
	}
	if env := e.Environment; env != nil {
		up, all := countNodes(*env)
		row = append(row, text(env.Name), state(env.State), text(fmt.Sprintf("%d of %d nodes running", up, all)))
		if env.Reason != "" {
			row = append(row, text(env.Reason))
		}
	}
	if !p.terminal {
		p.fields(row)
		return
	}
	for i, c := range row {
		if i > 0 {
			fmt.Fprint(p.w, "  ")
		}
		fmt.Fprint(p.w, p.paint(c.color, clean(c.text)))
	}
	fmt.Fprintln(p.w)
}

// waits says whether --wait makes sense: the change answers with the
// environment it works on.
func (c *command) waits() bool {
	return c.op.Kind == ops.Change && c.op.Output == ops.EnvironmentShow.Output && c.op.Name != ops.EnvironmentUpdate.Name
}

// settle looks at the environment until it is what it is going to be. It looks
// rather than follows: nothing can be missed between the change and the first
// look, and a look survives a restart of the server.
func (x *call) settle(first client.Answer) (client.Answer, error) {
	ctx, cancel := context.WithTimeout(x.cmd.Context(), x.app.patience)
	defer cancel()
	answer := first
	told := ""
	for {
		env := answer.Value.(ops.EnvironmentView)
		if settled(env) {
			return answer, brokenError(env)
		}
		told = x.progress(env, told)
		t := time.NewTimer(x.app.poll)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return answer, holm.Wrap(holm.CodeUnavailable, ctx.Err(), "%s is still %s.", env.Name, env.State)
		}
		in := ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: env.ID}}
		next, err := x.client.Send(ctx, ops.EnvironmentShow.Operation, in)
		if holm.CodeOf(err) == holm.CodeNotFound && x.op.Name == ops.EnvironmentDelete.Name {
			return answer, nil // gone is what was wanted
		}
		if err != nil {
			return answer, err
		}
		answer = next
	}
}

// progress tells a person how far it is, when that has changed.
func (x *call) progress(env ops.EnvironmentView, told string) string {
	up, all := countNodes(env)
	line := fmt.Sprintf("%s is %s, %d of %d nodes running", env.Name, env.State, up, all)
	if line != told && x.app.terminal(x.cmd.ErrOrStderr()) {
		fmt.Fprintln(x.cmd.ErrOrStderr(), clean(line))
	}
	return line
}

// brokenError is the end of a wait that did not end well.
func brokenError(env ops.EnvironmentView) error {
	if env.State != string(holm.StateBroken) {
		return nil
	}
	return holm.Errorf(holm.CodeUnavailable, "%s is broken: %s", env.Name, env.Reason)
}

// settled says whether nothing is under way in an environment.
func settled(env ops.EnvironmentView) bool {
	for _, l := range env.Layers {
		for _, n := range l.Nodes {
			if !still(n.State) {
				return false
			}
		}
	}
	return still(env.State)
}

func still(s string) bool {
	switch holm.State(s) {
	case holm.StateRunning, holm.StateStopped, holm.StateBroken, holm.StateTransferring:
		return true
	}
	return false
}

// countNodes counts the running nodes and all.
func countNodes(env ops.EnvironmentView) (up, all int) {
	for _, l := range env.Layers {
		for _, n := range l.Nodes {
			all++
			if n.State == string(holm.StateRunning) {
				up++
			}
		}
	}
	return up, all
}
