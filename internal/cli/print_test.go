package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/holmhq/holm"
)

// What others have written must not act on the terminal of who reads it,
// neither in tables nor in JSON, where C1 controls pass unescaped.
func TestNothingActsOnTheTerminal(t *testing.T) {
	evil := "a\u009b31mred\u0085b\u202ec\U000e0041d\u200be \x1b]0;title\x07"
	raw, err := json.Marshal(map[string]string{"name": evil})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := printRaw(&out, raw); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsFunc(strings.TrimSuffix(out.String(), "\n"), holm.Hidden) {
		t.Errorf("%q", out.String())
	}
	var back map[string]string
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back["name"] != evil {
		t.Errorf("%q is not the same any more (%v)", back["name"], err)
	}
	if got := clean(evil); strings.ContainsFunc(got, holm.Hidden) {
		t.Errorf("%q", got)
	}
	out.Reset()
	report(&out, nil, holm.Errorf(holm.CodeInvalid, "%s", evil), true)
	report(&out, nil, holm.Errorf(holm.CodeInvalid, "%s", evil), false)
	if strings.ContainsFunc(strings.ReplaceAll(out.String(), "\n", ""), holm.Hidden) {
		t.Errorf("%q", out.String())
	}
}

func TestEscapedJSONIsTheSameJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.String().Draw(t, "text")
		raw, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got string
		if err := json.Unmarshal(escaped(raw), &got); err != nil || got != want {
			t.Fatalf("%q became %q (%v)", want, got, err)
		}
	})
}
