package environment

import (
	"strconv"

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
	if err := s.Tx.SetNodeStates(s.Environment.ID, holm.StateStarting); err != nil {
		return none, err
	}
	return f.want(s, holm.StateRunning, holm.StateStarting)
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

// updating is what an environment that should run is said to be doing while
// a change of its layers is made; a stopped one stays stopped.
func updating(e holm.Environment, meanwhile holm.State) holm.State {
	if e.Wanted == holm.StateStopped {
		return holm.StateStopped
	}
	return meanwhile
}

func (f *feature) scale(s *dispatch.Scope, in *ops.LayerScaleInput) (none ops.EnvironmentView, err error) {
	l, limits, err := f.layerOf(s, in.Layer)
	if err != nil {
		return none, err
	}
	if err := checkCount(in.Body.Nodes, limits); err != nil {
		return none, err
	}
	s.Note("was_nodes", len(l.Nodes))
	switch change := in.Body.Nodes - len(l.Nodes); {
	case change > 0:
		err = f.grow(s, l, change, limits)
	case change < 0:
		err = f.shrink(s, l, -change)
	default:
		return f.show(s)
	}
	if err != nil {
		return none, err
	}
	return f.want(s, s.Environment.Wanted, updating(s.Environment, holm.StateUpdating))
}

func (f *feature) grow(s *dispatch.Scope, l holm.Layer, n int, limits holm.Limits) error {
	layers, err := s.Tx.Layers(s.Environment.ID)
	if err != nil {
		return err
	}
	total, balanced := n, false
	for _, other := range layers {
		total += len(other.Nodes)
		balanced = balanced || other.Role == holm.LayerBalancer
	}
	// Several nodes of an app need something in front that spreads requests.
	add := l.Role == holm.LayerApp && !balanced
	if add {
		total++
	}
	if total > limits.NodesPerEnvironment {
		return holm.Errorf(holm.CodeQuota, "That would be %d nodes; this account may have %d in one environment.", total, limits.NodesPerEnvironment)
	}
	if _, err := s.Tx.AddNodes(l, n); err != nil || !add {
		return err
	}
	p, err := f.layer(ops.LayerInput{Stack: "balancer", Cloudlets: 1}, limits)
	if err != nil {
		return err
	}
	s.NoteChange("nodes", string(holm.LayerBalancer), 0, 1)
	p.Environment = s.Environment.ID
	_, err = s.Tx.CreateLayer(p.Layer, len(layers), 1)
	return err
}

// shrink removes the newest nodes; the first is never among them, since a
// layer has at least one.
func (f *feature) shrink(s *dispatch.Scope, l holm.Layer, n int) error {
	for _, node := range l.Nodes[len(l.Nodes)-n:] {
		if err := s.Tx.RemoveNode(s.Environment.ID, node.ID); err != nil {
			return err
		}
	}
	return nil
}

func (f *feature) layerOf(s *dispatch.Scope, name string) (holm.Layer, holm.Limits, error) {
	limits := holm.LimitsOf(s.Account.Type)
	if err := busy(s.Environment); err != nil {
		return holm.Layer{}, limits, err
	}
	l, err := s.Tx.Layer(s.Environment.ID, name)
	if err == nil {
		s.About(s.Environment.Name + " " + string(l.Role))
	}
	return l, limits, err
}

func (f *feature) limit(s *dispatch.Scope, in *ops.LayerLimitInput) (none ops.EnvironmentView, err error) {
	l, limits, err := f.layerOf(s, in.Layer)
	if err != nil {
		return none, err
	}
	if err := checkCloudlets(in.Body.Cloudlets, limits); err != nil {
		return none, err
	}
	if l.Cloudlets == in.Body.Cloudlets {
		return f.show(s)
	}
	s.Note("was_cloudlets", l.Cloudlets)
	if err := s.Tx.SetCloudlets(l.ID, in.Body.Cloudlets); err != nil {
		return none, err
	}
	return f.want(s, s.Environment.Wanted, updating(s.Environment, holm.StateUpdating))
}

func (f *feature) restartLayer(s *dispatch.Scope, in *ops.LayerRestartInput) (none ops.EnvironmentView, err error) {
	l, _, err := f.layerOf(s, in.Layer)
	if err != nil {
		return none, err
	}
	return f.restart(s, l.Nodes)
}

func (f *feature) restartNode(s *dispatch.Scope, in *ops.NodeRestartInput) (none ops.EnvironmentView, err error) {
	if err := busy(s.Environment); err != nil {
		return none, err
	}
	n, err := s.Tx.Node(s.Environment.ID, in.Node)
	if err != nil {
		return none, err
	}
	s.About(s.Environment.Name + " node " + strconv.FormatInt(int64(n.ID), 10))
	return f.restart(s, []holm.Node{n})
}

func (f *feature) restart(s *dispatch.Scope, nodes []holm.Node) (none ops.EnvironmentView, err error) {
	if s.Environment.Wanted != holm.StateRunning {
		return none, holm.Errorf(holm.CodeConflict, "%s is %s; start it first.", s.Environment.Name, s.Environment.State)
	}
	for _, n := range nodes {
		if err := s.Tx.RestartNode(s.Environment.ID, n.ID); err != nil {
			return none, err
		}
	}
	return f.want(s, holm.StateRunning, holm.StateRestarting)
}
