package environment

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// mountTopology adds the forms that change which layers and nodes there are.
func mountTopology(s *site.Site) {
	s.Handle("GET "+root+"/clone", form("Clone", (*page).cloneForm))
	s.Handle("POST "+root+"/clone", sent("Clone", (*page).cloneForm, clone))
	s.Handle("POST "+root+"/schedule", action(settings, schedule))
	s.Handle("GET "+root+"/layers/new", form("Add a layer", (*page).addForm))
	s.Handle("POST "+root+"/layers/new", sent("Add a layer", (*page).addForm, addLayer))
	s.Handle("GET "+root+"/layers/{layer}/remove", form("Remove a layer", (*page).removeForm))
	s.Handle("POST "+root+"/layers/{layer}/remove", sent("Remove a layer", (*page).removeForm, func(r *site.Request, _ ops.OfEnvironment) (string, error) {
		return "", ask(r, ops.LayerRemove, ops.LayerRemoveInput{OfLayer: layerOf(r), Confirm: r.PostFormValue("confirm")})
	}))
	s.Handle("GET "+root+"/layers/{layer}/restart", form("Restart one after another", (*page).restartForm))
	s.Handle("POST "+root+"/layers/{layer}/restart", action(overview, func(r *site.Request, of ops.OfEnvironment) error {
		in := ops.LayerRestartInput{OfLayer: layerOf(r)}
		in.Body.OneByOne, in.Body.Pause = r.PostFormValue("one_by_one") != "", whole(r.PostFormValue("pause"))
		return ask(r, ops.LayerRestart, in)
	}))
	mountNodes(s)
}

// form is a page of its own below an environment. What it is about may not be
// there any more.
func form(title string, body func(p *page) (templ.Component, error)) site.Handler {
	return func(r *site.Request) error {
		p, err := open(r, overview)
		if err != nil {
			return err
		}
		return p.showForm(http.StatusOK, title, body)
	}
}

func (p *page) showForm(status int, title string, body func(p *page) (templ.Component, error)) error {
	content, err := body(p)
	if err != nil {
		return err
	}
	crumbs := []part.Crumb{{Label: "Environments", Href: "/environments"}, {Label: p.env.Name, Href: p.path("")}, {Label: title}}
	return p.FrameStatus(status, layout.Page{Title: title + " · " + p.env.Name, Current: layout.Environments, Crumbs: crumbs}, content)
}

// sent takes what a form sends: it leads to where do says (the environment
// when it says nothing), or shows the form again with what was wrong.
func sent(title string, body func(p *page) (templ.Component, error), do func(r *site.Request, of ops.OfEnvironment) (string, error)) site.Handler {
	return func(r *site.Request) error {
		name := r.PathValue("name")
		to, err := do(r, ops.OfEnvironment{Environment: name})
		switch {
		case err == nil && to == "":
			return r.See("/environments/" + url.PathEscape(name))
		case err == nil:
			return r.See(to)
		}
		switch holm.CodeOf(err) {
		case holm.CodeNotFound, holm.CodeUnauthorized, holm.CodeInternal:
			return err
		}
		p, failed := open(r, overview)
		if failed != nil {
			return failed
		}
		p.failed = err
		return p.showForm(status(err), title, body)
	}
}

func addLayer(r *site.Request, of ops.OfEnvironment) (string, error) {
	in := ops.LayerAddInput{OfEnvironment: of}
	in.Body.Stack, in.Body.Version, _ = cutVersion(r.PostFormValue("stack"))
	in.Body.Nodes, in.Body.Cloudlets = whole(r.PostFormValue("nodes")), whole(r.PostFormValue("cloudlets"))
	return "", ask(r, ops.LayerAdd, in)
}

// clone leads to the copy, where its making is seen.
func clone(r *site.Request, of ops.OfEnvironment) (string, error) {
	in := ops.EnvironmentCloneInput{OfEnvironment: of}
	in.Body.Name, in.Body.Alias = strings.TrimSpace(r.PostFormValue("name")), r.PostFormValue("alias")
	e, err := site.Ask(r, ops.EnvironmentClone, in)
	return "/environments/" + url.PathEscape(e.Name), err
}

func (p *page) cloneForm() (templ.Component, error) { return p.cloneBody(), nil }

// schedule saves when the environment is started and stopped by itself; a form
// without times ends that.
func schedule(r *site.Request, of ops.OfEnvironment) error {
	in := ops.EnvironmentUpdateInput{OfEnvironment: of}
	s := holm.Schedule{Start: r.PostFormValue("start"), Stop: r.PostFormValue("stop")}
	if !s.None() {
		s.TimeZone, s.Days = r.PostFormValue("time_zone"), r.PostForm["days"]
	}
	in.Body.Schedule = &s
	if err := ask(r, ops.EnvironmentUpdate, in); err != nil {
		return err
	}
	r.Tell(topic, "Saved.")
	return nil
}

// planned is the schedule in the form: what was just sent when it was refused,
// else what is kept.
func (p *page) planned() ops.ScheduleView {
	if p.failed != nil && p.PostForm.Has("start") {
		return ops.ScheduleView{TimeZone: p.PostForm.Get("time_zone"), Days: p.PostForm["days"], Start: p.PostForm.Get("start"), Stop: p.PostForm.Get("stop")}
	}
	if p.env.Schedule != nil {
		return *p.env.Schedule
	}
	return ops.ScheduleView{TimeZone: "UTC", Days: holm.Days}
}

// cutVersion reads "nodejs 22".
func cutVersion(text string) (stack, version string, ok bool) {
	for i := range len(text) {
		if text[i] == ' ' {
			return text[:i], text[i+1:], true
		}
	}
	return text, "", false
}

// layer finds the layer that a form is about.
func (p *page) layer() (ops.LayerView, error) {
	for _, l := range p.env.Layers {
		if l.ID == p.PathValue("layer") {
			return l, nil
		}
	}
	return ops.LayerView{}, holm.ErrNotFound()
}

func (p *page) addForm() (templ.Component, error) { return p.addBody(), nil }

func (p *page) removeForm() (templ.Component, error) {
	l, err := p.layer()
	return p.removeBody(l), err
}

func (p *page) restartForm() (templ.Component, error) {
	l, err := p.layer()
	return p.restartBody(l), err
}

// stackOptions are the kinds of layers that can run here, by role.
func (p *page) stackOptions() (options []part.Option) {
	for _, role := range holm.LayerRoles {
		for _, s := range p.stacksOf(string(role)) {
			for _, v := range s.Versions {
				label := s.Title
				if v.Version != "" {
					label += " " + v.Version
				}
				options = append(options, part.Option{Group: string(role), Value: s.Name + " " + v.Version, Label: label, Disabled: !v.Available})
			}
		}
	}
	return options
}

func (p *page) stacksOf(role string) (list []ops.StackView) {
	for _, s := range p.order {
		if s.Role == role {
			list = append(list, s)
		}
	}
	return list
}
