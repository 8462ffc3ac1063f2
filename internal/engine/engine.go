// Package engine is the port to what runs nodes. Drivers live below it; one
// conformance suite (enginetest) holds them to the same behaviour.
//
// It knows what should run and what does; it must not know of people, rights,
// the store or why something is wanted.
package engine

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/holmhq/holm"
)

// Engine runs environments. Every method is idempotent and may be called
// again after a crash at any point.
type Engine interface {
	// Apply makes the world match what is wanted: networks, node file
	// systems, running and stopped nodes, limits, upstreams. It removes nodes
	// of the environment that are no longer wanted. It returns when the world
	// matches, or the first error; what matched already is left alone, so a
	// running node whose limits change is not restarted. One node that fails
	// does not keep the others from what they should be. A memory limit below
	// what a node uses now is refused with a conflict caused by ErrInUse: the
	// node runs on with the limit it has.
	Apply(ctx context.Context, wanted Environment) error
	// Observe tells what is there. An unknown environment is not an error:
	// it is one without nodes.
	Observe(ctx context.Context, id holm.EnvironmentID) ([]Observed, error)
	// Remove takes away everything of the environment, also its data. What is
	// not there is no error.
	Remove(ctx context.Context, id holm.EnvironmentID) error
	// Watch sends the id of each environment in which something changed that
	// Apply did not do: a node died, came back, became ready. The channel is
	// closed when ctx ends.
	Watch(ctx context.Context) <-chan holm.EnvironmentID
	// Exec starts a process inside a running node. It ends with ctx. The error
	// is a conflict when the node does not run, not found when there is none.
	Exec(ctx context.Context, id holm.EnvironmentID, node holm.NodeID, command Command) (Process, error)
	// Check says whether the engine can work on this machine; the error is a
	// sentence that says what to do.
	Check(ctx context.Context) error
}

// Environment is the wanted state of one environment.
type Environment struct {
	ID     holm.EnvironmentID
	Name   string
	Subnet int // index of its own subnet in the engine's private range
	Nodes  []Node
}

// Node is the wanted state of one node.
type Node struct {
	ID       holm.NodeID
	Layer    holm.LayerID
	Role     holm.LayerRole
	Stack    string // the name of a stack the engine knows
	Version  string
	Hostname string // "node12"; also in /etc/hosts of the environment's other nodes
	// Slot is a number 1..60, unique in the environment and kept for the
	// node's life; drivers that choose addresses derive the address from it.
	Slot     int
	Running  bool
	Restarts int64 // when it has grown since the node started, the node is restarted
	Limits   Limits
	// Env are variables for what runs in the node. A running node keeps those
	// it started with until it is started anew. They may be secrets: no driver
	// keeps them where a node that does not run leaves them.
	Env map[string]string `json:"-"`
	// EnvVersion numbers the variables; Observed tells which a node has.
	EnvVersion int64
	// Upstreams are, for a balancer, the nodes of the same environment it
	// spreads requests over. A change is taken up without a restart or a
	// failed request.
	Upstreams []Upstream
}

// Upstream is a node that a balancer sends requests to. The driver knows its
// address and, from its stack, its port.
type Upstream struct{ Node holm.NodeID }

// Limits bound what a node may use.
type Limits struct {
	MemoryBytes int64
	Cores       float64
	Pids        int64
	DiskBytes   int64 // 0: not bounded
}

// Observed is what a node is seen doing.
type Observed struct {
	Node    holm.NodeID
	Address string // on the environment's network, without port
	Port    int    // where its service listens, 0 when it has none
	// State is running (the service answers), starting (the process lives,
	// the service does not answer yet), stopped or broken.
	State holm.State
	// Reason is one sentence for people: why it is broken, why its service is
	// being started again, or that a stopped node ended by itself. Empty when
	// all is as it was asked for.
	Reason string
	Since  time.Time
	// Restarts is the wanted restart count that this state already obeys.
	Restarts int64
	// EnvVersion is that of the variables the node started with; of a node
	// that does not run, of those it had last.
	EnvVersion int64
}

// Command is a process to start inside a node as its service user.
type Command struct {
	Args   []string
	Env    []string // added to the node's own
	Dir    string   // "" for the service user's home
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	TTY    *Size // not nil: with a terminal of that size, Stderr unused
}

// Size of a terminal in characters.
type Size struct{ Width, Height int }

// Process is a process running inside a node. It is killed when the context
// given to Exec ends.
type Process interface {
	// Wait gives the exit code, or an error when that cannot be known.
	Wait() (int, error)
	Resize(Size) error
	Signal(name string) error // "INT", "TERM", "KILL", …
}

// Copier is an optional ability: engines that can give new nodes the files of
// others.
type Copier interface {
	// Copy gives each target the files of its source as they all were at one
	// moment: while the last of them are read, every running node of the source
	// environment is paused, for less than a second or the copy fails. Targets
	// must not run; what they had is replaced, so a copy that was cut off is
	// simply made again.
	Copy(ctx context.Context, c Copying) (Copied, error)
}

// Copying says what is to be copied.
type Copying struct {
	Source holm.EnvironmentID
	Target Environment                 // as it will be applied; may be the source itself
	Nodes  map[holm.NodeID]holm.NodeID // from target to source
	// Names are looked for in the copies: what of the source they still speak
	// of. None: nothing is looked for.
	Names []string
}

// Copied is what a copy came to.
type Copied struct {
	Paused   time.Duration // how long the source stood still
	Bytes    int64
	Mentions []Mention
	More     bool // not everything was looked at
}

// Mention is a place in a copy that still names its source.
type Mention struct {
	Node holm.NodeID
	Path string
	Line int // 0 in files without lines
	Name string
}

// ErrInUse is the cause of the conflict when a node uses more memory than its
// new limit allows. Asking again later may succeed.
var ErrInUse = errors.New("the node uses more")

// Gauge is an optional ability: engines that can quickly tell how much memory
// the running nodes of an environment use and could not give back, in bytes.
type Gauge interface {
	Memory(ctx context.Context, id holm.EnvironmentID) (map[holm.NodeID]int64, error)
}

// Sizer is an optional ability: engines that can tell what a node uses now.
type Sizer interface {
	Usage(ctx context.Context, id holm.EnvironmentID, node holm.NodeID) (Usage, error)
}

// Usage is what a node uses at one moment.
type Usage struct {
	Time        time.Time
	MemoryBytes int64         // without page cache
	CPU         time.Duration // since the node started
	Pids        int64
	RxBytes     int64
	TxBytes     int64
	ReadBytes   int64
	WriteBytes  int64
	DiskBytes   int64
}
