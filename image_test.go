package holm_test

import (
	"strings"
	"testing"

	"github.com/holmhq/holm"
)

func TestIsImageReference(t *testing.T) {
	for text, want := range map[string]bool{
		"registry.example.com/team/app:1.2": true, "team/app": true, "app:1": true, "app@sha256:00": true, "1.2": false, "": false,
		"-v/x": false, "a b/c": false, "x/$(id)": false, "x/\n": false, "a/" + strings.Repeat("b", 254): false,
	} {
		if got := holm.IsImageReference(text); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}
