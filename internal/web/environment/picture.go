package environment

import (
	"strconv"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// Chain draws an environment's layers as one line, for rows and cards.
func Chain(e ops.EnvironmentView) part.Topology {
	t := part.Topology{Small: true, Label: "Layers of " + e.Name}
	for _, l := range e.Layers {
		layer := part.Layer{Role: l.Role}
		for _, n := range l.Nodes {
			layer.Nodes = append(layer.Nodes, part.Node{ID: nodeID(n), State: part.State(n.State)})
		}
		t.Layers = append(t.Layers, layer)
	}
	return t
}

// LevelChip says what the caller is to an environment, and on hover and focus
// what that allows.
func LevelChip(e ops.EnvironmentView) part.Chip {
	if e.Level == levelOwner {
		return part.Chip{ID: "level-" + e.ID, Label: "Owner", Tone: part.Accent, Detail: "It is yours: every right, and the only one who shares or deletes it."}
	}
	tone := part.Idle
	if holm.Level(e.Level) == holm.LevelFull {
		tone = part.Accent
	}
	return part.Chip{ID: "level-" + e.ID, Label: site.LevelName(e.Level), Tone: tone, Detail: site.LevelSentence(e.Level)}
}

// levelOwner is what environment.show calls the level of who owns it.
const levelOwner = "owner"

// NodeCount counts the nodes of all layers.
func NodeCount(e ops.EnvironmentView) (n int) {
	for _, l := range e.Layers {
		n += len(l.Nodes)
	}
	return n
}

func nodeID(n ops.NodeView) string { return strconv.FormatInt(n.ID, 10) }

// Amount says what a number of cloudlets comes to: "640 MiB and 2 GHz".
func Amount(cloudlets int) string {
	return memory(holm.CloudletMemoryBytes(cloudlets)>>20) + " and " + clock(cloudlets*holm.CloudletMHz)
}

func memory(mebibytes int64) string {
	if mebibytes < 1024 {
		return strconv.FormatInt(mebibytes, 10) + " MiB"
	}
	return decimal(float64(mebibytes)/1024) + " GiB"
}

func clock(megahertz int) string {
	if megahertz < 1000 {
		return strconv.Itoa(megahertz) + " MHz"
	}
	return decimal(float64(megahertz)/1000) + " GHz"
}

func decimal(v float64) string { return strconv.FormatFloat(float64(int(v*100+0.5))/100, 'f', -1, 64) }
