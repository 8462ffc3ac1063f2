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
	Quota        Quota     // what an operator has set for this account alone
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

// Quota is what an operator has set for one account in place of what its type
// has. What is nil is as the type has it.
type Quota struct {
	Environments        *int `json:"environments,omitempty" doc:"Environments the account may own"`
	NodesPerEnvironment *int `json:"nodes_per_environment,omitempty" doc:"Nodes in one environment"`
	NodesPerLayer       *int `json:"nodes_per_layer,omitempty" doc:"Nodes in one layer"`
	CloudletsPerNode    *int `json:"cloudlets_per_node,omitempty" doc:"Cloudlet limit of one node"`
	DiskGBPerNode       *int `json:"disk_gb_per_node,omitempty" doc:"Disk of one node in GB"`
}

// The most that an operator may set: what names, networks and machines bear.
var quotaMost = Limits{Environments: 100_000, NodesPerEnvironment: 60, NodesPerLayer: 60, CloudletsPerNode: 4096, DiskGBPerNode: 10_000}

// Check says whether a quota makes sense.
func (q Quota) Check() error {
	for _, v := range []struct {
		name  string
		value *int
		least int
		most  int
	}{
		{"environments", q.Environments, 0, quotaMost.Environments}, {"nodes_per_environment", q.NodesPerEnvironment, 1, quotaMost.NodesPerEnvironment},
		{"nodes_per_layer", q.NodesPerLayer, 1, quotaMost.NodesPerLayer}, {"cloudlets_per_node", q.CloudletsPerNode, 1, quotaMost.CloudletsPerNode},
		{"disk_gb_per_node", q.DiskGBPerNode, 1, quotaMost.DiskGBPerNode},
	} {
		if v.value != nil && (*v.value < v.least || *v.value > v.most) {
			return Invalid("quota."+v.name, "%s can be %d to %d.", v.name, v.least, v.most)
		}
	}
	return nil
}

// Limits are what the account may have: what its type has, or what an operator
// has set. A collaborator account owns nothing, whatever was set.
func (a Account) Limits() Limits {
	l := LimitsOf(a.Type)
	if a.Type == AccountCollaborator {
		return l
	}
	for _, v := range []struct {
		set *int
		in  *int
	}{
		{a.Quota.Environments, &l.Environments}, {a.Quota.NodesPerEnvironment, &l.NodesPerEnvironment}, {a.Quota.NodesPerLayer, &l.NodesPerLayer},
		{a.Quota.CloudletsPerNode, &l.CloudletsPerNode}, {a.Quota.DiskGBPerNode, &l.DiskGBPerNode},
	} {
		if v.set != nil {
			*v.in = *v.set
		}
	}
	return l
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
