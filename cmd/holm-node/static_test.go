package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// site makes a document root with good files and traps.
func site(t *testing.T) string {
	t.Helper()
	base := t.TempDir()
	root := filepath.Join(base, "root")
	for name, content := range map[string]string{
		"secret":               "secret",
		"root/index.html":      "home",
		"root/docs/index.html": "docs",
		"root/empty/x.bin":     "x",
		"root/.env":            "PASSWORD=secret",
		"root/.git/config":     "secret",
		"root/.well-known/ok":  "ok",
		"root/app.3f9a0b12.js": "js",
		"root/style.css":       "css",
		"root/404.html":        "lost",
		"root/docs/.htaccess":  "secret",
	} {
		path := filepath.Join(base, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{"out": "../secret", "absolute": filepath.Join(base, "secret"), "folder": base, "in": "style.css"} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestStatic(t *testing.T) {
	handler := staticFiles{site(t)}
	const never, soon, always = "no-cache", "public, max-age=300", "public, max-age=31536000, immutable"
	tests := []struct {
		path   string
		status int
		body   string
		cache  string
	}{
		{"/", 200, "home", never},
		{"/index.html", 200, "home", never},
		{"/docs/", 200, "docs", never},
		{"/docs", 301, "", ""},
		{"/empty/", 404, "lost", never},
		{"/style.css", 200, "css", soon},
		{"/in", 200, "css", never},
		{"/app.3f9a0b12.js", 200, "js", always},
		{"/.well-known/ok", 200, "ok", never},
		{"/.env", 404, "lost", never},
		{"/.git/config", 404, "lost", never},
		{"/docs/.htaccess", 404, "lost", never},
		{"/docs/.well-known/x", 404, "lost", never},
		{"/out", 404, "lost", never},
		{"/absolute", 404, "lost", never},
		{"/folder/secret", 404, "lost", never},
		{"/../secret", 404, "lost", never},
		{"/%2e%2e/secret", 404, "lost", never},
		{"/docs/%00", 404, "lost", never},
		{"/missing", 404, "lost", never},
	}
	for _, test := range tests {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", test.path, nil))
		if w.Code != test.status || w.Body.String() != test.body || w.Header().Get("Cache-Control") != test.cache {
			t.Errorf("%s: %d %q %q", test.path, w.Code, w.Body.String(), w.Header().Get("Cache-Control"))
		}
	}
}

func TestStaticAsksAgainByTag(t *testing.T) {
	handler := staticFiles{site(t)}
	first := httptest.NewRecorder()
	handler.ServeHTTP(first, httptest.NewRequest("GET", "/", nil))
	again := httptest.NewRequest("GET", "/", nil)
	again.Header.Set("If-None-Match", first.Header().Get("ETag"))
	second := httptest.NewRecorder()
	handler.ServeHTTP(second, again)
	if second.Code != http.StatusNotModified {
		t.Errorf("an unchanged page is sent again: %d", second.Code)
	}
}

func TestStaticRefusesWriting(t *testing.T) {
	w := httptest.NewRecorder()
	staticFiles{site(t)}.ServeHTTP(w, httptest.NewRequest("POST", "/", nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" {
		t.Errorf("POST gives %d", w.Code)
	}
}

func TestStaticRedirectStaysHere(t *testing.T) {
	w := httptest.NewRecorder()
	staticFiles{site(t)}.ServeHTTP(w, httptest.NewRequest("GET", "/docs?a=1", nil))
	if got := w.Header().Get("Location"); got != "./docs/?a=1" {
		t.Errorf("redirected to %q", got)
	}
}
