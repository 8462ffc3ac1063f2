package ops

import (
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// VariableView is an environment variable.
type VariableView struct {
	Name   string     `json:"name"`
	Value  *string    `json:"value" doc:"null unless the values were asked for"`
	SetBy  string     `json:"set_by" doc:"E-mail address of who set it"`
	SetAt  time.Time  `json:"set_at"`
	Rotate *time.Time `json:"rotate" doc:"Since when it has to be changed, because somebody who could read it has left; null when it has not"`
}

// VariableList is the variables of an environment, with who still runs without
// them.
type VariableList struct {
	Items []VariableView `json:"items"`
	Next  *string        `json:"next" doc:"Always null: all of them are on one page"`
	Stale []int64        `json:"stale" doc:"Nodes that still run with the variables of before; they get these when they are restarted"`
}

// VariableListInput is the input of variable.list.
type VariableListInput struct {
	OfEnvironment
	Values bool `query:"values" doc:"Show the values; that you asked is recorded in the audit log"`
}

// Audited says that asking for values is recorded.
func (in *VariableListInput) Audited() bool { return in.Values }

// VariableInput is a variable to set.
type VariableInput struct {
	Name  string      `json:"name" doc:"Letters, digits and underscores, no digit first"`
	Value holm.Secret `json:"value" doc:"Any text, at most 32 KiB"`
}

// VariableSetInput is the input of variable.set.
type VariableSetInput struct {
	OfEnvironment
	Body struct {
		Variables []VariableInput `json:"variables,omitempty" doc:"Variables to set; others stay as they are"`
		Remove    []string        `json:"remove,omitempty" doc:"Names of variables to take away"`
	}
}

// Logged gives what the audit log keeps of the body: no more of a name than
// cannot be a value that was pasted there.
func (in *VariableSetInput) Logged() any {
	kept := in.Body
	kept.Variables, kept.Remove = nil, nil
	for _, v := range in.Body.Variables {
		kept.Variables = append(kept.Variables, VariableInput{Name: holm.LoggedVariableName(v.Name), Value: v.Value})
	}
	for _, name := range in.Body.Remove {
		kept.Remove = append(kept.Remove, holm.LoggedVariableName(name))
	}
	return kept
}

// The operations on environment variables.
var (
	VariableListing = declare[VariableListInput, VariableList]("variable.list", Read, access.VariableManage, "GET /v1/environments/{environment}/variables",
		"List variables (values masked)", "read the variables of {environment}")
	VariableSet = declare[VariableSetInput, VariableList]("variable.set", Change, access.VariableManage, "PUT /v1/environments/{environment}/variables",
		"Set variables", "set variables of {environment}")
)
