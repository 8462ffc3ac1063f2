// Package environments is the page that lists the environments somebody sees:
// their own, then a section for each owner who shares some.
//
// It asks the door for lists and shows them. It must not know how a level is
// decided or what an environment's own page shows.
package environments

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// Path is where the list is.
const Path = "/environments"

// livePath is where the list's event stream is: outside Path, where every
// word may be an environment's name.
const livePath = "/live/environments"

// topic is what the list listens to.
const topic = "environments"

// Mount adds the list to a site.
func Mount(s *site.Site) {
	s.Handle("GET "+Path, show)
	s.Handle("GET "+livePath, follow)
	s.Handle("GET "+DeletedPath, showDeleted)
	s.Handle("POST "+DeletedPath+"/{id}/restore", restore)
}

func show(r *site.Request) error {
	p := page{view: viewOf(r.URL.Query()), told: r.Told(topic), folded: folded(r.Request)}
	var err error
	if p.sections, err = load(r, p.view); err != nil {
		return err
	}
	stacks, err := site.Ask(r, ops.StackList, ops.StackListInput{})
	if err != nil {
		return err
	}
	p.stacks = stacks.Items
	gone, err := deleted(r)
	if err != nil {
		return err
	}
	p.deleted = len(gone)
	return r.Frame(layout.Page{Title: "Environments", Current: layout.Environments, LiveURL: livePath, Crumbs: p.crumbs()}, p)
}

// follow says only that something changed; the page then asks for the list
// with the rights the person has by then.
func follow(r *site.Request) error {
	open := func(ctx context.Context, after uint64) (*dispatch.Stream, error) {
		return r.Site.Door.FollowList(ctx, r.Caller, after)
	}
	return r.Live(open, func(e dispatch.Event) (string, string, error) {
		if e.Type == dispatch.EventReset {
			return "resync", "", nil
		}
		return "changed", topic, nil
	})
}

// view is how the person wants to see the list; all of it is in the address.
type view struct {
	text, state, stack, level, sort string
	only                            string         // key of the one section to show, "" for all
	after                           string         // cursor of the rows to go on with, in that section
	shown                           map[string]int // rows that the page shows already, by section
}

// The orders, and the states and levels one may filter by.
var (
	orders = []string{"name", "state", "created"}
	states = []holm.State{holm.StateRunning, holm.StateStopped, holm.StateBroken, holm.StateCreating, holm.StateStarting, holm.StateStopping, holm.StateRestarting, holm.StateUpdating, holm.StateDeleting}
	levels = []string{"owner", string(holm.LevelFull), string(holm.LevelLimited)}
)

// viewOf reads the address. What makes no sense there is left out: an address
// is not a form that needs an answer.
func viewOf(q url.Values) view {
	v := view{text: strings.TrimSpace(q.Get("q")), sort: "name", only: q.Get("only"), after: q.Get("after"), shown: map[string]int{}}
	if slices.Contains(orders, q.Get("sort")) {
		v.sort = q.Get("sort")
	}
	if slices.Contains(states, holm.State(q.Get("state"))) {
		v.state = q.Get("state")
	}
	v.stack = strings.TrimSpace(q.Get("stack"))
	if slices.Contains(levels, q.Get("level")) {
		v.level = q.Get("level")
	}
	for _, pair := range q["shown"] {
		key, count, _ := strings.Cut(pair, ":")
		if n, err := strconv.Atoi(count); err == nil && n > 0 {
			v.shown[key] = n
		}
	}
	return v
}

func (v view) filtered() bool { return v.text != "" || v.state != "" || v.stack != "" || v.level != "" }

// query gives the address of the view without what a page grew by.
func (v view) query() url.Values {
	q := url.Values{}
	for _, pair := range [][2]string{{"q", v.text}, {"state", v.state}, {"stack", v.stack}, {"level", v.level}} {
		if pair[1] != "" {
			q.Set(pair[0], pair[1])
		}
	}
	if v.sort != "name" {
		q.Set("sort", v.sort)
	}
	return q
}

func (v view) path() string { return address(v.query()) }

func address(q url.Values) string {
	if len(q) == 0 {
		return Path
	}
	return Path + "?" + q.Encode()
}

// folded reads which sections the person has closed.
func folded(r *http.Request) map[string]bool {
	closed := map[string]bool{}
	if cookie, err := r.Cookie("folded"); err == nil {
		for key := range strings.SplitSeq(cookie.Value, ".") {
			closed[key] = true
		}
	}
	return closed
}
