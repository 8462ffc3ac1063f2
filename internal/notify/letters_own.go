package notify

import (
	"fmt"
	"strings"
)

// The letters about an environment as a whole, and about one's own login.

func created(v view) page {
	p := page{
		Subject: v.actorName + " created " + v.environment + " on your account",
		Heading: v.environment + " was created",
		Lead:    v.actor + " created the environment " + v.environment + " on your account. It is yours and counts against your quota.",
		Facts: facts(fact{"Environment", v.environment, ""}, fact{"Alias", v.alias, ""}, fact{"Address", v.site, v.site},
			fact{"Created", v.when, ""}),
		Notes:  []string{"Its nodes are being started; the page shows how far they are, and where to deploy."},
		Button: openEnvironment,
		Why:    whyOwner,
	}
	switch {
	case v.self && v.forOwner:
		p.Subject = "You created " + v.environment
		p.Lead = "You created the environment " + v.environment + "."
	case v.self:
		p.Subject = "You created " + v.environment + " for " + v.owner
		p.Lead = "You created the environment " + v.environment + " for " + v.ownerFull + ". It is theirs; your level in it is full."
		p.Why = "You get this mail because you created the environment."
	}
	return p
}

func deleted(v view) page {
	p := page{
		Subject: v.actorName + " deleted " + v.environment,
		Heading: v.environment + " was deleted",
		Lead:    v.actor + " deleted the environment " + v.name + ".",
		Facts:   facts(fact{"Environment", v.environment, ""}, fact{"Alias", v.alias, ""}, fact{"Owner", v.owner, ""}, fact{"Deleted", v.when, ""}),
		Notes:   []string{"It does not answer any more. The audit log of the account keeps what was done in it."},
		Button:  openDashboard,
		Why:     whyOwner,
	}
	if v.forOwner && v.until != "" {
		p.Notes = append(p.Notes, "Its files and data are kept, stopped, until "+v.until+". Until then you can restore it; after that it is erased.")
		p.Button = "See deleted environments"
	}
	if !v.forOwner {
		p.Why = "You get this mail because the environment was shared with you."
	}
	if v.self {
		p.Subject = "You deleted " + v.environment
		p.Lead = "You deleted the environment " + v.name + "."
	}
	return p
}

func nodesRemoved(v view) page {
	return page{
		Subject: v.actorName + " removed " + v.what + " of " + v.environment,
		Heading: "Nodes of " + v.environment + " were removed",
		Lead:    v.actor + " removed " + v.what + " of " + v.name + ".",
		Facts:   facts(fact{"Removed", v.when, ""}, fact{"With", v.server, ""}),
		Notes:   []string{"Files and data on those nodes are erased and cannot be restored. Who may add and remove nodes can do this: take “Add/remove servers (nodes)” away where that is too much."},
		Button:  openEnvironment,
		Why:     whyOwner,
	}
}

func signUp(v view) page {
	return page{
		Subject: "Go on with your Holm account",
		Heading: "Go on with your account",
		Lead:    "Somebody asked to make an account for " + v.to + ".",
		Facts:   facts(fact{"Asked", v.when, ""}, fact{"From address", v.address, ""}, fact{"With", v.device, ""}),
		Button:  "Make the account",
		After:   "The link works once, until " + v.linkUntil + ". Do not pass it on.",
		Why:     "You get this mail because your address was entered. If that was not you, you need not do anything: no account is made.",
	}
}

func signUpTaken(v view) page {
	return page{
		Subject: "You have a Holm account already",
		Heading: "You have an account already",
		Lead:    "Somebody asked to make an account for " + v.to + ", which has one. Nothing was changed.",
		Facts:   facts(fact{"Asked", v.when, ""}, fact{"From address", v.address, ""}, fact{"With", v.device, ""}),
		Button:  "Sign in",
		Notes:   []string{"If that was you, sign in with it. The sign-in page has a link for who forgot the password."},
		Why:     "You get this mail because your address was entered. If that was not you, you need not do anything: who asked was not told that you have an account.",
	}
}

func passwordReset(v view) page {
	return page{
		Subject: "Set a new password for Holm",
		Heading: "Set a new password",
		Lead:    "Somebody asked to set a new password for " + v.to + ".",
		Facts:   facts(fact{"Asked", v.when, ""}, fact{"From address", v.address, ""}, fact{"With", v.device, ""}),
		Button:  "Set a new password",
		Notes:   []string{"Setting it ends every session and revokes every access token of yours."},
		After:   "The link works once, until " + v.linkUntil + ". Do not pass it on.",
		Why:     "You get this mail because your address was entered. If that was not you, you need not do anything: your password stays as it is.",
	}
}

func passwordChanged(v view) page {
	p := page{
		Subject: "Your Holm password was changed",
		Heading: "Your password was changed",
		Lead:    "The password of " + v.to + " was changed. Sessions in other places have been ended.",
		Facts:   facts(fact{"Changed", v.when, ""}, fact{"From address", v.address, ""}, fact{"With", v.device, ""}),
		Button:  "See your account",
		Why:     whyYou,
	}
	wrong := "If that was not you, set a new one from the sign-in page now, and tell whoever runs this installation."
	switch {
	case v.byMail:
		p.Lead = "The password of " + v.to + " was set anew with a mailed link. Every session has been ended" + and(v.tokens, ", and the access token was revoked", ", and the %d access tokens were revoked") + "."
		if v.tokens > 0 {
			p.Notes = append(p.Notes, "Scripts that used one need a new one.")
		}
		if v.otherWays > 0 {
			p.Notes = append(p.Notes, and(v.otherWays, "1 passkey or linked login still signs in as you; remove it on the page if you do not know it.",
				"%d passkeys or linked logins still sign in as you; remove those on the page that you do not know."))
			p.Button = "See how you sign in"
		}
	case v.tokens > 0:
		p.Notes = append(p.Notes, and(v.tokens, "1 access token of yours goes on working; revoke it on the page if you do not need it.",
			"%d access tokens of yours go on working; revoke those on the page that you do not need."))
		p.Button = "See your access tokens"
	}
	if v.what != "" {
		p.Notes = append(p.Notes, v.what)
	}
	p.Notes = append(p.Notes, wrong)
	return p
}

// and words a number of things: nothing of none.
func and(n int, one, many string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return one
	}
	return fmt.Sprintf(many, n)
}

func newDevice(v view) page {
	return page{
		Subject: "New sign-in to your Holm account",
		Heading: "Sign-in from a new device",
		Lead:    "Somebody signed in as " + v.to + " from a device that was not used before.",
		Facts:   facts(fact{"Signed in", v.when, ""}, fact{"From address", v.address, ""}, fact{"With", v.device, ""}),
		Notes:   []string{"If that was you, you need not do anything. If not, end the session on the page and change your password there."},
		Button:  "See your sessions",
		Why:     whyYou,
	}
}

func tokenAdded(v view) page {
	return page{
		Subject: "New access token for your Holm account",
		Heading: "An access token was created",
		Lead:    "An access token was created for " + v.to + ".",
		Facts:   facts(fact{"Token", v.what, ""}, fact{"Ends", v.until, ""}, fact{"Created", v.when, ""}, fact{"From address", v.address, ""}, fact{"With", v.device, ""}),
		Notes:   []string{"If that was not you, revoke it on the page, end the sessions that you do not know and change your password."},
		Button:  "See your access tokens",
		Why:     whyYou,
	}
}

func signInChanged(v view) page {
	return page{
		Subject: "How you sign in to Holm has changed",
		Heading: "How you sign in has changed",
		Lead:    v.what,
		Facts:   facts(fact{"Login", v.to, ""}, fact{"When", v.when, ""}, fact{"From address", v.address, ""}, fact{"With", v.device, ""}),
		Notes:   []string{"If that was not you, change your password now, end the sessions that you do not know, and tell whoever runs this installation."},
		Button:  "See how you sign in",
		Why:     whyYou,
	}
}

func factorWanted(v view) page {
	return page{
		Subject: v.actorName + " asks you for a second factor",
		Heading: "A second factor is needed",
		Lead:    v.actor + " requires a second factor of everybody who works on " + v.theirs + ", and your login has none.",
		Facts:   facts(fact{"Since", v.when, ""}),
		Notes:   []string{"Until you turn on the one-time code or add a passkey, you cannot use what is shared with you there. What you had open has been closed. Your role and levels are kept."},
		Button:  "Set up a second factor",
		Why:     whyCollaborator(v),
	}
}

func checkpoints(v view) page {
	return page{
		Subject: "Checkpoints of the audit logs",
		Heading: "Checkpoints of the audit logs",
		Lead:    "Each audit log that grew, with its number of rows and the hash over all of them. Keep this mail: whoever changes a row later cannot change it too.",
		Facts:   v.checkpoints,
		Notes:   []string{"To compare an export with one of these lines: holm audit verify FILE --root ROWS:HASH"},
		Button:  openDashboard,
		Why:     "You get this mail because the checkpoints of this installation are sent to you.",
	}
}

func auditAlarm(v view) page {
	return page{
		Subject: "An audit log is not what was signed",
		Heading: "An audit log is not what was signed",
		Lead:    "The audit log " + v.what + " has fewer or other rows than Holm signed before. No more checkpoints of it are signed.",
		Facts:   append(v.checkpoints, fact{"Noticed", v.when, ""}, fact{"Signed checkpoint in", v.reason, ""}),
		Notes: []string{"If you brought an older database back yourself, move that file away and keep it. Holm then goes on from what is there.",
			"If not, somebody changed the database. Keep it and that file as they are, and compare with the checkpoints that you kept elsewhere."},
		Button: "See the status",
		Why:    "You get this mail because you run this installation.",
	}
}

func nodePassword(v view) page {
	p := page{
		Subject: "New " + v.server + " password in " + v.environment,
		Heading: "A new password was set",
		Lead:    v.actor + " had a new password set for the layer " + v.layer + " of " + v.name + ".",
		Facts: facts(fact{"Server", v.server, ""}, fact{"Reached inside the environment as", strings.Join(v.hosts, ", "), ""},
			fact{"Login", v.login, ""}, fact{"Password", v.password, ""}, fact{"Set", v.when, ""}),
		Notes:  []string{"The old password does not work any more, and who was connected with it is not any more. Applications that use it need the new one."},
		Button: openEnvironment,
		Why:    whyCollaborator(v),
	}
	if v.first {
		p.Subject, p.Heading = v.server+" password in "+v.environment, v.server+" is ready"
		p.Lead, p.Notes = "The layer "+v.layer+" of "+v.name+" runs, and its server has a password.", nil
	}
	if v.forOwner {
		p.Why = whyOwner
	}
	return p
}
