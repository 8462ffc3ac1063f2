package environment

import (
	"net/http"

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
	answer, err := site.Ask(r, ops.AccessWhy, ops.AccessWhyInput{OfEnvironment: of, Operation: q.Get("operation"), Person: q.Get("person")})
	if err != nil {
		return err
	}
	x := explanation{AccessWhyView: answer, env: env.Name, label: answer.Permission, mine: answer.Person == r.User.Email}
	if row, ok := access.Lookup(access.Permission(answer.Permission)); ok {
		x.label = row.Label
	}
	if x.mine && !x.Allowed && asksFor(env, answer.Permission) {
		if x.ask, err = askingIn(r, env, answer.Permission); err != nil {
			return err
		}
	}
	crumbs := []part.Crumb{{Label: "Environments", Href: "/environments"}, {Label: env.Name, Href: "/environments/" + env.Name}, {Label: "Why"}}
	return r.FrameStatus(http.StatusOK, layout.Page{Title: "Why · " + env.Name, Current: layout.Environments, Crumbs: crumbs}, x.body())
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
