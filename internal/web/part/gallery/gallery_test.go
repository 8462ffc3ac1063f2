package gallery_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/holmhq/holm/internal/web/layout"
	"github.com/holmhq/holm/internal/web/part/gallery"
)

func render(t *testing.T) string {
	t.Helper()
	page := layout.Page{Title: "Components", Person: layout.Person{Email: "ana@example.org", Operator: true}, LiveURL: "/live"}
	var out strings.Builder
	if err := gallery.Page(page, time.Now()).Render(templ.WithNonce(t.Context(), "TESTNONCE"), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// The policy forbids script and style inside the page, so there is none.
func TestNothingInline(t *testing.T) {
	page := render(t)
	for _, pattern := range []string{` style=`, `<style`, ` on[a-z]+=`, ` hx-on`, `javascript:`} {
		if found := regexp.MustCompile(pattern).FindString(page); found != "" {
			t.Errorf("the page has %q", found)
		}
	}
	for _, script := range regexp.MustCompile(`<script[^>]*>[^<]*`).FindAllString(page, -1) {
		if !strings.Contains(script, `nonce="TESTNONCE"`) || !strings.Contains(script, ` src="/static/`) || !strings.HasSuffix(script, ">") {
			t.Errorf("script without nonce or source: %s", script)
		}
	}
}

// Without the nonce, the page refuses to act on an htmx attribute.
func TestEveryHtmxElementHasTheNonce(t *testing.T) {
	for _, tag := range regexp.MustCompile(`<[a-z]+ [^>]* hx-[a-z:-]+=[^>]*>`).FindAllString(render(t), -1) {
		if !strings.Contains(tag, `hx-nonce="TESTNONCE"`) {
			t.Errorf("no nonce: %s", tag)
		}
	}
}

func TestIDsAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(render(t), -1) {
		if seen[m[1]] {
			t.Errorf("id %q is there twice", m[1])
		}
		seen[m[1]] = true
	}
}

func TestWording(t *testing.T) {
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(render(t), " ")
	for _, pattern := range []string{`[a-z]!`, `(?i)success`, `(?i)please`, `(?i)oops`} {
		if found := regexp.MustCompile(pattern).FindString(text); found != "" {
			t.Errorf("the page says %q", found)
		}
	}
}
