package app

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/holmhq/holm/internal/config"
)

func hosting(t *testing.T, arguments ...string) *App {
	t.Helper()
	c, err := config.Load(arguments, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	a := &App{config: c}
	if c.HTTPS != "" {
		a.secure = &net.TCPListener{}
	}
	return a
}

func knock(a *App, method, url string, headers ...string) *http.Response {
	next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("inside")) })
	r := httptest.NewRequest(method, url, nil)
	r.RemoteAddr = "127.0.0.1:5"
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	a.ownHosts(next).ServeHTTP(w, r)
	return w.Result()
}

// Under a foreign name, the dashboard would have neighbours that can set its
// cookies, or that a foreign page could make its own by DNS.
func TestTheDashboardAnswersOnlyAtItsOwnHosts(t *testing.T) {
	first, real := hosting(t), hosting(t, "--public-url", "https://holm.example.org", "--base-domain", "apps.example.net", "--trusted-proxies", "127.0.0.1")
	for _, c := range []struct {
		a           *App
		method, url string
		status      int
		says        string // of the answer, or where it leads
	}{
		{first, "GET", "http://127.0.0.1:8080/sign-in", 200, "inside"},
		{first, "GET", "http://localhost:8080/sign-in", 200, "inside"},
		{first, "GET", "http://[::1]:8080/sign-in", 200, "inside"},
		{first, "GET", "http://192.0.2.7/sign-in", 200, "inside"},
		{first, "GET", "http://holm.localhost:8080/sign-in?next=%2Faudit", 307, "http://127.0.0.1:8080/sign-in?next=%2Faudit"},
		{first, "GET", "http://holm.localhost:8080//evil.example.com/", 307, "http://127.0.0.1:8080//evil.example.com/"},
		{first, "POST", "http://holm.localhost:8080/sign-in", 421, "http://127.0.0.1:8080"},
		{first, "GET", "http://holm.localhost:8080/v1/user", 421, `"code":"invalid"`},
		{first, "GET", "http://evil.example.com/sign-in", 421, "http://127.0.0.1:8080"},
		{first, "GET", "http://evil.example.com/v1/environments", 421, "use http://127.0.0.1:8080"},
		{first, "GET", "http://127.0.0.1.evil.example.com/", 421, ""},
		{first, "GET", "http://evil.example.com/healthz", 200, "inside"},
		{real, "GET", "https://holm.example.org/", 200, "inside"},
		{real, "GET", "https://HOLM.example.org.:443/", 200, "inside"},
		{real, "GET", "http://holm.example.org/", 200, "inside"},
		{real, "GET", "http://127.0.0.1:8080/", 200, "inside"},
		{real, "GET", "https://example.org/", 421, "https://holm.example.org"},
		{real, "GET", "https://apps.example.net/", 307, "https://holm.example.org/"},
	} {
		got := knock(c.a, c.method, c.url)
		body := new(strings.Builder)
		got.Write(body)
		if got.StatusCode != c.status || !strings.Contains(body.String(), c.says) {
			t.Errorf("%s %s: %s", c.method, c.url, body)
		}
		if got.StatusCode == 307 && got.Header.Get("Location") != c.says {
			t.Errorf("%s leads to %s", c.url, got.Header.Get("Location"))
		}
	}
}

func TestTheDashboardHoldsOnToTLS(t *testing.T) {
	behind := hosting(t, "--public-url", "https://holm.example.org", "--trusted-proxies", "127.0.0.1")
	itself := hosting(t, "--public-url", "https://holm.example.org", "--https", ":443")
	for _, c := range []struct {
		a       *App
		url     string
		headers []string
		status  int
		holds   bool
	}{
		{behind, "http://holm.example.org/", []string{"X-Forwarded-Proto: https"}, 200, true},
		{behind, "http://holm.example.org/", nil, 200, false},
		{behind, "http://127.0.0.1/", []string{"X-Forwarded-Proto: https"}, 200, false},
		{itself, "https://holm.example.org/", nil, 200, true},
		{itself, "http://holm.example.org/", nil, 307, false},
		{itself, "http://holm.example.org/v1/user", nil, 421, false},
		{itself, "http://holm.example.org/", []string{"X-Forwarded-Proto: https"}, 200, false},
		{hosting(t), "https://localhost/", nil, 200, false},
	} {
		got := knock(c.a, "GET", c.url, c.headers...)
		if got.StatusCode != c.status || (got.Header.Get("Strict-Transport-Security") != "") != c.holds {
			t.Errorf("%s %v: %d, %q", c.url, c.headers, got.StatusCode, got.Header.Get("Strict-Transport-Security"))
		}
	}
}

func TestEnvironmentsAnswerWhereTheDashboardDoes(t *testing.T) {
	for _, c := range []struct {
		a    *App
		want string
	}{
		{hosting(t), "http://shop.holm.localhost:8080/"},
		{hosting(t, "--public-url", "https://holm.example.org", "--base-domain", "apps.example.net"), "https://shop.apps.example.net/"},
		{hosting(t, "--public-url", "http://holm.example.org:8443", "--base-domain", "apps.example.net"), "http://shop.apps.example.net:8443/"},
		{hosting(t, "--https", ":443", "--base-domain", "apps.example.net"), "https://shop.apps.example.net/"},
	} {
		if got := c.a.environmentURL("shop"); got != c.want {
			t.Errorf("%s: %s, want %s", c.a.config.PublicURL, got, c.want)
		}
	}
}
