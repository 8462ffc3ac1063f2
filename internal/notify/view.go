package notify

import (
	"fmt"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// view is a letter as the words for it may use it: every text is fit for one
// line, and people are named the same way everywhere.
type view struct {
	to, owner         string // addresses
	actor             string // "Ana Núñez (ana@example.org)", or the address alone
	actorName         string // "Ana Núñez", or the address
	actorAddress      string
	theirs            string // whose environments: "their environments", "the environments of …"
	self              bool   // the reader did it
	byOwner, forOwner bool   // the owner did it; the owner reads it
	ownerFull         string

	group, reason      string
	lasts              string // how long something is asked for
	environment, alias string
	name               string // the environment, with its alias
	level, wasLevel    holm.Level
	role, wasRole      holm.Role
	until, linkUntil   string // "" for none
	when               string
	shared             []share
	checkpoints        []fact
	device, address    string
	what               string // a thing, or a sentence
	link, site         string
	server, layer      string
	login, password    string
	hosts              []string
	first              bool // of new servers
	byMail             bool // the password was set with a mailed link
	tokens, otherWays  int
}

// look makes a letter fit to be spoken of.
func look(o Options, l holm.Letter, now time.Time) view {
	v := view{
		to: clip(plain(l.To), 254), owner: clip(plain(l.Owner), 254), actorAddress: clip(plain(l.Actor), 254),
		environment: clean(l.Environment, 60), alias: clean(l.Alias, longestName),
		group: clean(l.Group, 60), reason: clean(l.Reason, 500), lasts: length(l.For), level: levelName(l.Level), wasLevel: levelName(l.WasLevel), role: l.Role, wasRole: l.WasRole,
		until: holm.UntilWords(l.Until), linkUntil: moment(l.LinkUntil), when: moment(now),
		server: clean(l.Server, 60), layer: clean(l.Layer, 60), login: clean(l.Login, 60), password: clean(l.Password.Reveal(), 200), hosts: l.Hosts,
		device: clean(l.Device, longestName), address: clean(l.Address, 60), byMail: l.ByMail, first: l.First, tokens: l.Tokens, otherWays: l.OtherWays, what: clean(l.What, 200), link: o.PublicURL + path(l.Path),
	}
	if v.actorAddress == "" {
		v.actorAddress, v.actorName, v.actor = "Holm", "Holm", "Holm"
	} else {
		v.actorName, v.actor = person(l.ActorName, v.actorAddress)
	}
	_, v.ownerFull = person(l.OwnerName, v.owner)
	v.self, v.byOwner, v.forOwner = same(l.To, l.Actor), same(l.Actor, l.Owner), same(l.To, l.Owner)
	v.theirs = "their environments"
	if !v.byOwner {
		v.theirs = "the environments of " + v.owner
	}
	v.name = named(v.environment, v.alias)
	for _, s := range l.Shared {
		v.shared = append(v.shared, share{clean(s.Environment, 60), clean(s.Alias, longestName), string(levelName(s.Level)), holm.UntilWords(s.Until)})
	}
	for _, c := range l.Checkpoints {
		v.checkpoints = append(v.checkpoints, fact{clip(plain(c.Log), longestName), strings.TrimSuffix(fmt.Sprintf("%d:%s", c.Rows, clip(plain(c.Hash), 60)), ":"), ""})
	}
	if o.Site != nil && v.environment != "" {
		v.site = o.Site(v.environment)
	}
	return v
}

// levelName is a level as people call it; a single permission that was asked
// for is one too.
func levelName(l holm.Level) holm.Level { return holm.Level(clean(access.Words(string(l)), 60)) }

// person gives the short and the full way to name somebody.
func person(name, address string) (short, full string) {
	if name = clean(name, longestName); name == "" {
		return address, address
	}
	return name, name + " (" + address + ")"
}

func same(a, b string) bool { return holm.EmailKey(a) == holm.EmailKey(b) }

// named gives an environment with its alias, where that says more.
func named(name, alias string) string {
	if alias == "" || alias == name {
		return name
	}
	return name + " (" + alias + ")"
}

// moment tells a time as people in any place can read it.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2 January 2006, 15:04 UTC")
}

// path makes sure that a link leads to the dashboard and nowhere else.
func path(p string) string {
	if !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\ \t\r\n") {
		return "/"
	}
	return p
}

// length writes a duration: "4 hours", "90 minutes", "2 days".
func length(d time.Duration) string {
	unit, n := "minute", int(d/time.Minute)
	switch {
	case n == 0:
		return ""
	case d%(24*time.Hour) == 0:
		unit, n = "day", int(d/(24*time.Hour))
	case d%time.Hour == 0:
		unit, n = "hour", int(d/time.Hour)
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}

// levelMeans says in short what a level allows.
func levelMeans(l holm.Level) string {
	switch l {
	case holm.LevelFull:
		return "full: everything except deleting, cloning, transferring and sharing it"
	case holm.LevelLimited:
		return "limited: start, stop, restart, deploy, FTP, configuration files, logs, usage, domains and certificates"
	}
	return string(l)
}

// roleMeans says in short what a role allows.
func roleMeans(r holm.Role, owner string) string {
	switch r {
	case holm.RoleAdmin:
		return fmt.Sprintf("admin: use what is shared, and create environments that belong to %s", owner)
	case holm.RoleViewer:
		return "viewer: use what is shared"
	}
	return string(r)
}

// facts leaves out what there is nothing to say about.
func facts(list ...fact) (said []fact) {
	for _, f := range list {
		if f.Value != "" {
			said = append(said, f)
		}
	}
	return said
}
