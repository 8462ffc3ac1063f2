package grant

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// short are the rights as nouns, those first that people think of first when a
// level changes.
var short = []struct {
	permission access.Permission
	words      string
}{
	{access.AccessSSH, "SSH"},
	{access.ScaleVertical, "cloudlet limits"},
	{access.ScaleNodes, "adding nodes"},
	{access.VariableManage, "variables"},
	{access.DeployGit, "deploying from git"},
	{access.DeployArchive, "deploying archives"},
	{access.ConfigEdit, "configuration files"},
	{access.AccessFTP, "FTP"},
	{access.LogsView, "logs"},
	{access.UsageView, "resource usage"},
	{access.EnvironmentStart, "starting"},
	{access.EnvironmentStop, "stopping"},
	{access.NodeRestart, "restarting nodes"},
	{access.DomainManage, "domains"},
	{access.TLSManage, "certificates"},
	{access.AutoscaleConfigure, "automatic scaling"},
	{access.AutoscaleHistory, "the scaling history"},
	{access.AlertConfigure, "load alerts"},
	{access.NodeResetPassword, "resetting node passwords"},
	{access.EnvironmentRename, "alias and schedule"},
	{access.NotifyNodePassword, "password mails"},
	{access.NotifyAutoscale, "scaling mails"},
	{access.NotifyLoadAlert, "alert mails"},
	{access.AuditView, "the audit log of their own"},
	{access.EnvironmentSee, "seeing it"},
}

// Noun is a right inside a sentence: "restarting nodes".
func Noun(permission string) string {
	for _, s := range short {
		if string(s.permission) == permission {
			return s.words
		}
	}
	return permission
}

// shortMost is how many rights are named before the rest is counted.
const shortMost = 4

// rights names permissions, the most wanted first.
func rights(permissions []string) string {
	var names []string
	for _, s := range short {
		if slices.Contains(permissions, string(s.permission)) && len(names) < shortMost {
			names = append(names, s.words)
		}
	}
	return enumerate(names, len(permissions))
}

// Rights names permissions, the most wanted first: "SSH, logs and 3 more".
func Rights(permissions []string) string {
	var others []string
	for _, p := range permissions {
		if p != string(access.EnvironmentSee) || len(permissions) == 1 {
			others = append(others, p)
		}
	}
	return rights(others)
}

// AllRights names every one of permissions.
func AllRights(permissions []string) string {
	var names []string
	for _, s := range short {
		if slices.Contains(permissions, string(s.permission)) {
			names = append(names, s.words)
		}
	}
	return enumerate(names, len(names))
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

// FirstOf names the first of several and counts the rest.
func FirstOf(names []string) string { return enumerate(names[:min(len(names), named)], len(names)) }

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

// clause says one change, with %s for where: "gains SSH on %s".
func clause(c ops.PreviewChange) string {
	end, name := "", site.LevelName(c.Now)
	if c.Until != nil {
		end = until(*c.Until)
	}
	none := string(holm.LevelNone)
	switch {
	case c.Now == none && c.Was == none:
		return "sees nothing of %s, as before"
	case c.Now == none:
		return "no longer sees %s"
	case c.Was == none:
		return "gains " + name + " on %s" + end
	case len(c.Gained) > 0 && len(c.Lost) > 0:
		return "gains " + rights(c.Gained) + ", and loses " + rights(c.Lost) + ", on %s" + end
	case len(c.Gained) > 0:
		return "gains " + rights(c.Gained) + " on %s" + end
	case len(c.Lost) > 0:
		return "loses " + rights(c.Lost) + " on %s" + end
	case c.Was != c.Now:
		return "has " + name + " instead of " + site.LevelName(c.Was) + ", which is the same, on %s" + end
	case end == "":
		return "keeps " + name + " on %s without an end"
	}
	return "keeps " + name + " on %s" + end
}

// grouped gathers names under what is said alike of them, in order.
type grouped struct {
	said  []string
	names map[string][]string
}

func (g *grouped) add(said, name string) {
	if g.names == nil {
		g.names = map[string][]string{}
	}
	if g.names[said] == nil {
		g.said = append(g.said, said)
	}
	g.names[said] = append(g.names[said], name)
}

// Called is how a sentence names a person.
func Called(p ops.PreviewPerson) string {
	if p.Name != "" {
		return p.Name
	}
	return p.Email
}

// Sentence says what a preview found: "Bob gains Full on apple; no longer sees
// blog. Fay keeps Limited on shop without an end." Where everything is about
// one environment, here is its name and "on shop" is left out. It is "" for no
// changes.
func Sentence(v ops.PreviewView, here string) string {
	var order []string
	of, called := map[string]*grouped{}, map[string]string{}
	for _, c := range v.Changes {
		if of[c.Person.ID] == nil {
			order, of[c.Person.ID], called[c.Person.ID] = append(order, c.Person.ID), &grouped{}, Called(c.Person)
		}
		of[c.Person.ID].add(clause(c), c.Environment.Name)
	}
	var people grouped
	for _, id := range order {
		var clauses []string
		for _, said := range of[id].said {
			if here != "" {
				clauses = append(clauses, strings.NewReplacer(", on %s", "", " on %s", "", "%s", here).Replace(said))
			} else {
				clauses = append(clauses, strings.Replace(said, "%s", FirstOf(of[id].names[said]), 1))
			}
		}
		people.add(strings.Join(clauses, "; "), called[id])
	}
	var sentences []string
	for _, said := range people.said {
		names := people.names[said]
		if len(names) > 1 {
			said = several(said)
		}
		sentences = append(sentences, FirstOf(names)+" "+said)
	}
	if v.More > 0 {
		sentences = append(sentences, fmt.Sprintf("%d changes more", v.More))
	}
	if len(sentences) == 0 {
		return ""
	}
	return strings.Join(sentences, ". ") + "."
}

// several makes clauses about one person ones about more.
func several(said string) string {
	clauses := strings.Split(said, "; ")
	for i, c := range clauses {
		for _, verb := range []string{"gains ", "loses ", "keeps ", "no longer sees ", "sees ", "has "} {
			if rest, ok := strings.CutPrefix(c, verb); ok {
				clauses[i] = map[string]string{"has ": "have "}[verb]
				if clauses[i] == "" {
					clauses[i] = strings.TrimSuffix(verb, "s ") + " "
				}
				clauses[i] += strings.Replace(rest, ", and loses ", ", and lose ", 1)
				break
			}
		}
	}
	return strings.Join(clauses, "; ")
}

// open are the words for what can be open.
var open = map[string][2]string{
	"environment.events": {"open page", "open pages"},
	"node.shell":         {"terminal", "terminals"},
	"node.exec":          {"running command", "running commands"},
	"node.files":         {"file transfer", "file transfers"},
	"node.forward":       {"port forward", "port forwards"},
	"ftp.session":        {"FTP session", "FTP sessions"},
	"logs.follow":        {"followed log", "followed logs"},
}

func counted(n int, operation string) string {
	words, ok := open[operation]
	if !ok {
		words = [2]string{"session", "sessions"}
	}
	if n == 1 {
		return "1 " + words[0]
	}
	return fmt.Sprintf("%d %s", n, words[1])
}

// Cut says what is open and would be cut: "Cut at once: 1 open page of Bob on
// shop." It is "" for nothing.
func Cut(v ops.PreviewView) string {
	type key struct{ operation, person, environment string }
	var order []key
	number := map[key]int{}
	for _, s := range v.Sessions {
		k := key{s.Operation, Called(s.Person), s.Environment.Name}
		if number[k] == 0 {
			order = append(order, k)
		}
		number[k]++
	}
	var words []string
	for _, k := range order {
		words = append(words, counted(number[k], k.operation)+" of "+k.person+" on "+k.environment)
	}
	if len(words) == 0 {
		return ""
	}
	return "Cut at once: " + FirstOf(words) + "."
}

// Refused says what people did lately and could not do any more: "Used in the
// past 90 days and refused from now on: restarting nodes (Bob on shop, 4
// times)." It is "" for nothing.
func Refused(v ops.PreviewView) string {
	type key struct{ permission, person, environment string }
	var order []key
	number := map[key]int{}
	for _, r := range v.Refused {
		k := key{r.Permission, Called(r.Person), r.Environment.Name}
		if number[k] == 0 {
			order = append(order, k)
		}
		number[k] += r.Times
	}
	var words []string
	for _, k := range order {
		times := "once"
		if n := number[k]; n > 1 {
			times = fmt.Sprintf("%d times", n)
		}
		words = append(words, fmt.Sprintf("%s (%s on %s, %s)", Noun(k.permission), k.person, k.environment, times))
	}
	if len(words) == 0 {
		return ""
	}
	return "Used in the past 90 days and refused from then on: " + FirstOf(words) + "."
}

// late says whether the collaboration ends before the access would.
func (r Row) late() bool {
	return !r.Ends.IsZero() && !r.Want.nothing() && (r.Want.Until.IsZero() || r.Want.Until.After(r.Ends))
}

// Ends says which of the choices end sooner than they say, "" for none.
func (s Sheet) Ends() string {
	first := time.Time{}
	for _, r := range s {
		if r.late() {
			first = access.Sooner(first, r.Ends)
		}
	}
	if first.IsZero() {
		return ""
	}
	return "The collaboration ends" + at(first) + ", and the access with it."
}

// Told says what was saved, after it was looked ahead of.
func Told(v ops.PreviewView, here string, saved Sheet) string {
	words := []string{"Saved:"}
	for _, w := range []string{Sentence(v, here), Cut(v), saved.Ends()} {
		if w != "" {
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}

// giftWords says where a level comes from: "Full through the group
// Developers".
func giftWords(g ops.GiftView) string {
	words := site.LevelName(g.Level)
	if g.Through == "all" {
		words += " on all environments"
	}
	if g.Through == "direct" {
		words += ", given directly"
	}
	if g.Through == "request" {
		words = Noun(g.Level) + " on request"
		if name := site.LevelName(g.Level); name != g.Level {
			words = name + " on request"
		}
	}
	if g.Group != "" {
		words += " through the group " + g.Group
	}
	if g.Until != nil {
		words += until(*g.Until)
	}
	return words
}

// From says where levels come from: "Full through the group Developers and
// Limited on all environments".
func From(gifts []ops.GiftView) string {
	var words []string
	for _, g := range gifts {
		words = append(words, giftWords(g))
	}
	return enumerate(words, len(words))
}
