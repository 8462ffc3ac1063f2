package holm

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWhatCannotBeSeenIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"escape": "shop\x1b[31m", "C1": "shop\u009b31m", "next line": "a\u0085b", "tab": "a\tb", "line separator": "a\u2028b",
		"right to left": "a\u202eb", "isolate": "a\u2066b", "mark": "a\u200eb", "zero width space": "pay\u200bpal", "byte order mark": "\ufeffa", "soft hyphen": "a\u00adb",
		"tag": "a\U000e0041b", "not UTF-8": "a\xffb",
	} {
		if err := CheckLine("alias", text, 100); CodeOf(err) != CodeInvalid {
			t.Errorf("%s is taken", name)
		}
		if v := Visible(text); strings.ContainsFunc(v, Hidden) {
			t.Errorf("%s is shown as %q", name, v)
		}
	}
	for _, text := range []string{"Zoë's shop — blue", "नमस्ते", "👩‍👩‍👧 family", "فروشگاه من", "Łódź (test)", ""} {
		if err := CheckLine("alias", text, 100); err != nil || Visible(text) != text {
			t.Errorf("%q: %v, %q", text, err, Visible(text))
		}
	}
}

func TestNamesOfPeopleAreNoLinks(t *testing.T) {
	for _, text := range []string{"Pay at https://evil.example", "WWW.evil.example", "x://y", "a\nb"} {
		if CheckName("name", text) == nil {
			t.Errorf("%q is taken", text)
		}
	}
	for _, text := range []string{"Dr. A. St.John", "O'Neil & Sons, Inc.", ""} {
		if err := CheckName("name", text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestNamesOfTheInstallationAreReserved(t *testing.T) {
	for _, name := range []string{"auth", "static", "live", "www", "api", "mail", "login", "autodiscover", "wpad", "holm"} {
		if CheckEnvironmentName(name) == nil {
			t.Errorf("%q is taken", name)
		}
	}
	for _, name := range []string{"shop", "app", "blog", "mailer", "api-2"} {
		if err := CheckEnvironmentName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestVisibleHidesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		if v := Visible(text); strings.ContainsFunc(v, Hidden) {
			t.Fatalf("%q is shown as %q", text, v)
		}
	})
}
