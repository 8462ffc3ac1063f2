package environment

import (
	"net/http"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// explanation is a decision as the person is told it.
type explanation struct {
	ops.AccessWhyView
	env   string
	label string // what the permission is about, in words
	mine  bool   // it is about who asks
	ask   *asking
}

// why explains a decision about the person, or for the owner about somebody.
func why(r *site.Request) error {
	q := r.URL.Query()
	of := ops.OfEnvironment{Environment: r.PathValue("name")}
	env, err := site.Ask(r, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: of})
	if err != nil {
		return err
	}
	x, err := explain(r, env, q.Get("operation"), q.Get("person"))
	if err != nil {
		return err
	}
	crumbs := []part.Crumb{{Label: "Environments", Href: "/environments"}, {Label: env.Name, Href: "/environments/" + env.Name}, {Label: "Why"}}
	return r.FrameStatus(http.StatusOK, layout.Page{Title: "Why · " + env.Name, Current: layout.Environments, Crumbs: crumbs}, x.body())
}

// explain asks the door for a decision, with what can be asked for where it is
// about the person and against them.
func explain(r *site.Request, env ops.EnvironmentView, operation, person string) (x explanation, err error) {
	answer, err := site.Ask(r, ops.AccessWhy, ops.AccessWhyInput{OfEnvironment: ops.OfEnvironment{Environment: env.ID}, Operation: operation, Person: person})
	if err != nil {
		return x, err
	}
	x = explanation{AccessWhyView: answer, env: env.Name, label: answer.Permission, mine: answer.Person == r.User.Email}
	if row, ok := access.Lookup(access.Permission(answer.Permission)); ok {
		x.label = row.Label
	}
	if x.mine && !x.Allowed && asksFor(env, answer.Permission) {
		x.ask, err = askingIn(r, env, answer.Permission)
	}
	return x, err
}

// refusedTab answers who opens a tab that they have nothing to see in: why, what
// they can ask for, and the way back. What the tab would have asked the door is
// asked, so that the attempt is in the audit log.
func refusedTab(p *page, t tab) error {
	_, refused := t.body(p)
	if refused != nil && holm.CodeOf(refused) != holm.CodeForbidden {
		return refused
	}
	needs := t.needs[0]
	for _, op := range ops.All() {
		if !op.Built || op.Permission != needs {
			continue
		}
		x, err := explain(p.Request, p.env, op.Name, "")
		if err != nil {
			return err
		}
		return p.FrameStatus(http.StatusForbidden, layout.Page{Title: t.label + " · " + p.env.Name, Current: layout.Environments, Crumbs: p.crumbsTo(t.label)}, x.body())
	}
	return holm.ErrNotFound()
}

// crumbsTo is the way to a page below the environment.
func (p *page) crumbsTo(label string) []part.Crumb {
	return []part.Crumb{{Label: "Environments", Href: "/environments"}, {Label: p.env.Name, Href: p.path("")}, {Label: label}}
}

func (x explanation) title() string {
	switch {
	case x.mine && x.Allowed:
		return "You may do this"
	case x.mine:
		return "You may not do this"
	case x.Allowed:
		return x.Person + " may do this"
	}
	return x.Person + " may not do this"
}

func (x explanation) state() (part.Tone, string) {
	if x.Allowed {
		return part.Good, "allowed"
	}
	return part.Bad, "refused"
}
