// Package operator is for who runs the installation: its users, the mails it
// wrote, how its parts are, and the components that pages are made of.
//
// It must not give any sight of other people's environments. For everybody
// else these pages do not exist.
package operator

import (
	"net/http"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/part/gallery"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// Mount adds the pages.
func Mount(s *site.Site) {
	s.Handle("GET /operator", hidden(showUsers))
	s.Handle("POST /operator/users/{user}/type", hidden(setType))
	s.Handle("GET /operator/users/{user}/limits", hidden(showLimits))
	s.Handle("POST /operator/users/{user}/limits", hidden(setLimits))
	s.Handle("GET /operator/users/{user}/sessions", hidden(askSessions))
	s.Handle("POST /operator/users/{user}/sessions", hidden(endSessions))
	for _, a := range []action{suspend, reactivate} {
		s.Handle("GET /operator/users/{user}/"+a.verb, hidden(a.ask))
		s.Handle("POST /operator/users/{user}/"+a.verb, hidden(a.do))
	}
	s.Handle("GET /operator/outbox", hidden(showOutbox))
	s.Handle("GET /operator/outbox/{id}", hidden(showMail))
	s.Handle("GET /operator/outbox/{id}/html", hidden(serveMail))
	s.Handle("GET "+logPath, hidden(showLog))
	s.Handle("GET /operator/status", hidden(showStatus))
	s.Handle("GET /operator/components", hidden(showComponents))
}

// hidden answers who may not use a page as if there were none. The door has
// recorded the attempt.
func hidden(h site.Handler) site.Handler {
	return func(r *site.Request) error {
		err := h(r)
		if err != nil && holm.CodeOf(err) == holm.CodeForbidden {
			return holm.ErrNotFound()
		}
		return err
	}
}

// page is the frame's part of a page of this package, with its tabs.
func page(title string) layout.Page {
	return layout.Page{Title: title, Current: layout.Operator, Crumbs: []part.Crumb{{Label: "Operator", Href: "/operator"}, {Label: title}}}
}

func tabs(current string) part.Tabs {
	t := part.Tabs{Label: "Running the installation"}
	for _, tab := range []part.Tab{{Label: "Users", Href: "/operator"}, {Label: "Outbox", Href: "/operator/outbox"}, {Label: "Log", Href: logPath}, {Label: "Status", Href: "/operator/status"}} {
		tab.Current = tab.Label == current
		t.Tabs = append(t.Tabs, tab)
	}
	return t
}

func showStatus(r *site.Request) error {
	v, err := site.Ask(r, ops.OperatorStatus, ops.OperatorStatusInput{})
	if err != nil {
		return err
	}
	return r.Frame(page("Status"), status(v))
}

// showComponents shows every part in all its states. The door is asked for
// something that only operators may, since the gallery itself asks nothing.
func showComponents(r *site.Request) error {
	if _, err := site.Ask(r, ops.OperatorUsers, ops.OperatorUsersInput{Paging: ops.Paging{Limit: 1}}); err != nil {
		return err
	}
	p := page("Components")
	p.Person, p.Theme = layout.Person{Name: r.User.Name, Email: r.User.Email, Operator: r.User.Operator}, layout.ThemeOf(r.Request)
	return r.Part(http.StatusOK, gallery.Page(p, time.Now()))
}

// health is the word and shape for how a part is.
func health(h ops.Health) part.StateDot {
	if h.OK {
		return part.StateDot{State: "healthy"}
	}
	return part.StateDot{State: "failed", Word: "not working"}
}
