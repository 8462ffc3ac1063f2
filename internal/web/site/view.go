package site

import (
	"net/http"
	"net/url"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/ops"
)

// viewEndPath is what the banner of a view posts to.
const viewEndPath = "/view/end"

// lookAs finds out as whom the person looks. The pages then know that person
// as who asks; what they may see, the door knows.
func (r *Request) lookAs() (err error) {
	if r.view, err = Ask(r, ops.ViewShow, ops.ViewShowInput{}); err != nil {
		return err
	}
	r.User = ops.UserView{Email: r.view.Collaborator.Email, Name: r.view.Name, Account: ops.AccountView{Type: string(holm.AccountCollaborator)}}
	return nil
}

// Viewing says whether the person looks as somebody else, and so sees a part
// of the pages and can change nothing.
func (r *Request) Viewing() bool { return r.Caller.View != "" }

// viewOver says whether the page was opened after the end of a view.
func (r *Request) viewOver() bool {
	return r.Viewing() && r.view.Over && r.Method == http.MethodGet && !r.ByHTMX()
}

// leaveView ends a view and leads back to the person it was of.
func (r *Request) leaveView(told string) error {
	v, err := Ask(r, ops.ViewEnd, ops.ViewEndInput{})
	if holm.CodeOf(err) == holm.CodeNotFound && err != nil {
		return r.See("/collaborators")
	}
	if err != nil {
		return err
	}
	r.Tell("person", told)
	return r.See("/collaborators/" + url.PathEscape(v.Collaborator.ID))
}

// StopViewing makes who looks as somebody else themselves again, to sign out.
func (r *Request) StopViewing() error {
	if !r.Viewing() {
		return nil
	}
	_, err := Ask(r, ops.ViewEnd, ops.ViewEndInput{})
	r.Caller.View = ""
	return err
}

func endView(r *Request) error {
	return r.leaveView("You see the dashboard as yourself again.")
}

// banner says as whom the person looks, until when, and how to stop.
func (r *Request) banner() *layout.Banner {
	return &layout.Banner{Text: "You look as " + r.view.Collaborator.Email + " would, at what you share with them. Nothing can be changed. It ends by itself at " + r.view.Until.UTC().Format("15:04 UTC") + ".",
		Action: "Stop looking", Post: viewEndPath}
}
