package cli

import (
	"strings"
	"testing"
)

func TestVariablesOfAFile(t *testing.T) {
	list, err := parseVariables("# of the shop\n\nA=1\r\nexport B='two words'\nC=\"x\\ny\"\n D = spaced\nE=a=b'\nF=\n")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range list {
		got = append(got, v.Name+"="+v.Value.Reveal())
	}
	if want := "A=1|B=two words|C=x\ny|D= spaced|E=a=b'|F="; strings.Join(got, "|") != want {
		t.Errorf("got %q, want %q", strings.Join(got, "|"), want)
	}
	for text, says := range map[string]string{"A=1\nnonsense": "Line 2", "PATH=/x": "Line 1", "9=1": "Line 1"} {
		if _, err := parseVariables(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzVariablesFile holds that whatever a file says, names that come out can be
// set.
func FuzzVariablesFile(f *testing.F) {
	f.Add("A=1\nexport B='x'\n# c\n")
	f.Add("=\n\"=\"\nA=\"")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parseVariables(text)
		if err != nil {
			return
		}
		for _, v := range list {
			if strings.ContainsAny(v.Name, "= \n'\"") || v.Name == "" {
				t.Errorf("%q came out", v.Name)
			}
		}
	})
}
