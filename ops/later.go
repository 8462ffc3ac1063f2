package ops

import "github.com/holmhq/holm/access"

// What is declared and not yet built. Later work empties this list: an
// operation leaves it by getting its types and its implementation. No road
// offers these.
func init() {
	later("ssh_key.list", Read, access.Self, "GET /v1/user/ssh-keys",
		"List your public SSH keys")
	later("ssh_key.create", Change, access.Self, "POST /v1/user/ssh-keys",
		"Add a public SSH key")
	later("ssh_key.delete", Change, access.Self, "DELETE /v1/user/ssh-keys/{key}",
		"Remove a public SSH key")
	later("git_key.list", Read, access.Self, "GET /v1/user/git-keys",
		"List your private git keys (never their content)")
	later("git_key.create", Change, access.Self, "POST /v1/user/git-keys",
		"Add a private git key")
	later("git_key.delete", Change, access.Self, "DELETE /v1/user/git-keys/{key}",
		"Remove a private git key")
	later("node.shell", Session, access.AccessSSH, "GET /v1/environments/{environment}/nodes/{node}/shell",
		"Terminal in the browser (WebSocket) and by SSH")
	later("node.exec", Session, access.AccessSSH, "POST /v1/environments/{environment}/nodes/{node}/exec",
		"Run a command")
	later("node.files", Session, access.AccessSSH, "(SFTP)",
		"Files over SSH")
	later("node.forward", Session, access.AccessSSH, "(SSH)",
		"Forward a local port to a port of the node")
	later("ftp.session", Session, access.AccessFTP, "(FTP)",
		"Files over FTP with TLS")
	later("ftp_account.show", Read, access.AccessFTP, "GET /v1/environments/{environment}/ftp",
		"Show your own FTP account")
	later("ftp_account.create", Change, access.AccessFTP, "POST /v1/environments/{environment}/ftp",
		"Create or reset your own FTP password (shown once)")
	later("ftp_account.delete", Change, access.AccessFTP, "DELETE /v1/environments/{environment}/ftp",
		"Revoke your own FTP account")
	later("archive.list", Read, access.Self, "GET /v1/user/archives",
		"List your stored archives")
	later("archive.upload", Session, access.Self, "POST /v1/user/archives",
		"Store an archive")
	later("archive.delete", Change, access.Self, "DELETE /v1/user/archives/{archive}",
		"Delete a stored archive")
	later("deploy.archive", Change, access.DeployArchive, "POST /v1/environments/{environment}/deployments/archive",
		"Deploy one of your archives or a URL")
	later("deploy.git", Change, access.DeployGit, "POST /v1/environments/{environment}/deployments/git",
		"Deploy a git repository")
	later("deploy.list", Read, access.EnvironmentSee, "GET /v1/environments/{environment}/deployments",
		"List deployments")
	later("deploy.show", Read, access.EnvironmentSee, "GET /v1/environments/{environment}/deployments/{deployment}",
		"Show a deployment")
	later("deploy.log", Session, access.LogsView, "GET /v1/environments/{environment}/deployments/{deployment}/log",
		"Follow a deployment's log")
	later("deploy.rollback", Change, access.DeployGit, "POST /v1/environments/{environment}/deployments/{deployment}/rollback",
		"Go back to an earlier release (deploy.archive for releases that came from an archive)")
	later("config.list", Read, access.ConfigEdit, "GET /v1/environments/{environment}/nodes/{node}/config",
		"List configuration folders")
	later("config.read", Read, access.ConfigEdit, "GET /v1/environments/{environment}/nodes/{node}/config/file",
		"Read a configuration file")
	later("config.save", Change, access.ConfigEdit, "PUT /v1/environments/{environment}/nodes/{node}/config/file",
		"Save to one node or to the layer")
	later("config.delete", Change, access.ConfigEdit, "DELETE /v1/environments/{environment}/nodes/{node}/config/file",
		"Delete a configuration file")
	later("config.history", Read, access.ConfigEdit, "GET /v1/environments/{environment}/nodes/{node}/config/history",
		"Versions of a file")
	later("logs.list", Read, access.LogsView, "GET /v1/environments/{environment}/nodes/{node}/logs",
		"List log files")
	later("logs.read", Read, access.LogsView, "GET /v1/environments/{environment}/nodes/{node}/logs/file",
		"Page or search or download a log")
	later("logs.follow", Session, access.LogsView, "GET /v1/environments/{environment}/logs/follow",
		"Follow logs of a node or a layer")
	later("usage.show", Read, access.UsageView, "GET /v1/environments/{environment}/usage",
		"Resource usage over a period")
	later("usage.follow", Session, access.UsageView, "GET /v1/environments/{environment}/usage/follow",
		"Resource usage live")
	later("autoscale.show", Read, access.AutoscaleHistory, "GET /v1/environments/{environment}/layers/{layer}/autoscale",
		"Show the triggers")
	later("autoscale.configure", Change, access.AutoscaleConfigure, "PUT /v1/environments/{environment}/layers/{layer}/autoscale",
		"Set the triggers")
	later("autoscale.history", Read, access.AutoscaleHistory, "GET /v1/environments/{environment}/autoscale/history",
		"What was scaled and why")
	later("alert.list", Read, access.AlertConfigure, "GET /v1/environments/{environment}/alerts",
		"List load alerts")
	later("alert.create", Change, access.AlertConfigure, "POST /v1/environments/{environment}/alerts",
		"Create a load alert")
	later("alert.update", Change, access.AlertConfigure, "PUT /v1/environments/{environment}/alerts/{alert}",
		"Change a load alert")
	later("alert.delete", Change, access.AlertConfigure, "DELETE /v1/environments/{environment}/alerts/{alert}",
		"Delete a load alert")
	later("alert.history", Read, access.AlertConfigure, "GET /v1/environments/{environment}/alerts/history",
		"What alerts fired")
	later("domain.list", Read, access.DomainManage, "GET /v1/environments/{environment}/domains",
		"List bound domains with the record each needs")
	later("domain.bind", Change, access.DomainManage, "POST /v1/environments/{environment}/domains",
		"Bind a domain")
	later("domain.unbind", Change, access.DomainManage, "DELETE /v1/environments/{environment}/domains/{domain}",
		"Unbind a domain")
	later("domain.swap", Change, access.DomainManage, "POST /v1/environments/{environment}/domains/swap",
		"Swap domains with another environment of the same owner (permission needed on both)")
	later("certificate.list", Read, access.TLSManage, "GET /v1/environments/{environment}/certificates",
		"List certificates")
	later("certificate.upload", Change, access.TLSManage, "POST /v1/environments/{environment}/certificates",
		"Upload certificate and key and chain")
	later("certificate.request", Change, access.TLSManage, "POST /v1/environments/{environment}/certificates/automatic",
		"Get a certificate by ACME and keep it renewed")
	later("certificate.delete", Change, access.TLSManage, "DELETE /v1/environments/{environment}/certificates/{certificate}",
		"Remove a certificate")
}
