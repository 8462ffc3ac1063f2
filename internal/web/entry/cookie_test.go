package entry_test

import (
	"net/http"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/internal/web/webtest"
)

// A page of an environment shares a parent domain with the dashboard and can
// set a second cookie of the same name. Neither may then decide who somebody
// is, and the person's own must not be taken away.
func TestTwoSessionCookiesAreNobody(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	eve := h.User("eve@example.org", "Eve", holm.AccountFull, false)
	request, err := http.NewRequest(http.MethodGet, h.URL+"/account", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Cookie", site.Cookie+"="+eve.Cookie(site.Cookie)+"; "+site.Cookie+"="+ana.Cookie(site.Cookie))
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusSeeOther || len(response.Cookies()) != 0 {
		t.Errorf("status %d, cookies %v", response.StatusCode, response.Cookies())
	}
}

// What a neighbour makes up, before or behind the person's own cookie, signs
// nobody out.
func TestMadeUpCookiesSignNobodyOut(t *testing.T) {
	h := webtest.New(t)
	ana := h.User("ana@example.org", "Ana", holm.AccountFull, false)
	for _, cookies := range []string{"=holm_x; " + site.Cookie + "=" + ana.Cookie(site.Cookie), "=" + ana.Cookie(site.Cookie) + "; " + site.Cookie + "=holm_x"} {
		request, err := http.NewRequest(http.MethodGet, h.URL+"/account", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Cookie", site.Cookie+cookies)
		response, err := http.DefaultTransport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK || len(response.Cookies()) != 0 {
			t.Errorf("status %d, cookies %v", response.StatusCode, response.Cookies())
		}
	}
}
