package ops

import (
	"net/url"
	"reflect"
	"time"

	"github.com/holmhq/holm"
)

// Target is what an operation is about, as the caller named it. Which fields
// are set follows from the kind.
type Target struct {
	Kind         TargetKind
	Account      string // id, the owner's e-mail address, or "me"
	Environment  string // id or name
	Collaborator string // id or e-mail address, in the account
	Layer        string // id or role, in the environment
	Node         holm.NodeID
	Deleted      bool // the environment is one that was deleted and can be restored
}

// TargetKind says what kind of thing an operation is about.
type TargetKind string

// The kinds of target.
const (
	TargetNobody      TargetKind = "nobody"
	TargetUser        TargetKind = "user" // the caller
	TargetAccount     TargetKind = "account"
	TargetEnvironment TargetKind = "environment"
)

// Input is what every input is: something that embeds its target.
type Input interface{ target() Target }

// TargetOf gives the target of an input.
func TargetOf(in Input) Target { return in.target() }

// OfNobody is embedded by inputs of public operations; its tag `reason:"…"`
// says why no sign-in is needed.
type OfNobody struct{}

func (OfNobody) target() Target { return Target{Kind: TargetNobody} }

// OfUser is embedded by inputs about the caller.
type OfUser struct{}

func (OfUser) target() Target { return Target{Kind: TargetUser} }

// OfAccount is embedded by inputs about an account.
type OfAccount struct {
	Account string `path:"account" doc:"Account: its id, its owner's e-mail address, or me"`
}

func (o OfAccount) target() Target { return Target{Kind: TargetAccount, Account: o.Account} }

// OfCollaborator is embedded by inputs about a collaborator of an account.
type OfCollaborator struct {
	Account      string `path:"account" doc:"Account: its id, its owner's e-mail address, or me"`
	Collaborator string `path:"collaborator" doc:"Collaborator: id or e-mail address"`
}

func (o OfCollaborator) target() Target {
	return Target{Kind: TargetAccount, Account: o.Account, Collaborator: o.Collaborator}
}

// OfEnvironment is embedded by inputs about an environment.
type OfEnvironment struct {
	Environment string `path:"environment" doc:"Environment: id or name"`
}

func (o OfEnvironment) target() Target {
	return Target{Kind: TargetEnvironment, Environment: o.Environment}
}

// OfDeleted is embedded by inputs about a deleted environment that can still be
// restored. For everybody but its owner there is none.
type OfDeleted struct {
	Environment string `path:"environment" doc:"Deleted environment: id, or the name it had"`
}

func (o OfDeleted) target() Target {
	return Target{Kind: TargetEnvironment, Environment: o.Environment, Deleted: true}
}

// OfLayer is embedded by inputs about a layer of an environment.
type OfLayer struct {
	Environment string `path:"environment" doc:"Environment: id or name"`
	Layer       string `path:"layer" doc:"Layer: id or role"`
}

func (o OfLayer) target() Target {
	return Target{Kind: TargetEnvironment, Environment: o.Environment, Layer: o.Layer}
}

// OfNode is embedded by inputs about a node of an environment.
type OfNode struct {
	Environment string      `path:"environment" doc:"Environment: id or name"`
	Node        holm.NodeID `path:"node" doc:"Node: its number"`
}

func (o OfNode) target() Target {
	return Target{Kind: TargetEnvironment, Environment: o.Environment, Node: o.Node}
}

// nobodyReason finds the reason of an input without target.
func nobodyReason(t reflect.Type) (reason string, nobody bool) {
	f, ok := t.FieldByName("OfNobody")
	if !ok {
		return "", false
	}
	return f.Tag.Get("reason"), true
}

func escapeSegment(s string) string { return url.PathEscape(s) }

// Validator is implemented by inputs and bodies that check themselves. The
// door asks them after it has decided.
type Validator interface{ Validate() error }

// Auditor is implemented by inputs of reads of which some are recorded: asking
// for a secret is worth a row, and is not answered where none can be written.
type Auditor interface{ Audited() bool }

// Recorded says whether an operation with an input is recorded when it is let
// through.
func Recorded(o *Operation, in any) bool {
	a, ok := in.(Auditor)
	return o.Kind == Change || ok && a.Audited()
}

// Page is one page of a list. Next is the cursor of the following page, null
// on the last.
type Page[T any] struct {
	Items []T     `json:"items"`
	Next  *string `json:"next" doc:"Cursor of the next page; null on the last"`
}

// Paging is embedded by inputs of lists.
type Paging struct {
	Cursor string `query:"cursor" doc:"Where the page starts: next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" doc:"Most items on the page, 1 to 500; 100 when not given"`
}

// Size gives the page size within its bounds.
func (p Paging) Size() int {
	if p.Limit <= 0 {
		return 100
	}
	return min(p.Limit, 500)
}

// TimeOrNull writes a time into an answer: null where there is none.
func TimeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// Person is how people appear in answers.
type Person struct {
	ID    string `json:"id"`
	Email string `json:"email"`
}

// TargetKindOf says what kind of thing an operation is about.
func TargetKindOf(o *Operation) TargetKind {
	return reflect.Zero(o.Input).Interface().(Input).target().Kind
}
