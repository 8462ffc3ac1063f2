package layout

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func serve(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

// Scripts carry the nonce of their own answer's policy, new each time.
func TestPolicy(t *testing.T) {
	var page strings.Builder
	handler := Policy(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page.Reset()
		if err := Card(CardProps{Title: "Sign in"}).Render(r.Context(), &page); err != nil {
			t.Error(err)
		}
	}))
	seen := map[string]bool{}
	for range 3 {
		policy := serve(handler, httptest.NewRequest(http.MethodGet, "/", nil)).Header.Get("Content-Security-Policy")
		_, rest, _ := strings.Cut(policy, "'nonce-")
		nonce, _, found := strings.Cut(rest, "'")
		if !found || len(nonce) < 22 || seen[nonce] {
			t.Fatalf("no fresh nonce in %q", policy)
		}
		seen[nonce] = true
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") {
			t.Errorf("the policy is open: %s", policy)
		}
		if got := strings.Count(page.String(), `<script nonce="`+nonce+`"`); got != len(scripts) {
			t.Errorf("%d scripts carry the nonce, want %d", got, len(scripts))
		}
	}
}

func TestThemeLeadsBackHomeOnly(t *testing.T) {
	for referer, want := range map[string]string{
		"":                                   "/",
		"http://holm.example/a?b=c":          "/a?b=c",
		"http://evil.example/a":              "/",
		"http://holm.example//evil.example/": "/",
		"javascript:alert(1)":                "/",
	} {
		r := httptest.NewRequest(http.MethodPost, "http://holm.example/theme", strings.NewReader(url.Values{"theme": {"dark"}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Referer", referer)
		res := serve(http.HandlerFunc(ServeTheme), r)
		if got := res.Header.Get("Location"); got != want {
			t.Errorf("from %q to %q, want %q", referer, got, want)
		}
		if cookies := res.Cookies(); len(cookies) != 1 || cookies[0].Value != "dark" {
			t.Errorf("cookies %v", cookies)
		}
	}
}

func TestAForeignThemeIsNoTheme(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(&http.Cookie{Name: "theme", Value: `dark" onload="x`})
	if got := ThemeOf(r); got != System {
		t.Errorf("theme %q", got)
	}
}

// Each place is once on a phone, and four fit.
func TestPhoneBar(t *testing.T) {
	few := Page{}
	if bar, behind := few.onPhone(); len(bar) != 4 || len(behind) != 0 {
		t.Errorf("few: %d and %d", len(bar), len(behind))
	}
	all := Page{Person: Person{Operator: true}, Nav: Nav{Requests: true, Waiting: 1, Archives: true}}
	if bar, behind := all.onPhone(); len(bar) != 3 || len(behind) != 4 || !all.behindMore(Operator) || all.behindMore(Requests) {
		t.Errorf("all: %v and %v", bar, behind)
	}
}
