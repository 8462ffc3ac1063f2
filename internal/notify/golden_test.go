package notify

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	moments = time.Date(2030, 4, 5, 6, 7, 8, 0, time.UTC)
	week    = moments.Add(holm.InvitationTTL)
	options = Options{PublicURL: "https://holm.example.org", From: "holm@example.org",
		Site: func(name string) string { return "http://" + name + ".apps.example.org/" }}
)

// sample is a letter of each kind as the features write it; the file name is
// its kind and what is particular.
func samples() map[string]holm.Letter {
	base := holm.Letter{To: "bob@example.org", ToName: "Bob Novák", Actor: "ana@example.org", ActorName: "Ana Núñez", Owner: "ana@example.org", OwnerName: "Ana Núñez",
		Environment: "shop", Alias: "The web shop", Path: "/environments/shop"}
	list := map[string]holm.Letter{}
	add := func(name string, kind holm.LetterKind, change func(*holm.Letter)) {
		l := base
		l.Kind, l.Event = kind, name
		change(&l)
		list[name] = l
	}
	toOwner := func(l *holm.Letter) {
		l.To, l.ToName, l.Actor, l.ActorName, l.Path = "ana@example.org", "Ana Núñez", "bob@example.org", "Bob Novák", "/collaborators"
	}
	dashboard := func(l *holm.Letter) { l.Path = "/" }
	place := func(l *holm.Letter) {
		l.Actor, l.ActorName, l.Address, l.Device = "", "", "203.0.113.7", "Firefox 140 on Linux"
	}
	add("invitation", holm.LetterInvitation, func(l *holm.Letter) {
		l.ToName, l.Role, l.LinkUntil, l.Path = "", holm.RoleViewer, week, "/invitations/2Jx7Qm"
	})
	add("invitation_with_levels", holm.LetterInvitation, func(l *holm.Letter) {
		l.ToName, l.ActorName, l.Role, l.Until, l.LinkUntil, l.Path, l.What = "", "", holm.RoleAdmin, week.AddDate(0, 2, 0), week, "/invitations/2Jx7Qm", "Developers, Night shift"
		l.Shared = []holm.LetterShare{{Environment: "all environments, present and future", Level: "Deploy only"}, {Environment: "shop", Alias: "The web shop", Level: holm.LevelFull}, {Environment: "blog", Level: holm.LevelLimited, Until: week}}
	})
	add("invitation_accepted", holm.LetterInvitationAccepted, func(l *holm.Letter) { toOwner(l); l.Role = holm.RoleAdmin })
	add("invitation_declined", holm.LetterInvitationDeclined, func(l *holm.Letter) { toOwner(l); l.ActorName = "" })
	add("environment_shared", holm.LetterShared, func(l *holm.Letter) { l.Level = holm.LevelLimited })
	add("environment_shared_until", holm.LetterShared, func(l *holm.Letter) { l.Level, l.Alias, l.Until = holm.LevelFull, "", week })
	add("level_changed", holm.LetterLevelChanged, func(l *holm.Letter) { l.Level, l.WasLevel = holm.LevelFull, holm.LevelLimited })
	add("level_changed_end", holm.LetterLevelChanged, func(l *holm.Letter) { l.Level, l.WasLevel, l.Until = holm.LevelFull, holm.LevelFull, week })
	add("environment_unshared", holm.LetterUnshared, func(l *holm.Letter) { dashboard(l); l.WasLevel = holm.LevelLimited })
	add("role_changed", holm.LetterRoleChanged, func(l *holm.Letter) { dashboard(l); l.Role, l.WasRole = holm.RoleAdmin, holm.RoleViewer })
	add("collaboration_suspended", holm.LetterSuspended, dashboard)
	add("collaboration_reactivated", holm.LetterReactivated, dashboard)
	add("collaboration_removed", holm.LetterRemoved, dashboard)
	add("collaborator_left", holm.LetterLeft, toOwner)
	add("collaboration_end_changed", holm.LetterEndChanged, func(l *holm.Letter) { dashboard(l); l.Until = week })
	add("collaboration_without_end", holm.LetterEndChanged, dashboard)
	add("all_environments_given", holm.LetterWideChanged, func(l *holm.Letter) {
		dashboard(l)
		l.Level, l.WasLevel, l.Until = holm.LevelLimited, holm.LevelNone, week
	})
	add("all_environments_taken", holm.LetterWideChanged, func(l *holm.Letter) { dashboard(l); l.Level, l.WasLevel = holm.LevelNone, "Deploy only" })
	grouped := func(l *holm.Letter) {
		dashboard(l)
		l.Group, l.Environment, l.Alias = "Developers", "", ""
		l.Shared = []holm.LetterShare{{Environment: "shop", Alias: "The web shop", Level: "Deploy only"}, {Environment: "blog", Level: holm.LevelFull, Until: week}}
	}
	add("group_joined", holm.LetterGroupJoined, func(l *holm.Letter) { grouped(l); l.Until = week })
	add("group_joined_empty", holm.LetterGroupJoined, func(l *holm.Letter) { grouped(l); l.Shared = nil })
	add("group_changed", holm.LetterGroupChanged, func(l *holm.Letter) { grouped(l); l.Level = holm.LevelLimited })
	add("group_left", holm.LetterGroupLeft, grouped)
	add("access_asked", holm.LetterAccessAsked, func(l *holm.Letter) {
		toOwner(l)
		l.Level, l.For, l.Reason = "SSH/SFTP access", 4*time.Hour, "The import hangs and I must look inside."
	})
	add("access_approved", holm.LetterAccessAnswered, func(l *holm.Letter) { l.Level, l.Until, l.Reason = holm.LevelFull, week, "Go ahead." })
	add("access_refused", holm.LetterAccessAnswered, func(l *holm.Letter) { l.Level, l.Reason = holm.LevelFull, "" })
	add("glass_broken", holm.LetterGlass, func(l *holm.Letter) {
		toOwner(l)
		l.Level, l.For, l.Until, l.Reason = holm.LevelFull, time.Hour, week, "The shop is down."
	})
	add("access_ending", holm.LetterEnding, func(l *holm.Letter) { l.Actor, l.ActorName, l.Level, l.Until = "", "", holm.LevelFull, week })
	add("access_endings", holm.LetterEndings, func(l *holm.Letter) { toOwner(l); l.Level, l.Until = holm.LevelFull, week })
	add("collaboration_ending", holm.LetterEnding, func(l *holm.Letter) {
		dashboard(l)
		l.Actor, l.ActorName, l.Environment, l.Alias, l.Until = "", "", "", "", week
	})
	moreSamples(add, toOwner, dashboard)
	add("environment_created", holm.LetterCreated, func(l *holm.Letter) { toOwner(l); l.Path = "/environments/shop" })
	add("environment_created_own", holm.LetterCreated, func(l *holm.Letter) { l.To, l.ToName = l.Owner, l.OwnerName })
	add("environment_created_for", holm.LetterCreated, func(l *holm.Letter) { l.Actor, l.ActorName = l.To, l.ToName })
	add("environment_deleted", holm.LetterDeleted, func(l *holm.Letter) {
		dashboard(l)
		l.To, l.ToName = l.Owner, l.OwnerName
		l.Until, l.Path = moments.Add(7*24*time.Hour), "/deleted"
	})
	add("environment_deleted_shared", holm.LetterDeleted, dashboard)
	add("password_reset", holm.LetterPasswordReset, func(l *holm.Letter) { place(l); l.LinkUntil, l.Path = moments.Add(72*time.Hour), "/password/2Jx7Qm" })
	add("password_changed", holm.LetterPasswordChanged, func(l *holm.Letter) { place(l); l.Path = "/account" })
	add("password_changed_tokens", holm.LetterPasswordChanged, func(l *holm.Letter) { place(l); l.Tokens, l.Path = 2, "/account/tokens" })
	add("password_set_by_mail", holm.LetterPasswordChanged, func(l *holm.Letter) { place(l); l.ByMail, l.Path = true, "/account/security" })
	add("password_set_by_mail_tokens", holm.LetterPasswordChanged, func(l *holm.Letter) {
		place(l)
		l.ByMail, l.Tokens, l.OtherWays, l.Path = true, 2, 1, "/account/security"
	})
	signingSamples(add, place)
	add("token_added", holm.LetterTokenAdded, func(l *holm.Letter) { place(l); l.What, l.Until, l.Path = "Deploy from CI", week, "/account/tokens" })
	add("sign_in_changed", holm.LetterSignInChanged, func(l *holm.Letter) {
		place(l)
		l.What, l.Path = "The one-time code was turned on.", "/account/security"
	})
	add("second_factor_required", holm.LetterFactorWanted, func(l *holm.Letter) { l.Path = "/account/security" })
	add("audit_checkpoints", holm.LetterCheckpoints, func(l *holm.Letter) {
		l.Actor, l.ActorName, l.Path = "", "", "/"
		l.Checkpoints = []holm.LetterCheckpoint{{Log: "holm.example.org/acc_1", Rows: 12_345, Hash: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
			{Log: "holm.example.org/installation", Rows: 3, Hash: "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="}}
	})
	return list
}

func signingSamples(add func(string, holm.LetterKind, func(*holm.Letter)), place func(*holm.Letter)) {
	add("password_set_by_mail_proven", holm.LetterPasswordChanged, func(l *holm.Letter) {
		place(l)
		l.ByMail, l.Path = true, "/account/security"
		l.What = "The address had not been proven before, so this was removed: 2 passkeys, the one-time code, 1 linked login."
	})
	add("sign_up", holm.LetterSignUp, func(l *holm.Letter) {
		place(l)
		l.ToName, l.LinkUntil, l.Path = "", moments.Add(24*time.Hour), "/sign-up/2Jx7Qm"
	})
	add("new_device", holm.LetterNewDevice, func(l *holm.Letter) { place(l); l.Path = "/account/sessions" })
	add("audit_alarm", holm.LetterAuditAlarm, func(l *holm.Letter) {
		l.Actor, l.ActorName, l.What, l.Reason, l.Path = "", "", "holm.example.org/acc_1", "/srv/holm/audit.last/acc_1", "/operator/status"
		l.Checkpoints = []holm.LetterCheckpoint{{Log: "Signed", Rows: 1200, Hash: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}, {Log: "Rows now", Rows: 1100}}
	})
	add("sign_up_taken", holm.LetterSignUpTaken, func(l *holm.Letter) { place(l); l.Path = "/sign-in" })
}

func TestGolden(t *testing.T) {
	for name, l := range samples() {
		t.Run(name, func(t *testing.T) {
			r, err := render(options, l, moments)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".txt", "Subject: "+r.Subject+"\n\n"+r.Text)
			golden(t, name+".html", r.HTML)
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != got {
		t.Errorf("%s is not what is written (%v); look at it, and run go test ./internal/notify -update:\n%s", file, err, got)
	}
}

// kinds lists every letter kind that the vocabulary declares.
func kinds(t *testing.T) (list []holm.LetterKind) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../letter.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
			if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "LetterKind" {
				value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				list = append(list, holm.LetterKind(value))
			}
		}
		return true
	})
	return list
}

func TestEveryKindHasWords(t *testing.T) {
	all := kinds(t)
	if len(all) < 17 {
		t.Fatalf("only %d kinds found", len(all))
	}
	shown := map[holm.LetterKind]bool{}
	for _, l := range samples() {
		shown[l.Kind] = true
	}
	for _, kind := range all {
		if letters[kind] == nil {
			t.Errorf("%s has no words", kind)
		}
		if !shown[kind] {
			t.Errorf("%s has no sample", kind)
		}
	}
	if len(letters) != len(all) {
		t.Errorf("words for %d kinds, and %d are declared", len(letters), len(all))
	}
}

func TestTone(t *testing.T) {
	subjects := map[string]string{}
	for name, l := range samples() {
		r, err := render(options, l, moments)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"!", "successful", "please", "sorry", "click", "<no value>", "%!", "  \n"} {
			if strings.Contains(strings.ToLower(r.Subject+r.Text), word) {
				t.Errorf("%s says %q:\n%s\n%s", name, word, r.Subject, r.Text)
			}
		}
		if strings.Contains(r.Text, "\n\n\n") {
			t.Errorf("%s has a hole:\n%s", name, r.Text)
		}
		if link := options.PublicURL + l.Path; !strings.Contains(r.Text, "\n"+link+"\n") || !strings.Contains(r.HTML, `href="`+link+`"`) {
			t.Errorf("%s does not link to %s:\n%s", name, link, r.Text)
		}
		if l.Actor != "" && !same(l.Actor, l.To) && !strings.Contains(r.Text, l.Actor) {
			t.Errorf("%s does not name who did it", name)
		}
		if !strings.Contains(r.Text, "You get this mail because") {
			t.Errorf("%s does not say why one gets it", name)
		}
		if other, ok := subjects[r.Subject]; ok && strings.SplitN(other, "_", 2)[0] != strings.SplitN(name, "_", 2)[0] {
			t.Errorf("%s and %s have one subject: %s", name, other, r.Subject)
		}
		subjects[r.Subject] = name
	}
}
