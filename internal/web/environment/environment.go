// Package environment is the pages of one environment: what runs in it, who
// shares it, what happened to it, and its settings.
//
// It asks the door and shows the answers. It must not know who may do what:
// the door says what is refused and why.
package environment

import (
	"context"
	"net/http"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// topic is what the regions of these pages listen to.
const topic = "environment"

const root = "/environments/{name}"

// Mount adds the pages to a site.
func Mount(s *site.Site) {
	s.Handle("GET "+root, tabOf(overview))
	s.Handle("GET "+root+"/sharing", tabOf(sharing))
	s.Handle("GET "+root+"/audit", tabOf(auditing))
	s.Handle("GET "+root+"/settings", tabOf(settings))
	s.Handle("GET "+root+"/why", why)
	mountAsking(s)
	mountPasswords(s)
	s.Handle("GET "+root+"/live", follow)
	mountActions(s)
}

// tabOf answers with one of the tabs.
func tabOf(t tab) site.Handler {
	return func(r *site.Request) error {
		if r.URL.Query().Has("left") {
			return left(r)
		}
		p, err := open(r, t)
		if holm.CodeOf(err) == holm.CodeNotFound {
			return absent(r, err)
		}
		if err != nil {
			return err
		}
		if !p.sees(t) {
			return refusedTab(p, t)
		}
		if told := r.Told(topic); told != "" {
			p.notice = &part.Notice{ID: "told", Tone: part.Good, Text: told, Slim: true}
		}
		return p.show(http.StatusOK)
	}
}

// absent tells of an environment that is not to be seen: its owner that it is
// deleted, who has seen it until now that the right ended, everybody else that
// there is nothing.
func absent(r *site.Request, err error) error {
	name, problem := ownDeleted(r)
	switch {
	case problem != nil:
		return problem
	case name != "":
		return leave(r, name, deletedOwn)
	}
	return err
}

// ownDeleted gives the name of the person's own deleted environment that the
// page's address speaks of, by name or id; "" when there is none.
func ownDeleted(r *site.Request) (string, error) {
	deleted, err := site.Ask(r, ops.EnvironmentList, ops.EnvironmentListInput{Deleted: true, Paging: ops.Paging{Limit: 500}})
	name := r.PathValue("name")
	for _, e := range deleted.Items {
		if e.Name == name || e.ID == name {
			return e.Name, err
		}
	}
	return "", err
}

// left is where a page goes whose right ended while it was open. It asks for
// nothing that would be refused: the log would blame the person for what the
// page did.
func left(r *site.Request) error {
	name, was := r.PathValue("name"), r.URL.Query().Get("left")
	list, err := site.Ask(r, ops.EnvironmentList, ops.EnvironmentListInput{Name: name, Paging: ops.Paging{Limit: 500}})
	if err != nil {
		return err
	}
	for _, e := range list.Items {
		if e.Name == name && (e.Level == "owner" || was != "owner") {
			return r.See("/environments/" + name) // the right is there again
		}
	}
	deleted, err := ownDeleted(r)
	switch {
	case err != nil:
		return err
	case deleted != "":
		return leave(r, deleted, deletedOwn)
	}
	if holm.CheckEnvironmentName(name) != nil {
		name = "this environment"
	}
	if was == "owner" {
		return leave(r, name, givenAway)
	}
	return leave(r, name, shared)
}

// ending is how somebody stood to an environment that they no longer see.
type ending int

const (
	shared     ending = iota
	deletedOwn        // it was theirs, and can be restored
	givenAway         // it was theirs
)

// leave says why a page has closed. It says the same whether there is such an
// environment or not.
func leave(r *site.Request, name string, how ending) error {
	problem := layout.Problem{Status: http.StatusNotFound, Title: "You no longer see " + name,
		Text: "Its owner ended or suspended your access, its time was up, or the environment was deleted. What you had open here is closed. Whoever owns it knows more."}
	switch how {
	case deletedOwn:
		problem.Title, problem.Text = name+" is deleted", "Nobody sees it any more. Your deleted environments say how long it can be restored, and the audit log keeps what happened."
	case givenAway:
		problem.Title, problem.Text = name+" is not yours any more", "It went to another account, or it was deleted for good. Your audit log says which, when, and who did it."
	}
	return r.FrameStatus(problem.Status, layout.Page{Title: problem.Title, Current: layout.Environments, Crumbs: []part.Crumb{{Label: "Environments", Href: "/environments"}}}, calm(problem, how != shared))
}

// follow says that something changed, and ends when the right does.
func follow(r *site.Request) error {
	name := r.PathValue("name")
	open := func(ctx context.Context, after uint64) (*dispatch.Stream, error) {
		return r.Site.Door.Follow(ctx, r.Caller, name, after)
	}
	return r.Live(open, func(e dispatch.Event) (string, string, error) {
		if e.Type == dispatch.EventReset {
			return "resync", "", nil
		}
		// Who may not see it any more is told so by the error.
		_, err := site.Ask(r, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: name}})
		return "changed", topic, err
	})
}
