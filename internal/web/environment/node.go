package environment

import (
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// mountNodes adds what takes one node away. It asks first: what was only on
// that node is gone with it.
func mountNodes(s *site.Site) {
	s.Handle("GET "+root+"/nodes/{node}/remove", form("Remove a node", (*page).removeNodeForm))
	s.Handle("POST "+root+"/nodes/{node}/remove", sent("Remove a node", (*page).removeNodeForm, removeNode))
}

func removeNode(r *site.Request, of ops.OfEnvironment) (string, error) {
	p, err := open(r, overview)
	if err != nil {
		return "", err
	}
	l, n, err := p.node()
	if err != nil {
		return "", err
	}
	if holdsData(l) && r.PostFormValue("confirm") != nodeID(n) {
		return "", holm.Invalid("confirm", "To remove the node, repeat its number %s.", nodeID(n))
	}
	return "", ask(r, ops.NodeRemove, ops.NodeRemoveInput{OfNode: ops.OfNode{Environment: of.Environment, Node: holm.NodeID(n.ID)}})
}

// node finds the node that a form is about, and its layer.
func (p *page) node() (ops.LayerView, ops.NodeView, error) {
	for _, l := range p.env.Layers {
		for _, n := range l.Nodes {
			if nodeID(n) == p.PathValue("node") {
				return l, n, nil
			}
		}
	}
	return ops.LayerView{}, ops.NodeView{}, holm.ErrNotFound()
}

// holdsData says whether the nodes of a layer are there to keep something.
func holdsData(l ops.LayerView) bool {
	return slices.Contains([]holm.LayerRole{holm.LayerDatabase, holm.LayerStorage, holm.LayerCustom}, holm.LayerRole(l.Role))
}

// stays is why a node cannot be taken away alone, "" when it can.
func stays(l ops.LayerView, n ops.NodeView) string {
	if len(l.Nodes) == 0 || l.Nodes[0].ID != n.ID {
		return ""
	}
	return "Node " + nodeID(n) + " is the first of its layer; it stays as long as the layer does."
}

func (p *page) removeNodeForm() (templ.Component, error) {
	l, n, err := p.node()
	return p.removeNodeBody(l, n), err
}

func (p *page) removeNodeQuestion(l ops.LayerView, n ops.NodeView) part.Confirm {
	left := len(l.Nodes) - 1
	goOn := holm.Counted(left, "node") + " of " + l.Role + " go on running"
	if left == 1 {
		goOn = "1 node of " + l.Role + " goes on running"
	}
	if l.Role == string(holm.LayerApp) {
		goOn += ", and requests no longer come to node " + nodeID(n)
	}
	c := part.Confirm{ID: "remove-node-confirm", Page: true, Title: "Remove node " + nodeID(n) + "?", Points: []string{
		"The node stops, and the files and data that are only on it are erased. They cannot be restored.",
		goOn + ".",
	}, Action: p.path("/nodes/" + nodeID(n) + "/remove"), Button: "Remove node " + nodeID(n), Back: p.path("")}
	if holdsData(l) {
		c.Type, c.TypeName = strconv.FormatInt(n.ID, 10), "the node's number"
		c.Points[1] = goOn + " with what is on it; what only node " + nodeID(n) + " has is not copied there."
		if left > 1 {
			c.Points[1] = goOn + " with what is on them; what only node " + nodeID(n) + " has is not copied there."
		}
	}
	return c
}
