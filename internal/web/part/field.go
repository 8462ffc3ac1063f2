package part

import "github.com/a-h/templ"

// Field is one question of a form: its label, its control, what helps to
// answer it, and what was wrong with the last answer.
type Field struct {
	ID       string // Name when empty
	Name     string
	Label    string
	Kind     string // text when empty; any input type, "textarea" or "select"
	Value    string
	Options  []Option // of a select
	Help     string
	Error    string
	Prefix   string // shown before the input, e.g. "https://"
	Suffix   string // shown after it, e.g. ".example.org"
	Hint     string // placeholder; never the only explanation
	Rows     int    // of a textarea
	Optional bool   // says so beside the label; otherwise an answer is required
	Fixed    string // why it cannot be changed
	Complete string // autocomplete token
	Mono     bool
	Narrow   bool
	Focus    bool            // takes the focus when the page opens
	Slot     templ.Component // shown below, e.g. a live answer; give it an id
	More     templ.Attributes
}

// Option is one choice of a select.
type Option struct {
	Value    string
	Label    string
	Group    string
	Disabled bool
}

// Check is a yes-or-no question.
type Check struct {
	ID      string
	Name    string
	Value   string // "on" when empty
	Label   string
	Help    string
	Checked bool
	Switch  bool   // takes effect at once: looks like a switch
	Fixed   string // why it cannot be changed
	More    templ.Attributes
}

func (f Field) id() string {
	if f.ID != "" {
		return f.ID
	}
	return f.Name
}

// described lists the ids of the texts that explain the control.
func (f Field) described() string {
	ids := ""
	for _, text := range []struct{ content, suffix string }{{f.Error, "-error"}, {f.Help, "-help"}, {f.Fixed, "-fixed"}} {
		if text.content == "" {
			continue
		}
		if ids != "" {
			ids += " "
		}
		ids += f.id() + text.suffix
	}
	return ids
}

func (f Field) kind() string {
	if f.Kind == "" {
		return "text"
	}
	return f.Kind
}

// control is what input, select and textarea have in common.
func (f Field) control() templ.Attributes {
	attributes := some("aria-describedby", f.described(), "placeholder", f.Hint, "autocomplete", f.Complete)
	attributes["id"] = f.id()
	attributes["name"] = f.Name
	if f.Error != "" {
		attributes["aria-invalid"] = "true"
	}
	if !f.Optional && f.Fixed == "" {
		attributes["required"] = true
	}
	if f.Focus {
		attributes["autofocus"] = true
	}
	if f.Fixed != "" {
		attributes[fixedBy(f.Kind)] = true
	}
	return attributes
}

// fixedBy is how a control is kept from changing: a select has no read-only.
func fixedBy(kind string) string {
	if kind == "select" {
		return "disabled"
	}
	return "readonly"
}

func (f Field) rows() int {
	if f.Rows == 0 {
		return 4
	}
	return f.Rows
}

// groups puts options that share a group together, keeping their order.
func (f Field) groups() [][]Option {
	var groups [][]Option
	for _, option := range f.Options {
		last := len(groups) - 1
		if last >= 0 && groups[last][0].Group == option.Group {
			groups[last] = append(groups[last], option)
			continue
		}
		groups = append(groups, []Option{option})
	}
	return groups
}

func (c Check) id() string {
	if c.ID != "" {
		return c.ID
	}
	return idOf("check", c.Name, c.Value, c.Label)
}

func (c Check) value() string {
	if c.Value == "" {
		return "on"
	}
	return c.Value
}

func (c Check) extras() templ.Attributes {
	attributes := templ.Attributes{}
	if c.Help != "" || c.Fixed != "" {
		attributes["aria-describedby"] = c.id() + "-help"
	}
	if c.Switch {
		attributes["role"] = "switch"
	}
	return attributes
}
