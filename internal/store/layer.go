package store

import (
	"slices"
	"strings"
	"time"

	"github.com/holmhq/holm"
)

// CreateLayer adds a layer behind those that are there, with its nodes.
func (tx *Tx) CreateLayer(l holm.Layer, position, nodes int) (holm.Layer, error) {
	l.ID, l.Pause = holm.LayerID(newID("lay")), -time.Millisecond
	_, err := tx.exec("create layer", `INSERT INTO layers (id, environment_id, position, role, stack, version, cloudlets) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		l.ID, l.Environment, position, string(l.Role), l.Stack, l.Version, l.Cloudlets)
	if err != nil {
		return l, err
	}
	l.Nodes, err = tx.AddNodes(l, nodes)
	return l, err
}

// NextPosition gives the place behind an environment's last layer.
func (tx *Tx) NextPosition(e holm.EnvironmentID) (n int, err error) {
	err = tx.one("find position", `SELECT COALESCE(MAX(position), -1) + 1 FROM layers WHERE environment_id = $1`, []any{e}, &n)
	return n, err
}

// Layers lists an environment's layers with their nodes, in the order they
// were made.
func (tx *Tx) Layers(e holm.EnvironmentID) ([]holm.Layer, error) {
	list := []holm.Environment{{ID: e}}
	err := tx.fill(list)
	return list[0].Layers, err
}

// atOnce bounds the environments of one query; SQLite takes 32,766 values.
const atOnce = 1000

// fill reads the layers of environments, all of a page in two queries.
func (tx *Tx) fill(list []holm.Environment) error {
	for page := range slices.Chunk(list, atOnce) {
		if err := tx.fillPage(page); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) fillPage(page []holm.Environment) error {
	at := make(map[holm.EnvironmentID]int, len(page))
	ids, marks := make([]any, len(page)), make([]string, len(page))
	for i := range page {
		page[i].Layers = []holm.Layer{}
		at[page[i].ID], ids[i], marks[i] = i, page[i].ID, "$"+itoa(i+1)
	}
	among := ` IN (` + strings.Join(marks, ",") + `)`
	layers, err := many(tx, "list layers", `SELECT id, environment_id, role, stack, version, cloudlets, pause FROM layers WHERE environment_id`+among+` ORDER BY environment_id, position`,
		ids, func(row scanner) (l holm.Layer, err error) {
			var pause int64
			err = row.Scan(&l.ID, &l.Environment, &l.Role, &l.Stack, &l.Version, &l.Cloudlets, &pause)
			l.Pause = time.Duration(pause) * time.Millisecond
			return l, err
		})
	if err != nil {
		return err
	}
	nodes, err := many(tx, "list nodes", `SELECT `+nodeColumns+` FROM nodes n WHERE n.environment_id`+among+` ORDER BY n.ordinal`, ids, scanNode)
	if err != nil {
		return err
	}
	of := make(map[holm.LayerID]int, len(layers))
	for i, l := range layers {
		of[l.ID] = i
	}
	for _, n := range nodes {
		if i, ok := of[n.Layer]; ok {
			layers[i].Nodes = append(layers[i].Nodes, n)
		}
	}
	for _, l := range layers {
		e := &page[at[l.Environment]]
		e.Layers = append(e.Layers, l)
	}
	return nil
}

// Layer finds a layer of an environment by id or, where it is the only one of
// its role, by role; not found otherwise.
func (tx *Tx) Layer(e holm.EnvironmentID, name string) (holm.Layer, error) {
	layers, err := tx.Layers(e)
	if err != nil {
		return holm.Layer{}, err
	}
	var found []holm.Layer
	for _, l := range layers {
		if string(l.ID) == name {
			return l, nil
		}
		if string(l.Role) == name {
			found = append(found, l)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return holm.Layer{}, holm.ErrNotFound()
	}
	return holm.Layer{}, holm.Invalid("layer", "There are %d layers of role %s; name one by its id.", len(found), name)
}

// SetCloudlets changes the limit of a layer.
func (tx *Tx) SetCloudlets(id holm.LayerID, cloudlets int) error {
	_, err := tx.exec("set cloudlets", `UPDATE layers SET cloudlets = $2 WHERE id = $1`, id, cloudlets)
	return err
}

const nodeColumns = `n.id, n.environment_id, n.layer_id, n.ordinal, n.slot, n.state, n.reason, n.address, n.port, n.restarts, n.copy_of, n.variables`

func scanNode(row scanner) (n holm.Node, err error) {
	err = row.Scan(&n.ID, &n.Environment, &n.Layer, &n.Ordinal, &n.Slot, &n.State, &n.Reason, &n.Address, &n.Port, &n.Restarts, &n.CopyOf, &n.Variables)
	return n, err
}

// Node finds a node of an environment; not found otherwise. There is no way
// to find one without its environment.
func (tx *Tx) Node(e holm.EnvironmentID, id holm.NodeID) (holm.Node, error) {
	n, err := scanNode(tx.row(`SELECT `+nodeColumns+` FROM nodes n WHERE n.environment_id = $1 AND n.id = $2`, e, id))
	return n, notFound(none(err))
}

// AddNodes adds n nodes to a layer, each in a free slot of the environment.
// The first nodes of a layer begin empty, later ones as copies of its first.
func (tx *Tx) AddNodes(l holm.Layer, n int) ([]holm.Node, error) {
	used, err := many(tx, "list slots", `SELECT slot FROM nodes WHERE environment_id = $1`, []any{l.Environment}, func(row scanner) (slot int, err error) {
		err = row.Scan(&slot)
		return slot, err
	})
	if err != nil {
		return nil, err
	}
	taken := map[int]bool{}
	for _, slot := range used {
		taken[slot] = true
	}
	last, first := 0, holm.NodeID(0)
	if len(l.Nodes) > 0 {
		first = l.Nodes[0].ID
	}
	for _, node := range l.Nodes {
		last = max(last, node.Ordinal)
	}
	added := make([]holm.Node, 0, n)
	slot := 1
	for i := range n {
		for taken[slot] {
			slot++
		}
		taken[slot] = true
		id, err := tx.counter("node")
		if err != nil {
			return nil, err
		}
		node := holm.Node{ID: holm.NodeID(id), Environment: l.Environment, Layer: l.ID, Ordinal: last + 1 + i, Slot: slot, State: holm.StateCreating, CopyOf: first}
		if _, err := tx.exec("create node", `INSERT INTO nodes (id, environment_id, layer_id, ordinal, slot, state, copy_of) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			node.ID, node.Environment, node.Layer, node.Ordinal, node.Slot, string(node.State), node.CopyOf); err != nil {
			return nil, err
		}
		added = append(added, node)
	}
	return added, nil
}

// RemoveNode takes a node out of what is wanted.
func (tx *Tx) RemoveNode(e holm.EnvironmentID, id holm.NodeID) error {
	_, err := tx.exec("remove node", `DELETE FROM nodes WHERE environment_id = $1 AND id = $2`, e, id)
	return err
}

// RestartNode asks for one more restart of a node, now.
func (tx *Tx) RestartNode(e holm.EnvironmentID, id holm.NodeID) error {
	_, err := tx.exec("restart node", `UPDATE nodes SET restarts = restarts + 1, state = 'restarting' WHERE environment_id = $1 AND id = $2`, e, id)
	return err
}

// RestartLayer asks for one more restart of every node of a layer: all at once
// with a negative pause, else one after another with the pause between. Those
// whose turn comes later run on as they are.
func (tx *Tx) RestartLayer(l holm.Layer, pause time.Duration) error {
	state, wait := "'restarting'", int64(-1)
	if pause >= 0 {
		state, wait = "state", pause.Milliseconds()
	}
	if _, err := tx.exec("restart layer", `UPDATE layers SET pause = $2 WHERE id = $1`, l.ID, wait); err != nil {
		return err
	}
	_, err := tx.exec("restart layer", `UPDATE nodes SET restarts = restarts + 1, state = `+state+` WHERE environment_id = $1 AND layer_id = $2`, l.Environment, l.ID)
	return err
}

// RemoveLayer takes a layer and its nodes out of what is wanted.
func (tx *Tx) RemoveLayer(l holm.Layer) error {
	if _, err := tx.exec("remove layer", `DELETE FROM nodes WHERE environment_id = $1 AND layer_id = $2`, l.Environment, l.ID); err != nil {
		return err
	}
	_, err := tx.exec("remove layer", `DELETE FROM layers WHERE environment_id = $1 AND id = $2`, l.Environment, l.ID)
	return err
}

// Copied notes that nodes have the files they were to begin with.
func (tx *Tx) Copied(e holm.EnvironmentID, nodes ...holm.NodeID) error {
	for _, id := range nodes {
		if _, err := tx.exec("note copy", `UPDATE nodes SET copy_of = 0 WHERE environment_id = $1 AND id = $2`, e, id); err != nil {
			return err
		}
	}
	return nil
}

// SetNodeStates gives every node of an environment the same state, before
// work begins.
func (tx *Tx) SetNodeStates(e holm.EnvironmentID, state holm.State) error {
	_, err := tx.exec("set node states", `UPDATE nodes SET state = $2, reason = '' WHERE environment_id = $1`, e, string(state))
	return err
}

// ObserveNode writes what a node is seen doing and says whether that is new.
func (tx *Tx) ObserveNode(e holm.EnvironmentID, n holm.Node) (bool, error) {
	changed, err := tx.exec("observe node", `UPDATE nodes SET state = $3, reason = $4, address = $5, port = $6, variables = $7 WHERE environment_id = $1 AND id = $2
		AND (state <> $3 OR reason <> $4 OR address <> $5 OR port <> $6 OR variables <> $7)`, e, n.ID, string(n.State), n.Reason, n.Address, n.Port, n.Variables)
	return changed > 0, err
}
