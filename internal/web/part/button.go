package part

import "github.com/a-h/templ"

// Kind says how much a button asks for attention.
type Kind string

// The kinds. A page has one primary button at most.
const (
	Secondary Kind = ""
	Primary   Kind = "primary"
	Danger    Kind = "danger"
	Quiet     Kind = "quiet"
)

// Button does something, or leads somewhere when Href is set.
//
// A refused button stays where it is, can be reached by keyboard, does nothing,
// and says why on hover and focus.
type Button struct {
	ID       string
	Label    string
	Kind     Kind
	Icon     Icon
	IconOnly bool // the label is read out and shown as a hint
	Small    bool
	Href     string // makes it a link; with Opens, where it leads without a script
	External bool   // opens elsewhere
	Submit   bool
	Name     string
	Value    string
	Form     string // id of the form it belongs to when outside of it
	Action   string // overrides the form's address
	Opens    string // id of a Drawer, Confirm or other dialog
	Busy     bool   // work it started is going on
	Refused  string // why it may not be used now, one sentence
	Why      string // address that explains the refusal
	End      bool   // its hint opens towards the left
	More     templ.Attributes
}

func (b Button) classes() string {
	classes := "button"
	if b.Kind != Secondary {
		classes += " " + string(b.Kind)
	}
	if b.Small {
		classes += " small"
	}
	if b.IconOnly {
		classes += " square"
	}
	return classes
}

// described ties a refused button to its reason: by id when it has one, and
// otherwise by the words themselves, since the same button may be in many rows.
func (b Button) described() templ.Attributes {
	if b.ID == "" {
		return some("aria-description", b.Refused)
	}
	return some("id", b.ID, "aria-describedby", b.ID+"-reason")
}

func (b Button) reason() templ.Attributes {
	if b.ID == "" {
		return nil
	}
	return some("id", b.ID+"-reason")
}

// extras are the attributes that only some buttons have.
func (b Button) extras() templ.Attributes {
	hint, popup := "", ""
	if b.IconOnly {
		hint = b.Label
	}
	if b.Opens != "" {
		popup = "dialog"
	}
	return some("id", b.ID, "name", b.Name, "value", b.Value, "form", b.Form, "formaction", b.Action,
		"data-opens", b.Opens, "aria-haspopup", popup, "title", hint)
}

func (b Button) kind() string {
	if b.Submit {
		return "submit"
	}
	return "button"
}
