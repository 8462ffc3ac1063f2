package environment

import (
	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

// want writes what the environment should become and wakes the reconciler.
func (f *feature) want(s *dispatch.Scope, wanted, meanwhile holm.State) (ops.EnvironmentView, error) {
	if err := s.Tx.Want(s.Environment.ID, wanted, meanwhile); err != nil {
		return ops.EnvironmentView{}, err
	}
	s.Changed(s.Environment)
	s.Wake(s.Environment.ID)
	return f.show(s)
}

// busy refuses what does not fit while an environment is on its way out.
func busy(e holm.Environment) error {
	if e.Wanted == holm.StateDeleting {
		return holm.Errorf(holm.CodeConflict, "%s is being erased.", e.Name)
	}
	return nil
}

func (f *feature) start(s *dispatch.Scope, _ *ops.EnvironmentStartInput) (none ops.EnvironmentView, err error) {
	if err := busy(s.Environment); err != nil {
		return none, err
	}
	if s.Environment.Wanted == holm.StateRunning && s.Environment.State != holm.StateBroken {
		s.Note("already", s.Environment.State)
		return f.show(s)
	}
	if s.Environment.State == holm.StateBroken {
		s.Note("retry", true)
		if err := f.retry(s); err != nil {
			return none, err
		}
	}
	if err := s.Tx.SetNodeStates(s.Environment.ID, holm.StateStarting); err != nil {
		return none, err
	}
	return f.want(s, holm.StateRunning, holm.StateStarting)
}

// retry starts the nodes anew that are broken: one whose service ends again
// and again waits longer each time, and who asks has mended something.
func (f *feature) retry(s *dispatch.Scope) error {
	layers, err := s.Tx.Layers(s.Environment.ID)
	if err != nil {
		return err
	}
	for _, l := range layers {
		for _, n := range l.Nodes {
			if n.State != holm.StateBroken {
				continue
			}
			if err := s.Tx.RestartNode(s.Environment.ID, n.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *feature) stop(s *dispatch.Scope, _ *ops.EnvironmentStopInput) (none ops.EnvironmentView, err error) {
	if err := busy(s.Environment); err != nil {
		return none, err
	}
	if s.Environment.Wanted == holm.StateStopped && s.Environment.State != holm.StateBroken {
		s.Note("already", s.Environment.State)
		return f.show(s)
	}
	if err := s.Tx.SetNodeStates(s.Environment.ID, holm.StateStopping); err != nil {
		return none, err
	}
	return f.want(s, holm.StateStopped, holm.StateStopping)
}
