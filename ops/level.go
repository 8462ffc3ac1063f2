package ops

import (
	"time"

	"github.com/holmhq/holm/access"
)

// LevelView is a level that can be given: a preset or one of the account's
// own. Where a level is given, an own one is named by its name or its id.
type LevelView struct {
	ID          string     `json:"id" doc:"Id of an own level; of a preset its name"`
	Name        string     `json:"name"`
	Preset      bool       `json:"preset" doc:"One of none, limited and full, which every account has and nobody changes"`
	Permissions []string   `json:"permissions" doc:"What the level gives, in the order of the permission table"`
	Used        int        `json:"used" doc:"How often an own level is given: to people, to groups and on request"`
	Version     string     `json:"version" doc:"Another one after every change of name or permissions; empty for presets"`
	CreatedAt   *time.Time `json:"created_at" doc:"null for presets"`
}

// LevelListInput is the input of level.list.
type LevelListInput struct{ OfAccount }

// OfLevel is embedded by inputs about a level of an account's own.
type OfLevel struct {
	Account string `path:"account" doc:"Account: its id, its owner's e-mail address, or me"`
	Level   string `path:"level" doc:"Level of the account's own: id or name"`
}

func (o OfLevel) target() Target { return Target{Kind: TargetAccount, Account: o.Account} }

// LevelBody is what a level of an account's own is made of.
type LevelBody struct {
	Name        string   `json:"name" doc:"What it is called: letters, digits, spaces and . _ -, at most 60; unique on the account, whatever the case"`
	Permissions []string `json:"permissions" doc:"Environment permissions, any but those of owners alone (delete, clone, transfer, share); environment.see always comes with it"`
}

// LevelCreateInput is the input of level.create.
type LevelCreateInput struct {
	OfAccount
	Body LevelBody
}

// LevelUpdateInput is the input of level.update. Everybody who has the level
// has what it gives now from that moment on; what they have open and may not
// any more is cut.
type LevelUpdateInput struct {
	OfLevel
	Body LevelChange
}

// LevelChange is what a level of an account's own becomes.
type LevelChange struct {
	Name        string     `json:"name" doc:"What it is called: letters, digits, spaces and . _ -, at most 60; unique on the account, whatever the case"`
	Permissions []string   `json:"permissions" doc:"Environment permissions, any but those of owners alone (delete, clone, transfer, share); environment.see always comes with it"`
	Was         *LevelBody `json:"was,omitempty" doc:"What the level was when the choice was made; when it is not so any more, nothing is saved"`
}

// LevelDeleteInput is the input of level.delete.
type LevelDeleteInput struct {
	OfLevel
	Version string `query:"version" doc:"The version that you saw; when the level was changed since, nothing is deleted"`
}

// WideView is a level on all environments of an account, those to come too.
type WideView struct {
	Level string     `json:"level"`
	Until *time.Time `json:"until" doc:"When it ends by itself; null for no end"`
}

// GroupMemberView is a collaborator in a group.
type GroupMemberView struct {
	Collaborator Person     `json:"collaborator"`
	Name         string     `json:"name"`
	Status       string     `json:"status" doc:"pending, active or suspended"`
	Until        *time.Time `json:"until" doc:"When the membership ends by itself; null for no end"`
}

// GroupView is collaborators who are given access together. What is given to
// a person directly in an environment counts instead of what their groups have
// there; what groups have there counts instead of access to all environments;
// several groups add up.
type GroupView struct {
	ID              string            `json:"id"`
	Name            string            `json:"name"`
	Members         []GroupMemberView `json:"members"`
	Environments    []SharedView      `json:"environments" doc:"What the group has in single environments"`
	AllEnvironments *WideView         `json:"all_environments" doc:"What the group has on all environments, present and future; null for nothing"`
	CreatedAt       time.Time         `json:"created_at"`
	Version         string            `json:"version" doc:"Another one after every change of the name, of who is in it and of what it has"`
}

// GroupSeen is a group as the caller saw it. Only what they change is compared
// with what is there; levels in single environments say themselves what was
// seen.
type GroupSeen struct {
	Name            string        `json:"name,omitempty" doc:"The name that was seen"`
	Members         []GroupMember `json:"members,omitempty" doc:"Who was in it; people who are not named here were not"`
	AllEnvironments *Held         `json:"all_environments,omitempty" doc:"The level on all environments that was seen; null for nothing"`
}

// GroupMember is somebody wanted in a group.
type GroupMember struct {
	Collaborator string     `json:"collaborator" doc:"Collaborator: id or e-mail address; also one whose invitation is open"`
	Until        *time.Time `json:"until,omitempty" doc:"When the membership ends by itself; null for no end"`
}

// GroupListInput is the input of group.list.
type GroupListInput struct{ OfAccount }

// GroupCreateInput is the input of group.create.
type GroupCreateInput struct {
	OfAccount
	Body struct {
		Name                 string        `json:"name" doc:"What it is called; unique on the account, whatever the case"`
		Members              []GroupMember `json:"members,omitempty" doc:"Who is in it"`
		Environments         []Share       `json:"environments,omitempty" doc:"Levels in single environments; none and inherit mean nothing here, only a person can be kept out"`
		AllEnvironments      string        `json:"all_environments,omitempty" doc:"Level on all environments, present and future"`
		AllEnvironmentsUntil *time.Time    `json:"all_environments_until,omitempty" doc:"When that ends by itself; null for no end"`
	}
}

// OfGroup is embedded by inputs about a group of an account.
type OfGroup struct {
	Account string `path:"account" doc:"Account: its id, its owner's e-mail address, or me"`
	Group   string `path:"group" doc:"Group: id or name"`
}

func (o OfGroup) target() Target { return Target{Kind: TargetAccount, Account: o.Account} }

// GroupUpdateInput is the input of group.update; what is not given stays.
type GroupUpdateInput struct {
	OfGroup
	Body struct {
		Name                 string        `json:"name,omitempty" doc:"A new name"`
		Members              []GroupMember `json:"members,omitempty" doc:"People to put into the group, or whose end to change"`
		Remove               []string      `json:"remove,omitempty" doc:"People to take out: id or e-mail address"`
		Environments         []Share       `json:"environments,omitempty" doc:"Levels to set in single environments; none takes away"`
		AllEnvironments      *string       `json:"all_environments,omitempty" doc:"Level on all environments, present and future; none takes it away"`
		AllEnvironmentsUntil *time.Time    `json:"all_environments_until,omitempty" doc:"When that ends by itself; null for no end"`
		Was                  *GroupSeen    `json:"was,omitempty" doc:"What was there when the choice was made; when what is changed is not so any more, nothing is saved"`
	}
}

// GroupDeleteInput is the input of group.delete.
type GroupDeleteInput struct {
	OfGroup
	Version string `query:"version" doc:"The version that you saw; when the group was changed since, nothing is deleted"`
}

// The operations of levels and groups.
var (
	LevelList = declare[LevelListInput, Page[LevelView]]("level.list", Read, access.AccountManageCollaborators, "GET /v1/accounts/{account}/levels",
		"List presets and custom levels", "listed the levels")
	LevelCreate = declare[LevelCreateInput, LevelView]("level.create", Change, access.AccountManageCollaborators, "POST /v1/accounts/{account}/levels",
		"Create a custom level", "created the level {target}")
	LevelUpdate = declare[LevelUpdateInput, LevelView]("level.update", Change, access.AccountManageCollaborators, "PUT /v1/accounts/{account}/levels/{level}",
		"Change a custom level", "changed the level {target}")
	LevelDelete = declare[LevelDeleteInput, None]("level.delete", Change, access.AccountManageCollaborators, "DELETE /v1/accounts/{account}/levels/{level}",
		"Delete an unused custom level", "deleted the level {target}")
	GroupList = declare[GroupListInput, Page[GroupView]]("group.list", Read, access.AccountManageCollaborators, "GET /v1/accounts/{account}/groups",
		"List groups of collaborators", "listed the groups")
	GroupCreate = declare[GroupCreateInput, GroupView]("group.create", Change, access.AccountManageCollaborators, "POST /v1/accounts/{account}/groups",
		"Create a group", "created the group {target}")
	GroupUpdate = declare[GroupUpdateInput, GroupView]("group.update", Change, access.AccountManageCollaborators, "PATCH /v1/accounts/{account}/groups/{group}",
		"Change members or access of a group", "changed the group {target}")
	GroupDelete = declare[GroupDeleteInput, None]("group.delete", Change, access.AccountManageCollaborators, "DELETE /v1/accounts/{account}/groups/{group}",
		"Delete a group", "deleted the group {target}")
)
