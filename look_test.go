package holm_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/holmhq/holm"
)

func TestNamesThatLookLikeOthers(t *testing.T) {
	for _, name := range []string{"lіmited", "LIMITED", "Iimited", "1imited", "fuІl", "fuII", "ｆｕｌｌ", "𝐟𝐮𝐥𝐥", "fúll", "f.u.l.l", "Full access", "full-access", "Admin", "аdmin", "ΑDMIN", "Adrnin",
		"viewer role", "ovvner", "Owner", "nоne", "No ne", "0wner"} {
		if err := holm.CheckLook("level", name, nil); holm.CodeOf(err) != holm.CodeInvalid || err == nil {
			t.Errorf("%q is taken (%s)", name, holm.Skeleton(name))
		}
	}
	for _, name := range []string{"Deploy only", "Full stack", "Fully trusted", "Команда", "開発者", "Für alle", "Level 2", "Admins of shop"} {
		if err := holm.CheckLook("level", name, []string{"Deploy", "Level 3"}); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for name, other := range map[string]string{"Deрloy": "Deploy", "deploy_": "Deploy", "ﬀull team": "ffull team", "Team 1": "Team l", "DeveIopers": "Developers"} {
		if err := holm.CheckLook("group", name, []string{"else", other}); err == nil {
			t.Errorf("%q beside %q", name, other)
		}
	}
}

// Letters of another script in place of Latin ones change nothing, nor do case
// and what stands between words.
func TestSkeletonsSeeThroughOtherLetters(t *testing.T) {
	other := map[rune]rune{'a': 'а', 'e': 'е', 'o': 'о', 'p': 'р', 'c': 'с', 'x': 'х', 'i': 'і', 'y': 'у', 's': 'ѕ', 'j': 'ј', 'l': 'I', 'u': 'ú', 'f': 'ｆ'}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-z]{1,12}( [a-z]{1,12})?`).Draw(t, "word")
		var looks strings.Builder
		for _, r := range word {
			if o, ok := other[r]; ok && rapid.Bool().Draw(t, "other") {
				r = o
			}
			looks.WriteRune(r)
			if rapid.IntRange(0, 9).Draw(t, "between") == 0 {
				looks.WriteRune('-')
			}
		}
		if holm.Skeleton(word) != holm.Skeleton(looks.String()) {
			t.Fatalf("%q and %q: %q, %q", word, looks.String(), holm.Skeleton(word), holm.Skeleton(looks.String()))
		}
	})
}
