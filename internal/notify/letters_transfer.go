package notify

import "github.com/holmhq/holm"

// The letters about an environment that gets another owner.

func transferRequested(v view) page {
	return page{
		Subject: v.actorAddress + " offers you the environment " + v.environment,
		Heading: "An environment is offered to you",
		Lead:    v.actor + " wants to give you the environment " + v.name + ". When you accept, it is yours, counts against your quota, and goes on running without a break.",
		Facts:   facts(fact{"Environment", v.environment, ""}, fact{"Alias", v.alias, ""}, fact{"Owner today", v.owner, ""}, fact{"Variables", goAlong(v.variables), ""}, fact{"Offer ends", v.linkUntil, ""}),
		Button:  "Look at the offer",
		After:   "The link works once, until " + v.linkUntil + ", for " + v.to + " only. Opening it changes nothing yet: you accept or decline on the page.",
		Why:     "You get this mail because " + v.actorAddress + " entered your address. If you do not want the environment, you need not do anything.",
	}
}

// goAlong says what becomes of an environment's variables; "" for none.
func goAlong(n int) string {
	if n == 0 {
		return ""
	}
	return holm.Counted(n, "variable") + ", with their values"
}

func transferAccepted(v view) page {
	return page{
		Subject: v.actorAddress + " accepted " + v.environment,
		Heading: v.environment + " has a new owner",
		Lead:    v.actor + " accepted the environment " + v.name + ", which you offered. It is not yours any more; what you and your collaborators had open there has been closed.",
		Facts:   facts(fact{"New owner", v.actorAddress, ""}, fact{"Accepted", v.when, ""}),
		Notes:   []string{"Your audit log keeps what was done in it until now."},
		Button:  openDashboard,
		Why:     whyOwner,
	}
}

func transferDeclined(v view) page {
	return page{
		Subject: v.actorAddress + " declined " + v.environment,
		Heading: "Your offer was declined",
		Lead:    v.actor + " does not want the environment " + v.name + ". It stays yours, and the link in the mail does not work any more.",
		Facts:   facts(fact{"Declined", v.when, ""}),
		Button:  openEnvironment,
		Why:     whyOwner,
	}
}

func transferCancelled(v view) page {
	return page{
		Subject: v.actorAddress + " took the offer of " + v.environment + " back",
		Heading: "The offer was taken back",
		Lead:    v.actor + " does not offer you the environment " + v.name + " any more. The link in the earlier mail does not work any more.",
		Facts:   facts(fact{"Taken back", v.when, ""}),
		Button:  openDashboard,
		Why:     "You get this mail because " + v.actorAddress + " had offered you the environment.",
	}
}

func transferKept(v view) page {
	return page{
		Subject: v.environment + " belongs to " + v.owner + " now",
		Heading: v.environment + " has a new owner",
		Lead:    v.actor + " took over the environment " + v.name + ". You keep your level there and are now a collaborator of " + v.owner + ".",
		Facts:   facts(fact{"Your level", levelMeans(v.level), ""}, fact{"Access ends", v.until, ""}, fact{"Since", v.when, ""}),
		Notes:   []string{"You can leave at any time."},
		Button:  openEnvironment,
		Why:     whyCollaborator(v),
	}
}

func transferLost(v view) page {
	return page{
		Subject: "You can no longer use " + v.environment,
		Heading: "You can no longer use " + v.environment,
		Lead:    v.actor + " gave the environment " + v.name + " to another owner, and your access to it ended with that. What you had open there has been closed.",
		Facts:   facts(fact{"Your level was", string(v.level), ""}, fact{"Ended", v.when, ""}),
		Button:  openDashboard,
		Why:     "You get this mail because you worked on environments of " + v.owner + ".",
	}
}
