package web_test

import (
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/webtest"
)

func TestAnUnknownAddressHasAPage(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	for _, path := range []string{"/nothing", "/collaborators/a/b/c", "/environments/shop/nothing", "/environments/shop/stop"} {
		ana.Get(path).Says(404, "There is nothing here", "No page has this address", `aria-label="Main"`, `href="/environments"`)
		h.Visitor().Get(path).Says(404, "There is nothing here", `href="/sign-in"`).Silent(`aria-label="Main"`)
	}
	ana.Post("/nothing").Says(404, "There is nothing here")
	h.Visitor().Get("/").At("/sign-in?next=%2Fenvironments")
}
