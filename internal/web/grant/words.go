package grant

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/web/site"
)

// short are the rights that people think of first when a level changes, most
// wanted first; the others are counted.
var short = []struct {
	permission access.Permission
	words      string
}{
	{access.AccessSSH, "SSH"},
	{access.ScaleVertical, "cloudlet limits"},
	{access.ScaleNodes, "adding nodes"},
	{access.VariableManage, "variables"},
	{access.DeployGit, "deploying"},
	{access.LogsView, "logs"},
}

// shortMost is how many rights are named before the rest is counted.
const shortMost = 4

// difference names what one level has and another has not.
func difference(more, less holm.Level) string {
	var lost []access.Permission
	for _, p := range access.OfLevel(more) {
		if !slices.Contains(access.OfLevel(less), p) {
			lost = append(lost, p)
		}
	}
	var names []string
	for _, s := range short {
		if slices.Contains(lost, s.permission) && len(names) < shortMost {
			names = append(names, s.words)
		}
	}
	return enumerate(names, len(lost))
}

// enumerate writes "a, b and 3 more" for the first of all there are.
func enumerate(names []string, all int) string {
	rest := all - len(names)
	switch {
	case rest > 0:
		return fmt.Sprintf("%s and %d more", strings.Join(names, ", "), rest)
	case len(names) > 1:
		return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
	}
	return strings.Join(names, "")
}

// named is how many names a sentence has before the rest is counted.
const named = 3

func firstOf(names []string) string { return enumerate(names[:min(len(names), named)], len(names)) }

// until and at say an end inside a sentence, "" for none.
func until(end time.Time) string {
	if end.IsZero() {
		return ""
	}
	return " until " + holm.UntilWords(end)
}

func at(end time.Time) string {
	words := holm.UntilWords(end)
	if strings.HasPrefix(words, "the end of ") {
		return " at " + words
	}
	return " on " + words
}

func rank(l holm.Level) int {
	return slices.Index([]holm.Level{holm.LevelNone, holm.LevelLimited, holm.LevelFull}, l)
}

// clause says one change, with %s for where: "gains SSH on %s".
func (r Row) clause() string {
	was, want, end := holm.Level(r.Was.Name()), holm.Level(r.Want.Name()), until(r.Want.Until)
	name := site.LevelName(string(want))
	switch {
	case want == holm.LevelNone:
		return "no longer sees %s"
	case was == holm.LevelNone:
		return "gains " + name + " on %s" + end
	case want != was && (rank(want) < 0 || rank(was) < 0):
		return "has " + name + " instead of " + site.LevelName(string(was)) + " on %s" + end
	case rank(want) > rank(was):
		return "gains " + difference(want, was) + " on %s" + end
	case rank(want) < rank(was):
		return "loses " + difference(was, want) + " on %s" + end
	case end == "":
		return "keeps " + name + " on %s without an end"
	}
	return "keeps " + name + " on %s" + end
}

// loses says whether something that is open must be cut.
func (r Row) loses() bool {
	was, want := rank(holm.Level(r.Was.Name())), rank(holm.Level(r.Want.Name()))
	return r.Cut && (r.Want.none() && !r.Was.none() || want >= 0 && want < was)
}

// late says whether the collaboration ends before the access would.
func (r Row) late() bool {
	return !r.Ends.IsZero() && !r.Want.none() && (r.Want.Until.IsZero() || r.Want.Until.After(r.Ends))
}

// grouped gathers the labels of rows that are said alike, in order.
func (s Sheet) grouped(say func(Row) string) (clauses []string, labels map[string][]string) {
	labels = map[string][]string{}
	for _, r := range s {
		c := say(r)
		if labels[c] == nil {
			clauses = append(clauses, c)
		}
		labels[c] = append(labels[c], r.Label)
	}
	return clauses, labels
}

// Of says what the changes mean for one person: "Bob gains Full on apple; no
// longer sees blog." It is "" for no changes.
func (s Sheet) Of(person string) string {
	if len(s) == 0 {
		return ""
	}
	slices.SortStableFunc(s, func(a, b Row) int { return strings.Compare(a.Label, b.Label) })
	patterns, where := s.grouped(Row.clause)
	var clauses []string
	for _, p := range patterns {
		clauses = append(clauses, fmt.Sprintf(p, firstOf(where[p])))
	}
	return person + " " + strings.Join(clauses, "; ") + "." + s.after()
}

// In says what the changes mean in one environment: "Bob gains SSH; Fay no
// longer sees shop." It is "" for no changes.
func (s Sheet) In(environment string) string {
	if len(s) == 0 {
		return ""
	}
	slices.SortStableFunc(s, func(a, b Row) int { return strings.Compare(a.Label, b.Label) })
	here := strings.NewReplacer(" on %s", "", "%s", environment)
	verbs, who := s.grouped(func(r Row) string { return here.Replace(r.clause()) })
	var clauses []string
	for _, verb := range verbs {
		names := firstOf(who[verb])
		if len(who[verb]) > 1 {
			verb = several(verb)
		}
		clauses = append(clauses, names+" "+verb)
	}
	return strings.Join(clauses, "; ") + "." + s.after()
}

// several makes a clause about one person one about more.
func several(clause string) string {
	for one, more := range map[string]string{"gains ": "gain ", "loses ": "lose ", "keeps ": "keep ", "no longer sees ": "no longer see ", "has ": "have "} {
		if rest, ok := strings.CutPrefix(clause, one); ok {
			return more + rest
		}
	}
	return clause
}

// after says what follows from the changes: what is cut, and what ends sooner.
func (s Sheet) after() string {
	words := ""
	if slices.ContainsFunc(s, Row.loses) {
		words += " What they have open there is cut at once."
	}
	first := time.Time{}
	for _, r := range s {
		if r.late() {
			first = access.Sooner(first, r.Ends)
		}
	}
	if !first.IsZero() {
		words += " The collaboration ends" + at(first) + ", and the access with it."
	}
	return words
}
