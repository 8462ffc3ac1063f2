package notify

import "github.com/holmhq/holm"

// letters has the words for every kind. Subjects must tell in a list who did
// what; the words for strangers name the writer by address, which nobody can
// make up.
var letters = map[holm.LetterKind]func(view) page{
	holm.LetterInvitation:         invitation,
	holm.LetterInvitationAccepted: invitationAccepted,
	holm.LetterInvitationDeclined: invitationDeclined,
	holm.LetterShared:             shared,
	holm.LetterLevelChanged:       levelChanged,
	holm.LetterUnshared:           unshared,
	holm.LetterRoleChanged:        roleChanged,
	holm.LetterSuspended:          suspended,
	holm.LetterReactivated:        reactivated,
	holm.LetterRemoved:            removed,
	holm.LetterLeft:               left,
	holm.LetterEndChanged:         endChanged,
	holm.LetterWideChanged:        wideChanged,
	holm.LetterGroupJoined:        groupJoined,
	holm.LetterGroupLeft:          groupLeft,
	holm.LetterGroupChanged:       groupChanged,
	holm.LetterAccessAsked:        accessAsked,
	holm.LetterAccessAnswered:     accessAnswered,
	holm.LetterGlass:              glassBroken,
	holm.LetterEnding:             ending,
	holm.LetterEndings:            endings,
	holm.LetterCreated:            created,
	holm.LetterDeleted:            deleted,
	holm.LetterNodesRemoved:       nodesRemoved,
	holm.LetterPasswordReset:      passwordReset,
	holm.LetterPasswordChanged:    passwordChanged,
	holm.LetterSignUp:             signUp,
	holm.LetterSignUpTaken:        signUpTaken,
	holm.LetterNewDevice:          newDevice,
	holm.LetterTokenAdded:         tokenAdded,
	holm.LetterSignInChanged:      signInChanged,
	holm.LetterFactorWanted:       factorWanted,
	holm.LetterCheckpoints:        checkpoints,
	holm.LetterAuditAlarm:         auditAlarm,
	holm.LetterNodePassword:       nodePassword,
	holm.LetterTransferRequested:  transferRequested,
	holm.LetterTransferAccepted:   transferAccepted,
	holm.LetterTransferDeclined:   transferDeclined,
	holm.LetterTransferCancelled:  transferCancelled,
	holm.LetterTransferKept:       transferKept,
	holm.LetterTransferLost:       transferLost,
}

const (
	whyOwner        = "You get this mail because it is about your account."
	whyYou          = "You get this mail because it is about your own login."
	openEnvironment = "Open the environment"
	openDashboard   = "Open the dashboard"
)

func whyCollaborator(v view) string {
	return "You get this mail because you work on environments of " + v.owner + "."
}

func invitation(v view) page {
	p := page{
		Subject: v.actorAddress + " invites you to work on " + v.theirs,
		Heading: "You are invited",
		Lead:    v.actor + " invites you to work on " + v.theirs + ".",
		Facts:   facts(fact{"Your role", roleMeans(v.role, v.owner), ""}, fact{"Groups", v.what, ""}, fact{"Access ends", v.until, ""}),
		Shares:  v.shared,
		Button:  "Open the invitation",
		After:   "The link works once, until " + v.linkUntil + ", for " + v.to + " only. Opening it changes nothing yet: you accept or decline on the page.",
		Why:     "You get this mail because " + v.actorAddress + " entered your address. If you do not know them, you need not do anything.",
	}
	if len(v.shared) == 0 && v.what == "" {
		p.Notes = []string{"No environment is shared with you yet; that can follow at any time."}
	}
	return p
}

func invitationAccepted(v view) page {
	return page{
		Subject: v.actorAddress + " accepted your invitation",
		Heading: "Invitation accepted",
		Lead:    v.actor + " accepted your invitation and can now use what you share.",
		Facts:   facts(fact{"Role", roleMeans(v.role, "you"), ""}, fact{"Accepted", v.when, ""}, fact{"Access ends", v.until, ""}),
		Button:  "Choose what to share",
		Why:     whyOwner,
	}
}

func invitationDeclined(v view) page {
	return page{
		Subject: v.actorAddress + " declined your invitation",
		Heading: "Invitation declined",
		Lead:    v.actor + " declined your invitation. The link in it does not work any more.",
		Facts:   facts(fact{"Declined", v.when, ""}),
		Button:  "See your collaborators",
		Why:     whyOwner,
	}
}

func shared(v view) page {
	return page{
		Subject: v.actorName + " shared " + v.environment + " with you (" + string(v.level) + ")",
		Heading: "You can now use " + v.environment,
		Lead:    v.actor + " shared the environment " + v.environment + " with you.",
		Facts: facts(fact{"Environment", v.environment, ""}, fact{"Alias", v.alias, ""}, fact{"Owner", v.owner, ""},
			fact{"Your level", levelMeans(v.level), ""}, fact{"Access ends", v.until, ""}),
		Button: openEnvironment,
		Why:    whyCollaborator(v),
	}
}

func levelChanged(v view) page {
	p := page{
		Subject: v.actorName + " changed your level in " + v.environment + " to " + string(v.level),
		Heading: "Your level in " + v.environment + " changed",
		Lead:    v.actor + " changed what you may do in " + v.name + ".",
		Facts: facts(fact{"Your level", levelMeans(v.level), ""}, fact{"Before", string(v.wasLevel), ""},
			fact{"Access ends", v.until, ""}, fact{"Changed", v.when, ""}),
		Button: openEnvironment,
		Why:    whyCollaborator(v),
	}
	if v.level == v.wasLevel { // only the end changed
		end := "has no end any more"
		if v.until != "" {
			end = "now ends on " + v.until
		}
		p.Subject = v.actorName + " changed until when you may use " + v.environment
		p.Heading = "The end of your access to " + v.environment + " changed"
		p.Lead = v.actor + " changed until when you may use " + v.name + ". Your access " + end + "."
		p.Facts = facts(fact{"Your level", levelMeans(v.level), ""}, fact{"Changed", v.when, ""})
	}
	return p
}

func unshared(v view) page {
	return page{
		Subject: v.actorName + " no longer shares " + v.environment + " with you",
		Heading: "You can no longer use " + v.environment,
		Lead:    v.actor + " ended your access to " + v.name + ". What you had open there has been closed.",
		Facts:   facts(fact{"Your level was", string(v.wasLevel), ""}, fact{"Ended", v.when, ""}),
		Button:  openDashboard,
		Why:     whyCollaborator(v),
	}
}

func roleChanged(v view) page {
	return page{
		Subject: "You are now " + string(v.role) + " with " + v.owner,
		Heading: "Your role changed",
		Lead:    v.actor + " changed your role.",
		Facts: facts(fact{"Your role", roleMeans(v.role, v.owner), ""}, fact{"Before", string(v.wasRole), ""},
			fact{"Changed", v.when, ""}),
		Notes:  []string{"The environments shared with you and your levels in them stay as they are."},
		Button: openDashboard,
		Why:    whyCollaborator(v),
	}
}

func suspended(v view) page {
	return page{
		Subject: v.actorName + " suspended your access to " + v.theirs,
		Heading: "Your access is suspended",
		Lead:    v.actor + " suspended your access to " + v.theirs + ". What you had open there has been closed.",
		Facts:   facts(fact{"Suspended", v.when, ""}),
		Notes:   []string{"Your role and levels are kept, and apply again when the suspension is lifted. Only " + v.owner + " can do that."},
		Button:  openDashboard,
		Why:     whyCollaborator(v),
	}
}

func reactivated(v view) page {
	return page{
		Subject: v.actorName + " lifted the suspension of your access",
		Heading: "Your access is active again",
		Lead:    v.actor + " lifted the suspension: you can use " + v.theirs + " again, with the role and levels you had.",
		Facts:   facts(fact{"Since", v.when, ""}, fact{"Access ends", v.until, ""}),
		Button:  openDashboard,
		Why:     whyCollaborator(v),
	}
}

func removed(v view) page {
	return page{
		Subject: v.actorName + " ended your access to " + v.theirs,
		Heading: "Your access has ended",
		Lead:    v.actor + " removed you from the collaborators of " + v.owner + ". What you had open there has been closed.",
		Facts:   facts(fact{"Ended", v.when, ""}),
		Notes:   []string{"Your login and your own account stay as they are."},
		Button:  openDashboard,
		Why:     "You get this mail because you worked on environments of " + v.owner + ".",
	}
}

func left(v view) page {
	p := page{
		Subject: v.actorName + " left your account",
		Heading: v.actorName + " left your account",
		Lead:    v.actor + " left and can no longer use your environments. What they created for you stays yours.",
		Facts:   facts(fact{"Left", v.when, ""}, fact{"They could have read", v.what, ""}),
		Button:  "See your collaborators",
		Why:     whyOwner,
	}
	if v.what != "" {
		p.Button = "See and change what they know"
	}
	return p
}
