package environment

import (
	"fmt"
	"slices"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/ops"
)

// work says what goes on in a state that ends by itself.
var work = map[holm.State]struct {
	doing string
	goal  holm.State // what each node becomes
}{
	holm.StateCreating:   {"Creating", holm.StateRunning},
	holm.StateCloning:    {"Copying the files for", holm.StateRunning},
	holm.StateStarting:   {"Starting", holm.StateRunning},
	holm.StateRestarting: {"Restarting", holm.StateRunning},
	holm.StateUpdating:   {"Changing", holm.StateRunning},
	holm.StateStopping:   {"Stopping", holm.StateStopped},
	holm.StateDeleting:   {"Deleting", ""},
}

// progress is the strip at the top while something goes on.
func (p *page) progress() (strip part.Progress, going bool) {
	w, ok := work[p.state()]
	if !ok {
		return strip, false
	}
	strip = part.Progress{ID: "progress", Title: w.doing + " " + p.env.Name, Note: "You may leave this page; it goes on."}
	layers := slices.Clone(p.env.Layers)
	if w.goal == holm.StateRunning {
		slices.Reverse(layers) // the balancer starts last and stops first
	}
	for _, l := range layers {
		strip.Steps = append(strip.Steps, stepOf(l, w.goal))
	}
	return strip, true
}

func stepOf(l ops.LayerView, goal holm.State) part.Step {
	s := part.Step{Label: l.Role, State: part.StepWaiting}
	reached, moving := 0, false
	for _, n := range l.Nodes {
		switch {
		case holm.State(n.State) == goal:
			reached++
		case holm.State(n.State) == holm.StateBroken:
			s.State, s.Detail = part.StepFailed, n.Reason
		case part.State(n.State).Moving():
			moving = true
		}
	}
	switch {
	case s.State == part.StepFailed:
		return s
	case goal != "" && reached == len(l.Nodes):
		s.State = part.StepDone
	case moving || reached > 0:
		s.State = part.StepRunning
	}
	if goal != "" {
		s.Detail = fmt.Sprintf("%d of %d %s", reached, len(l.Nodes), goal)
	} else {
		s.Detail = holm.Counted(len(l.Nodes), "node")
	}
	return s
}

// busy says why nothing can be started now, "" when something can.
func (p *page) busy() string {
	if p.state() == holm.StateDeleting {
		return p.env.Name + " is being deleted."
	}
	return ""
}

// restartable says why nodes cannot be restarted in this state.
func (p *page) restartable() string {
	switch p.state() {
	case holm.StateStopped, holm.StateStopping:
		return p.env.Name + " is " + string(p.state()) + "; start it first."
	}
	return p.busy()
}

// first gives the first reason there is.
func first(reasons ...string) string {
	for _, r := range reasons {
		if r != "" {
			return r
		}
	}
	return ""
}
