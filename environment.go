package holm

import "time"

// State is what an environment or node is doing.
type State string

// The states, as people see them.
const (
	StateCreating     State = "creating"
	StateRunning      State = "running"
	StateStopping     State = "stopping"
	StateStopped      State = "stopped"
	StateStarting     State = "starting"
	StateRestarting   State = "restarting"
	StateCloning      State = "cloning"
	StateUpdating     State = "updating"
	StateDeleting     State = "deleting"
	StateBroken       State = "broken"
	StateTransferring State = "transferring"
)

// Environment is a named group of nodes that together run one application.
type Environment struct {
	ID         EnvironmentID
	Account    AccountID
	Owner      UserID
	OwnerEmail string
	Name       string // a DNS label, unique on the installation
	Alias      string // free-form
	State      State
	Reason     string // why it is broken, one sentence
	Wanted     State  // running, stopped or deleting
	Generation int64  // grows with every change of what is wanted
	Done       int64  // the generation that was reached
	Creator    UserID
	Subnet     int // which of the installation's subnets is its own
	CreatedAt  time.Time
	UpdatedAt  time.Time
	DeletedAt  time.Time     // zero when it is not deleted
	CopyOf     EnvironmentID // whose copy it is being made, "" otherwise
	// OfferedUntil is the end of an open offer to another account, zero for none.
	OfferedUntil time.Time
	// Variables grows with each change of the environment variables. Env are
	// they, only where nodes are to be started.
	Variables int64
	Env       []Variable
	Schedule  Schedule
	Layers    []Layer
}

// LayerRole is what a layer does in its environment.
type LayerRole string

// The roles, in the order they are drawn: requests go from left to right.
const (
	LayerBalancer LayerRole = "balancer"
	LayerApp      LayerRole = "app"
	LayerDatabase LayerRole = "database"
	LayerCache    LayerRole = "cache"
	LayerStorage  LayerRole = "storage"
	LayerCustom   LayerRole = "custom"
)

// LayerRoles lists the roles in the order requests meet them.
var LayerRoles = []LayerRole{LayerBalancer, LayerApp, LayerCustom, LayerCache, LayerDatabase, LayerStorage}

// Layer is all nodes of one role and stack in an environment.
type Layer struct {
	ID          LayerID
	Environment EnvironmentID
	Role        LayerRole
	Stack       string
	Version     string
	Cloudlets   int // limit of each node
	// Pause is between the restarts of its nodes when they are restarted one
	// after another; negative when all are at once.
	Pause time.Duration
	Nodes []Node
}

// OneByOne says whether restarts of the layer go from node to node.
func (l Layer) OneByOne() bool { return l.Pause >= 0 }

// Node is one isolated single-purpose container.
type Node struct {
	ID          NodeID
	Environment EnvironmentID
	Layer       LayerID
	Slot        int // 1..60, unique in the environment; gives the address
	Ordinal     int // 1 is the layer's first node, which is never removed
	State       State
	Reason      string
	Address     string // on the environment's bridge
	Port        int    // where its service listens, 0 until known
	Restarts    int64  // asked-for restarts so far; the engine restarts when it grows
	CopyOf      NodeID // whose files it begins with, 0 once it has them
	Variables   int64  // of the environment, when it was started
}

// CopyReport is what is kept of how an environment was made a copy.
type CopyReport struct {
	Of       string        `json:"of"` // name that the original had
	At       time.Time     `json:"at"`
	Paused   time.Duration `json:"paused"`
	Bytes    int64         `json:"bytes"`
	Mentions []Mention     `json:"mentions"`
	More     bool          `json:"more"` // not everything was looked at
}

// Mention is a place in a copy that still names its original.
type Mention struct {
	Node NodeID `json:"node"`
	Path string `json:"path"`
	Line int    `json:"line"` // 0 in files without lines
	Name string `json:"name"`
}
