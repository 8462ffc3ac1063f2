package static_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/holmhq/holm/internal/web/static"
)

func get(t *testing.T, url, encoding string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, url, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	static.Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) string {
	t.Helper()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// Everything is served under an address that names its content, to be kept.
func TestEveryFileIsServedForEver(t *testing.T) {
	hashed := regexp.MustCompile(`^/static/.+\.[0-9a-f]{12}\.[a-z0-9]+$`)
	for _, name := range static.Names() {
		url := static.URL(name)
		if !hashed.MatchString(url) {
			t.Errorf("%s: address %s has no hash", name, url)
		}
		res := get(t, url, "")
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d", name, res.StatusCode)
		}
		if cache := res.Header.Get("Cache-Control"); !strings.Contains(cache, "immutable") {
			t.Errorf("%s: Cache-Control %q", name, cache)
		}
	}
}

func TestAnOldAddressIsNotAnswered(t *testing.T) {
	for _, url := range []string{"/static/holm.css", "/static/holm.000000000000.css", "/static/css/tokens.css", "/static/../static.go"} {
		if res := get(t, url, ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d, want 404", url, res.StatusCode)
		}
	}
}

func TestZippedOnlyWhenAskedFor(t *testing.T) {
	plain := body(t, get(t, static.URL(static.Style), "br, gzip;q=0").Body)
	res := get(t, static.URL(static.Style), "br, gzip")
	if res.Header.Get("Content-Encoding") != "gzip" {
		t.Fatal("the style sheet is not zipped")
	}
	zipped, err := gzip.NewReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if body(t, zipped) != plain {
		t.Error("zipped and plain differ")
	}
}

// The policy allows our own address only, so nothing may point elsewhere.
func TestNothingIsFetchedFromElsewhere(t *testing.T) {
	elsewhere := regexp.MustCompile(`(?:@import|url\()\s*["']?(?:https?:)?//`)
	style := body(t, get(t, static.URL(static.Style), "").Body)
	if found := elsewhere.FindString(style); found != "" {
		t.Errorf("the style sheet has %q", found)
	}
}
