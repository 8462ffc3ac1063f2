package part

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/holmhq/holm"
)

// Topology draws an environment's layers as the chain that requests run
// through: balancer, app ×3, database. Small is one line for cards and rows;
// otherwise each layer is a column with its nodes.
type Topology struct {
	Label  string // what it is a picture of, read out
	Layers []Layer
	Small  bool
}

// Layer is one link of the chain.
type Layer struct {
	ID      string
	Role    string // balancer, app, database, cache, storage, custom
	Title   string // "Node.js 22"
	Note    string // "up to 4 cloudlets each"
	Href    string
	Count   int // number of nodes when Nodes is not given
	State   State
	Nodes   []Node
	Actions templ.Component // below the layer's nodes, or beside its title
}

// Node is one container of a layer.
type Node struct {
	ID      string // "12"
	Name    string // "node 12" when empty
	State   State
	Reason  string // why it is broken
	Address string
	Load    *Sparkline
	Href    string
	Actions templ.Component
}

func (l Layer) count() int { return max(l.Count, len(l.Nodes)) }

func (l Layer) icon() Icon { return RoleIcon(l.Role) }

// state is the layer's own, or what its nodes come to: the worst of them.
func (l Layer) state() State {
	if l.State != "" || len(l.Nodes) == 0 {
		return l.State
	}
	worst, weight := l.Nodes[0].State, l.Nodes[0].State.weight()
	for _, node := range l.Nodes[1:] {
		if w := node.State.weight(); w > weight {
			worst, weight = node.State, w
		}
	}
	return worst
}

// weight says how much a state asks to be seen among several.
func (s State) weight() int {
	switch {
	case s.Tone() == Bad:
		return 3
	case s.Moving():
		return 2
	case s.Tone() == Good:
		return 0
	}
	return 1
}

// said is the layer in words: "app, 3 nodes, running".
func (l Layer) said() string {
	parts := []string{l.Role, holm.Counted(l.count(), "node")}
	if state := l.state(); state != "" {
		parts = append(parts, string(state))
	}
	return strings.Join(parts, ", ")
}

func (l Layer) times() string { return "×" + strconv.Itoa(l.count()) }

func (n Node) name() string {
	if n.Name != "" {
		return n.Name
	}
	return "node " + n.ID
}
