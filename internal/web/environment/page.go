package environment

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// tab is one of the pages of an environment.
type tab struct {
	label string
	path  string              // below the environment's own
	needs []access.Permission // one of these, for there to be anything to see
	body  func(p *page) (templ.Component, error)
}

// Where the tabs are, below the environment's own address.
const (
	sharingPath  = "/sharing"
	auditPath    = "/audit"
	settingsPath = "/settings"
)

var (
	overview = tab{"Overview", "", []access.Permission{access.EnvironmentSee}, (*page).overview}
	sharing  = tab{"Sharing", sharingPath, []access.Permission{access.EnvironmentShare}, (*page).sharing}
	auditing = tab{"Audit", auditPath, []access.Permission{access.AuditView}, (*page).auditing}
	settings = tab{"Settings", settingsPath, []access.Permission{access.EnvironmentRename, access.EnvironmentDelete}, (*page).settings}
	tabs     = []tab{overview, variables, sharing, auditing, settings}
)

// page is an environment's page as one person sees it.
type page struct {
	*site.Request
	env     ops.EnvironmentView
	stacks  map[string]ops.StackView
	order   []ops.StackView // the same, as the door lists them
	tab     tab
	notice  *part.Notice
	refused map[string]string       // why an operation may not be done, by its name
	failed  error                   // of the form that was sent, told beside its field
	people  *people                 // of the sharing tab, once asked for
	lent    []ops.AccessRequestView // what the person asked for here, waiting or there now
}

// offered are the operations that the pages have buttons for.
var offered = []*ops.Operation{
	ops.EnvironmentStart.Operation, ops.EnvironmentStop.Operation, ops.EnvironmentDelete.Operation, ops.EnvironmentUpdate.Operation,
	ops.LayerRestart.Operation, ops.NodeRestart.Operation, ops.LayerScale.Operation, ops.LayerLimit.Operation,
	ops.EnvironmentClone.Operation, ops.LayerAdd.Operation, ops.LayerRemove.Operation, ops.NodeRemove.Operation,
	ops.LayerResetPassword.Operation,
	ops.TransferRequest.Operation,
}

// open asks for the environment and for the reason of every refusal.
func open(r *site.Request, t tab) (*page, error) {
	p := &page{Request: r, tab: t, stacks: map[string]ops.StackView{}, refused: map[string]string{}}
	var err error
	if p.env, err = site.Ask(r, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: r.PathValue("name")}}); err != nil {
		return nil, err
	}
	if p.lent, err = lentIn(r, p.env); err != nil {
		return nil, err
	}
	stacks, err := site.Ask(r, ops.StackList, ops.StackListInput{})
	if err != nil {
		return nil, err
	}
	p.order = stacks.Items
	for _, s := range stacks.Items {
		p.stacks[s.Name] = s
	}
	for _, op := range offered {
		if p.may(op.Permission) {
			continue
		}
		if p.refused[op.Name], err = p.reason(op); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// target names the environment for the door.
func (p *page) target() ops.OfEnvironment { return ops.OfEnvironment{Environment: p.env.ID} }

// may says whether the door would let the person.
func (p *page) may(permission access.Permission) bool {
	return slices.Contains(p.env.Permissions, string(permission))
}

func (p *page) sees(t tab) bool { return slices.ContainsFunc(t.needs, p.may) }

// reason asks the door why an operation is refused.
func (p *page) reason(op *ops.Operation) (string, error) {
	why, err := site.Ask(p.Request, ops.AccessWhy, ops.AccessWhyInput{OfEnvironment: p.target(), Operation: op.Name})
	if err != nil || why.Allowed {
		return "", err
	}
	if why.GrantableBy != "" {
		return why.Reason + " " + why.GrantableBy + " can change that.", nil
	}
	return why.Reason, nil
}

// path is the address of a page or action of the environment.
func (p *page) path(below string) string { return "/environments/" + p.env.Name + below }

// show answers with the page.
func (p *page) show(status int) error {
	body, err := p.tab.body(p)
	if err != nil {
		return err
	}
	crumbs := []part.Crumb{{Label: "Environments", Href: "/environments"}, {Label: p.env.Name}}
	if p.tab.path != "" {
		crumbs[1].Href = p.path("")
		crumbs = append(crumbs, part.Crumb{Label: p.tab.label})
	}
	return p.FrameStatus(status, layout.Page{Title: p.env.Name, Current: layout.Environments, Crumbs: crumbs, LiveURL: p.path("/live")}, p.around(body))
}

// gone is where the page leaves for when the right to it ends.
func (p *page) gone() string {
	if p.env.Level == levelOwner {
		return p.path("?left=owner")
	}
	return p.path("?left=shared")
}

// tabs are those the person may see anything in.
func (p *page) tabs() part.Tabs {
	list := part.Tabs{Label: "Pages of " + p.env.Name}
	for _, t := range tabs {
		if p.sees(t) {
			list.Tabs = append(list.Tabs, part.Tab{Label: t.label, Href: p.path(t.path), Current: t.path == p.tab.path})
		}
	}
	return list
}

// state is what the environment is doing; while it is offered to somebody,
// what its nodes do.
func (p *page) state() holm.State {
	if p.env.Meanwhile != "" {
		return holm.State(p.env.Meanwhile)
	}
	return holm.State(p.env.State)
}

// title says what a layer is: "Node.js 22".
func (p *page) title(l ops.LayerView) string {
	name := l.Stack
	if s, ok := p.stacks[l.Stack]; ok {
		name = s.Title
	}
	if l.Version == "" {
		return name
	}
	return name + " " + l.Version
}

// status is the one of the page that tells an error.
func status(err error) int {
	if err == nil {
		return http.StatusOK
	}
	return site.Status(err)
}
