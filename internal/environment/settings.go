package environment

import (
	"context"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// change changes what does not touch nodes: the alias and the schedule.
func (f *feature) change(s *dispatch.Scope, in *ops.EnvironmentUpdateInput) (none ops.EnvironmentView, err error) {
	if in.Body.Alias == nil && in.Body.Schedule == nil {
		return none, holm.Invalid("alias", "Give an alias or a schedule.")
	}
	if alias := in.Body.Alias; alias != nil {
		if err := holm.CheckLine("alias", *alias, 100); err != nil {
			return none, err
		}
		s.Note("was_alias", s.Environment.Alias)
		if err := s.Tx.SetAlias(s.Environment.ID, strings.TrimSpace(*alias)); err != nil {
			return none, err
		}
	}
	if in.Body.Schedule != nil {
		schedule, err := in.Body.Schedule.Clean()
		if err != nil {
			return none, err
		}
		s.Note("was_schedule", s.Environment.Schedule)
		if err := s.Tx.SetSchedule(s.Environment.ID, schedule); err != nil {
			return none, err
		}
	}
	s.Changed(s.Environment)
	return f.show(s)
}

// Keep starts and stops the environments whose schedule says so, as a caller
// of the door like any other. What was missed while Holm did not run is made
// up for once: what was due last is what should hold.
func Keep(ctx context.Context, d *dispatch.Door) error {
	for {
		e, start, err := nextDue(ctx, d)
		if err != nil || e.ID == "" {
			return err
		}
		of := ops.OfEnvironment{Environment: string(e.ID)}
		if start {
			_, err = dispatch.Call(ctx, d, dispatch.System("schedule"), ops.EnvironmentStart, ops.EnvironmentStartInput{OfEnvironment: of})
		} else {
			_, err = dispatch.Call(ctx, d, dispatch.System("schedule"), ops.EnvironmentStop, ops.EnvironmentStopInput{OfEnvironment: of})
		}
		// An environment that was just deleted is none any more.
		if code := holm.CodeOf(err); err != nil && code != holm.CodeConflict && code != holm.CodeNotFound {
			return err
		}
		// Only now it counts as done: whoever dies before does it again.
		err = d.SystemChange(ctx, "schedule", func(s *dispatch.Scope) error {
			next, _ := e.Schedule.Next(s.Now())
			return s.Tx.Scheduled(e, next)
		})
		if err != nil {
			return err
		}
	}
}

// nextDue gives an environment of which something is due, and whether that is
// a start; none when nothing is.
func nextDue(ctx context.Context, d *dispatch.Door) (e holm.Environment, start bool, err error) {
	err = d.SystemRead(ctx, func(tx *store.Tx) error {
		due, err := tx.Due()
		if err == nil && len(due) > 0 {
			e = due[0]
			_, start = e.Schedule.Last(tx.Now())
		}
		return err
	})
	return e, start, err
}
