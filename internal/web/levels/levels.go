// Package levels is where an owner makes levels of the account's own, and
// groups of collaborators that are given access together.
//
// It must not decide anything: it asks the door, also for what a change would
// mean, and tells what it answers.
package levels

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/grant"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// me is the account that the pages are about: the person's own.
const me = "me"

// Mount adds the pages.
func Mount(s *site.Site) {
	s.Handle("GET /levels", showLevels)
	s.Handle("GET /levels/new", newLevel)
	s.Handle("POST /levels", createLevel)
	s.Handle("GET /levels/{level}", showLevel)
	s.Handle("POST /levels/{level}", updateLevel)
	s.Handle("POST /levels/{level}/preview", previewLevel)
	s.Handle("GET /levels/{level}/delete", askLevel)
	s.Handle("POST /levels/{level}/delete", deleteLevel)
	s.Handle("GET /groups", showGroups)
	s.Handle("POST /groups", createGroup)
	s.Handle("GET /groups/{group}", showGroup)
	s.Handle("POST /groups/{group}", updateGroup)
	s.Handle("POST /groups/{group}/name", renameGroup)
	s.Handle("POST /groups/{group}/preview", previewGroup)
	s.Handle("GET /groups/{group}/delete", askGroup)
	s.Handle("POST /groups/{group}/delete", deleteGroup)
}

func framed(r *site.Request, status int, title string, body templ.Component, crumbs ...part.Crumb) error {
	crumbs = append([]part.Crumb{{Label: "Collaborators", Href: "/collaborators"}}, crumbs...)
	return r.FrameStatus(status, layout.Page{Title: title, Current: layout.Collaborators, Crumbs: crumbs}, body)
}

// shown says whether an error belongs on the page that caused it.
func shown(err error) bool {
	switch holm.CodeOf(err) {
	case holm.CodeInvalid, holm.CodeConflict, holm.CodeQuota:
		return err != nil
	}
	return false
}

// level is a level of the account's own in its form.
type level struct {
	ops.LevelView
	stored  ops.LevelView // as it is; the other is as the form has it
	levels  grant.Levels
	who     ops.PreviewView // what everybody who has it would lose without it
	failed  error
	told    string
	another string // the level that a new one begins as
}

func listLevels(r *site.Request) ([]ops.LevelView, error) {
	in := ops.LevelListInput{}
	in.Account = me
	list, err := site.Ask(r, ops.LevelList, in)
	return list.Items, err
}

func showLevels(r *site.Request) error {
	list, err := listLevels(r)
	if err != nil {
		return err
	}
	return framed(r, http.StatusOK, "Levels", levelsPage(list, r.Told("levels")), part.Crumb{Label: "Levels"})
}

// newLevel begins with nothing, or as another level.
func newLevel(r *site.Request) error {
	list, err := listLevels(r)
	if err != nil {
		return err
	}
	l := level{levels: grant.LevelsOf(list), another: r.FormValue("from")}
	for _, v := range list {
		if v.Name == l.another {
			l.Permissions = v.Permissions
		}
	}
	return l.show(r, http.StatusOK)
}

func (l level) show(r *site.Request, status int) error {
	title := l.Name
	if l.ID == "" {
		title = "New level"
	}
	return framed(r, status, title, l.page(), part.Crumb{Label: "Levels", Href: "/levels"}, part.Crumb{Label: title})
}

func (l level) path() string { return "/levels/" + url.PathEscape(l.ID) }

func (l level) gives(permission string) bool { return slices.Contains(l.Permissions, permission) }

// read takes what the form chose.
func (l *level) read(r *site.Request) {
	l.Name, l.Permissions = r.PostFormValue("name"), r.PostForm["permission"]
}

func (l level) body() ops.LevelBody { return ops.LevelBody{Name: l.Name, Permissions: l.Permissions} }

// seen is what the posted form was made from; nil where it does not say.
func (l level) seen(r *site.Request) *ops.LevelBody {
	if !r.PostForm.Has("was-name") {
		return nil
	}
	return &ops.LevelBody{Name: r.PostFormValue("was-name"), Permissions: strings.Fields(r.PostFormValue("was-permissions"))}
}

// before marks a control whose choice could not be saved with what is stored.
func before(want, was string) templ.Attributes {
	if want == was {
		return nil
	}
	return templ.Attributes{"data-was": was}
}

// ticked writes a choice of yes or no.
func ticked(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func createLevel(r *site.Request) error {
	list, err := listLevels(r)
	if err != nil {
		return err
	}
	l := level{levels: grant.LevelsOf(list)}
	l.read(r)
	in := ops.LevelCreateInput{Body: l.body()}
	in.Account = me
	_, err = site.Ask(r, ops.LevelCreate, in)
	if shown(err) {
		l.failed = err
		return l.show(r, site.Status(err))
	}
	if err != nil {
		return err
	}
	r.Tell("levels", "Made the level "+l.Name+". It can be chosen now wherever a level is given.")
	return r.See("/levels")
}

// load finds the level that the address names, and who has it.
func load(r *site.Request) (l level, err error) {
	list, err := listLevels(r)
	if err != nil {
		return l, err
	}
	i := slices.IndexFunc(list, func(v ops.LevelView) bool { return !v.Preset && v.ID == r.PathValue("level") })
	if i < 0 {
		return l, holm.ErrNotFound()
	}
	l = level{LevelView: list[i], stored: list[i], levels: grant.LevelsOf(list)}
	l.who, err = l.ahead(r, nil, nil)
	return l, err
}

// ahead asks what it would change if the level gave these permissions.
func (l level) ahead(r *site.Request, permissions []string, seen *ops.LevelBody) (ops.PreviewView, error) {
	in := ops.LevelPreviewInput{}
	in.Account, in.Level, in.Body.Permissions, in.Body.Was = me, l.ID, permissions, seen
	return site.Ask(r, ops.LevelPreview, in)
}

func showLevel(r *site.Request) error {
	l, err := load(r)
	if err != nil {
		return err
	}
	l.told = r.Told("level")
	return l.show(r, http.StatusOK)
}

func updateLevel(r *site.Request) error {
	l, err := load(r)
	if err != nil {
		return err
	}
	l.read(r)
	seen := l.seen(r)
	means, err := l.ahead(r, l.Permissions, seen)
	in := ops.LevelUpdateInput{Body: ops.LevelChange{Name: l.Name, Permissions: l.Permissions, Was: seen}}
	in.Account, in.Level = me, l.ID
	if err == nil {
		_, err = site.Ask(r, ops.LevelUpdate, in)
	}
	if shown(err) {
		l.failed = err
		return l.show(r, site.Status(err))
	}
	if err != nil {
		return err
	}
	r.Tell("level", grant.Told(means, "", nil))
	return r.See(l.path())
}

func previewLevel(r *site.Request) error {
	l, err := load(r)
	if err != nil {
		return err
	}
	l.read(r)
	v, err := l.ahead(r, l.Permissions, l.seen(r))
	return foreseen(r, v, err, "")
}

// foreseen answers with what a preview found, or why there is none.
func foreseen(r *site.Request, v ops.PreviewView, err error, more string) error {
	if shown(err) {
		return r.Part(http.StatusOK, grant.AheadFailed(site.Sentence(err)))
	}
	if err != nil {
		return err
	}
	return r.Part(http.StatusOK, grant.Ahead(v, "", more))
}

// question asks before the level is deleted.
func (l level) question() part.Confirm {
	return part.Confirm{ID: "delete-level", Title: "Delete the level " + l.stored.Name + "?", Action: l.path() + "/delete", Button: "Delete",
		Text: "Nobody has it, so nobody loses anything. It can no longer be chosen.", Version: l.Version}
}

func askLevel(r *site.Request) error {
	l, err := load(r)
	if err != nil {
		return err
	}
	question := l.question()
	question.Page, question.Back = true, l.path()
	return framed(r, http.StatusOK, question.Title, part.Group(part.Head{Title: l.Name}, question), part.Crumb{Label: "Levels", Href: "/levels"}, part.Crumb{Label: l.Name, Href: l.path()})
}

func deleteLevel(r *site.Request) error {
	l, err := load(r)
	if err != nil {
		return err
	}
	in := ops.LevelDeleteInput{Version: r.PostFormValue("version")}
	in.Account, in.Level = me, l.ID
	if _, err := site.Ask(r, ops.LevelDelete, in); shown(err) {
		l.failed = err
		return l.show(r, site.Status(err))
	} else if err != nil {
		return err
	}
	r.Tell("levels", "Deleted the level "+l.Name+".")
	return r.See("/levels")
}
