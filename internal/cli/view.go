package cli

import (
	"fmt"
	"strings"

	"github.com/holmhq/holm/ops"
)

// value writes an answer: by hand for what people look at often, else field by
// field.
func (p *printer) value(v any) {
	switch v := v.(type) {
	case ops.Page[ops.EnvironmentView]:
		p.environments(v.Items)
	case ops.EnvironmentView:
		p.environment(v)
	case ops.Page[ops.CollaboratorView]:
		p.collaborators(v.Items)
	case ops.CollaboratorView:
		p.collaborator(v)
	case ops.Page[ops.GroupView]:
		p.groups(v.Items)
	case ops.GroupView:
		p.group(v)
	case ops.Page[ops.AccessRequestView]:
		p.requests(v.Items)
	case ops.AccessRequestView:
		p.requests([]ops.AccessRequestView{v})
	case ops.PreviewView:
		p.preview(v)
	case ops.Page[ops.ReviewPerson]:
		p.review(v.Items)
	case ops.Page[ops.SharingRow]:
		p.sharing(v.Items)
	case ops.InvitationView:
		p.invitation(v)
	case ops.AccessWhyView:
		p.why(v)
	case ops.Page[ops.AuditRow]:
		p.audit(v.Items)
	case ops.Page[ops.TokenView]:
		p.tokens(v.Items)
	case ops.Page[ops.SessionView]:
		p.sessions(v.Items)
	case ops.SecurityView:
		p.security(v)
	case ops.Page[ops.StackView]:
		p.stacks(v.Items)
	case ops.Page[ops.MailView]:
		p.mails(v.Items)
	case ops.CredentialList:
		p.credentials(v)
	case ops.CredentialRotated:
		p.rotated(v)
	case ops.VariableList:
		p.variables(v)
	case ops.StatusView:
		p.status(v)
	default:
		p.generic(v)
	}
}

// section is the environments of one owner.
type section struct {
	title string
	rows  [][]cell
}

// environments writes one section per owner, the caller's own first; for a
// program the owner is a column.
func (p *printer) environments(list []ops.EnvironmentView) {
	own := &section{title: "Your environments"}
	sections := []*section{own}
	others := map[string]*section{}
	for _, e := range list {
		up, all := countNodes(e)
		row := []cell{text(e.Name), state(e.State), text(fmt.Sprintf("%d/%d", up, all)), text(chain(e)), text(p.levelOf(e)), text(e.URL), text(e.Alias)}
		if !p.terminal {
			row = append([]cell{text(e.Owner.Email)}, row...)
		}
		s := own
		if e.Level != "owner" {
			if s = others[e.Owner.Email]; s == nil {
				s = &section{title: "Environments owned by " + e.Owner.Email}
				others[e.Owner.Email], sections = s, append(sections, s)
			}
		}
		s.rows = append(s.rows, row)
	}
	heads := []string{"name", "state", "nodes", "layers", "level", "url", "alias"}
	for i, s := range sections {
		if s == own && len(own.rows) == 0 && len(sections) > 1 {
			continue
		}
		if i > 1 || i == 1 && len(own.rows) > 0 {
			p.gap()
		}
		if len(list) > 0 {
			p.heading(s.title)
		}
		p.table(heads, s.rows, "No environments yet. Start with: holm environment create NAME")
	}
}

// deleted lists what can be restored.
func (p *printer) deleted(list []ops.EnvironmentView) {
	var rows [][]cell
	for _, e := range list {
		rows = append(rows, []cell{text(e.Name), text(chain(e)), p.end(e.DeletedAt), p.end(e.ErasedFrom), text(e.Alias), text(e.ID)})
	}
	p.table([]string{"name", "layers", "deleted", "erased from", "alias", "id"}, rows, "No deleted environments.")
}

// chain draws the layers in the order requests meet them.
func chain(e ops.EnvironmentView) string {
	parts := make([]string, len(e.Layers))
	for i, l := range e.Layers {
		parts[i] = l.Stack
		if n := len(l.Nodes); n != 1 {
			parts[i] += fmt.Sprintf("×%d", n)
		}
	}
	return strings.Join(parts, " → ")
}

// levelOf tells the caller's level and its end.
func (p *printer) levelOf(e ops.EnvironmentView) string {
	if e.LevelUntil == nil {
		return e.Level
	}
	return e.Level + " until " + p.time(*e.LevelUntil).text
}

func (p *printer) environment(e ops.EnvironmentView) {
	p.pairs([]pair{{"name", text(e.Name)}, {"alias", text(e.Alias)}, {"state", state(e.State)}, {"reason", text(e.Reason)}, {"url", text(e.URL)}, {"schedule", p.schedule(e.Schedule)},
		{"owner", text(e.Owner.Email)}, {"level", text(p.levelOf(e))}, {"created", p.time(e.CreatedAt)}, {"id", text(e.ID)}})
	p.gap()
	var rows [][]cell
	for _, l := range e.Layers {
		stack := l.Stack
		if l.Version != "" {
			stack += " " + l.Version
		}
		for _, n := range l.Nodes {
			rows = append(rows, []cell{text(l.Role), text(stack), text(fmt.Sprint(n.ID)), state(n.State), text(n.Address), number(l.Cloudlets), text(n.Reason)})
		}
	}
	p.table([]string{"layer", "stack", "node", "state", "address", "cloudlets", ""}, rows, "No nodes.")
	p.copy(e)
	if p.terminal && len(e.Permissions) > 0 {
		p.gap()
		fmt.Fprintln(p.w, p.paint(grey, "You may: "+clean(strings.Join(e.Permissions, ", "))))
	}
}

func (p *printer) collaborators(list []ops.CollaboratorView) {
	var rows [][]cell
	for _, c := range list {
		rows = append(rows, []cell{text(c.Email), text(c.Name), text(c.Role), state(c.Status), number(c.Shared), p.end(c.Until), p.end(c.LastSeenAt)})
	}
	p.table([]string{"email", "name", "role", "status", "shared", "until", "last seen"}, rows, "No collaborators yet. Start with: holm collaborator invite EMAIL")
}

func (p *printer) collaborator(c ops.CollaboratorView) {
	p.pairs([]pair{{"email", text(c.Email)}, {"name", text(c.Name)}, {"role", text(c.Role)}, {"status", state(c.Status)}, {"until", p.end(c.Until)},
		{"link until", p.end(c.LinkUntil)}, {"invited", p.time(c.CreatedAt)}, {"accepted", p.end(c.AcceptedAt)}, {"last seen", p.end(c.LastSeenAt)}, {"id", text(c.ID)}})
	if c.AllEnvironments != nil {
		p.pairs([]pair{{"all environments", text(wide(c.AllEnvironments))}})
	}
	for _, m := range c.Groups {
		p.pairs([]pair{{"group", text(m.Group.Name)}})
	}
	p.gap()
	p.shared(c.Environments)
	if len(c.Effective) > 0 {
		p.gap()
		p.effective(c.Effective)
	}
}

func (p *printer) shared(list []ops.SharedView) {
	var rows [][]cell
	for _, s := range list {
		rows = append(rows, []cell{text(s.Environment.Name), text(s.Level), p.end(s.Until), text(s.Environment.Alias)})
	}
	p.table([]string{"environment", "level", "until", "alias"}, rows, "No environments are shared.")
}

func (p *printer) sharing(list []ops.SharingRow) {
	var rows [][]cell
	for _, s := range list {
		rows = append(rows, []cell{text(s.Collaborator.Email), text(s.Name), text(s.Role), state(s.Status), text(s.Level), p.end(s.Until), p.end(s.LastSeenAt)})
	}
	p.table([]string{"email", "name", "role", "status", "level", "until", "last seen"}, rows, "Nobody works with you yet. Start with: holm collaborator invite EMAIL")
}

func (p *printer) invitation(v ops.InvitationView) {
	p.pairs([]pair{{"invited", text(v.Email)}, {"by", text(v.Inviter.Email)}, {"account", text(v.Account.Email)}, {"role", text(v.Role)},
		{"until", p.end(v.Until)}, {"link until", p.time(v.LinkUntil)}})
	p.gap()
	p.shared(v.Environments)
}

// why tells a decision in a sentence, its reason, and who could change it.
func (p *printer) why(v ops.AccessWhyView) {
	answer := cell{"no", red}
	if v.Allowed {
		answer = cell{"yes", green}
	}
	if !p.terminal {
		p.pairs([]pair{{"allowed", answer}, {"person", text(v.Person)}, {"operation", text(v.Operation)}, {"permission", text(v.Permission)},
			{"rule", text(v.Rule)}, {"reason", text(v.Reason)}, {"grantable by", text(v.GrantableBy)}})
		return
	}
	verb := "may not"
	if v.Allowed {
		verb = "may"
	}
	needs := ""
	if v.Permission != v.Operation {
		needs = ", which needs " + v.Permission
	}
	fmt.Fprintf(p.w, "%s %s\n", p.paint(answer.color, strings.ToUpper(answer.text[:1])+answer.text[1:]+":"),
		clean(fmt.Sprintf("%s %s %s%s.", v.Person, verb, v.Operation, needs)))
	p.line("%s (rule: %s)", v.Reason, v.Rule)
	if !v.Allowed && v.GrantableBy != "" {
		p.line("%s can give it.", v.GrantableBy)
	}
}

func (p *printer) audit(list []ops.AuditRow) {
	var rows [][]cell
	for _, r := range list {
		result := state(r.Result)
		if r.Result == "0" && p.terminal {
			result.text = "ok"
		}
		rows = append(rows, []cell{p.time(r.Time), text(whoever(r)), text(r.Road), text(r.Operation), text(r.Sentence), result, text(r.Address)})
	}
	p.table([]string{"time", "who", "road", "operation", "what", "result", "address"}, rows, "Nothing is recorded.")
}

func (p *printer) stacks(list []ops.StackView) {
	var rows [][]cell
	for _, s := range list {
		for _, v := range s.Versions {
			can := "yes"
			if !v.Available {
				can = "no"
			}
			rows = append(rows, []cell{text(s.Name), text(v.Version), text(s.Role), state(can), text(v.Source), text(s.Title), text(v.Reason)})
		}
	}
	p.table([]string{"stack", "version", "role", "runs here", "source", "title", ""}, rows, "No stacks.")
}

func (p *printer) mails(list []ops.MailView) {
	var rows [][]cell
	for _, m := range list {
		rows = append(rows, []cell{p.time(m.CreatedAt), text(m.To), text(m.Subject), p.sent(m), text(m.LastError), text(m.ID)})
	}
	p.table([]string{"written", "to", "subject", "sent", "error", "id"}, rows, "No mails.")
}

func (p *printer) sent(m ops.MailView) cell {
	if m.SentAt == nil {
		return cell{fmt.Sprintf("not yet, %d tries", m.Attempts), yellow}
	}
	return p.time(*m.SentAt)
}

func (p *printer) status(v ops.StatusView) {
	p.pairs([]pair{{"version", text(v.Version)}, {"engine", text(v.Engine)}, {"database", text(v.Database)}, {"mail", text(v.Mail)},
		{"users", number(v.Users)}, {"environments", number(v.Environments)}})
	p.gap()
	var rows [][]cell
	for _, h := range v.Parts {
		ok := "no"
		if h.OK {
			ok = "yes"
		}
		rows = append(rows, []cell{text(h.Name), state(ok), text(h.Detail)})
	}
	p.table([]string{"part", "well", ""}, rows, "Nothing is watched.")
}
