package switcher

import (
	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
)

// place is a page or something to do there, with more words it is found by
// when their beginning is typed.
type place struct {
	label, also, path string
	icon              part.Icon
}

var places = []place{
	{"Environments", "home dashboard", "/environments", part.IconEnvironments},
	{"Collaborators", "people sharing team", "/collaborators", part.IconPeople},
	{"Audit log", "history who did what", "/audit", part.IconLog},
	{"What did not go well", "audit refused errors", "/audit?result=refused", part.IconLog},
	{"Account", "profile name settings", "/account", part.IconPerson},
	{"Change the password", "account security two factor one-time code passkey", "/account/security", part.IconKey},
	{"Access tokens", "account api scripts token", "/account/tokens", part.IconKey},
	{"Sessions", "where you are signed in devices", "/account/sessions", part.IconShield},
}

// forOwners need an account that may own environments.
var forOwners = []place{
	{"Invite somebody", "add share collaborator", "/collaborators#invite", part.IconMail},
	{"Access review", "who can do what last used unused trim csv", "/review", part.IconShield},
	{"Create an environment", "add new", "/environments/new", part.IconPlus},
}

var forOperators = []place{
	{"Users", "operator accounts people suspend", "/operator", part.IconOperator},
	{"Outbox", "operator mails letters", "/operator/outbox", part.IconMail},
	{"Status", "operator health", "/operator/status", part.IconChart},
	{"Components", "operator gallery", "/operator/components", part.IconApp},
}

// pages are the places whose name has what was typed.
func pages(r *site.Request, query string) (layout.AnswerGroup, error) {
	all := places
	if r.Viewing() {
		all = places[:1]
	}
	if r.User.Account.Type != string(holm.AccountCollaborator) {
		all = append(append([]place{}, all...), forOwners...)
	}
	if r.User.Operator {
		all = append(append([]place{}, all...), forOperators...)
	}
	group := layout.AnswerGroup{Title: "Pages and actions"}
	for _, p := range all {
		if has(p.label, query) || (query != "" && has(" "+p.also, " "+query)) {
			group.Answers = append(group.Answers, layout.Answer{Label: p.label, Icon: p.icon, Href: p.path})
		}
	}
	return group, nil
}
