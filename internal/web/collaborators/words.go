package collaborators

import (
	"fmt"
	"slices"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/web/part"
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

// inWords says a choice: "Full until 31 Dec 2026".
func inWords(c choice) string {
	words := site.LevelName(c.Level())
	if !c.until.IsZero() {
		words += " until " + c.until.UTC().Format("2 Jan 2006 15:04") + " UTC"
	}
	return words
}

// kind of change: those of one kind are said in one breath.
type kind struct{ was, want holm.Level }

func rank(l holm.Level) int {
	return slices.Index([]holm.Level{holm.LevelNone, holm.LevelLimited, holm.LevelFull}, l)
}

// words says what changes, sorted by name, mean for the person: what they gain
// and lose, where.
func words(p person, changes []row) string {
	if len(changes) == 0 {
		return ""
	}
	groups, order := map[string][]string{}, []string{}
	loses := false
	for _, c := range changes {
		k := kind{holm.Level(c.was.Level()), holm.Level(c.want.Level())}
		loses = loses || rank(k.want) < rank(k.was)
		pattern := k.pattern(c.want)
		if groups[pattern] == nil {
			order = append(order, pattern)
		}
		groups[pattern] = append(groups[pattern], c.name)
	}
	var clauses []string
	for _, pattern := range order {
		names := groups[pattern]
		clauses = append(clauses, fmt.Sprintf(pattern, enumerate(names[:min(len(names), 3)], len(names))))
	}
	sentence := p.called() + " " + strings.Join(clauses, "; ") + "."
	if loses && p.is(holm.StatusActive) {
		sentence += " What they have open there is cut at once."
	}
	return sentence
}

// pattern is the clause for one kind of change, with %s for where.
func (k kind) pattern(want choice) string {
	end := ""
	if !want.until.IsZero() {
		end = " until " + want.until.UTC().Format("2 Jan 2006 15:04") + " UTC"
	}
	name := site.LevelName(want.Level())
	switch {
	case k.want == holm.LevelNone:
		return "no longer sees %s"
	case k.was == holm.LevelNone:
		return "gains " + name + " on %s" + end
	case rank(k.want) > rank(k.was):
		return "gains " + difference(k.want, k.was) + " on %s" + end
	case rank(k.want) < rank(k.was):
		return "loses " + difference(k.was, k.want) + " on %s" + end
	case end == "":
		return "keeps " + name + " on %s without an end"
	}
	return "keeps " + name + " on %s" + end
}

// legend is what the levels allow, from the table that decides.
func legend() part.PermissionMatrix {
	m := part.PermissionMatrix{Caption: "What each level allows", Levels: []string{"Limited", "Full"}}
	group := part.MatrixGroup{}
	for _, r := range access.Table() {
		if r.Scope != access.ScopeEnvironment {
			continue
		}
		group.Rows = append(group.Rows, part.MatrixRow{Label: r.Label, Answers: []part.Answer{answer(r.Lower), answer(r.Upper)}})
	}
	m.Groups = []part.MatrixGroup{group}
	return m
}

func answer(c access.Cell) part.Answer {
	switch c {
	case access.Yes:
		return part.Yes
	case access.No:
		return part.No
	case access.OwnRows:
		return "own rows"
	}
	return part.Answer(c)
}
