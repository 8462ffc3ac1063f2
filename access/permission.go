// Package access decides who may do what, from data alone: the permission
// table, the levels and roles, and one pure function that decides and says
// why.
//
// It knows the vocabulary only. It must not know where facts come from, what
// operations there are or how an answer is told.
package access

import "strings"

import "github.com/holmhq/holm"

// Permission is a right, one row of the table.
type Permission string

// Scope says what a permission is about.
type Scope string

// The scopes.
const (
	ScopeAccount     Scope = "account"     // decided by the account role
	ScopeEnvironment Scope = "environment" // decided by the access level
	ScopeSelf        Scope = "self"        // everybody's own things
	ScopePublic      Scope = "public"      // no sign-in needed
	ScopeOperator    Scope = "operator"    // running the installation
)

// The permissions that are no rows of the sharing matrix.
const (
	Public   Permission = "public"
	Self     Permission = "self"
	Operator Permission = "operator"
)

// The permissions of accounts.
const (
	AccountCreateEnvironment   Permission = "account.create_environment"
	AccountCreateOwn           Permission = "account.create_own_environment"
	AccountManageCollaborators Permission = "account.manage_collaborators"
)

// The permissions of environments.
const (
	EnvironmentStart    Permission = "environment.start"
	EnvironmentStop     Permission = "environment.stop"
	EnvironmentDelete   Permission = "environment.delete"
	EnvironmentClone    Permission = "environment.clone"
	NodeRestart         Permission = "node.restart"
	DeployArchive       Permission = "deploy.archive"
	DeployGit           Permission = "deploy.git"
	AccessFTP           Permission = "access.ftp"
	AccessSSH           Permission = "access.ssh"
	ScaleVertical       Permission = "scale.vertical"
	ScaleNodes          Permission = "scale.nodes"
	NotifyNodePassword  Permission = "notify.node_password"
	AutoscaleConfigure  Permission = "autoscale.configure"
	NotifyAutoscale     Permission = "notify.autoscale"
	AutoscaleHistory    Permission = "autoscale.history"
	NotifyLoadAlert     Permission = "notify.load_alert"
	ConfigEdit          Permission = "config.edit"
	LogsView            Permission = "logs.view"
	UsageView           Permission = "usage.view"
	DomainManage        Permission = "domain.manage"
	TLSManage           Permission = "tls.manage"
	EnvironmentSee      Permission = "environment.see"
	EnvironmentRename   Permission = "environment.rename"
	EnvironmentTransfer Permission = "environment.transfer"
	EnvironmentShare    Permission = "environment.share"
	VariableManage      Permission = "variable.manage"
	AlertConfigure      Permission = "alert.configure"
	NodeResetPassword   Permission = "node.reset_password"
	AuditView           Permission = "audit.view"
)

// Cell is one answer of the table.
type Cell string

// The answers. OwnRows is a yes narrowed to what the person did; OwnAccount
// is a yes where the person's own account is a full one.
const (
	Yes        Cell = "yes"
	No         Cell = "no"
	OwnRows    Cell = "own_rows"
	OwnAccount Cell = "own_account"
)

// Row is one permission with its answers.
type Row struct {
	Permission Permission
	Scope      Scope
	Matrix     bool   // one of the 24 rows that are shown to people who share
	Label      string // what a person is told they may do
	Owner      Cell
	Upper      Cell // admin for accounts, full for environments
	Lower      Cell // viewer for accounts, limited for environments
	None       Cell
}

// table is the matrix. It says the same as the design's permissions.csv; a
// test compares them cell by cell.
var table = []Row{
	{AccountCreateEnvironment, ScopeAccount, true, "Create environment (shared account)", Yes, Yes, No, No},
	{AccountCreateOwn, ScopeAccount, true, "Create environment (own account)", Yes, OwnAccount, OwnAccount, OwnAccount},
	{AccountManageCollaborators, ScopeAccount, true, "Manage collaborators", Yes, No, No, No},
	{EnvironmentStart, ScopeEnvironment, true, "Start environment", Yes, Yes, Yes, No},
	{EnvironmentStop, ScopeEnvironment, true, "Stop environment", Yes, Yes, Yes, No},
	{EnvironmentDelete, ScopeEnvironment, true, "Delete environment", Yes, No, No, No},
	{EnvironmentClone, ScopeEnvironment, true, "Clone environment", Yes, No, No, No},
	{NodeRestart, ScopeEnvironment, true, "Restart environment nodes", Yes, Yes, Yes, No},
	{DeployArchive, ScopeEnvironment, true, "Deploy code: archive (saving own archives only)", Yes, Yes, Yes, No},
	{DeployGit, ScopeEnvironment, true, "Deploy code: git repo", Yes, Yes, Yes, No},
	{AccessFTP, ScopeEnvironment, true, "FTP/FTPS access", Yes, Yes, Yes, No},
	{AccessSSH, ScopeEnvironment, true, "SSH/SFTP access", Yes, Yes, No, No},
	{ScaleVertical, ScopeEnvironment, true, "Adjust cloudlet limits (vertical scaling)", Yes, Yes, No, No},
	{ScaleNodes, ScopeEnvironment, true, "Add/remove servers (nodes) from an environment", Yes, Yes, No, No},
	{NotifyNodePassword, ScopeEnvironment, true, "Node password reset emails", Yes, Yes, No, No},
	{AutoscaleConfigure, ScopeEnvironment, true, "Configure auto horizontal scaling", Yes, Yes, No, No},
	{NotifyAutoscale, ScopeEnvironment, true, "Receive horizontal scaling notifications", Yes, Yes, No, No},
	{AutoscaleHistory, ScopeEnvironment, true, "View horizontal scaling history", Yes, Yes, No, No},
	{NotifyLoadAlert, ScopeEnvironment, true, "Receive load alert notifications", Yes, Yes, No, No},
	{ConfigEdit, ScopeEnvironment, true, "Edit server configuration files", Yes, Yes, Yes, No},
	{LogsView, ScopeEnvironment, true, "View server logs", Yes, Yes, Yes, No},
	{UsageView, ScopeEnvironment, true, "View server resource usage", Yes, Yes, Yes, No},
	{DomainManage, ScopeEnvironment, true, "Manage domain binding", Yes, Yes, Yes, No},
	{TLSManage, ScopeEnvironment, true, "Manage custom SSL", Yes, Yes, Yes, No},

	{EnvironmentSee, ScopeEnvironment, false, "See environment with nodes and addresses", Yes, Yes, Yes, No},
	{EnvironmentRename, ScopeEnvironment, false, "Change alias and schedule", Yes, Yes, No, No},
	{EnvironmentTransfer, ScopeEnvironment, false, "Transfer ownership", Yes, No, No, No},
	{EnvironmentShare, ScopeEnvironment, false, "Manage sharing of the environment", Yes, No, No, No},
	{VariableManage, ScopeEnvironment, false, "View and set environment variables", Yes, Yes, No, No},
	{AlertConfigure, ScopeEnvironment, false, "Configure load alerts", Yes, Yes, No, No},
	{NodeResetPassword, ScopeEnvironment, false, "Reset a node password", Yes, Yes, No, No},
	{AuditView, ScopeEnvironment, false, "View the audit log", Yes, OwnRows, OwnRows, No},
}

// The permissions beside the table, as rows so that all are decided alike.
var (
	publicRow   = Row{Permission: Public, Scope: ScopePublic}
	selfRow     = Row{Permission: Self, Scope: ScopeSelf}
	operatorRow = Row{Permission: Operator, Scope: ScopeOperator}
)

// Table gives all rows in the order people are shown them.
func Table() []Row { return append([]Row(nil), table...) }

// Lookup finds the row of a permission.
func Lookup(p Permission) (Row, bool) {
	if r := index[p].row; r != nil && r.Label != "" {
		return *r, true
	}
	return Row{}, false
}

// Words writes the permissions that a text for people names by their codes, as
// what they are called: "level access.ssh on request" becomes "level SSH/SFTP
// access on request".
func Words(text string) string {
	if !strings.Contains(text, ".") {
		return text
	}
	words := strings.Split(text, " ")
	for i, word := range words {
		code := strings.TrimRight(word, ",;.")
		if row, ok := Lookup(Permission(code)); ok {
			words[i] = row.Label + word[len(code):]
		}
	}
	return strings.Join(words, " ")
}

// ScopeOf says what p is about; "" for a permission that does not exist.
func ScopeOf(p Permission) Scope {
	if r := index[p].row; r != nil {
		return r.Scope
	}
	return ""
}

// ByLevel gives the answer of an environment permission for a level.
func (r *Row) ByLevel(l holm.Level) Cell {
	switch l {
	case holm.LevelFull:
		return r.Upper
	case holm.LevelLimited:
		return r.Lower
	}
	return r.None
}

// ByRole gives the answer of an account permission for a role.
func (r *Row) ByRole(role holm.Role) Cell {
	switch role {
	case holm.RoleAdmin:
		return r.Upper
	case holm.RoleViewer:
		return r.Lower
	}
	return r.None
}

// OfLevel lists the environment permissions that a level gives, in table
// order.
func OfLevel(l holm.Level) []Permission {
	var list []Permission
	for _, r := range table {
		if r.Scope == ScopeEnvironment && r.ByLevel(l) != No {
			list = append(list, r.Permission)
		}
	}
	return list
}
