package review_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/webtest"
	"github.com/holmhq/holm/ops"
)

// TestReviewAndTrim: the page says what was used and what was not, and what
// would go is what goes.
func TestReviewAndTrim(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	bob := h.User("bob@example.org", "=Bob", holm.AccountCollaborator, false)
	h.Environment(ana, "shop")
	ana.Get("/review").Says(200, "Nobody to review")
	h.Invite(ana, "bob@example.org", "", ops.Share{Environment: "shop", Level: "full"})
	bob.Post("/invitations/" + h.Token("bob@example.org"))
	bob.Post("/environments/shop/alias", "alias", "The shop").Says(200)
	page := ana.Get("/review").Says(200, "Change alias and schedule", "1×", "Start environment", "Bob gets a new level, bob in shop", "Trim shop")
	ana.Get("/collaborators").Says(200, `href="/review"`)

	file := ana.Get("/review.csv").Says(200, "bob@example.org,active,shop,full,,level full,environment.rename,1,", "environment.stop,0,,true")
	if got := file.Header.Get("Content-Disposition"); !strings.Contains(got, "access-review.csv") {
		t.Errorf("the file is %q", got)
	}

	form := url.Values{}
	for _, m := range regexp.MustCompile(`name="(person|environment|days|cursor|loses)" value="([^"]*)"`).FindAllStringSubmatch(page.Body, -1) {
		form.Add(m[1], m[2])
	}
	send := func(form url.Values) webtest.Answer {
		var pairs []string
		for name, values := range form {
			for _, v := range values {
				pairs = append(pairs, name, v)
			}
		}
		return ana.Post("/review", pairs...)
	}
	old := url.Values{"person": form["person"], "environment": form["environment"], "days": {"90"}, "loses": {"access.ssh"}}
	send(old).Says(409, "not what you saw any more")
	send(form).At("/review?days=90").Says(200, "The level in shop is bob in shop now").Silent("Trim shop")
	bob.Post("/environments/shop/stop").Says(403)
	bob.Post("/environments/shop/alias", "alias", "Shop").Says(200)
	bob.Get("/review").Silent("ana@example.org")
	h.Visitor().Get("/review.csv").At("/sign-in?next=%2Freview.csv")
}
