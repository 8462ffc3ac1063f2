package entry

import (
	"net/http"
	"net/url"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// situation is how the person at the page stands to the invitation.
type situation int

const (
	newcomer   situation = iota // nobody has the address yet: choose a password
	knownHere                   // the address has a login: sign in with it
	themselves                  // signed in with the address
	other                       // signed in with another address
)

// invitation is what the page shows.
type invitation struct {
	ops.InvitationView
	form
	path string // of the page
	who  situation
	as   string // the address that is signed in
}

func showInvitation(r *site.Request) error {
	v, err := findInvitation(r)
	if err != nil {
		return invitationOver(r, err)
	}
	return invitationCard(r, v)
}

// findInvitation asks for the invitation of the link.
func findInvitation(r *site.Request) (v invitation, err error) {
	token := r.PathValue("token")
	v.InvitationView, err = site.Ask(r, ops.InvitationShow, ops.InvitationShowInput{Token: holm.NewSecret(token)})
	v.path, v.as = "/invitations/"+url.PathEscape(token), r.User.Email
	v.Action = v.path
	switch {
	case r.Caller.SignedIn() && holm.EmailKey(v.as) != holm.EmailKey(v.InvitationView.Email):
		v.who = other
	case r.Caller.SignedIn() && v.Known:
		v.who = themselves
	case v.Known:
		v.who = knownHere
	}
	return v, err
}

// accept accepts; who is new here is signed in by it.
func accept(r *site.Request) error {
	in := ops.InvitationAcceptInput{Token: holm.NewSecret(r.PathValue("token"))}
	in.Body.Name, in.Body.Password = r.PostFormValue("name"), holm.NewSecret(r.PostFormValue("password"))
	if _, err := site.SignIn(r, ops.InvitationAccept, in, func(a ops.InvitationAccepted) *ops.SessionCreated { return a.Session }); err != nil {
		return acceptAgain(r, err)
	}
	return r.See("/environments")
}

func acceptAgain(r *site.Request, failed error) error {
	v, err := findInvitation(r)
	if err != nil {
		return invitationOver(r, err)
	}
	v.form.Name, v.Err = r.PostFormValue("name"), failed
	return invitationCard(r, v)
}

func invitationCard(r *site.Request, v invitation) error {
	status := http.StatusOK
	if v.Err != nil {
		status = site.Status(v.Err)
	}
	return r.Card(status, layout.CardProps{Title: v.inviter() + " invites you", Lead: v.lead(), Wide: true}, v.view())
}

// invitationOver tells of a link that was answered, replaced or has ended.
func invitationOver(r *site.Request, err error) error {
	if holm.CodeOf(err) != holm.CodeGone {
		return err
	}
	return over(r, err)
}

// askDecline is the question on a page of its own, for people without a script.
func askDecline(r *site.Request) error {
	v, err := findInvitation(r)
	if err != nil {
		return invitationOver(r, err)
	}
	question := v.question()
	question.Page, question.Back = true, v.path
	return r.Card(http.StatusOK, layout.CardProps{Title: "Invitation of " + v.inviter()}, question)
}

func decline(r *site.Request) error {
	v, err := findInvitation(r)
	if err != nil {
		return invitationOver(r, err)
	}
	if _, err := site.Ask(r, ops.InvitationDecline, ops.InvitationDeclineInput{Token: holm.NewSecret(r.PathValue("token"))}); err != nil {
		return invitationOver(r, err)
	}
	return r.Card(http.StatusOK, layout.CardProps{Title: "You declined", Lead: v.inviter() + " is told. If that was a mistake, ask to be invited again."}, declined(r.Caller.SignedIn()))
}

func (v invitation) inviter() string {
	if v.Inviter.Email == v.Account.Email && v.AccountName != "" {
		return v.AccountName
	}
	return v.Inviter.Email
}

func (v invitation) lead() string {
	owner := v.Account.Email
	if v.Inviter.Email != v.Account.Email {
		return "To work on the account of " + owner + "."
	}
	if v.AccountName == "" {
		return "To work on their account."
	}
	return owner + " – to work on their account."
}

func (v invitation) role() string {
	if v.Role == string(holm.RoleAdmin) {
		return "Admin"
	}
	return "Viewer"
}

func (v invitation) question() part.Confirm {
	return part.Confirm{ID: "decline", Title: "Decline the invitation?", Text: v.inviter() + " is told, and this link ends. To come back to it you would have to be invited again.",
		Action: v.path + "/decline", Button: "Decline"}
}

func (v invitation) signInPath() string {
	return "/sign-in?" + url.Values{"next": {v.path}, "email": {v.InvitationView.Email}}.Encode()
}
