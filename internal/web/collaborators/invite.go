package collaborators

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

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
	groups             []ops.GroupView
	in                 map[string]bool // groups that are chosen
	all                string          // level on all environments, "" for nothing
	choices            grant.Levels
	tooMany            bool
	Err                error
	ahead              *ops.PreviewView // what it would give, where that was asked
}

func newInvitation(environments []ops.EnvironmentView) invitation {
	i := invitation{environments: environments, levels: map[string]string{}, in: map[string]bool{}}
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
func (i invitation) more() bool { return i.gives() || i.Until != "" }

// gives says whether anything is chosen for the invited person.
func (i invitation) gives() bool { return len(i.levels)+len(i.in) > 0 || i.all != "" }

// wide is the choice on all environments as its control writes it.
func (i invitation) wide() string {
	if i.all == "" {
		return string(holm.LevelNone)
	}
	return i.all
}

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
	if all := r.PostFormValue("all"); all != string(holm.LevelNone) {
		i.all = all
	}
	for _, g := range i.groups {
		if slices.Contains(r.PostForm["group"], g.ID) {
			i.in[g.ID] = true
		}
	}
}

// body is the invitation as the door takes it.
func (i invitation) body() (b ops.InviteBody, err error) {
	b = ops.InviteBody{Email: i.Email, Role: i.Role, AllEnvironments: i.all}
	if b.Until, err = grant.EndOf("until", i.Until); err != nil {
		return b, err
	}
	for _, e := range i.environments {
		if level := i.levels[e.ID]; level != "" {
			b.Environments = append(b.Environments, ops.Share{Environment: e.ID, Level: level})
		}
	}
	for _, g := range i.groups {
		if i.in[g.ID] {
			b.Groups = append(b.Groups, g.ID)
		}
	}
	return b, nil
}

func (i invitation) ask(r *site.Request) (v ops.CollaboratorView, err error) {
	in := ops.CollaboratorInviteInput{}
	in.Account = me
	if in.Body, err = i.body(); err != nil {
		return v, err
	}
	return site.Ask(r, ops.CollaboratorInvite, in)
}

// foresee asks what the invitation would give.
func (i invitation) foresee(r *site.Request) (v ops.PreviewView, err error) {
	in := ops.InvitationPreviewInput{}
	in.Account = me
	if in.Body, err = i.body(); err != nil {
		return v, err
	}
	return site.Ask(r, ops.InvitationPreview, in)
}

// previewInvite says below the form what the invitation would give.
func previewInvite(r *site.Request) error {
	l, err := load(r)
	if err != nil {
		return err
	}
	l.invite.read(r)
	switch {
	case !l.invite.gives():
		return r.Part(http.StatusOK, templ.NopComponent)
	case l.invite.Email == "":
		return r.Part(http.StatusOK, noAddressYet())
	}
	v, err := l.invite.foresee(r)
	return foreseen(r, v, err, l.invite.ends())
}

// ends says what the collaboration's end means for what is chosen.
func (i invitation) ends() string {
	if end, err := grant.EndOf("until", i.Until); err == nil && end != nil {
		return "All of it ends at " + holm.UntilWords(*end) + "."
	}
	return ""
}

func invite(r *site.Request) error {
	l, err := load(r)
	if err != nil {
		return err
	}
	l.invite.read(r)
	if r.PostForm.Has("ahead") {
		v, err := l.invite.foresee(r)
		l.invite.ahead, l.invite.Err = &v, err
		if err != nil {
			l.invite.ahead = nil
			return l.show(r, site.Status(err))
		}
		return l.show(r, http.StatusOK)
	}
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
