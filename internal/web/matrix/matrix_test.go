package matrix_test

import (
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/web/webtest"
)

func TestEveryPermissionIsThere(t *testing.T) {
	h := webtest.New(t)
	bob := h.User("bob@example.org", "Bob", holm.AccountCollaborator, false)
	page := bob.Get("/help/permissions").Says(200, "What a level is, honestly", "can make code run inside that node", "own rows", "if full account")
	matrix := 0
	for _, row := range access.Table() {
		if row.Matrix {
			matrix++
		}
		if !strings.Contains(page.Body, `id="permission-`+string(row.Permission)+`"`) {
			t.Errorf("%s is not on the page", row.Permission)
		}
	}
	if matrix != 24 {
		t.Errorf("%d rows in the matrix, want 24", matrix)
	}
}
