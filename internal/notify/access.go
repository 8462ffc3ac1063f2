package notify

import "github.com/holmhq/holm"

func endChanged(v view) page {
	end := "does not end by itself any more"
	if v.until != "" {
		end = "ends by itself on " + v.until
	}
	return page{
		Subject: v.actorName + " changed until when you work with " + v.owner,
		Heading: "The end of your access changed",
		Lead:    v.actor + " changed until when you may use " + v.theirs + ". Your access " + end + ".",
		Facts:   facts(fact{"Changed", v.when, ""}),
		Button:  openDashboard,
		Why:     whyCollaborator(v),
	}
}

func wideChanged(v view) page {
	p := page{
		Subject: v.actorName + " changed your access to all environments of " + v.owner,
		Heading: "Your access to all environments changed",
		Lead:    v.actor + " gave you the level " + string(v.level) + " in all environments of " + v.owner + ", those to come too.",
		Facts:   facts(fact{"Your level", levelMeans(v.level), ""}, fact{"Before", string(v.wasLevel), ""}, fact{"Access ends", v.until, ""}, fact{"Changed", v.when, ""}),
		Notes:   []string{"Where you have another level in a single environment, that one counts."},
		Button:  openDashboard,
		Why:     whyCollaborator(v),
	}
	if v.level == holm.LevelNone {
		p.Lead = v.actor + " took your access to all environments of " + v.owner + " away."
		p.Facts = facts(fact{"Before", string(v.wasLevel), ""}, fact{"Changed", v.when, ""})
		p.Notes = []string{"What you have in single environments and through groups stays."}
	}
	return p
}

func groupJoined(v view) page {
	return group(v, v.actorName+" put you into the group "+v.group, "You are in the group "+v.group,
		v.actor+" put you into the group "+v.group+" of "+v.owner+". In it you can use:")
}

func groupChanged(v view) page {
	return group(v, v.actorName+" changed what the group "+v.group+" may use", "Your group "+v.group+" changed",
		v.actor+" changed what the group "+v.group+" of "+v.owner+" may use. Now that is:")
}

func group(v view, subject, heading, lead string) page {
	all := ""
	if v.level != "" {
		all = levelMeans(v.level)
	}
	p := page{Subject: subject, Heading: heading, Lead: lead, Shares: v.shared, Button: openDashboard, Why: whyCollaborator(v),
		Facts: facts(fact{"All environments", all, ""}, fact{"You are in it until", v.until, ""})}
	if all == "" && len(v.shared) == 0 {
		p.Notes = []string{"The group has no environments yet."}
	}
	return p
}

func groupLeft(v view) page {
	return page{
		Subject: "You are no longer in the group " + v.group + " of " + v.owner,
		Heading: "You left the group " + v.group,
		Lead:    v.actor + " took you out of the group " + v.group + ". What you had open and may not use any more has been closed.",
		Facts:   facts(fact{"Changed", v.when, ""}),
		Notes:   []string{"What you have yourself and through other groups stays."},
		Button:  openDashboard,
		Why:     whyCollaborator(v),
	}
}

func accessAsked(v view) page {
	return page{
		Subject: v.actorName + " asks for " + string(v.level) + " in " + v.environment,
		Heading: "A request for access to " + v.environment,
		Lead:    v.actor + " asks you for more access to " + v.environment + ".",
		Facts:   facts(fact{"Asked for", levelMeans(v.level), ""}, fact{"For", v.lasts, ""}, fact{"Reason", v.reason, ""}, fact{"Asked", v.when, ""}),
		Button:  "Answer the request",
		After:   "Nothing changes until you approve. What you approve ends by itself.",
		Why:     whyOwner,
	}
}

func accessAnswered(v view) page {
	p := page{
		Subject: v.actorName + " refused your request for " + v.environment,
		Heading: "Your request was refused",
		Lead:    v.actor + " refused your request for " + string(v.level) + " in " + v.environment + ".",
		Facts:   facts(fact{"Asked for", levelMeans(v.level), ""}, fact{"Answer", v.reason, ""}, fact{"Answered", v.when, ""}),
		Button:  openEnvironment,
		Why:     whyCollaborator(v),
	}
	if v.until != "" {
		p.Subject, p.Heading = v.actorName+" approved your request for "+v.environment, "Your request was approved"
		p.Lead = v.actor + " approved your request for " + string(v.level) + " in " + v.environment + ". It ends by itself on " + v.until + "."
		p.Facts = facts(fact{"You have", levelMeans(v.level), ""}, fact{"Until", v.until, ""}, fact{"Answer", v.reason, ""})
	}
	return p
}

func glassBroken(v view) page {
	return page{
		Subject: "Alarm: " + v.actorName + " took " + string(v.level) + " in " + v.environment + " without asking",
		Heading: v.actorName + " broke the glass in " + v.environment,
		Lead:    v.actor + " gave themselves more access to " + v.environment + ", as you allow them to in an emergency.",
		Facts:   facts(fact{"Taken", levelMeans(v.level), ""}, fact{"Until", v.until, ""}, fact{"Reason", v.reason, ""}, fact{"At", v.when, ""}),
		Button:  "See and end it",
		After:   "Everything they do is in the audit log.",
		Why:     whyOwner,
	}
}

// ends says what ends, after "your" or somebody's.
func ends(v view) string {
	switch {
	case v.environment != "":
		return "access to " + v.environment
	case v.group != "":
		return "access through the group " + v.group
	case v.level != "":
		return "access to all environments of " + v.owner
	}
	return "collaboration with " + v.owner
}

func ending(v view) page {
	return page{
		Subject: "Your " + ends(v) + " ends on " + v.until,
		Heading: "Your access ends soon",
		Lead:    "Your " + ends(v) + " ends by itself on " + v.until + ". What you have open with it is closed then.",
		Facts:   facts(fact{"Level", levelMeans(v.level), ""}, fact{"Ends", v.until, ""}),
		Button:  openDashboard,
		After:   "If you need it longer, ask " + v.owner + ".",
		Why:     whyCollaborator(v),
	}
}

func endings(v view) page {
	return page{
		Subject: "The " + ends(v) + " of " + v.actorName + " ends on " + v.until,
		Heading: "The access of " + v.actorName + " ends soon",
		Lead:    "The " + ends(v) + " that " + v.actor + " has ends by itself on " + v.until + ".",
		Facts:   facts(fact{"Level", levelMeans(v.level), ""}, fact{"Ends", v.until, ""}),
		Button:  "See or extend it",
		Why:     whyOwner,
	}
}
