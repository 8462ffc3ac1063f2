// Package matrix is the help page that shows what each role and level allows,
// made from the table that decides.
//
// It must not know anybody: the table is the same for all.
package matrix

import (
	"net/http"

	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// Path is where the page is.
const Path = "/help/permissions"

// Mount adds the page to a site.
func Mount(s *site.Site) { s.Handle("GET "+Path, show) }

func show(r *site.Request) error {
	page := layout.Page{Title: "Permissions", Crumbs: []part.Crumb{{Label: "Permissions"}}}
	return r.FrameStatus(http.StatusOK, page, body())
}

// byRole is what roles allow on an account.
func byRole() part.PermissionMatrix {
	return part.PermissionMatrix{Caption: "What each role allows on an account", Levels: []string{"Owner", "Admin", "Viewer"},
		Groups: []part.MatrixGroup{{Rows: rowsOf(access.ScopeAccount, true, false)}}}
}

// byLevel is what levels allow in an environment.
func byLevel() part.PermissionMatrix {
	return part.PermissionMatrix{Caption: "What each level allows in an environment", Levels: []string{"Owner", "Full", "Limited", "None"}, Groups: []part.MatrixGroup{
		{Title: "Working with it", Rows: rowsOf(access.ScopeEnvironment, true, true)},
		{Title: "Around it", Rows: rowsOf(access.ScopeEnvironment, false, true)},
	}}
}

// rowsOf gives the table's rows of a scope. withNone adds the column of those
// who have nothing.
func rowsOf(scope access.Scope, inMatrix, withNone bool) []part.MatrixRow {
	var rows []part.MatrixRow
	for _, r := range access.Table() {
		if r.Scope != scope || r.Matrix != inMatrix {
			continue
		}
		row := part.MatrixRow{ID: "permission-" + string(r.Permission), Label: r.Label, Sentence: string(r.Permission),
			Answers: []part.Answer{answer(r.Owner), answer(r.Upper), answer(r.Lower)}}
		if !ops.Offers(r.Permission) {
			row.Label += " (later)"
		}
		if withNone {
			row.Answers = append(row.Answers, answer(r.None))
		}
		rows = append(rows, row)
	}
	return rows
}

func answer(c access.Cell) part.Answer {
	switch c {
	case access.OwnRows:
		return "own rows"
	case access.OwnAccount:
		return "if full account"
	}
	return part.Answer(c)
}
