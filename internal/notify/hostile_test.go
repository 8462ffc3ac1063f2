package notify

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/mail"
)

// shape gives the tags of a document in order, with the attributes that make
// them do something.
func shape(t testing.TB, document string) string {
	t.Helper()
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(document))
	for z.Next() != html.ErrorToken {
		token := z.Token()
		if token.Type != html.StartTagToken && token.Type != html.EndTagToken && token.Type != html.SelfClosingTagToken && token.Type != html.CommentToken {
			continue
		}
		out.WriteString(token.Type.String() + " " + token.Data)
		for _, a := range token.Attr {
			if out.WriteString(" " + a.Key); a.Key == "href" || strings.HasPrefix(a.Key, "on") {
				out.WriteString("=" + a.Val)
			}
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// webAddress is what mail programs make a link of.
var webAddress = regexp.MustCompile(`(?i)\w+://\S|www\.\w|\w\.(com|org|example)\b`)

// FuzzHostile fills every text that people choose with whatever the fuzzer
// makes up: the mail keeps its shape, its links and its lines.
func FuzzHostile(f *testing.F) {
	all := samples()
	names := slices.Sorted(maps.Keys(all))
	for _, seed := range []string{
		"Ana", "<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "Ana\r\nBcc: eve@example.com", "Ana\n\nYour password has expired:\nhttps://evil.example/",
		"https://evil.example/login", "www.evil.example", "evil.example", "{{.Link}}", "\u202egnp.exe", "a\u2028b\u0085c\x00d\xff", strings.Repeat("Ж", 500),
		"-- \nx", "=?utf-8?q?x?=", "javascript:alert(1)", "</title></style><b>", "👩‍👩‍👧 क्षि", "​\ufeff", "<!--", "a@evil.example",
	} {
		for which := range names {
			f.Add(seed, uint8(which))
		}
	}
	f.Fuzz(func(t *testing.T, evil string, which uint8) {
		name := names[int(which)%len(names)]
		hostile(t, name, all[name], evil)
		c := clean(evil, longestName)
		if len(c) > longestName || !utf8.ValidString(c) || strings.ContainsFunc(c, unicode.IsControl) || webAddress.MatchString(c) {
			t.Fatalf("%q was cleaned to %q", evil, c)
		}
	})
}

func hostile(t *testing.T, name string, l holm.Letter, evil string) {
	said := plain(evil) != ""
	calm, err := render(options, poison(l, "calm", said), moments)
	if err != nil {
		t.Fatal(err)
	}
	r, err := render(options, poison(l, evil, said), moments)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := shape(t, r.HTML), shape(t, calm.HTML); got != want {
		t.Fatalf("%s changed its shape for %q:\n%s\ninstead of\n%s", name, evil, got, want)
	}
	m := mail.Message{To: l.To, ToName: clean(evil, longestName), From: options.From, Subject: r.Subject, Text: r.Text, HTML: r.HTML, MessageID: "mai_1@example.org"}
	if err := m.Check(); err != nil {
		t.Fatalf("%s cannot be sent with %q: %v", name, evil, err)
	}
	for line := range strings.Lines(r.Text) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "https://") && line != options.PublicURL+l.Path {
			t.Fatalf("%s has a line that looks like a link of its own for %q: %s", name, evil, line)
		}
	}
	if strings.Count(r.Text, "\n-- \n") != 1 {
		t.Fatalf("%s has two ends for %q", name, evil)
	}
}

// poison puts a text wherever people can.
func poison(l holm.Letter, evil string, said bool) holm.Letter {
	set := func(s *string) {
		if *s != "" && said {
			*s = evil
		}
	}
	set(&l.ToName)
	set(&l.ActorName)
	set(&l.OwnerName)
	set(&l.Alias)
	set(&l.Device)
	set(&l.Address)
	set(&l.Group)
	shared := make([]holm.LetterShare, len(l.Shared))
	for i, s := range l.Shared {
		set(&s.Alias)
		shared[i] = s
	}
	l.Shared = shared
	return l
}

func TestClean(t *testing.T) {
	for given, want := range map[string]string{
		"Ana Núñez":             "Ana Núñez",
		"  two\t words\n":       "two words",
		"evil.example":          "evil.\u2060example",
		"v1.2":                  "v1.2",
		"Mr. Smith":             "Mr. Smith",
		"https://x.y":           "https:\u2060//x.\u2060y",
		"a\u202eb\u200bc\u0000": "abc",
		"👩‍💻":                   "👩‍💻",
	} {
		if got := clean(given, longestName); got != want {
			t.Errorf("%q became %q, not %q", given, got, want)
		}
	}
	if got := clean(strings.Repeat("é", 100), 21); got != strings.Repeat("é", 9)+"…" {
		t.Errorf("clipped to %q", got)
	}
}

func TestLinksStayHome(t *testing.T) {
	for given, want := range map[string]string{"": "/", "/a?b=c": "/a?b=c", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "/a\nb": "/"} {
		if got := path(given); got != want {
			t.Errorf("%q leads to %q", given, got)
		}
	}
}

// TestLevelsMeanWhatTheMatrixSays fails when the words about levels would no
// longer be true.
func TestLevelsMeanWhatTheMatrixSays(t *testing.T) {
	var lacks []access.Permission
	for _, row := range access.Table() {
		if row.Scope == access.ScopeEnvironment && !slices.Contains(access.OfLevel(holm.LevelFull), row.Permission) {
			lacks = append(lacks, row.Permission)
		}
	}
	if want := []access.Permission{access.EnvironmentDelete, access.EnvironmentClone, access.EnvironmentTransfer, access.EnvironmentShare}; !slices.Equal(lacks, want) {
		t.Errorf("full lacks %v, and the mail says %v", lacks, want)
	}
	want := []access.Permission{access.EnvironmentStart, access.EnvironmentStop, access.NodeRestart, access.DeployArchive, access.DeployGit,
		access.AccessFTP, access.ConfigEdit, access.LogsView, access.UsageView, access.DomainManage, access.TLSManage,
		access.EnvironmentSee, access.AuditView} // these two go without saying
	if may := access.OfLevel(holm.LevelLimited); !slices.Equal(may, want) {
		t.Errorf("limited may %v, and the mail says %v", may, want)
	}
}
