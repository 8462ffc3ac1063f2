package levels

import (
	"github.com/holmhq/holm/access"
)

// sentences say what each permission lets somebody do.
var sentences = map[access.Permission]string{
	access.EnvironmentStart:    "Start it when it is stopped.",
	access.EnvironmentStop:     "Stop it. Nobody can reach it until it is started again.",
	access.EnvironmentDelete:   "Delete it with everything in it.",
	access.EnvironmentClone:    "Copy it, files and databases included, under a new name.",
	access.NodeRestart:         "Restart one node or a whole layer.",
	access.DeployArchive:       "Put an archive of theirs online. Their code runs in the nodes.",
	access.DeployGit:           "Put a git branch online, and go back to an earlier release. Their code runs in the nodes.",
	access.AccessFTP:           "Read and write the files of the nodes by FTP.",
	access.AccessSSH:           "Open a terminal, copy files and forward ports.",
	access.ScaleVertical:       "Set how much memory and CPU a layer may use. What is used counts against your quota.",
	access.ScaleNodes:          "Add and remove layers and nodes. What is used counts against your quota.",
	access.NotifyNodePassword:  "Get the mail with a new database or server password.",
	access.AutoscaleConfigure:  "Set when nodes are added and removed by themselves.",
	access.NotifyAutoscale:     "Get a mail when nodes were added or removed.",
	access.AutoscaleHistory:    "See when nodes were added or removed, and why.",
	access.NotifyLoadAlert:     "Get a mail when a load alert fires.",
	access.ConfigEdit:          "Read and change the server's configuration files.",
	access.LogsView:            "Read, search and follow the logs.",
	access.UsageView:           "See memory, CPU, network and disk.",
	access.DomainManage:        "Bind and unbind domains.",
	access.TLSManage:           "Upload, request and remove certificates.",
	access.EnvironmentSee:      "See that it exists, with its nodes and addresses.",
	access.EnvironmentRename:   "Change its alias, and when it starts and stops by itself.",
	access.EnvironmentTransfer: "Give it to another account.",
	access.EnvironmentShare:    "Decide who may do what in it.",
	access.VariableManage:      "Read and set environment variables, secrets included.",
	access.AlertConfigure:      "Set the limits at which alerts fire.",
	access.NodeResetPassword:   "Set a new database or server password.",
	access.AuditView:           "See in the audit log what they did themselves.",
}

// rowsOf gives the table's rows about environments: those of the matrix, or
// those around it.
func rowsOf(inMatrix bool) (rows []access.Row) {
	for _, r := range access.Table() {
		if r.Scope == access.ScopeEnvironment && r.Matrix == inMatrix {
			rows = append(rows, r)
		}
	}
	return rows
}

// fixed says why a permission cannot be chosen, "" when it can.
func fixed(p access.Permission) string {
	switch p {
	case access.EnvironmentSee:
		return " It comes with every level."
	case access.EnvironmentDelete, access.EnvironmentClone, access.EnvironmentTransfer, access.EnvironmentShare:
		return " The owner's alone."
	}
	return ""
}
