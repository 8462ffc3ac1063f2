package access

import (
	"slices"
	"strings"
	"time"

	"github.com/holmhq/holm"
)

// Through says how a level reached a person. The narrower way comes first and
// decides alone: what is given directly beats what groups are given in the
// environment, and that beats what is given on all environments of the
// account. Within one way everything given is added up.
type Through uint8

// The ways. What was asked for and approved is beside the order: it is added
// to whatever the others give, for its time.
const (
	Direct    Through = iota // to the person, in this environment
	ByGroup                  // to a group, in this environment
	Wide                     // to the person or a group, in all environments of the account
	OnRequest                // to the person, in this environment, asked for and approved
)

// Gift is one way in which a person was given a level in an environment. A
// direct level of none hides the environment, whatever the other ways give.
type Gift struct {
	Level   Level
	Through Through
	Group   string    // name of the group that it came through, "" for none
	End     time.Time // when it ends by itself; zero: never
}

func (g *Gift) over(now time.Time) bool { return !g.End.IsZero() && !now.Before(g.End) }

// nothing is the way of those who were given nothing.
const nothing Through = 255

// resolve adds gifts up. way is the one that decides; it is nothing when no
// gift is left but those on request.
func resolve(gifts []Gift, now time.Time) (gives Set, way Through) {
	way = nothing
	for i := range gifts {
		g := &gifts[i]
		switch {
		case g.Through == OnRequest || g.Through > way || g.over(now):
		case g.Through < way:
			way, gives = g.Through, g.Level.Gives
		default:
			gives |= g.Level.Gives
		}
	}
	if way == Direct && gives == 0 {
		return 0, way
	}
	for i := range gifts {
		if g := &gifts[i]; g.Through == OnRequest && !g.over(now) {
			gives |= g.Level.Gives
		}
	}
	return gives, way
}

// counts says whether a gift is one of those that decide.
func (g *Gift) counts(way Through, now time.Time) bool {
	return !g.over(now) && (g.Through == way || g.Through == OnRequest)
}

// Standing is what the gifts of a person come to in one environment.
type Standing struct {
	Gives Set    // empty: they cannot see it
	Name  string // of the level, or of several with " + " between
	From  []Gift // those that count
	// End is the earliest end among those that count; zero: none ends.
	End time.Time
	// Next is the first moment at which the standing may become another.
	Next time.Time
}

// Stand adds gifts up for people to look at.
func Stand(gifts []Gift, now time.Time) Standing {
	gives, way := resolve(gifts, now)
	s := Standing{Gives: gives, Name: "none"}
	var names []string
	whole := ""
	for i := range gifts {
		g := &gifts[i]
		if !g.over(now) {
			s.Next = Sooner(s.Next, g.End)
		}
		if !g.counts(way, now) || gives == 0 && g.Through != Direct {
			continue
		}
		s.From = append(s.From, *g)
		s.End = Sooner(s.End, g.End)
		if !slices.Contains(names, g.Level.Name) {
			names = append(names, g.Level.Name)
		}
		if g.Level.Gives == gives && whole == "" {
			whole = g.Level.Name
		}
	}
	switch {
	case whole != "":
		s.Name = whole
	case len(names) > 0:
		s.Name = strings.Join(names, " + ")
	}
	return s
}

// Sooner gives the earlier of two ends, where zero is none.
func Sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Rule names a gift the way decisions do: "level full through group
// Developers".
func (g *Gift) Rule() string { rule, _ := g.said(""); return rule }

// said gives the rule and the sentence of a gift; person is "" for "you". What
// is ordinary is ready made, so that a decision needs no memory.
func (g *Gift) said(person string) (rule, reason string) {
	if g.Through == Direct && person == "" {
		switch g.Level.Name {
		case "full":
			return "level full", "Your access to this environment is full."
		case "limited":
			return "level limited", "Your access to this environment is limited."
		case "none":
			return "level none", "Your access to this environment is none."
		}
	}
	whose := "Your"
	if person != "" {
		whose = person + "'s"
	}
	place, rule, through := "this environment", "level "+g.Level.Name, ""
	switch g.Through {
	case Wide:
		place, rule = "all environments of this account", rule+" on all environments"
	case OnRequest:
		who := "You have "
		if person != "" {
			who = person + " has "
		}
		return rule + " on request", who + Words(g.Level.Name) + " in this environment on request" + untilWords(g.End) + "."
	}
	if g.Group != "" {
		rule, through = rule+" through group "+g.Group, " through the group "+g.Group
	}
	return rule, whose + " access to " + place + " is " + g.Level.Name + through + "."
}

func untilWords(end time.Time) string {
	if end.IsZero() {
		return ""
	}
	return ", until " + holm.UntilWords(end)
}
