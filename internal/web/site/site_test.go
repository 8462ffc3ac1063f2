package site

import (
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

func TestNextStaysHere(t *testing.T) {
	for given, want := range map[string]string{
		"":                      "/environments",
		"/audit?who=a":          "/audit?who=a",
		"https://example.org":   "/environments",
		"//example.org/a":       "/environments",
		`/\example.org`:         "/environments",
		"javascript:alert(1)":   "/environments",
		"/invitations/abc%2F..": "/invitations/abc%2F..",
	} {
		raw := httptest.NewRequest("GET", "/sign-in", nil)
		raw.Form = map[string][]string{"next": {given}}
		if got := (&Request{Request: raw}).Next(); got != want {
			t.Errorf("next %q leads to %q, want %q", given, got, want)
		}
	}
}

func TestNotesAreSaidOnceAndInTheirPlace(t *testing.T) {
	var n notes
	now := time.Now()
	n.put("s1", note{place: "people", text: "Invited.", at: now})
	if got, _ := n.take("s2", "people", now); got != "" {
		t.Errorf("another session was told %q", got)
	}
	if got, _ := n.take("s1", "profile", now); got != "" {
		t.Errorf("another place was told %q", got)
	}
	if got, _ := n.take("s1", "people", now); got != "Invited." {
		t.Errorf("told %q", got)
	}
	if got, _ := n.take("s1", "people", now); got != "" {
		t.Errorf("told twice: %q", got)
	}
	n.put("s1", note{place: "people", text: "Invited.", at: now})
	if got, _ := n.take("s1", "people", now.Add(time.Hour)); got != "" {
		t.Errorf("told an hour late: %q", got)
	}
}

// The sentences about levels are written by hand; this is what they rest on.
func TestLevelSentencesFitTheTable(t *testing.T) {
	limited, full := access.OfLevel(holm.LevelLimited), access.OfLevel(holm.LevelFull)
	for _, p := range []access.Permission{access.AccessSSH, access.ScaleVertical, access.ScaleNodes, access.VariableManage} {
		if slices.Contains(limited, p) || !slices.Contains(full, p) {
			t.Errorf("%s: the sentences say that full has it and limited has not", p)
		}
	}
	for _, p := range []access.Permission{access.EnvironmentStart, access.EnvironmentStop, access.NodeRestart, access.DeployGit, access.ConfigEdit,
		access.LogsView, access.UsageView, access.DomainManage, access.TLSManage} {
		if !slices.Contains(limited, p) {
			t.Errorf("%s: the sentence says that limited has it", p)
		}
	}
	for _, p := range []access.Permission{access.EnvironmentDelete, access.EnvironmentClone, access.EnvironmentTransfer, access.EnvironmentShare} {
		if slices.Contains(full, p) {
			t.Errorf("%s: the sentence says that only the owner has it", p)
		}
	}
}
