package ops

import (
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// NodeView is a node as people see it.
type NodeView struct {
	ID      int64  `json:"id"`
	State   string `json:"state"`
	Reason  string `json:"reason,omitempty" doc:"Why it is broken"`
	Address string `json:"address" doc:"On the environment's own network; empty until known"`
}

// LayerView is a layer with its nodes.
type LayerView struct {
	ID        string     `json:"id"`
	Role      string     `json:"role"`
	Stack     string     `json:"stack"`
	Version   string     `json:"version"`
	Cloudlets int        `json:"cloudlets" doc:"Limit of each node; one is 128 MiB and 400 MHz"`
	Nodes     []NodeView `json:"nodes"`
}

// ScheduleView says when an environment is started and stopped by itself.
type ScheduleView struct {
	TimeZone string     `json:"time_zone"`
	Days     []string   `json:"days"`
	Start    string     `json:"start" doc:"Time of day, empty when it is not started by itself"`
	Stop     string     `json:"stop" doc:"Time of day, empty when it is not stopped by itself"`
	Next     *time.Time `json:"next,omitempty" doc:"When it is started or stopped next"`
}

// EnvironmentView is an environment as the caller may see it.
type EnvironmentView struct {
	ID          string        `json:"id"`
	Name        string        `json:"name"`
	Alias       string        `json:"alias"`
	State       string        `json:"state"`
	Meanwhile   string        `json:"meanwhile,omitempty" doc:"While it is transferring (offered to another account): running or stopped, what its nodes do"`
	Reason      string        `json:"reason,omitempty" doc:"Why it is broken"`
	URL         string        `json:"url" doc:"Where it answers"`
	Copy        *CopyView     `json:"copy,omitempty" doc:"What it was made a copy of; only from environment.show, for those who may clone it"`
	Transfer    *TransferView `json:"transfer,omitempty" doc:"To whom it is offered; only from environment.show, for its owner"`
	Schedule    *ScheduleView `json:"schedule,omitempty" doc:"When it is started and stopped by itself"`
	Owner       Person        `json:"owner"`
	Level       string        `json:"level" doc:"owner, full, limited or the name of an own level of the owner's; of several that add up, their names with + between"`
	LevelUntil  *time.Time    `json:"level_until,omitempty" doc:"When the first part of the caller's access ends by itself"`
	From        []GiftView    `json:"from,omitempty" doc:"What the caller's access is made of, each with its own end; empty for the owner"`
	Layers      []LayerView   `json:"layers"`
	Permissions []string      `json:"permissions" doc:"What the caller may do"`
	CreatedAt   time.Time     `json:"created_at"`
	DeletedAt   *time.Time    `json:"deleted_at,omitempty" doc:"When it was deleted; only of those that can be restored"`
	ErasedFrom  *time.Time    `json:"erased_from,omitempty" doc:"From when on a deleted one is erased and cannot be restored"`
}

// LayerInput describes a layer to create.
type LayerInput struct {
	Role      string `json:"role" doc:"balancer, app, database, cache, storage or custom"`
	Stack     string `json:"stack" doc:"Name of a stack"`
	Version   string `json:"version,omitempty" doc:"Version of the stack; its newest when not given"`
	Nodes     int    `json:"nodes,omitempty" doc:"Number of nodes, 1 when not given"`
	Cloudlets int    `json:"cloudlets,omitempty" doc:"Limit of each node, 2 when not given"`
}

// EnvironmentListInput is the input of environment.list.
type EnvironmentListInput struct {
	OfUser
	Owner string `query:"owner" doc:"Only those of this owner: an account's id, an e-mail address, or me"`
	State string `query:"state" doc:"Only those in this state"`
	Name  string `query:"name" doc:"Only those whose name or alias contains this"`
	Stack string `query:"stack" doc:"Only those with a layer of this stack"`
	Level string `query:"level" doc:"Only those in which your level has this name: owner, full, limited, or one of the owner's own"`
	Sort  string `query:"sort" enum:"name,created,state" doc:"Within each owner's: by name (default), the last created first, or by state with what needs you first"`
	// Deleted cannot be combined with the others.
	Deleted bool `query:"deleted" doc:"Instead, the deleted ones of your own account that can be restored, the last one first"`
	Paging
}

// EnvironmentCreateInput is the input of environment.create.
type EnvironmentCreateInput struct {
	OfAccount
	Body struct {
		Name   string       `json:"name" doc:"A DNS label, unique on the installation"`
		Alias  string       `json:"alias,omitempty" doc:"What people call it"`
		Layers []LayerInput `json:"layers" doc:"At least one"`
	}
}

// EnvironmentShowInput is the input of environment.show.
type EnvironmentShowInput struct{ OfEnvironment }

// EnvironmentUpdateInput is the input of environment.update.
type EnvironmentUpdateInput struct {
	OfEnvironment
	Body struct {
		Alias    *string        `json:"alias,omitempty" doc:"What people call it"`
		Schedule *holm.Schedule `json:"schedule,omitempty" doc:"When it is started and stopped by itself; an empty one ends that"`
	}
}

// EnvironmentStartInput is the input of environment.start.
type EnvironmentStartInput struct{ OfEnvironment }

// EnvironmentStopInput is the input of environment.stop.
type EnvironmentStopInput struct{ OfEnvironment }

// EnvironmentDeleteInput is the input of environment.delete.
type EnvironmentDeleteInput struct {
	OfEnvironment
	Confirm string `query:"confirm" required:"true" doc:"The environment's name, typed again"`
}

// EnvironmentRestoreInput is the input of environment.restore.
type EnvironmentRestoreInput struct {
	OfDeleted
	Body struct {
		Name string `json:"name,omitempty" doc:"Another name, where a new environment of yours has the old one"`
	}
}

// EnvironmentCloneInput is the input of environment.clone.
type EnvironmentCloneInput struct {
	OfEnvironment
	Body struct {
		Name  string `json:"name" doc:"Name of the copy: a DNS label, unique on the installation"`
		Alias string `json:"alias,omitempty" doc:"What people call the copy; the original's when not given"`
	}
}

// MentionView is a place in a copy that still names its original.
type MentionView struct {
	Node int64  `json:"node"`
	Path string `json:"path"`
	Line int    `json:"line,omitempty" doc:"Not of files without lines"`
	Name string `json:"name" doc:"What it names: a host name or address of the original"`
}

// CopyView says what a copy was made of.
type CopyView struct {
	Of        string        `json:"of" doc:"Name that the original had"`
	Copying   bool          `json:"copying,omitempty" doc:"It is being made"`
	CopiedAt  *time.Time    `json:"copied_at,omitempty" doc:"The moment at which the original was as the copy began"`
	PausedMS  int64         `json:"paused_ms" doc:"How long the original stood still, in milliseconds"`
	Bytes     int64         `json:"bytes" doc:"Size of the files"`
	Mentions  []MentionView `json:"mentions" doc:"Places in the copy's files that still name the original"`
	Truncated bool          `json:"truncated,omitempty" doc:"Not everything was looked at"`
}

// EnvironmentEventsInput is the input of environment.events.
type EnvironmentEventsInput struct {
	OfEnvironment
	LastEventID string `header:"Last-Event-ID" doc:"Where to go on after a broken connection"`
}

// Event is one message of an event stream.
type Event struct {
	ID   uint64    `json:"id"`
	Type string    `json:"type" doc:"state, changed, removed or reset (look again: some were missed)"`
	Time time.Time `json:"time"`
	// Environment is the state after the event, as the follower may see it.
	Environment *EnvironmentView `json:"environment,omitempty"`
}

// LayerAddInput is the input of layer.add.
type LayerAddInput struct {
	OfEnvironment
	Body LayerInput
}

// LayerRemoveInput is the input of layer.remove.
type LayerRemoveInput struct {
	OfLayer
	Confirm string `query:"confirm" required:"true" doc:"The layer's role, typed again"`
}

// LayerScaleInput is the input of layer.scale.
type LayerScaleInput struct {
	OfLayer
	Body struct {
		Nodes int `json:"nodes" doc:"Number of nodes, 1 to 16"`
		Was   int `json:"was,omitempty" doc:"The number you saw; when it is another by now, nothing is done and you are told who changed it"`
	}
}

// LayerLimitInput is the input of layer.limit.
type LayerLimitInput struct {
	OfLayer
	Body struct {
		Cloudlets int `json:"cloudlets" doc:"Limit of each node, 1 to 256"`
		Was       int `json:"was,omitempty" doc:"The limit you saw; when it is another by now, nothing is done and you are told who changed it"`
	}
}

// LayerRestartInput is the input of layer.restart.
type LayerRestartInput struct {
	OfLayer
	Body struct {
		OneByOne bool `json:"one_by_one,omitempty" doc:"One node after another, each when the one before answers again; else all at once"`
		Pause    int  `json:"pause,omitempty" doc:"Seconds from the start of one node to the restart of the next, 0 to 3600"`
	}
}

// LayerResetPasswordInput is the input of layer.reset_password.
type LayerResetPasswordInput struct{ OfLayer }

// PasswordResetView says whose password is being set. The password itself is
// only in the mail.
type PasswordResetView struct {
	Layer string `json:"layer"`
	Login string `json:"login" doc:"Whose password it is"`
}

// NodeRestartInput is the input of node.restart.
type NodeRestartInput struct{ OfNode }

// NodeRemoveInput is the input of node.remove.
type NodeRemoveInput struct{ OfNode }

// StackVersion is a version of a stack and whether it can run here.
type StackVersion struct {
	Version   string `json:"version"`
	Source    string `json:"source" doc:"built-in, host or image"`
	Available bool   `json:"available"`
	Reason    string `json:"reason,omitempty" doc:"Why it cannot run here"`
}

// StackView is a kind of node.
type StackView struct {
	Name     string         `json:"name"`
	Title    string         `json:"title"`
	Role     string         `json:"role"`
	Summary  string         `json:"summary"`
	Versions []StackVersion `json:"versions"`
	AnyImage bool           `json:"any_image,omitempty" doc:"The version may be the reference of any OCI image"`
	// PasswordOf is the login whose password layer.reset_password sets.
	PasswordOf string `json:"password_of,omitempty" doc:"The login whose password can be reset; empty where there is none"`
}

// StackListInput is the input of stack.list.
type StackListInput struct{ OfUser }

// The operations on environments, layers and nodes.
var (
	EnvironmentList = declare[EnvironmentListInput, Page[EnvironmentView]]("environment.list", Read, access.Self, "GET /v1/environments",
		"List what you can see grouped by owner", "listed environments")
	EnvironmentCreate = declare[EnvironmentCreateInput, EnvironmentView]("environment.create", Change, access.AccountCreateEnvironment, "POST /v1/accounts/{account}/environments",
		"Create an environment with its layers", "created {environment}")
	EnvironmentShow = declare[EnvironmentShowInput, EnvironmentView]("environment.show", Read, access.EnvironmentSee, "GET /v1/environments/{environment}",
		"Show an environment with layers and nodes and what you may do", "looked at {environment}")
	EnvironmentUpdate = declare[EnvironmentUpdateInput, EnvironmentView]("environment.update", Change, access.EnvironmentRename, "PATCH /v1/environments/{environment}",
		"Change alias or schedule", "changed {environment}")
	EnvironmentStart = declare[EnvironmentStartInput, EnvironmentView]("environment.start", Change, access.EnvironmentStart, "POST /v1/environments/{environment}/start",
		"Start", "started {environment}")
	EnvironmentStop = declare[EnvironmentStopInput, EnvironmentView]("environment.stop", Change, access.EnvironmentStop, "POST /v1/environments/{environment}/stop",
		"Stop", "stopped {environment}")
	EnvironmentDelete = declare[EnvironmentDeleteInput, EnvironmentView]("environment.delete", Change, access.EnvironmentDelete, "DELETE /v1/environments/{environment}",
		"Delete (name repeated to confirm; restorable for some days)", "deleted {environment}")
	EnvironmentRestore = declare[EnvironmentRestoreInput, EnvironmentView]("environment.restore", Change, access.EnvironmentDelete, "POST /v1/environments/{environment}/restore",
		"Bring a deleted environment back", "restored {environment}")
	EnvironmentClone = declare[EnvironmentCloneInput, EnvironmentView]("environment.clone", Change, access.EnvironmentClone, "POST /v1/environments/{environment}/clone",
		"Clone under a new name", "cloned {environment}")
	EnvironmentEvents = quiet(declare[EnvironmentEventsInput, Event]("environment.events", Session, access.EnvironmentSee, "GET /v1/environments/{environment}/events",
		"Follow state and progress (server-sent events)", "followed {environment}"))
	LayerAdd = declare[LayerAddInput, EnvironmentView]("layer.add", Change, access.ScaleNodes, "POST /v1/environments/{environment}/layers",
		"Add a layer", "added a layer to {environment}")
	LayerRemove = declare[LayerRemoveInput, EnvironmentView]("layer.remove", Change, access.ScaleNodes, "DELETE /v1/environments/{environment}/layers/{layer}",
		"Remove a layer", "removed {target} from {environment}")
	LayerScale = declare[LayerScaleInput, EnvironmentView]("layer.scale", Change, access.ScaleNodes, "PUT /v1/environments/{environment}/layers/{layer}/nodes",
		"Set the number of nodes", "scaled {target} of {environment}")
	LayerLimit = declare[LayerLimitInput, EnvironmentView]("layer.limit", Change, access.ScaleVertical, "PUT /v1/environments/{environment}/layers/{layer}/cloudlets",
		"Set the cloudlet limit", "changed the limit of {target} of {environment}")
	LayerRestart = declare[LayerRestartInput, EnvironmentView]("layer.restart", Change, access.NodeRestart, "POST /v1/environments/{environment}/layers/{layer}/restart",
		"Restart a layer at once or one after another", "restarted {target} of {environment}")
	LayerResetPassword = declare[LayerResetPasswordInput, PasswordResetView]("layer.reset_password", Change, access.NodeResetPassword, "POST /v1/environments/{environment}/layers/{layer}/reset-password",
		"Reset the server password and mail it", "asked for a new password of {target} of {environment}")
	NodeRestart = declare[NodeRestartInput, EnvironmentView]("node.restart", Change, access.NodeRestart, "POST /v1/environments/{environment}/nodes/{node}/restart",
		"Restart a node", "restarted {target} of {environment}")
	NodeRemove = declare[NodeRemoveInput, EnvironmentView]("node.remove", Change, access.ScaleNodes, "DELETE /v1/environments/{environment}/nodes/{node}",
		"Remove a node", "removed {target} from {environment}")
	StackList = declare[StackListInput, Page[StackView]]("stack.list", Read, access.Self, "GET /v1/stacks",
		"List stacks and versions and where each can run", "listed stacks")
)
