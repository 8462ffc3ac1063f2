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
