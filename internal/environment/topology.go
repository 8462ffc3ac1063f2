package environment

import (
	"strconv"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// updating is what an environment that should run is said to be doing while
// a change of its layers is made; a stopped one stays stopped.
func updating(e holm.Environment, meanwhile holm.State) holm.State {
	if e.Wanted == holm.StateStopped {
		return holm.StateStopped
	}
	return meanwhile
}

// update has what was written about layers made so.
func (f *feature) update(s *dispatch.Scope) (ops.EnvironmentView, error) {
	return f.want(s, s.Environment.Wanted, updating(s.Environment, holm.StateUpdating))
}

func (f *feature) scale(s *dispatch.Scope, in *ops.LayerScaleInput) (none ops.EnvironmentView, err error) {
	l, limits, err := f.layerOf(s, in.Layer)
	if err != nil {
		return none, err
	}
	if err := f.unchanged(s, in.Body.Was, len(l.Nodes), "nodes", string(l.Role)); err != nil {
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
	return f.update(s)
}

// unchanged refuses a change by somebody who saw something else than there is
// now, and says who changed it. was is 0 when they do not say what they saw.
func (f *feature) unchanged(s *dispatch.Scope, was, is int, what, role string) error {
	if was == 0 || was == is {
		return nil
	}
	e := holm.Errorf(holm.CodeConflict, "The layer %s has %d %s now, not the %d that you saw%s. Look at it again and decide anew.", role, is, what, was, f.lastChange(s))
	e.Fields = []holm.Field{{Name: what, Reason: e.Detail}}
	return e
}

// lastChange says who changed the layers last, and how long ago.
func (f *feature) lastChange(s *dispatch.Scope) string {
	rows, err := s.Tx.Audit(s.Filter(), store.AuditQuery{Account: s.Environment.Account, Environment: s.Environment.ID, Limit: 50})
	if err != nil {
		return ""
	}
	for _, row := range rows {
		if row.Result != "0" || !strings.HasPrefix(row.Operation, "layer.") && row.Operation != "node.remove" {
			continue
		}
		who := row.Email
		if row.User == s.User.ID && s.User.ID != "" {
			who = "you"
		}
		return ": " + who + " changed it " + ago(s.Now().Sub(row.Time))
	}
	return ""
}

func ago(d time.Duration) string {
	switch {
	case d < 2*time.Second:
		return "a moment ago"
	case d < 2*time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " seconds ago"
	case d < 2*time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " minutes ago"
	}
	return strconv.Itoa(int(d/time.Hour)) + " hours ago"
}

// grow adds nodes to a layer, and to an app that gets several nodes something
// in front that spreads requests.
func (f *feature) grow(s *dispatch.Scope, l holm.Layer, n int, limits holm.Limits) error {
	layers, err := s.Tx.Layers(s.Environment.ID)
	if err != nil {
		return err
	}
	balance := l.Role == holm.LayerApp && !has(layers, holm.LayerBalancer)
	if err := fits(count(layers)+n+one(balance), limits); err != nil {
		return err
	}
	if _, err := s.Tx.AddNodes(l, n); err != nil || !balance {
		return err
	}
	position, err := s.Tx.NextPosition(s.Environment.ID)
	if err != nil {
		return err
	}
	return f.balance(s, position, limits)
}

// balance adds the smallest balancer.
func (f *feature) balance(s *dispatch.Scope, position int, limits holm.Limits) error {
	p, err := f.layer(ops.LayerInput{Stack: "balancer", Cloudlets: 1}, limits)
	if err != nil {
		return err
	}
	s.NoteChange("nodes", string(holm.LayerBalancer), 0, 1)
	p.Environment = s.Environment.ID
	_, err = s.Tx.CreateLayer(p.Layer, position, 1)
	return err
}

func has(layers []holm.Layer, role holm.LayerRole) bool {
	for _, l := range layers {
		if l.Role == role {
			return true
		}
	}
	return false
}

func count(layers []holm.Layer) (n int) {
	for _, l := range layers {
		n += len(l.Nodes)
	}
	return n
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func fits(total int, limits holm.Limits) error {
	if total > limits.NodesPerEnvironment {
		return holm.Errorf(holm.CodeQuota, "That would be %d nodes; this account may have %d in one environment.", total, limits.NodesPerEnvironment)
	}
	return nil
}

// shrink removes the newest nodes; the first is never among them, since a
// layer has at least one.
func (f *feature) shrink(s *dispatch.Scope, l holm.Layer, n int) error {
	for _, node := range l.Nodes[len(l.Nodes)-n:] {
		if err := s.Tx.RemoveNode(s.Environment.ID, node.ID); err != nil {
			return err
		}
	}
	if keepsData(l.Role) {
		f.tellRemoved(s, l, holm.Counted(n, "node")+" of the layer "+string(l.Role))
	}
	return nil
}

// keepsData says whether the nodes of a role have what none of the others of
// their layer has.
func keepsData(r holm.LayerRole) bool {
	return r == holm.LayerDatabase || r == holm.LayerStorage || r == holm.LayerCustom
}

// tellRemoved mails the owner that somebody else removed what cannot be
// restored.
func (f *feature) tellRemoved(s *dispatch.Scope, l holm.Layer, what string) {
	if s.User.ID == s.Account.Owner {
		return
	}
	letter := toOwner(s, holm.LetterNodesRemoved, "nodes-removed:"+string(l.ID)+":"+s.Now().Format(time.RFC3339Nano))
	letter.What, letter.Server = what, strings.TrimSpace(l.Stack+" "+l.Version)
	s.Write(letter)
}

func (f *feature) layerOf(s *dispatch.Scope, name string) (holm.Layer, holm.Limits, error) {
	limits := s.Account.Limits()
	if err := busy(s.Environment); err != nil {
		return holm.Layer{}, limits, err
	}
	l, err := s.Tx.Layer(s.Environment.ID, name)
	if err == nil {
		s.About(s.Environment.Name + " " + string(l.Role))
	}
	return l, limits, err
}

func (f *feature) addLayer(s *dispatch.Scope, in *ops.LayerAddInput) (none ops.EnvironmentView, err error) {
	if err := busy(s.Environment); err != nil {
		return none, err
	}
	limits := s.Account.Limits()
	p, err := f.layer(in.Body, limits)
	if err != nil {
		return none, err
	}
	s.About(s.Environment.Name + " " + string(p.Role))
	layers, err := s.Tx.Layers(s.Environment.ID)
	if err != nil {
		return none, err
	}
	if p.Role == holm.LayerBalancer && has(layers, holm.LayerBalancer) {
		return none, holm.Errorf(holm.CodeConflict, "%s has a balancer already; give it more nodes instead.", s.Environment.Name)
	}
	if p.Role == holm.LayerApp && has(layers, holm.LayerApp) {
		return none, holm.Errorf(holm.CodeConflict, "%s", oneApp)
	}
	balance := p.Role == holm.LayerApp && p.count > 1 && !has(layers, holm.LayerBalancer)
	if err := fits(count(layers)+p.count+one(balance), limits); err != nil {
		return none, err
	}
	position, err := s.Tx.NextPosition(s.Environment.ID)
	if err != nil {
		return none, err
	}
	p.Environment = s.Environment.ID
	if err := f.makeLayer(s, p, position); err != nil {
		return none, err
	}
	if balance {
		if err := f.balance(s, position+1, limits); err != nil {
			return none, err
		}
	}
	return f.update(s)
}

// removeLayer takes a layer away with its data, as long as what is left still
// makes an environment.
func (f *feature) removeLayer(s *dispatch.Scope, in *ops.LayerRemoveInput) (none ops.EnvironmentView, err error) {
	l, _, err := f.layerOf(s, in.Layer)
	if err != nil {
		return none, err
	}
	layers, err := s.Tx.Layers(s.Environment.ID)
	if err != nil {
		return none, err
	}
	if err := removable(l, layers); err != nil {
		return none, err
	}
	if in.Confirm != string(l.Role) {
		return none, holm.Invalid("confirm", "To remove the layer, repeat its role %s; its nodes go with their files.", l.Role)
	}
	s.Note("nodes", len(l.Nodes))
	s.Note("stack", l.Stack+" "+l.Version)
	if err := s.Tx.RemoveLayer(l); err != nil {
		return none, err
	}
	f.tellRemoved(s, l, "the layer "+string(l.Role)+" with "+holm.Counted(len(l.Nodes), "node"))
	return f.update(s)
}

// oneApp is why a second app layer is refused: every request would go to
// either of two programs by chance.
const oneApp = "An environment has one app layer, to which its requests go. Give it more nodes, make another environment for another program, or add a custom layer for one that needs no requests from outside."

// removable refuses to remove what the rest cannot be without.
func removable(l holm.Layer, layers []holm.Layer) error {
	most := 0
	for _, other := range layers {
		if other.Role == holm.LayerApp {
			most += len(other.Nodes)
		}
	}
	switch {
	case len(layers) == 1:
		return holm.Errorf(holm.CodeConflict, "This is the only layer. Delete the environment instead, or add another layer first.")
	case l.Role == holm.LayerBalancer && most > 1:
		return holm.Errorf(holm.CodeConflict, "The balancer spreads requests over %d app nodes. Scale the app to one node first.", most)
	case l.Role == holm.LayerApp && most == len(l.Nodes) && has(layers, holm.LayerBalancer):
		return holm.Errorf(holm.CodeConflict, "The balancer would have nothing to send requests to. Remove the balancer first.")
	}
	return nil
}

func (f *feature) removeNode(s *dispatch.Scope, in *ops.NodeRemoveInput) (none ops.EnvironmentView, err error) {
	n, err := f.nodeOf(s, in.Node)
	if err != nil {
		return none, err
	}
	l, err := s.Tx.Layer(s.Environment.ID, string(n.Layer))
	if err != nil {
		return none, err
	}
	if len(l.Nodes) == 0 || l.Nodes[0].ID == n.ID {
		return none, holm.Errorf(holm.CodeConflict, "Node %d is the first of its layer, which the others are copies of; it stays as long as the layer does.", n.ID)
	}
	s.Note("was_nodes", len(l.Nodes))
	if err := s.Tx.RemoveNode(s.Environment.ID, n.ID); err != nil {
		return none, err
	}
	if keepsData(l.Role) {
		f.tellRemoved(s, l, "node "+strconv.FormatInt(int64(n.ID), 10)+" of the layer "+string(l.Role))
	}
	return f.update(s)
}

func (f *feature) nodeOf(s *dispatch.Scope, id holm.NodeID) (n holm.Node, err error) {
	if err := busy(s.Environment); err != nil {
		return n, err
	}
	if n, err = s.Tx.Node(s.Environment.ID, id); err == nil {
		s.About(s.Environment.Name + " node " + strconv.FormatInt(int64(n.ID), 10))
	}
	return n, err
}

func (f *feature) limit(s *dispatch.Scope, in *ops.LayerLimitInput) (none ops.EnvironmentView, err error) {
	l, limits, err := f.layerOf(s, in.Layer)
	if err != nil {
		return none, err
	}
	if err := f.unchanged(s, in.Body.Was, l.Cloudlets, "cloudlets", string(l.Role)); err != nil {
		return none, err
	}
	if err := checkCloudlets(in.Body.Cloudlets, limits); err != nil {
		return none, err
	}
	if l.Cloudlets == in.Body.Cloudlets {
		return f.show(s)
	}
	s.Note("was_cloudlets", l.Cloudlets)
	if err := f.enough(s.Environment.ID, l, in.Body.Cloudlets); err != nil {
		return none, err
	}
	if err := s.Tx.SetCloudlets(l.ID, in.Body.Cloudlets); err != nil {
		return none, err
	}
	return f.update(s)
}

// enough refuses a limit below what a node of the layer was last seen using.
// One that grows at the same moment keeps the limit it has until it fits.
func (f *feature) enough(id holm.EnvironmentID, l holm.Layer, cloudlets int) error {
	if f.o.Used == nil || cloudlets > l.Cloudlets {
		return nil
	}
	used := f.o.Used(id)
	var most holm.Node
	for _, n := range l.Nodes {
		if used[n.ID] > used[most.ID] {
			most = n
		}
	}
	if used[most.ID] <= holm.CloudletMemoryBytes(cloudlets) {
		return nil
	}
	const mib = 1 << 20
	least := int((used[most.ID] + holm.CloudletMemory - 1) / holm.CloudletMemory)
	return holm.Invalid("cloudlets", "Node %d uses %d MiB of memory now, more than the %d MiB of %s. Choose at least %d, or stop something in the node first.",
		most.ID, used[most.ID]/mib, holm.CloudletMemoryBytes(cloudlets)/mib, holm.Counted(cloudlets, "cloudlet"), least)
}

// longestPause bounds how long a layer may be half restarted, in seconds.
const longestPause = 3600

func (f *feature) restartLayer(s *dispatch.Scope, in *ops.LayerRestartInput) (none ops.EnvironmentView, err error) {
	l, _, err := f.layerOf(s, in.Layer)
	if err != nil {
		return none, err
	}
	pause := -time.Millisecond
	if in.Body.OneByOne {
		pause = time.Duration(in.Body.Pause) * time.Second
	}
	if in.Body.Pause < 0 || in.Body.Pause > longestPause {
		return none, holm.Invalid("pause", "The pause is 0 to %d seconds.", longestPause)
	}
	return f.restart(s, func() error { return s.Tx.RestartLayer(l, pause) })
}

func (f *feature) restartNode(s *dispatch.Scope, in *ops.NodeRestartInput) (none ops.EnvironmentView, err error) {
	n, err := f.nodeOf(s, in.Node)
	if err != nil {
		return none, err
	}
	return f.restart(s, func() error { return s.Tx.RestartNode(s.Environment.ID, n.ID) })
}

func (f *feature) restart(s *dispatch.Scope, write func() error) (none ops.EnvironmentView, err error) {
	if s.Environment.Wanted != holm.StateRunning {
		return none, holm.Errorf(holm.CodeConflict, "%s is %s; start it first.", s.Environment.Name, s.Environment.State)
	}
	if err := write(); err != nil {
		return none, err
	}
	return f.want(s, holm.StateRunning, holm.StateRestarting)
}
