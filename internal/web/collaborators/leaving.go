package collaborators

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// leaving is the page of what somebody could have read.
type leaving struct {
	person
	list ops.CredentialList
	told string
	left []string // what could not be changed
}

func mountLeaving(s *site.Site) {
	s.Handle("GET /collaborators/{id}/credentials", showLeaving)
	s.Handle("POST /collaborators/{id}/credentials/rotate", rotateAll)
}

func (p person) credentialsPath() string { return p.path() + "/credentials" }

func findLeaving(r *site.Request) (v leaving, err error) {
	if v.person, err = find(r); err != nil {
		return v, err
	}
	in := ops.CredentialListInput{}
	in.Account, in.Collaborator = me, v.ID
	v.list, err = site.Ask(r, ops.CredentialListing, in)
	return v, err
}

func showLeaving(r *site.Request) error {
	v, err := findLeaving(r)
	if err != nil {
		return err
	}
	v.told = r.Told("credentials")
	return v.show(r)
}

func (v leaving) show(r *site.Request) error {
	page := layout.Page{Title: "What " + v.called() + " could have read", Current: layout.Collaborators, Crumbs: append(crumbs(v.person), part.Crumb{Label: "Secrets"})}
	return r.FrameStatus(http.StatusOK, page, v.view())
}

// rotateAll changes what can be changed, and shows what is left.
func rotateAll(r *site.Request) error {
	in := ops.CredentialRotateInput{}
	in.Account, in.Collaborator = me, r.PathValue("id")
	out, err := site.Ask(r, ops.CredentialRotate, in)
	if err != nil {
		return err
	}
	told := rotated(out)
	if len(out.Left) == 0 {
		r.Tell("credentials", told)
		return r.See("/collaborators/" + in.Collaborator + "/credentials")
	}
	v, err := findLeaving(r)
	if err != nil {
		return err
	}
	v.told, v.left = told, out.Left
	return v.show(r)
}

func rotated(out ops.CredentialRotated) string {
	text := ""
	switch out.Servers {
	case 0:
	case 1:
		text = "1 server gets a new password; it is mailed to those who may have it. "
	default:
		text = strconv.Itoa(out.Servers) + " servers get new passwords; they are mailed to those who may have them. "
	}
	switch {
	case out.Variables == 1:
		text += "1 variable is marked as to be changed: set its new value on the Variables page."
	case out.Variables > 1:
		text += strconv.Itoa(out.Variables) + " variables are marked as to be changed: set their new values on the Variables pages."
	case text == "":
		text = "There was nothing new to change."
	}
	return text
}

// secrets are the account's own, apart from what is the person's.
func (v leaving) secrets() (list []ops.CredentialView) {
	for _, x := range v.list.Items {
		if x.Environment != nil {
			list = append(list, x)
		}
	}
	return list
}

func (v leaving) own() (list []ops.CredentialView) {
	for _, x := range v.list.Items {
		if x.Environment == nil {
			list = append(list, x)
		}
	}
	return list
}

// rotateAll is the button's word for it.
func (v leaving) rotateAll() string {
	if n := v.toRotate(); n > 1 {
		return "Change all " + strconv.Itoa(n)
	}
	return "Change it"
}

// toRotate counts what "change all" would do something about.
func (v leaving) toRotate() (n int) {
	for _, x := range v.list.Items {
		if x.State == "open" {
			n++
		}
	}
	return n
}

func (v leaving) secretTable() part.Table {
	t := part.Table{ID: "secrets", Caption: "Secrets of your environments", Columns: []part.Column{{Label: "Secret", Wide: true}, {Label: "Environment"}, {Label: "How they could know it"}, {Label: "Now"}},
		Empty: part.Empty{Icon: part.IconCheck, Title: "Nothing", Text: "No variable and no mailed password was within their reach."}}
	for _, x := range v.secrets() {
		t.Rows = append(t.Rows, part.Row{ID: x.Kind + "-" + x.Environment.ID + "-" + x.Name + x.Layer, Faded: x.State == "rotated" || x.State == "gone",
			Cells: []templ.Component{secretName(x), secretPlace(x), secretWay(x), secretState(x)}})
	}
	return t
}

func (v leaving) ownTable() part.Table {
	t := part.Table{ID: "own", Caption: "Their own ways in", Columns: []part.Column{{Label: "What", Wide: true}, {Label: "Last used"}, {Label: "Now"}}}
	for i, x := range v.own() {
		t.Rows = append(t.Rows, part.Row{ID: x.Kind + "-" + strconv.Itoa(i), Cells: []templ.Component{ownName(x), ownUse(x), secretState(x)}})
	}
	return t
}
