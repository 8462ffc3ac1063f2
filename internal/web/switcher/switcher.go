// Package switcher answers the quick switcher: environments, people and pages
// whose name has what was typed.
//
// It must not show anything that the pages themselves would not: it asks the
// door the same questions.
package switcher

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// Mount adds the page.
func Mount(s *site.Site) { s.Handle("GET "+layout.SwitchPath, answer) }

// most is how many answers of one sort are shown.
const most = 7

func answer(r *site.Request) error {
	query := strings.TrimSpace(r.FormValue("q"))
	if len(query) > 100 {
		query = query[:100]
	}
	groups, err := find(r, strings.ToValidUTF8(query, ""))
	if err != nil {
		return err
	}
	answers := layout.Answers(query, groups)
	if r.ByHTMX() {
		return r.Part(http.StatusOK, answers)
	}
	page := layout.Page{Title: "Go to", Crumbs: []part.Crumb{{Label: "Go to"}}}
	return r.Frame(page, part.Group(part.Head{Title: "Go to"}, layout.SwitchForm(query), answers))
}

func find(r *site.Request, query string) (groups []layout.AnswerGroup, err error) {
	for _, look := range []func(*site.Request, string) (layout.AnswerGroup, error){environments, people, pages} {
		group, err := look(r, query)
		if err != nil {
			return nil, err
		}
		if len(group.Answers) > 0 {
			groups = append(groups, group)
		}
	}
	return groups, nil
}

func environments(r *site.Request, query string) (layout.AnswerGroup, error) {
	group := layout.AnswerGroup{Title: "Environments"}
	page, err := site.Ask(r, ops.EnvironmentList, ops.EnvironmentListInput{Name: query, Paging: ops.Paging{Limit: 10 * most}})
	slices.SortStableFunc(page.Items, func(a, b ops.EnvironmentView) int { return fit(a.Name, query) - fit(b.Name, query) })
	for _, e := range page.Items[:min(len(page.Items), most)] {
		detail := e.Alias
		if e.Level != "owner" {
			detail = strings.TrimPrefix(detail+" – of "+e.Owner.Email, " – ")
		}
		group.Answers = append(group.Answers, layout.Answer{Label: e.Name, Detail: detail, Icon: part.IconEnvironments, State: part.State(e.State),
			Href: "/environments/" + url.PathEscape(e.Name)})
	}
	return group, err
}

// people are the collaborators whose name or address has what was typed. The
// door gives them in pages; the first has enough for a switcher.
func people(r *site.Request, query string) (layout.AnswerGroup, error) {
	group := layout.AnswerGroup{Title: "People"}
	if query == "" || r.Viewing() {
		return group, nil
	}
	in := ops.CollaboratorListInput{Paging: ops.Paging{Limit: 500}}
	in.Account = "me"
	page, err := site.Ask(r, ops.CollaboratorList, in)
	if holm.CodeOf(err) == holm.CodeForbidden && err != nil {
		return group, nil
	}
	for _, c := range page.Items {
		if len(group.Answers) < most && (has(c.Email, query) || has(c.Name, query)) {
			group.Answers = append(group.Answers, person(c))
		}
	}
	return group, err
}

func person(c ops.CollaboratorView) layout.Answer {
	a := layout.Answer{Label: c.Email, Icon: part.IconPerson, State: part.State(c.Status), Href: "/collaborators/" + url.PathEscape(c.ID)}
	if c.Name != "" {
		a.Label, a.Detail = c.Name, c.Email
	}
	return a
}

// fit says how well a name fits what was typed; the smallest fits best.
func fit(name, query string) int {
	switch query = strings.ToLower(query); {
	case name == query:
		return 0
	case strings.HasPrefix(name, query):
		return 1
	}
	return 2
}

func has(text, query string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(query))
}
