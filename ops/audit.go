package ops

import (
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// AuditRow is one entry of an audit log.
type AuditRow struct {
	ID        string         `json:"id"`
	Time      time.Time      `json:"time"`
	Who       Person         `json:"who"`
	Road      string         `json:"road" doc:"dashboard, api, cli, ssh, ftp or system"`
	Operation string         `json:"operation"`
	Target    string         `json:"target"`
	Sentence  string         `json:"sentence" doc:"What was done, after the name of who did it"`
	Result    string         `json:"result" doc:"0, or an error code"`
	Detail    map[string]any `json:"detail" doc:"Parameters with secrets masked; for refusals the reason"`
	Address   string         `json:"address"`
	Hash      string         `json:"hash" doc:"Leaf of the row in the log's Merkle tree, in Base64"`

	// Line is what was hashed, for exports; see holm.AuditLine.
	Line []byte `json:"-"`
}

// AuditFilter narrows an audit log.
type AuditFilter struct {
	Operation string `query:"operation" doc:"Only this operation, or with a trailing dot all of a noun"`
	Who       string `query:"who" doc:"Only this person's, by e-mail address"`
	Result    string `query:"result" doc:"0, an error code, or refused for all but 0"`
	Road      string `query:"road" enum:"dashboard,api,cli,ssh,ftp,system" doc:"Only what came on this road"`
	Since     string `query:"since" doc:"Not before this time (RFC 3339)"`
	Until     string `query:"until" doc:"Before this time (RFC 3339)"`
	Paging
}

// AuditListInput is the input of audit.list.
type AuditListInput struct {
	OfEnvironment
	AuditFilter
}

// AuditAccountInput is the input of audit.account.
type AuditAccountInput struct {
	OfAccount
	AuditFilter
	Environment string `query:"environment" doc:"Only of this environment: id or name"`
	Order       string `query:"order" enum:"newest,oldest" doc:"newest first (default), or oldest first by number"`
	Format      string `query:"format" enum:"json,csv,jsonl" doc:"json for a page (default); csv or jsonl for all rows, oldest first, as a stream. jsonl without filters ends with a signed checkpoint and can be verified offline"`
}

// Filtered says whether anything narrows the log.
func (in AuditAccountInput) Filtered() bool {
	f := in.AuditFilter
	f.Paging = Paging{}
	return f != AuditFilter{} || in.Environment != ""
}

// AuditTailInput is the input of audit.tail.
type AuditTailInput struct {
	OfAccount
	Operation   string `query:"operation" doc:"Only this operation, or with a trailing dot all of a noun"`
	Who         string `query:"who" doc:"Only this person's, by e-mail address"`
	Result      string `query:"result" doc:"0, an error code, or refused for all but 0"`
	Road        string `query:"road" enum:"dashboard,api,cli,ssh,ftp,system" doc:"Only what comes on this road"`
	Environment string `query:"environment" doc:"Only of this environment: id or name"`
	After       int64  `query:"after" doc:"Begin with the row after this number; with the next new one when not given"`
	LastEventID string `header:"Last-Event-ID" doc:"Where to go on after a broken connection: a row's number"`
}

// AuditCheckpointInput is the input of audit.checkpoint.
type AuditCheckpointInput struct {
	OfAccount
	Rows  int64 `query:"rows" doc:"Of the log as it was with this many rows; of all rows when not given"`
	Since int64 `query:"since" doc:"Prove too that the log begins with the log of this many rows"`
	Row   int64 `query:"row" doc:"Prove too that the row with this number is in the log"`
}

// AuditCheckpointView is a signed statement of what an audit log was, with
// the proofs that were asked for. Hashes are SHA-256 in Base64.
type AuditCheckpointView struct {
	Log        string    `json:"log"`
	Rows       int64     `json:"rows" doc:"Rows that the log had"`
	First      int64     `json:"first" doc:"Number of the oldest row that is still kept"`
	Hash       string    `json:"hash" doc:"Root of the Merkle tree over all rows"`
	Time       time.Time `json:"time" doc:"When it was signed"`
	Kept       bool      `json:"kept" doc:"The checkpoint is one of those that are kept; else it was signed for this answer"`
	Checkpoint string    `json:"checkpoint" doc:"The signed note"`
	Key        string    `json:"key" doc:"The public key"`
	Before     []string  `json:"before" doc:"What the rows that are not kept any more hash to"`
	Growth     []string  `json:"growth,omitempty" doc:"Consistency proof from the log of since rows"`
	RowHash    string    `json:"row_hash,omitempty" doc:"Leaf of the row that was asked for"`
	Path       []string  `json:"path,omitempty" doc:"Inclusion proof of the row that was asked for"`
}

// LimitsView is a quota with what is used of it.
type LimitsView struct {
	Type   string      `json:"type"`
	Limits holm.Limits `json:"limits"`
	Used   struct {
		Environments int `json:"environments"`
	} `json:"used" doc:"Told to the owner and to admins; 0 for others"`
}

// AccountLimitsInput is the input of account.limits.
type AccountLimitsInput struct{ OfAccount }

// OperatorUserView is a user as an operator sees them.
type OperatorUserView struct {
	ID           string      `json:"id"`
	Email        string      `json:"email"`
	Name         string      `json:"name"`
	Operator     bool        `json:"operator"`
	Type         string      `json:"type"`
	Quota        holm.Quota  `json:"quota" doc:"What was set for this account alone"`
	Limits       holm.Limits `json:"limits" doc:"What the account may have, by its type and what was set"`
	Suspended    bool        `json:"suspended"`
	Environments int         `json:"environments"`
	CreatedAt    time.Time   `json:"created_at"`
	LastSeenAt   *time.Time  `json:"last_seen_at"`
}

// OperatorUsersInput is the input of operator.users.
type OperatorUsersInput struct {
	OfUser
	Email string `query:"email" doc:"Only those whose address contains this"`
	Paging
}

// OperatorUpdateUserInput is the input of operator.update_user.
type OperatorUpdateUserInput struct {
	OfUser
	User string `path:"user" doc:"User: id or e-mail address"`
	Body struct {
		Type        string      `json:"type,omitempty" enum:"full,trial,collaborator" doc:"Account type"`
		Quota       *holm.Quota `json:"quota,omitempty" doc:"What this account may have in place of what its type has; {} takes back everything that was set"`
		Suspended   *bool       `json:"suspended,omitempty" doc:"Suspend or reactivate the login and its account; what the person has open is cut at once"`
		EndSessions bool        `json:"end_sessions,omitempty" doc:"End every sign-in of the person and revoke their access tokens; what they have open is cut at once"`
	}
}

// MailView is a mail that was written, without its text: that may hold a link
// which is as good as a password.
type MailView struct {
	ID        string     `json:"id"`
	To        string     `json:"to"`
	Subject   string     `json:"subject"`
	CreatedAt time.Time  `json:"created_at"`
	SentAt    *time.Time `json:"sent_at"`
	Attempts  int        `json:"attempts"`
	LastError string     `json:"last_error"`
}

// OperatorMailsInput is the input of operator.mails.
type OperatorMailsInput struct {
	OfUser
	Paging
}

// MailTextView is a mail with its text.
type MailTextView struct {
	MailView
	Text     string `json:"text" doc:"Empty when it was taken away after the mail went out, or withheld"`
	HTML     string `json:"html" doc:"The same as HTML"`
	Withheld bool   `json:"withheld" doc:"The text holds a password, which goes to its receiver alone: there is a mail server"`
}

// OperatorMailInput is the input of operator.mail.
type OperatorMailInput struct {
	OfUser
	Mail string `path:"mail" doc:"Mail: its id"`
}

// Audited has every reading of a mail recorded.
func (*OperatorMailInput) Audited() bool { return true }

// Health is one part of the installation and how it is.
type Health struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
}

// StatusView is the health of an installation.
type StatusView struct {
	Version      string   `json:"version"`
	Engine       string   `json:"engine"`
	Database     string   `json:"database"`
	Mail         string   `json:"mail"`
	Users        int      `json:"users"`
	Environments int      `json:"environments"`
	Parts        []Health `json:"parts"`
}

// OperatorAuditInput is the input of operator.audit.
type OperatorAuditInput struct {
	OfUser
	AuditFilter
}

// OperatorStatusInput is the input of operator.status.
type OperatorStatusInput struct{ OfUser }

// The operations of audit, limits and running the installation.
var (
	AuditList = declare[AuditListInput, Page[AuditRow]]("audit.list", Read, access.AuditView, "GET /v1/environments/{environment}/audit",
		"Audit log of an environment (collaborators see their own rows)", "read the audit log of {environment}")
	AuditAccount = declare[AuditAccountInput, Page[AuditRow]]("audit.account", Read, access.AccountManageCollaborators, "GET /v1/accounts/{account}/audit",
		"Audit log of an account (JSON or CSV or JSON lines)", "read the audit log")
	AuditTail = quiet(declare[AuditTailInput, AuditRow]("audit.tail", Session, access.AccountManageCollaborators, "GET /v1/accounts/{account}/audit/tail",
		"Follow the audit log of an account (server-sent events)", "followed the audit log"))
	AuditCheckpoint = declare[AuditCheckpointInput, AuditCheckpointView]("audit.checkpoint", Read, access.AccountManageCollaborators, "GET /v1/accounts/{account}/audit/checkpoint",
		"Signed checkpoint of the audit log", "read a checkpoint of the audit log")
	AccountLimits = declare[AccountLimitsInput, LimitsView]("account.limits", Read, access.Self, "GET /v1/accounts/{account}/limits",
		"Quota and what is used", "looked at the limits")
	OperatorUsers = declare[OperatorUsersInput, Page[OperatorUserView]]("operator.users", Read, access.Operator, "GET /v1/operator/users",
		"List users and accounts of the installation", "listed users")
	OperatorUpdateUser = declare[OperatorUpdateUserInput, OperatorUserView]("operator.update_user", Change, access.Operator, "PATCH /v1/operator/users/{user}",
		"Change type or quota or suspend or end sessions", "changed user {target}")
	OperatorStatus = declare[OperatorStatusInput, StatusView]("operator.status", Read, access.Operator, "GET /v1/operator/status",
		"Health of engine and jobs and mail and certificates", "looked at the status")
	OperatorAudit = declare[OperatorAuditInput, Page[AuditRow]]("operator.audit", Read, access.Operator, "GET /v1/operator/audit",
		"Audit log of the installation (what belongs to no account)", "read the installation's audit log")
	OperatorMails = declare[OperatorMailsInput, Page[MailView]]("operator.mails", Read, access.Operator, "GET /v1/operator/mails",
		"List mails of the outbox, without their texts", "looked at the outbox")
	OperatorMail = personal(declare[OperatorMailInput, MailTextView]("operator.mail", Read, access.Operator, "GET /v1/operator/mails/{mail}",
		"Read one mail of the outbox (recorded, also for whom it is to)", "read the mail {target}"))
)
