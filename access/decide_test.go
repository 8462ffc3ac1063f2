package access_test

import (
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

var now = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// owner are the facts of somebody about their own environment.
func owner() access.Facts {
	return access.Facts{Now: now, SignedIn: true, AccountType: holm.AccountFull, Owner: true, OwnerEmail: "ana@example.org"}
}

// collaborator are the facts of somebody about an environment of ana's.
func collaborator(level holm.Level) access.Facts {
	return access.Facts{Now: now, SignedIn: true, AccountType: holm.AccountCollaborator, OwnerEmail: "ana@example.org",
		Role: holm.RoleViewer, Status: holm.StatusActive, Gifts: direct(level, time.Time{})}
}

// direct is what somebody was given directly, nothing for "".
func direct(level holm.Level, end time.Time) []access.Gift {
	if level == "" {
		return nil
	}
	return []access.Gift{{Level: access.Preset(level), End: end}}
}

// with changes facts.
func with(f access.Facts, change func(*access.Facts)) access.Facts {
	change(&f)
	return f
}

func TestDecisions(t *testing.T) {
	full, limited, none := collaborator(holm.LevelFull), collaborator(holm.LevelLimited), collaborator(holm.LevelNone)
	for _, c := range []struct {
		name       string
		permission access.Permission
		facts      access.Facts
		allowed    bool
		rule       string
		reason     string
		grantable  string
	}{
		{"owner deletes", access.EnvironmentDelete, owner(), true, "owner", "You own it.", ""},
		{"full does not delete", access.EnvironmentDelete, full, false, "level full", "Only the owner of the environment may do this.", ""},
		{"full scales", access.ScaleNodes, full, true, "level full", "Your access to this environment is full.", ""},
		{"limited does not scale", access.ScaleNodes, limited, false, "level limited", "Your access to this environment is limited.", "ana@example.org"},
		{"none sees nothing", access.EnvironmentSee, none, false, "level none", "Your access to this environment is none.", "ana@example.org"},
		{"no level is none", access.EnvironmentSee, collaborator(""), false, "level none", "Your access to this environment is none.", "ana@example.org"},
		{"a level nobody knows gives nothing", access.EnvironmentSee, collaborator("custom"), false, "level custom", "Your access to this environment is custom.", "ana@example.org"},
		{"admin creates for the owner", access.AccountCreateEnvironment, with(none, func(f *access.Facts) { f.Role = holm.RoleAdmin }), true, "role admin", "Your role on this account is admin.", ""},
		{"viewer does not", access.AccountCreateEnvironment, none, false, "role viewer", "Your role on this account is viewer.", "ana@example.org"},
		{"admin does not manage people", access.AccountManageCollaborators, with(full, func(f *access.Facts) { f.Role = holm.RoleAdmin }), false, "role admin", "Only the owner of the account may do this.", ""},
		{"collaborator account creates nothing of its own", access.AccountCreateOwn, full, false, "own account type", "Your own account is a collaborator account, which cannot own environments.", "an operator of this installation"},
		{"trial account does", access.AccountCreateOwn, with(full, func(f *access.Facts) { f.AccountType = holm.AccountTrial }), true, "own full account", "Your own account may own environments.", ""},
		{"owner with a collaborator account", access.AccountCreateEnvironment, with(owner(), func(f *access.Facts) { f.AccountType = holm.AccountCollaborator }), false, "own account type", "Your own account is a collaborator account, which cannot own environments.", "an operator of this installation"},
		{"stranger", access.EnvironmentStart, access.Facts{Now: now, SignedIn: true, OwnerEmail: "ana@example.org"}, false, "stranger", "You do not collaborate on this account.", "ana@example.org"},
		{"pending", access.EnvironmentStart, with(full, func(f *access.Facts) { f.Status = holm.StatusPending }), false, "invitation pending", "The invitation is not accepted yet.", "ana@example.org"},
		{"suspended", access.EnvironmentStart, with(full, func(f *access.Facts) { f.Status = holm.StatusSuspended }), false, "collaboration suspended", "The owner has suspended your collaboration.", "ana@example.org"},
		{"collaboration over", access.EnvironmentStart, with(full, func(f *access.Facts) { f.CollaborationEnd = now }), false, "collaboration ended", "Your collaboration ended on 4 May 2026, 12:00 UTC.", "ana@example.org"},
		{"access over", access.EnvironmentStart, with(full, func(f *access.Facts) { f.Gifts = direct(holm.LevelFull, now.Add(-time.Hour)) }), false, "access ended", "Your access ended on 4 May 2026, 11:00 UTC.", "ana@example.org"},
		{"access over with a day", access.EnvironmentStart, with(full, func(f *access.Facts) { f.Gifts = direct(holm.LevelFull, now.Truncate(24*time.Hour)) }), false, "access ended", "Your access ended at the end of 3 May 2026.", "ana@example.org"},
		{"login suspended", access.EnvironmentSee, with(owner(), func(f *access.Facts) { f.Suspended = true }), false, "login suspended", "Your login is suspended.", "the operator of this installation"},
		{"nobody", access.EnvironmentSee, access.Facts{Now: now}, false, "not signed in", "Sign in first.", ""},
		{"nobody, public", access.Public, access.Facts{Now: now}, true, "public", "Everybody may do this.", ""},
		{"the system", access.EnvironmentDelete, access.Facts{Now: now, System: true}, true, "system", "Holm does this by itself.", ""},
		{"the system does nothing unknown", "environment.explode", access.Facts{Now: now, System: true}, false, "unknown permission", "There is no permission environment.explode.", ""},
		{"operator sees no environments", access.EnvironmentSee, access.Facts{Now: now, SignedIn: true, Operator: true, OwnerEmail: "ana@example.org"}, false, "stranger", "You do not collaborate on this account.", "ana@example.org"},
		{"operator operates", access.Operator, access.Facts{Now: now, SignedIn: true, Operator: true}, true, "operator", "You run this installation.", ""},
		{"others do not", access.Operator, owner(), false, "not operator", "Only an operator of this installation may do this.", "an operator of this installation"},
		{"own things", access.Self, access.Facts{Now: now, SignedIn: true}, true, "self", "Everybody may do this with their own.", ""},
		{"a stranger's account is not one's own", access.Self, access.Facts{Now: now, SignedIn: true, OwnerEmail: "ana@example.org"}, false, "stranger", "You do not collaborate on this account.", "ana@example.org"},
		{"full, owner suspended", access.EnvironmentStart, with(full, func(f *access.Facts) { f.OwnerSuspended = true }), false, "account suspended", "The owner's account is suspended.", "an operator of this installation"},
		{"admin, owner suspended", access.AccountCreateEnvironment, with(full, func(f *access.Facts) { f.Role, f.OwnerSuspended = holm.RoleAdmin, true }), false, "account suspended", "The owner's account is suspended.", "an operator of this installation"},
	} {
		d := access.Decide(c.permission, c.facts)
		if d.Allowed != c.allowed || d.Rule != c.rule || d.Reason != c.reason || d.GrantableBy != c.grantable || d.Permission != c.permission {
			t.Errorf("%s: got %+v", c.name, d)
		}
	}
}

// TestEveryCell: each cell of the table is what Decide answers for it.
func TestEveryCell(t *testing.T) {
	for _, r := range access.Table() {
		if r.Scope != access.ScopeEnvironment {
			continue
		}
		for level, cell := range map[holm.Level]access.Cell{"owner": r.Owner, holm.LevelFull: r.Upper, holm.LevelLimited: r.Lower, holm.LevelNone: r.None} {
			f := collaborator(level)
			if level == "owner" {
				f = owner()
			}
			d := access.Decide(r.Permission, f)
			if d.Allowed != (cell != access.No) || d.OwnRows != (cell == access.OwnRows) || d.Visible != (level != holm.LevelNone) || !strings.HasSuffix(d.Reason, ".") {
				t.Errorf("%s for %s is %s, got %+v", r.Permission, level, cell, d)
			}
		}
	}
}

// TestNothingFromWhatIsNotActive: only an active collaboration gives anything,
// whatever level and role stand beside it.
func TestNothingFromWhatIsNotActive(t *testing.T) {
	change := map[string]func(*access.Facts){
		"no collaboration": func(f *access.Facts) { f.Status = "" },
		"ended now":        func(f *access.Facts) { f.CollaborationEnd = now },
		"ended before":     func(f *access.Facts) { f.CollaborationEnd = now.Add(-time.Nanosecond) },
		"login suspended":  func(f *access.Facts) { f.Suspended = true },
		"not signed in":    func(f *access.Facts) { f.SignedIn = false },
	}
	for _, s := range []holm.Status{holm.StatusPending, holm.StatusSuspended, holm.StatusLeft, holm.StatusDeclined, holm.StatusExpired, holm.StatusRemoved, "odd"} {
		change[string(s)] = func(f *access.Facts) { f.Status = s }
	}
	for name, c := range change {
		for _, reading := range []bool{false, true} {
			f := collaborator(holm.LevelFull)
			f.Role, f.Reading = holm.RoleAdmin, reading
			c(&f)
			for _, r := range access.Table() {
				if d := access.Decide(r.Permission, f); r.Permission != access.AccountCreateOwn && (d.Allowed || d.Visible) {
					t.Errorf("%s: %+v", name, d)
				}
			}
			if list := access.Allowed(f); len(list) > 0 {
				t.Errorf("%s: allowed %v", name, list)
			}
		}
	}
}

// TestSuspendedOwnerOnlyLooks: looking stays, doing goes; for both the owner
// and those who work there.
func TestSuspendedOwnerOnlyLooks(t *testing.T) {
	looks := map[access.Permission]bool{access.EnvironmentSee: true, access.AuditView: true, access.LogsView: true, access.UsageView: true, access.AutoscaleHistory: true}
	for name, f := range map[string]access.Facts{"owner": owner(), "full": collaborator(holm.LevelFull)} {
		f.OwnerSuspended = true
		for _, r := range access.Table() {
			if r.Scope != access.ScopeEnvironment || name == "full" && r.Upper == access.No {
				continue
			}
			if d := access.Decide(r.Permission, f); d.Allowed != looks[r.Permission] || !d.Visible {
				t.Errorf("%s: %+v", name, d)
			}
			reading := f
			reading.Reading = true
			if d := access.Decide(r.Permission, reading); !d.Allowed {
				t.Errorf("%s, reading: %+v", name, d)
			}
		}
	}
}

// TestEndsAreExact: a right is there until its end, and not at it.
func TestEndsAreExact(t *testing.T) {
	end := now.Add(time.Hour)
	for name, set := range map[string]func(*access.Facts){
		"level":         func(f *access.Facts) { f.Gifts = direct(holm.LevelFull, end) },
		"collaboration": func(f *access.Facts) { f.CollaborationEnd = end },
	} {
		f := collaborator(holm.LevelFull)
		set(&f)
		for offset, want := range map[time.Duration]bool{-time.Hour: true, -time.Nanosecond: true, 0: false, time.Nanosecond: false} {
			f.Now = end.Add(offset).In(time.FixedZone("", 3600))
			if d := access.Decide(access.EnvironmentSee, f); d.Allowed != want || d.Visible != want {
				t.Errorf("%s, %v after its end: %+v", name, offset, d)
			}
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	for name, c := range map[string]struct {
		p access.Permission
		f access.Facts
	}{
		"owner":   {access.EnvironmentDelete, owner()},
		"full":    {access.ScaleNodes, collaborator(holm.LevelFull)},
		"refused": {access.EnvironmentDelete, collaborator(holm.LevelLimited)},
		"ended":   {access.ScaleNodes, with(collaborator(holm.LevelFull), func(f *access.Facts) { f.Gifts = direct(holm.LevelFull, now) })},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				access.Decide(c.p, c.f)
			}
		})
	}
}

func BenchmarkAllowed(b *testing.B) {
	f := collaborator(holm.LevelLimited)
	b.ReportAllocs()
	for b.Loop() {
		access.Allowed(f)
	}
}
