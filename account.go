package holm

import "time"

// AccountType says what an account may own.
type AccountType string

// The account types; their numbers are in Quota.
const (
	AccountFull         AccountType = "full"
	AccountTrial        AccountType = "trial"
	AccountCollaborator AccountType = "collaborator"
)

// Account owns environments and has quotas. Every user owns exactly one.
type Account struct {
	ID         AccountID
	Owner      UserID
	OwnerEmail string
	OwnerName  string
	Type       AccountType
	// FactorWanted says that collaborators need a second factor.
	FactorWanted bool
	SuspendedAt  time.Time // zero when not suspended
	CreatedAt    time.Time
}

// Limits are the most an account may have of each thing.
type Limits struct {
	Environments        int `json:"environments" doc:"Environments the account may own"`
	NodesPerEnvironment int `json:"nodes_per_environment" doc:"Nodes in one environment"`
	NodesPerLayer       int `json:"nodes_per_layer" doc:"Nodes in one layer"`
	CloudletsPerNode    int `json:"cloudlets_per_node" doc:"Cloudlet limit of one node"`
	DiskGBPerNode       int `json:"disk_gb_per_node" doc:"Disk of one node in GB"`
}

// LimitsOf gives the quota of an account type (behaviour, part 4).
func LimitsOf(t AccountType) Limits {
	switch t {
	case AccountFull:
		return Limits{Environments: 1000, NodesPerEnvironment: 48, NodesPerLayer: 16, CloudletsPerNode: 256, DiskGBPerNode: 200}
	case AccountTrial:
		return Limits{Environments: 4, NodesPerEnvironment: 6, NodesPerLayer: 2, CloudletsPerNode: 32, DiskGBPerNode: 20}
	default:
		return Limits{}
	}
}
