package config_test

import (
	"strings"
	"testing"

	"github.com/holmhq/holm/internal/config"
)

func TestWarnings(t *testing.T) {
	for arguments, want := range map[string]string{
		"":           "",
		"--http :80": "at the base domain",
		"--public-url https://holm.example.org --base-domain apps.example.net":                             "--trusted-proxies",
		"--public-url https://holm.example.org --base-domain apps.example.net --trusted-proxies 127.0.0.1": "",
		"--public-url https://holm.example.org --base-domain apps.example.net --https :443":                "",
		"--public-url http://holm.example.org --base-domain apps.example.org":                              "one site",
		"--public-url http://example.org --base-domain apps.example.org":                                   "one site",
		"--public-url http://holm.co.uk --base-domain apps.co.uk":                                          "",
		"--public-url http://192.0.2.1 --base-domain apps.example.org":                                     "",
	} {
		c, err := config.Load(strings.Fields(arguments), environment())
		if err != nil {
			t.Error(arguments, err)
		}
		got := strings.Join(c.Warnings(), "\n")
		if want == "" && got != "" || !strings.Contains(got, want) || strings.Count(got, "\n") > 0 {
			t.Errorf("%s: %q", arguments, got)
		}
	}
	_, err := config.Load([]string{"--public-url", "https://holm.example.org", "--base-domain", "example.org"}, environment())
	if err == nil || !strings.Contains(err.Error(), "every name below the base domain example.org is an environment's") {
		t.Errorf("a dashboard that could not be reached: %v", err)
	}
}
