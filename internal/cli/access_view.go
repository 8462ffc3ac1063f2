package cli

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/holmhq/holm/client"
	"github.com/holmhq/holm/ops"
)

func from(gifts []ops.GiftView) string {
	var rules []string
	for _, g := range gifts {
		rules = append(rules, g.Rule)
	}
	return strings.Join(rules, ", ")
}

func wide(w *ops.WideView) string {
	if w == nil {
		return ""
	}
	return w.Level
}

// effective shows what counts in each environment, and why.
func (p *printer) effective(list []ops.EffectiveView) {
	var rows [][]cell
	for _, e := range list {
		rows = append(rows, []cell{text(e.Environment.Name), text(e.Level), p.end(e.Until), text(from(e.From))})
	}
	p.table([]string{"environment", "counts", "until", "because of"}, rows, "They see no environment.")
}

func (p *printer) groups(list []ops.GroupView) {
	var rows [][]cell
	for _, g := range list {
		var members, shared []string
		for _, m := range g.Members {
			members = append(members, m.Collaborator.Email)
		}
		for _, e := range g.Environments {
			shared = append(shared, e.Environment.Name+"="+e.Level)
		}
		rows = append(rows, []cell{text(g.Name), text(strings.Join(members, ", ")), text(strings.Join(shared, ", ")), text(wide(g.AllEnvironments))})
	}
	p.table([]string{"group", "members", "environments", "all environments"}, rows, "No groups yet. Start with: holm group create NAME")
}

func (p *printer) group(g ops.GroupView) { p.groups([]ops.GroupView{g}) }

func (p *printer) requests(list []ops.AccessRequestView) {
	var rows [][]cell
	for _, r := range list {
		rows = append(rows, []cell{text(r.ID), text(r.Collaborator.Email), text(r.Environment.Name), text(r.Level + r.Permission), number(r.Minutes), state(r.Status), p.end(r.Until), text(r.Reason)})
	}
	p.table([]string{"request", "who", "environment", "asks for", "minutes", "status", "until", "reason"}, rows, "Nobody waits for an answer.")
}

func (p *printer) preview(v ops.PreviewView) {
	var rows [][]cell
	for _, c := range v.Changes {
		rows = append(rows, []cell{text(c.Person.Email), text(c.Environment.Name), text(c.Was), text(c.Now), p.end(c.Until), text(strings.Join(c.Gained, ", ")), text(strings.Join(c.Lost, ", "))})
	}
	p.table([]string{"who", "environment", "has", "would have", "until", "gains", "loses"}, rows, "Nothing would change.")
	if v.More > 0 {
		p.line("%d changes more.", v.More)
	}
	for _, s := range v.Sessions {
		p.line("Would be cut: %s of %s in %s (%s).", s.Operation, s.Person.Email, s.Environment.Name, s.Road)
	}
	for _, r := range v.Refused {
		p.line("Would be refused: %s by %s in %s, done %d times in 90 days.", r.Operation, r.Person.Email, r.Environment.Name, r.Times)
	}
}

// review has a row for each person and environment, with what was not used.
func (p *printer) review(list []ops.ReviewPerson) {
	var rows [][]cell
	for _, person := range list {
		for _, e := range person.Environments {
			var unused []string
			for _, q := range e.Permissions {
				if q.LastUsedAt == nil && q.Permission != "environment.see" {
					unused = append(unused, q.Permission)
				}
			}
			rows = append(rows, []cell{text(person.Collaborator.Email), text(e.Environment.Name), text(e.Level), p.end(e.Until), text(from(e.From)), text(strings.Join(unused, ", "))})
		}
	}
	p.table([]string{"who", "environment", "level", "until", "because of", "not used"}, rows, "Nobody sees any of your environments.")
}

// polishReview can write the review as CSV, a row for each permission.
func polishReview(c *command) {
	asCSV := false
	c.short = "Who can do what, and when it was last used"
	c.example = "  holm access review --days 180\n  holm access review --csv > access.csv"
	c.extra = func(fs *pflag.FlagSet) {
		fs.BoolVar(&asCSV, "csv", false, "Write CSV, a row for each permission, all pages")
	}
	c.perform = func(x *call) error {
		if !asCSV {
			return x.askAndShow()
		}
		return x.reviewCSV(*x.in.Interface().(*ops.AccessReviewInput), x.cmd.OutOrStdout())
	}
}

func (x *call) reviewCSV(in ops.AccessReviewInput, to io.Writer) error {
	w := csv.NewWriter(to)
	_ = w.Write([]string{"person", "status", "environment", "level", "until", "because_of", "permission", "times", "last_used_at"})
	for p, err := range client.All(x.cmd.Context(), x.client, ops.AccessReview, in) {
		if err != nil {
			return err
		}
		for _, e := range p.Environments {
			for _, q := range e.Permissions {
				_ = w.Write([]string{sheet(p.Collaborator.Email), p.Status, e.Environment.Name, sheet(e.Level), rfc(e.Until), sheet(from(e.From)), q.Permission, strconv.Itoa(q.Times), rfc(q.LastUsedAt)})
			}
		}
	}
	w.Flush()
	return w.Error()
}

func rfc(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// sheet keeps a spreadsheet from taking a text for a formula.
func sheet(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// polishPreview gives the levels as sharing does.
func polishPreview(c *command) {
	c.usage = " COLLABORATOR ENVIRONMENT=LEVEL…"
	c.short = "Tell what sharing would change, before it is done"
	c.long = "Tell what a collaborator would gain and lose, what they have open and would be cut, and what\nthey did in the past 90 days and could not do any more. A level is " + shareHelp
	c.example = "  holm collaborator preview bob@example.org shop=limited"
	c.rest = func(x *call, args []string) error {
		list, err := x.environmentShares(args)
		x.in.Interface().(*ops.CollaboratorPreviewInput).Body.Environments = list
		return err
	}
}

// polishEnvironmentPreview gives the levels as sharing an environment does.
func polishEnvironmentPreview(c *command) {
	c.usage = " ENVIRONMENT WHO=LEVEL…"
	c.short = "Tell what sharing an environment otherwise would change"
	c.long = "Tell what people would gain and lose in an environment, what they have open and would be cut,\nand what they did in the past 90 days and could not do any more. A level is " + shareHelp
	c.example = "  holm environment preview shop bob@example.org=limited"
	c.rest = func(x *call, args []string) error {
		list, err := x.personShares(args)
		x.in.Interface().(*ops.EnvironmentPreviewInput).Body.Collaborators = list
		return err
	}
}
