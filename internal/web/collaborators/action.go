package collaborators

import (
	"fmt"
	"net/http"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// action is something that is done to a collaborator after a question.
type action struct {
	verb     string // in the address
	question func(p person) part.Confirm
	run      func(r *site.Request, p person) (told string, err error)
}

var (
	suspend    = action{"suspend", questionSuspend, runStatus(holm.StatusSuspended, "Suspended %s. What was open is cut.")}
	reactivate = action{"reactivate", questionReactivate, runStatus(holm.StatusActive, "%s is active again, with the levels of before.")}
	remove     = action{"remove", questionRemove, runRemove}
)

// ask is the question on a page of its own, for people without a script.
func (a action) ask(r *site.Request) error {
	p, err := find(r)
	if err != nil {
		return err
	}
	question := a.confirm(p)
	question.Page, question.Back = true, p.path()
	return r.FrameStatus(http.StatusOK, layout.Page{Title: question.Title, Current: layout.Collaborators, Crumbs: crumbs(p)}, part.Group(part.Head{Title: p.called()}, question))
}

// confirm is the question about one person.
func (a action) confirm(p person) part.Confirm {
	c := a.question(p)
	c.ID, c.Action = a.verb+"-"+p.ID, p.path()+"/"+a.verb
	return c
}

func (a action) do(r *site.Request) error {
	p, err := find(r)
	if err != nil {
		return err
	}
	told, err := a.run(r, p)
	if err != nil {
		return failed(r, err)
	}
	if a.verb == remove.verb && !p.is(holm.StatusPending) {
		v, err := findLeaving(r)
		if err == nil && v.list.Open > 0 {
			r.Tell("credentials", told+" These are secrets that they may know:")
			return r.See(p.credentialsPath())
		}
	}
	r.Tell("people", told)
	return r.See("/collaborators")
}

func questionSuspend(p person) part.Confirm {
	return part.Confirm{Title: "Suspend " + p.called() + "?", Button: "Suspend",
		Points: []string{
			"They see nothing of " + p.shared() + " any more, until you reactivate them; their levels stay as they are.",
			"What they have open is cut at once: pages, terminals, file transfers.",
			"A mail tells them.",
		}}
}

func questionReactivate(p person) part.Confirm {
	return part.Confirm{Title: "Reactivate " + p.called() + "?", Button: "Reactivate", Kind: part.Primary,
		Text: "They have access to " + p.shared() + " again, with the levels of before. A mail tells them."}
}

func questionRemove(p person) part.Confirm {
	if p.is(holm.StatusPending) {
		return part.Confirm{Title: "Revoke the invitation of " + p.Email + "?", Button: "Revoke",
			Text: "The link that was mailed does not work any more. You can invite them again."}
	}
	return part.Confirm{Title: "Remove " + p.called() + "?", Button: "Remove",
		Points: []string{
			"They lose access to " + p.shared() + " at once; what they have open is cut.",
			"Environments that they made on your account stay yours.",
			"You then see which secrets they could have read, and can change them.",
			"A mail tells them. You can invite them again.",
		}}
}

// shared says how much is shared with the person.
func (p person) shared() string {
	switch p.Shared {
	case 0:
		return "your account"
	case 1:
		return "1 environment"
	}
	return fmt.Sprintf("%d environments", p.Shared)
}

func runStatus(status holm.Status, told string) func(*site.Request, person) (string, error) {
	return func(r *site.Request, p person) (string, error) {
		in := ops.CollaboratorUpdateInput{}
		in.Account, in.Collaborator, in.Body.Status = me, p.ID, string(status)
		_, err := site.Ask(r, ops.CollaboratorUpdate, in)
		return fmt.Sprintf(told, p.Email), err
	}
}

func runRemove(r *site.Request, p person) (string, error) {
	in := ops.CollaboratorRemoveInput{}
	in.Account, in.Collaborator = me, p.ID
	_, err := site.Ask(r, ops.CollaboratorRemove, in)
	if p.is(holm.StatusPending) {
		return "Revoked the invitation of " + p.Email + ".", err
	}
	return "Removed " + p.Email + ". What was open is cut.", err
}

// setRole saves a role at once.
func setRole(r *site.Request) error {
	before, err := find(r)
	if err != nil {
		return undone(r, err)
	}
	in := ops.CollaboratorUpdateInput{}
	in.Account, in.Collaborator, in.Body.Role = me, before.ID, r.PostFormValue("role")
	v, err := site.Ask(r, ops.CollaboratorUpdate, in)
	if err != nil {
		return undone(r, err)
	}
	undo := site.Undo{Action: before.path() + "/role", Fields: []string{"role", before.Role, "from", r.PostFormValue("from")}}
	if v.Role == before.Role || r.PostForm.Has("undo") {
		undo = site.Undo{}
	}
	undo.Fields = append(undo.Fields, "undo", "yes")
	return done(r, v, v.Email+" is "+v.Role+" now.", undo)
}

// resend mails a new link.
func resend(r *site.Request) error {
	in := ops.CollaboratorResendInput{}
	in.Account, in.Collaborator = me, r.PathValue("id")
	v, err := site.Ask(r, ops.CollaboratorResend, in)
	if err != nil {
		return undone(r, err)
	}
	return done(r, v, mailed(r, "Sent "+v.Email+" a new link; the old one is dead.", v.LinkUntil), site.Undo{})
}

// done leads back to the page that asked: the person's, or the list.
func done(r *site.Request, v ops.CollaboratorView, told string, undo site.Undo) error {
	if r.FormValue("from") == "person" {
		r.TellUndo("person", told, undo)
		return r.See(person{v}.path())
	}
	r.TellUndo("people", told, undo)
	return r.See("/collaborators")
}

// undone shows the page that asked again, with what could not be done.
func undone(r *site.Request, err error) error {
	if r.FormValue("from") == "person" {
		return failedPerson(r, err)
	}
	return failed(r, err)
}
