package stacks

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/holmhq/holm"
)

// TestDocument keeps docs/stacks.md as the stacks are. What is written by hand
// of it is readme.md.
func TestDocument(t *testing.T) {
	const path = "../docs/stacks.md"
	text := document(t)
	if os.Getenv("HOLM_UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if now, err := os.ReadFile(path); err != nil || string(now) != text {
		t.Errorf("%s is not as the stacks are (%v); run make generate", path, err)
	}
}

func document(t *testing.T) string {
	intro, err := os.ReadFile("readme.md")
	if err != nil {
		t.Fatal(err)
	}
	all, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.Write(intro)
	b.WriteString("\n## What is shipped\n\n| stack | role | comes from | port | counts as running when | configuration | password of |\n|---|---|---|---|---|---|---|\n")
	for _, role := range holm.LayerRoles {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if s := all[name]; s.Role == role {
				fmt.Fprintf(&b, "| %s (`%s`) | %s | %s | %d | %s | %s | %s |\n", s.Title, s.Name, s.Role, sourceText(s), s.Port, healthText(s),
					codes(s.Configuration...), passwordText(s))
			}
		}
	}
	b.WriteString("\n")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "- **%s**: %s\n", all[name].Title, all[name].About)
	}
	return b.String()
}

func codes(words ...string) string {
	out := make([]string, 0, len(words))
	for _, w := range words {
		out = append(out, "`"+w+"`")
	}
	return strings.Join(out, ", ")
}

func sourceText(s Stack) string {
	var out []string
	switch {
	case s.Builtin != "":
		out = append(out, "built in")
	case len(s.Versions) > 0:
		out = append(out, "what you deploy")
	}
	if s.Host != nil {
		programs := slices.Clone(s.Host.Programs)
		out = append(out, "this machine's "+codes(append(programs, slices.Sorted(maps.Values(s.Host.Needs))...)...))
	}
	for _, image := range s.Images {
		out = append(out, "image "+codes(image.Reference))
	}
	if s.AnyImage {
		out = append(out, "any OCI image")
	}
	return strings.Join(out, "; ")
}

func healthText(s Stack) string {
	switch s.Health.Kind {
	case "tcp":
		return "it takes connections"
	case "http":
		return "it answers " + codes(s.Health.Path) + " below 500"
	case "command":
		return "its own check inside the node succeeds"
	}
	return "its process runs"
}

func passwordText(s Stack) string {
	if s.Password == nil {
		return ""
	}
	return codes(s.Password.User)
}
