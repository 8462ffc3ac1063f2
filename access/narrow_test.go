package access_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// TestNarrowingNeverWidens: whatever a token says, what it lets through is
// part of what its person may do, and what the person may not know of stays
// unknown.
func TestNarrowingNeverWidens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t)
		whole := f
		f.Personal = rapid.Bool().Draw(t, "personal")
		f.FactorWanted, f.Factor = rapid.Bool().Draw(t, "factor wanted"), rapid.Bool().Draw(t, "factor")
		if rapid.Bool().Draw(t, "token") {
			f.Token = &access.Token{Narrow: rapid.Bool().Draw(t, "narrow"), Here: rapid.Bool().Draw(t, "here"),
				Permissions: rapid.SliceOfN(rapid.SampledFrom(permissions()), -1, 5).Draw(t, "permissions")}
		}
		for _, p := range permissions() {
			person, narrowed := access.Decide(p, whole), access.Decide(p, f)
			if narrowed.Allowed && !person.Allowed {
				t.Fatalf("%s: the token gives what the person does not have", p)
			}
			if narrowed.Visible && !person.Visible {
				t.Fatalf("%s: the token shows what the person may not know of", p)
			}
			if narrowed.Allowed && narrowed.OwnRows != person.OwnRows {
				t.Fatalf("%s: the token changes whose rows are shown", p)
			}
			if !narrowed.Allowed && (narrowed.Rule == "" || narrowed.Reason == "") {
				t.Fatalf("%s: refused without a reason: %+v", p, narrowed)
			}
			if narrowed.Allowed && f.Token != nil && !whole.System && access.ScopeOf(p) == access.ScopeEnvironment &&
				(f.Personal || f.Token.Narrow && !f.Token.Here || !f.Token.Carries(p)) {
				t.Fatalf("%s: allowed although the token does not reach it: %+v", p, f.Token)
			}
			if slices.Contains(access.Allowed(f), p) && !access.Decide(p, f).Allowed {
				t.Fatalf("%s: the list allows what a decision refuses", p)
			}
		}
	})
}

func TestTokens(t *testing.T) {
	full := collaborator(holm.LevelFull)
	token := func(f access.Facts, narrow, here bool, list ...access.Permission) access.Facts {
		f.Token = &access.Token{Permissions: list, Narrow: narrow, Here: here}
		return f
	}
	for _, c := range []struct {
		name    string
		p       access.Permission
		f       access.Facts
		allowed bool
		visible bool
	}{
		{"all of it", access.EnvironmentStart, token(full, false, false), true, true},
		{"one permission", access.EnvironmentStart, token(full, false, false, access.EnvironmentStart), true, true},
		{"another permission", access.EnvironmentStop, token(full, false, false, access.EnvironmentStart), false, true},
		{"not the person's", access.EnvironmentDelete, token(full, false, false, access.EnvironmentDelete), false, true},
		{"the environment", access.EnvironmentStart, token(full, true, true), true, true},
		{"another environment is not there", access.EnvironmentStart, token(full, true, false), false, false},
		{"an account is more than an environment", access.AccountManageCollaborators, token(owner(), true, false), false, true},
		{"looking at oneself", access.Self, with(token(owner(), true, false, access.LogsView), func(f *access.Facts) { f.Reading = true }), true, true},
		{"changing oneself", access.Self, token(owner(), false, false, access.LogsView), false, true},
		{"changing oneself, carried", access.Self, token(owner(), false, false, access.Self), true, true},
		{"what only people do", access.Self, with(token(owner(), false, false), func(f *access.Facts) { f.Personal = true }), false, true},
		{"running the installation", access.Operator, with(token(owner(), false, false, access.Self), func(f *access.Facts) { f.Operator = true }), false, true},
	} {
		if d := access.Decide(c.p, c.f); d.Allowed != c.allowed || d.Visible != c.visible {
			t.Errorf("%s: %+v", c.name, d)
		}
	}
}

func TestSecondFactorOfCollaborators(t *testing.T) {
	f := with(collaborator(holm.LevelFull), func(f *access.Facts) { f.FactorWanted = true })
	if d := access.Decide(access.EnvironmentStart, f); d.Allowed || !d.Visible || d.Rule != "second factor required" || d.Reason == "" {
		t.Errorf("without one: %+v", d)
	}
	if d := access.Decide(access.EnvironmentStart, with(f, func(f *access.Facts) { f.Factor = true })); !d.Allowed {
		t.Errorf("with one: %+v", d)
	}
	if d := access.Decide(access.EnvironmentStart, with(owner(), func(f *access.Facts) { f.FactorWanted = true })); !d.Allowed {
		t.Errorf("the owner: %+v", d)
	}
	if d := access.Decide(access.EnvironmentStart, with(f, func(f *access.Facts) { f.Gifts = nil })); d.Visible || d.Allowed {
		t.Errorf("who has no level may not know: %+v", d)
	}
	for _, p := range []access.Permission{access.Self, access.AccountCreateOwn} {
		if d := access.Decide(p, with(f, func(f *access.Facts) { f.AccountType = holm.AccountFull })); !d.Allowed {
			t.Errorf("%s is no business of that owner: %+v", p, d)
		}
	}
}
