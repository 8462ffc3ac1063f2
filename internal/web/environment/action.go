package environment

import (
	"net/url"
	"strconv"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// mountActions adds what the buttons of the pages post to.
func mountActions(s *site.Site) {
	s.Handle("POST "+root+"/start", action(overview, func(r *site.Request, of ops.OfEnvironment) error {
		return ask(r, ops.EnvironmentStart, ops.EnvironmentStartInput{OfEnvironment: of})
	}))
	s.Handle("POST "+root+"/stop", action(overview, func(r *site.Request, of ops.OfEnvironment) error {
		return ask(r, ops.EnvironmentStop, ops.EnvironmentStopInput{OfEnvironment: of})
	}))
	s.Handle("POST "+root+"/delete", remove)
	s.Handle("POST "+root+"/nodes/{node}/restart", action(overview, restartNode))
	mountTopology(s)
	mountTransfer(s)
	mountVariables(s)
	s.Handle("POST "+root+"/layers/{layer}/nodes", action(overview, scale))
	s.Handle("POST "+root+"/layers/{layer}/cloudlets", action(overview, limit))
	s.Handle("POST "+root+"/alias", action(settings, rename))
	s.Handle("POST "+root+"/sharing", share)
	s.Handle("POST "+root+"/sharing/preview", previewShare)
}

// ask asks the door for a change whose answer the next page shows anyway.
func ask[I ops.Input](r *site.Request, op ops.Op[I, ops.EnvironmentView], in I) error {
	_, err := site.Ask(r, op, in)
	return err
}

// action answers a button: it leads back to the tab it was pressed on, and
// tells there what was refused. t is the tab for who does not say which.
func action(t tab, do func(r *site.Request, of ops.OfEnvironment) error) site.Handler {
	return func(r *site.Request) error {
		t, name := from(r, t), r.PathValue("name")
		err := do(r, ops.OfEnvironment{Environment: name})
		if err != nil {
			return again(r, t, err)
		}
		return r.See("/environments/" + url.PathEscape(name) + t.path)
	}
}

// from is the tab that a button was pressed on.
func from(r *site.Request, otherwise tab) tab {
	for _, t := range tabs {
		if t.path != "" && t.path == "/"+r.PostFormValue("from") {
			return t
		}
	}
	return otherwise
}

// remove deletes the environment and leads to where it can be restored, or to
// the list where nothing is kept.
func remove(r *site.Request) error {
	in := ops.EnvironmentDeleteInput{OfEnvironment: ops.OfEnvironment{Environment: r.PathValue("name")}, Confirm: r.PostFormValue("confirm")}
	e, err := site.Ask(r, ops.EnvironmentDelete, in)
	if err != nil {
		return again(r, settings, err)
	}
	if e.DeletedAt != nil && e.ErasedFrom != nil && e.ErasedFrom.After(*e.DeletedAt) {
		r.Tell("/deleted", "Deleted "+e.Name+". Until it is erased you can restore it here.")
		return r.See("/deleted")
	}
	r.Tell("environments", "Deleted "+e.Name+".")
	return r.See("/environments")
}

// again shows a tab with what was wrong. Who may not see the environment gets
// the answer of one that does not exist.
func again(r *site.Request, t tab, err error) error {
	switch holm.CodeOf(err) {
	case holm.CodeNotFound, holm.CodeUnauthorized, holm.CodeInternal:
		return err
	}
	p, failed := open(r, t)
	if failed != nil {
		return failed
	}
	if !p.sees(t) {
		p.tab = overview
	}
	return p.tell(err)
}

// tell shows the page with what was wrong.
func (p *page) tell(err error) error {
	switch holm.CodeOf(err) {
	case holm.CodeNotFound, holm.CodeUnauthorized, holm.CodeInternal:
		return err
	}
	p.failed, p.notice = err, refusal(err)
	return p.show(status(err))
}

func refusal(err error) *part.Notice {
	n := &part.Notice{ID: "refusal", Tone: part.Bad, Text: site.Sentence(err), Live: true}
	if holm.CodeOf(err) == holm.CodeForbidden {
		n.Title = "You may not do that"
	}
	return n
}

func layerOf(r *site.Request) ops.OfLayer {
	return ops.OfLayer{Environment: r.PathValue("name"), Layer: r.PathValue("layer")}
}

func restartNode(r *site.Request, of ops.OfEnvironment) error {
	id, err := strconv.ParseInt(r.PathValue("node"), 10, 64)
	if err != nil {
		id = 0 // no node has it; the door gives the answer for what is not there
	}
	return ask(r, ops.NodeRestart, ops.NodeRestartInput{OfNode: ops.OfNode{Environment: of.Environment, Node: holm.NodeID(id)}})
}

func scale(r *site.Request, _ ops.OfEnvironment) error {
	in := ops.LayerScaleInput{OfLayer: layerOf(r)}
	in.Body.Nodes, in.Body.Was = whole(r.PostFormValue("nodes")), whole(r.PostFormValue("was"))
	return ask(r, ops.LayerScale, in)
}

func limit(r *site.Request, _ ops.OfEnvironment) error {
	in := ops.LayerLimitInput{OfLayer: layerOf(r)}
	in.Body.Cloudlets, in.Body.Was = whole(r.PostFormValue("cloudlets")), whole(r.PostFormValue("was"))
	return ask(r, ops.LayerLimit, in)
}

// whole reads a number; what is none becomes 0, which no limit allows.
func whole(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

func rename(r *site.Request, of ops.OfEnvironment) error {
	alias := r.PostFormValue("alias")
	in := ops.EnvironmentUpdateInput{OfEnvironment: of}
	in.Body.Alias = &alias
	if err := ask(r, ops.EnvironmentUpdate, in); err != nil {
		return err
	}
	r.Tell(topic, "Saved.")
	return nil
}
