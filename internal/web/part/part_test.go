package part_test

import (
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/holmhq/holm/internal/web/part"
)

func html(t *testing.T, component templ.Component) string {
	t.Helper()
	var out strings.Builder
	if err := component.Render(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// A refused button can be reached and says why, and there is no way to press it.
func TestRefusedButton(t *testing.T) {
	got := html(t, part.Button{ID: "delete", Label: "Delete", Href: "/gone", Submit: true, Refused: "Only the owner may.", Why: "/why"})
	for _, want := range []string{`aria-disabled="true"`, `type="button"`, `aria-describedby="delete-reason"`, `id="delete-reason"`, "Only the owner may.", `href="/why"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in %s", want, got)
		}
	}
	for _, not := range []string{"/gone", `type="submit"`, " disabled"} {
		if strings.Contains(got, not) {
			t.Errorf("%s should not be in %s", not, got)
		}
	}
}

func TestScriptAddressIsNotALink(t *testing.T) {
	if got := html(t, part.Button{Label: "Open", Href: "javascript:alert(1)"}); strings.Contains(got, "javascript:") {
		t.Error(got)
	}
}

func TestRelative(t *testing.T) {
	now := time.Date(2031, 5, 20, 12, 0, 0, 0, time.UTC)
	for offset, want := range map[time.Duration]string{
		-10 * time.Second:    "just now",
		10 * time.Second:     "in a moment",
		-50 * time.Second:    "1 min ago",
		-59 * time.Minute:    "59 min ago",
		-90 * time.Minute:    "1 h ago",
		-25 * time.Hour:      "1 day ago",
		-49 * time.Hour:      "2 days ago",
		49 * time.Hour:       "in 2 days",
		-40 * 24 * time.Hour: "10 Apr 2031",
	} {
		if got := part.Relative(now.Add(offset), now); got != want {
			t.Errorf("%v: %q, want %q", offset, got, want)
		}
	}
}

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"ana@example.org": "A", "ana.b.cole@example.org": "AC", "bob": "B", "": "", "@": "", "élan": "É",
	} {
		if got := part.Initials(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestQuotaBarSaysWhatIsTooMuch(t *testing.T) {
	got := html(t, part.QuotaBar{Used: 30, Limit: 32, Adds: 5, Unit: "cloudlets"})
	if want := "30 + 5 of 32 cloudlets, 3 too many"; !strings.Contains(got, want) {
		t.Errorf("%q is missing in %s", want, got)
	}
}

// Every state that has a face looks different from every other of its colour,
// or means the same.
func TestStatesHaveShapes(t *testing.T) {
	for _, state := range part.States {
		if got := html(t, part.StateDot{State: state}); !strings.Contains(got, `<path d="M`) || !strings.Contains(got, string(state)) {
			t.Errorf("%s: %s", state, got)
		}
	}
	if got := html(t, part.StateDot{State: "never heard of"}); !strings.Contains(got, "never heard of") {
		t.Error(got)
	}
}

func TestLayerShowsItsWorstNode(t *testing.T) {
	layer := part.Layer{Role: "app", Nodes: []part.Node{{State: "running"}, {State: "broken"}, {State: "starting"}}}
	if got := html(t, part.Topology{Small: true, Layers: []part.Layer{layer}}); !strings.Contains(got, "app, 3 nodes, broken") {
		t.Error(got)
	}
}

// A part shows text, never what is written in it.
func TestTextIsEscaped(t *testing.T) {
	nasty := `<img src=x onerror="alert(1)">`
	for _, component := range []templ.Component{
		part.Text(nasty), part.Button{Label: nasty}, part.Field{Name: nasty, Label: nasty, Value: nasty, Error: nasty},
		part.Chip{Label: nasty, Detail: nasty}, part.Copy{Label: nasty, Value: nasty}, part.Notice{Title: nasty, Text: nasty},
		part.Table{Caption: nasty, Columns: []part.Column{{Label: nasty}}, Rows: []part.Row{{ID: nasty, Cells: []templ.Component{part.Text(nasty), part.Text(nasty)}}}},
		part.Region{ID: nasty, Label: nasty, URL: nasty, Topics: []string{nasty}},
	} {
		if got := html(t, component); strings.Contains(got, "<img") {
			t.Error(got)
		}
	}
}
