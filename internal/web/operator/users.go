package operator

import (
	"net/http"
	"net/url"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// users is the page of all users.
type users struct {
	list   []user
	email  string // narrows them
	more   string
	self   string // the operator's own id
	stays  bool   // no mail server is set: mails stay in the outbox
	told   string
	failed error
}

// user is one of them.
type user struct{ ops.OperatorUserView }

func (u user) path() string { return "/operator/users/" + url.PathEscape(u.Email) }

func (u user) called() string {
	if u.Name != "" {
		return u.Name
	}
	return u.Email
}

func showUsers(r *site.Request) error {
	u, err := loadUsers(r)
	if err != nil {
		return err
	}
	u.told = r.Told("users")
	return r.Frame(page("Users"), u.view())
}

func loadUsers(r *site.Request) (u users, err error) {
	u = users{email: r.FormValue("email"), self: r.User.ID, stays: r.Site.Outbox}
	found, err := site.Ask(r, ops.OperatorUsers, ops.OperatorUsersInput{Email: u.email, Paging: ops.Paging{Cursor: r.FormValue("cursor"), Limit: 50}})
	for _, v := range found.Items {
		u.list = append(u.list, user{v})
	}
	if found.Next != nil {
		u.more = "/operator?" + url.Values{"email": {u.email}, "cursor": {*found.Next}}.Encode()
	}
	return u, err
}

// find gives one user by the address in the path.
func find(r *site.Request) (user, error) {
	email := r.PathValue("user")
	in := ops.OperatorUsersInput{Email: email, Paging: ops.Paging{Limit: 500}}
	for {
		found, err := site.Ask(r, ops.OperatorUsers, in)
		if err != nil {
			return user{}, err
		}
		for _, v := range found.Items {
			if holm.EmailKey(v.Email) == holm.EmailKey(email) {
				return user{v}, nil
			}
		}
		if found.Next == nil {
			return user{}, holm.ErrNotFound()
		}
		in.Cursor = *found.Next
	}
}

// change changes a user and leads back, or shows what could not be done.
func change(r *site.Request, in ops.OperatorUpdateUserInput, told func(ops.OperatorUserView) string) error {
	in.User = r.PathValue("user")
	v, err := site.Ask(r, ops.OperatorUpdateUser, in)
	switch holm.CodeOf(err) {
	case holm.CodeInvalid, holm.CodeConflict:
		u, problem := loadUsers(r)
		if problem != nil {
			return problem
		}
		u.failed = err
		return r.FrameStatus(site.Status(err), page("Users"), u.view())
	}
	if err != nil {
		return err
	}
	r.Tell("users", told(v))
	return r.See("/operator")
}

func setType(r *site.Request) error {
	in := ops.OperatorUpdateUserInput{}
	in.Body.Type = r.PostFormValue("type")
	return change(r, in, func(v ops.OperatorUserView) string { return v.Email + " has a " + v.Type + " account now." })
}

// action is suspending or reactivating.
type action struct {
	verb      string
	suspended bool
	question  func(u user) part.Confirm
	told      string
}

var (
	suspend    = action{"suspend", true, questionSuspend, " is suspended and signed out everywhere."}
	reactivate = action{"reactivate", false, questionReactivate, " can sign in again."}
)

func questionSuspend(u user) part.Confirm {
	return part.Confirm{Title: "Suspend " + u.called() + "?", Button: "Suspend",
		Points: []string{
			"They are signed out everywhere at once, and what they have open is cut.",
			"Their access tokens do not work until you reactivate the login.",
			"Their environments go on running; nobody can change them until you reactivate the login.",
		}}
}

func questionReactivate(u user) part.Confirm {
	return part.Confirm{Title: "Reactivate " + u.called() + "?", Button: "Reactivate", Kind: part.Primary,
		Text: "They can sign in again, and their environments can be changed again."}
}

func (a action) confirm(u user) part.Confirm {
	c := a.question(u)
	c.ID, c.Action = a.verb+"-"+u.ID, u.path()+"/"+a.verb
	return c
}

// ask is the question on a page of its own, for people without a script.
func (a action) ask(r *site.Request) error {
	u, err := find(r)
	if err != nil {
		return err
	}
	question := a.confirm(u)
	question.Page, question.Back = true, "/operator"
	return r.FrameStatus(http.StatusOK, page(question.Title), part.Group(part.Head{Title: u.called()}, question))
}

func (a action) do(r *site.Request) error {
	in := ops.OperatorUpdateUserInput{}
	in.Body.Suspended = &a.suspended
	return change(r, in, func(v ops.OperatorUserView) string { return v.Email + a.told })
}
