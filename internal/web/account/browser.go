package account

import "strings"

// What people call their browsers and systems, by what a user agent says. The
// first that fits is taken, since many browsers name others too.
var (
	browsers = [][2]string{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"holm", "holm on the command line"}, {"curl/", "curl"}}
	systems  = [][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}}
)

// Browser says a user agent in a few words, for lists of devices elsewhere.
func Browser(agent string) string { return browser(agent) }

// browser says a user agent in a few words; what nobody knows is shown as it is.
func browser(agent string) string {
	name, system := first(browsers, agent), first(systems, agent)
	switch {
	case agent == "":
		return "Unknown device"
	case name == "":
		return agent
	case system == "":
		return name
	}
	return name + " on " + system
}

func first(known [][2]string, agent string) string {
	for _, k := range known {
		if strings.Contains(agent, k[0]) {
			return k[1]
		}
	}
	return ""
}

// road says in words how a session came in.
func road(r string) string {
	if word, ok := map[string]string{"dashboard": "dashboard", "cli": "command line", "api": "REST"}[r]; ok {
		return word
	}
	return r
}

// method says in words what a session began with.
func method(m string) string {
	first, second, both := strings.Cut(m, "+")
	words := map[string]string{"password": "with password", "passkey": "with a passkey", "provider": "at the sign-in provider", "sign_up": "as a new person", "invitation": "by invitation"}
	word, ok := words[first]
	if !ok {
		return m
	}
	if both {
		word += " and " + second
	}
	return word
}
