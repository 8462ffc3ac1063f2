package environments

import (
	"net/http"
	"net/url"

	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// DeletedPath is the page of what can be restored.
const DeletedPath = "/deleted"

// bin is the person's own deleted environments.
type bin struct {
	items  []ops.EnvironmentView
	told   string
	failed error
	which  string // the id of the one that could not be restored
}

func showDeleted(r *site.Request) error {
	return answerDeleted(r, http.StatusOK, bin{told: r.Told(DeletedPath)})
}

func answerDeleted(r *site.Request, status int, b bin) (err error) {
	if b.items, err = deleted(r); err != nil {
		return err
	}
	crumbs := []part.Crumb{{Label: "Environments", Href: Path}, {Label: "Deleted"}}
	return r.FrameStatus(status, layout.Page{Title: "Deleted environments", Current: layout.Environments, LiveURL: livePath, Crumbs: crumbs}, b.body())
}

// deleted asks for everything that the person can restore.
func deleted(r *site.Request) (all []ops.EnvironmentView, err error) {
	in := ops.EnvironmentListInput{Deleted: true, Paging: ops.Paging{Limit: 500}}
	for {
		page, err := site.Ask(r, ops.EnvironmentList, in)
		if err != nil {
			return nil, err
		}
		for _, e := range page.Items {
			if e.ErasedFrom != nil && e.DeletedAt != nil && e.ErasedFrom.After(*e.DeletedAt) {
				all = append(all, e)
			}
		}
		if page.Next == nil {
			return all, nil
		}
		in.Cursor = *page.Next
	}
}

func restore(r *site.Request) error {
	in := ops.EnvironmentRestoreInput{OfDeleted: ops.OfDeleted{Environment: r.PathValue("id")}}
	in.Body.Name = r.PostFormValue("name")
	e, err := site.Ask(r, ops.EnvironmentRestore, in)
	if err != nil {
		return answerDeleted(r, site.Status(err), bin{failed: err, which: in.Environment})
	}
	return r.See("/environments/" + url.PathEscape(e.Name))
}

// renames says that the name of a row is taken by now, so that the form offers
// another.
func (b bin) renames(e ops.EnvironmentView) bool {
	return b.which == e.ID && site.Reason(b.failed, "name") != ""
}
