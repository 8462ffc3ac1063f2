package collaborators

import (
	"fmt"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/grant"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// inviteMost is how many environments the invitation's form lists. The
// person's own page has all of them.
const inviteMost = 50

// invitation is the form to invite somebody.
type invitation struct {
	Email, Role, Until string
	environments       []ops.EnvironmentView
	levels             map[string]string // by environment
	choices            grant.Levels
	tooMany            bool
	Err                error
}

func newInvitation(environments []ops.EnvironmentView) invitation {
	i := invitation{environments: environments, levels: map[string]string{}}
	if len(environments) > inviteMost {
		i.environments, i.tooMany = environments[:inviteMost], true
	}
	return i
}

func (i invitation) level(environment string) string {
	if level := i.levels[environment]; level != "" {
		return level
	}
	return string(holm.LevelInherit)
}

func (i invitation) role() string {
	if i.Role == string(holm.RoleAdmin) {
		return i.Role
	}
	return string(holm.RoleViewer)
}

// more says whether the part of the form that few need is open.
func (i invitation) more() bool { return len(i.levels) > 0 || i.Until != "" }

// choose begins with limited access to an environment: that of the page the
// person comes from.
func (i invitation) choose(name string) {
	for _, e := range i.environments {
		if e.Name == name {
			i.levels[e.ID] = string(holm.LevelLimited)
		}
	}
}

// read takes what was written.
func (i *invitation) read(r *site.Request) {
	i.Email, i.Role, i.Until = strings.TrimSpace(r.PostFormValue("email")), r.PostFormValue("role"), r.PostFormValue("until")
	for _, e := range i.environments {
		if level := r.PostFormValue("level." + e.ID); level != "" && level != string(holm.LevelInherit) {
			i.levels[e.ID] = level
		}
	}
}

func (i invitation) ask(r *site.Request) (ops.CollaboratorView, error) {
	in := ops.CollaboratorInviteInput{}
	in.Account, in.Body.Email, in.Body.Role = me, i.Email, i.Role
	until, err := grant.EndOf("until", i.Until)
	if err != nil {
		return ops.CollaboratorView{}, err
	}
	in.Body.Until = until
	for _, e := range i.environments {
		if level := i.levels[e.ID]; level != "" {
			in.Body.Environments = append(in.Body.Environments, ops.Share{Environment: e.ID, Level: level})
		}
	}
	return site.Ask(r, ops.CollaboratorInvite, in)
}

func invite(r *site.Request) error {
	l, err := load(r)
	if err != nil {
		return err
	}
	l.invite.read(r)
	invited, err := l.invite.ask(r)
	if holm.CodeOf(err) == holm.CodeUnauthorized && err != nil {
		return err
	}
	if err != nil {
		l.invite.Err = err
		return l.show(r, site.Status(err))
	}
	r.Tell("people", mailed(r, "Invited "+invited.Email+".", invited.LinkUntil))
	return r.See("/collaborators")
}

// mailed says where a link went and until when it works.
func mailed(r *site.Request, what string, until *time.Time) string {
	if until != nil {
		what += fmt.Sprintf(" The link works until %s UTC.", until.UTC().Format("2 January 15:04"))
	}
	if r.Site.Outbox {
		what += " " + outboxNote
	}
	return what
}

const outboxNote = "The mail is in the outbox."

// inOutbox says whether a sentence tells of a mail in the outbox, where an
// operator gets a link to it.
func inOutbox(told string) bool { return strings.Contains(told, outboxNote) }

func (i invitation) roles() []part.Option {
	return []part.Option{{Value: string(holm.RoleViewer), Label: "Viewer"}, {Value: string(holm.RoleAdmin), Label: "Admin"}}
}
