package environment

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/requests"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// mountAsking adds what a collaborator asks for more access with.
func mountAsking(s *site.Site) {
	s.Handle("GET "+root+"/ask", askForMore)
	s.Handle("POST "+root+"/ask", sendAsk)
}

// asking is the form in which a collaborator asks for a level or a permission
// in an environment, or takes it where they may.
type asking struct {
	env     ops.EnvironmentView
	want    string // "permission access.ssh" or "level full"
	minutes string
	reason  string
	glass   bool // the owner lets them take it
	waiting []ops.AccessRequestView
	failed  error
}

const (
	wantLevel      = "level "
	wantPermission = "permission "
)

// asksFor says whether somebody could be given a permission on request: the
// owner's own are given to nobody.
func asksFor(env ops.EnvironmentView, permission string) bool {
	row, ok := access.Lookup(access.Permission(permission))
	return ok && env.Level != levelOwner && row.Scope == access.ScopeEnvironment && row.Upper != access.No && !slices.Contains(env.Permissions, permission)
}

// askingIn makes the form of somebody in an environment. With a permission
// that is chosen; without, the first that they have not.
func askingIn(r *site.Request, env ops.EnvironmentView, permission string) (*asking, error) {
	a := &asking{env: env, minutes: "60"}
	if permission != "" {
		a.want = wantPermission + permission
	}
	of, err := site.Ask(r, ops.CollaborationList, ops.CollaborationListInput{})
	if err != nil {
		return nil, err
	}
	for _, c := range of.Items {
		if c.Account.Email == env.Owner.Email {
			a.glass = c.BreakGlass
		}
	}
	lent, err := lentIn(r, env)
	for _, v := range lent {
		if requests.Waiting(v) {
			a.waiting = append(a.waiting, v)
		}
	}
	return a, err
}

// lentIn lists what somebody asked for in an environment and waits for, or has
// now.
func lentIn(r *site.Request, env ops.EnvironmentView) (list []ops.AccessRequestView, err error) {
	if env.Level == levelOwner {
		return nil, nil
	}
	page, err := site.Ask(r, ops.AccessAsked, ops.AccessAskedInput{Environment: env.ID, Paging: ops.Paging{Limit: 50}})
	for _, v := range page.Items {
		if requests.Waiting(v) || requests.Running(v) {
			list = append(list, v)
		}
	}
	return list, err
}

// choices are what can be asked for: every permission that the person has not,
// and the levels that give more than they have.
func (a *asking) choices() (options []part.Option) {
	if a.want == "" {
		options = append(options, part.Option{Value: "", Label: "Choose"})
	}
	for _, row := range access.Table() {
		if ops.Offers(row.Permission) && asksFor(a.env, string(row.Permission)) {
			options = append(options, part.Option{Group: "One permission", Value: wantPermission + string(row.Permission), Label: row.Label})
		}
	}
	for _, level := range []holm.Level{holm.LevelLimited, holm.LevelFull} {
		if slices.ContainsFunc(access.OfLevel(level), func(p access.Permission) bool { return asksFor(a.env, string(p)) }) {
			options = append(options, part.Option{Group: "A level", Value: wantLevel + string(level), Label: site.LevelName(string(level)) + ": " + site.LevelSentence(string(level))})
		}
	}
	return options
}

// offers says whether there is anything to choose.
func (a *asking) offers() bool {
	return slices.ContainsFunc(a.choices(), func(o part.Option) bool { return o.Value != "" })
}

func (a *asking) path() string { return "/environments/" + url.PathEscape(a.env.Name) + "/ask" }

// most is the longest that can be asked for, in minutes.
func (a *asking) most() int { return int(holm.RequestLongest / time.Minute) }

// asks says whether there is anything left to ask for here.
func (p *page) asks() bool {
	return p.env.Level != levelOwner && (&asking{env: p.env}).offers()
}

// askForMore is the form on a page of its own.
func askForMore(r *site.Request) error {
	env, err := site.Ask(r, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: r.PathValue("name")}})
	if err != nil {
		return err
	}
	a, err := askingIn(r, env, r.URL.Query().Get("permission"))
	if err != nil {
		return err
	}
	return a.show(r, http.StatusOK)
}

func (a *asking) show(r *site.Request, status int) error {
	crumbs := []part.Crumb{{Label: "Environments", Href: "/environments"}, {Label: a.env.Name, Href: "/environments/" + a.env.Name}, {Label: "Ask for more"}}
	return r.FrameStatus(status, layout.Page{Title: "Ask for more · " + a.env.Name, Current: layout.Environments, Crumbs: crumbs}, a.page())
}

// sendAsk asks, or takes.
func sendAsk(r *site.Request) error {
	in := ops.AccessRequestInput{OfEnvironment: ops.OfEnvironment{Environment: r.PathValue("name")}}
	want := r.PostFormValue("want")
	switch {
	case len(want) > len(wantLevel) && want[:len(wantLevel)] == wantLevel:
		in.Body.Level = want[len(wantLevel):]
	case len(want) > len(wantPermission) && want[:len(wantPermission)] == wantPermission:
		in.Body.Permission = want[len(wantPermission):]
	}
	if n, err := strconv.Atoi(r.PostFormValue("minutes")); err == nil {
		in.Body.Minutes = n
	}
	in.Body.Reason, in.Body.BreakGlass = r.PostFormValue("reason"), r.PostFormValue("how") == "take"
	v, err := site.Ask(r, ops.AccessRequest, in)
	if err != nil {
		return askAgain(r, in, err)
	}
	name := v.Environment.Name
	if v.BreakGlass {
		r.Tell(topic, "You have "+requests.Wish(v)+" until "+holm.UntilWords(*v.Until)+". The owner has been told.")
	} else {
		told := "Asked. The owner gets a mail with your reason"
		if r.Site.Outbox {
			told = "Asked. The owner finds it under Requests; this installation sends no mails yet"
		}
		r.Tell(topic, told+". This page changes when they answer.")
	}
	return r.See("/environments/" + url.PathEscape(name))
}

// askAgain shows the form again with what was wrong.
func askAgain(r *site.Request, in ops.AccessRequestInput, err error) error {
	switch holm.CodeOf(err) {
	case holm.CodeNotFound, holm.CodeUnauthorized, holm.CodeInternal:
		return err
	}
	env, problem := site.Ask(r, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: in.OfEnvironment})
	if problem != nil {
		return problem
	}
	a, problem := askingIn(r, env, "")
	if problem != nil {
		return problem
	}
	a.want, a.minutes, a.reason, a.failed = r.PostFormValue("want"), r.PostFormValue("minutes"), r.PostFormValue("reason"), err
	return a.show(r, site.Status(err))
}
