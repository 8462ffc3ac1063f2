package environment

import (
	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/part"
)

// The most that steppers offer; what an account may really have is the
// owner's quota, which the door holds.
var (
	mostNodes     = holm.LimitsOf(holm.AccountFull).NodesPerLayer
	mostCloudlets = holm.LimitsOf(holm.AccountFull).CloudletsPerNode
)

// topology draws the layers with each node.
func (p *page) topology() part.Topology {
	t := part.Topology{Label: "Layers of " + p.env.Name}
	for _, l := range p.env.Layers {
		layer := part.Layer{ID: "layer-" + l.ID, Role: l.Role, Title: p.title(l), Note: Amount(l.Cloudlets) + " each", Actions: p.layerFoot(l)}
		for i, n := range l.Nodes {
			layer.Nodes = append(layer.Nodes, part.Node{ID: nodeID(n), State: part.State(n.State), Reason: n.Reason, Address: n.Address, Actions: p.nodeTools(n, i == 0)})
		}
		t.Layers = append(t.Layers, layer)
	}
	return t
}

// sum says what all of it comes to: "3 nodes, up to 5 cloudlets = 640 MiB and
// 2 GHz.".
func (p *page) sum() string {
	cloudlets := 0
	for _, l := range p.env.Layers {
		cloudlets += l.Cloudlets * len(l.Nodes)
	}
	return Sum(NodeCount(p.env), cloudlets)
}

// Sum says in words what nodes and cloudlets come to.
func Sum(nodes, cloudlets int) string {
	return holm.Counted(nodes, "node") + ", up to " + holm.Counted(cloudlets, "cloudlet") + " = " + Amount(cloudlets) + "."
}
