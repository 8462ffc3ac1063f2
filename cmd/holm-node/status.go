package main

import (
	"sync"
	"time"

	"github.com/holmhq/holm/internal/engine/control"
)

// reporter tells the engine how the service is, through the status file.
type reporter struct {
	path string
	mu   sync.Mutex
	last control.Status
}

func newReporter(path string) *reporter { return &reporter{path: path} }

// report writes the status. A node whose status cannot be written (a full
// disk) must go on serving, so the error is dropped: the engine still sees
// whether the service answers.
func (r *reporter) report(change func(*control.Status)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.last)
	r.last.Since = time.Now().UTC()
	_ = control.Write(r.path, r.last, 0o644)
}

// phase reports a new phase and nothing else.
func (r *reporter) phase(phase string) {
	r.report(func(s *control.Status) { s.Phase = phase })
}
