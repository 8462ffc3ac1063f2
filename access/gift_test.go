package access_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// holding makes the facts of a collaborator who was given all that.
func holding(gifts ...access.Gift) access.Facts {
	f := collaborator("")
	f.Gifts = gifts
	return f
}

func TestWaysInOrder(t *testing.T) {
	full, limited, none := access.Preset(holm.LevelFull), access.Preset(holm.LevelLimited), access.Preset(holm.LevelNone)
	deploy := access.Custom("Deploy only", access.SetOf(access.DeployGit, access.EnvironmentDelete))
	group := func(l access.Level, name string) access.Gift {
		return access.Gift{Level: l, Through: access.ByGroup, Group: name}
	}
	wide := access.Gift{Level: full, Through: access.Wide}
	asked := access.Gift{Level: access.Alone(access.AccessSSH), Through: access.OnRequest, End: now.Add(time.Hour)}
	for _, c := range []struct {
		name       string
		gifts      []access.Gift
		permission access.Permission
		allowed    bool
		visible    bool
		rule       string
		reason     string
	}{
		{"direct beats group", []access.Gift{{Level: limited}, group(full, "A"), wide}, access.AccessSSH, false, true, "level limited", "Your access to this environment is limited."},
		{"direct none hides", []access.Gift{{Level: none}, group(full, "A"), wide, asked}, access.EnvironmentSee, false, false, "level none", "Your access to this environment is none."},
		{"group beats all", []access.Gift{group(limited, "A"), wide}, access.AccessSSH, false, true, "level limited through group A", "Your access to this environment is limited through the group A."},
		{"groups add up", []access.Gift{group(deploy, "A"), group(full, "B")}, access.AccessSSH, true, true, "level full through group B", "Your access to this environment is full through the group B."},
		{"groups add up and are all named", []access.Gift{group(deploy, "A"), group(limited, "B")}, access.AccessSSH, false, true, "level Deploy only through group A, level limited through group B",
			"Your access to this environment is Deploy only through the group A. Your access to this environment is limited through the group B."},
		{"all environments", []access.Gift{wide}, access.AccessSSH, true, true, "level full on all environments", "Your access to all environments of this account is full."},
		{"all environments through a group", []access.Gift{{Level: limited, Through: access.Wide, Group: "A"}}, access.LogsView, true, true, "level limited on all environments through group A",
			"Your access to all environments of this account is limited through the group A."},
		{"an ended direct gift leaves it to the group", []access.Gift{{Level: none, End: now}, group(full, "A")}, access.AccessSSH, true, true, "level full through group A", "Your access to this environment is full through the group A."},
		{"what was asked for is added", []access.Gift{{Level: limited}, asked}, access.AccessSSH, true, true, "level access.ssh on request", "You have SSH/SFTP access in this environment on request, until 4 May 2026, 13:00 UTC."},
		{"an own level gives what it says", []access.Gift{{Level: deploy}}, access.DeployGit, true, true, "level Deploy only", "Your access to this environment is Deploy only."},
		{"and never what is the owner's", []access.Gift{{Level: deploy}}, access.EnvironmentDelete, false, true, "level Deploy only", "Only the owner of the environment may do this."},
		{"and is always seen", []access.Gift{{Level: access.Custom("Nothing", 0)}}, access.EnvironmentSee, true, true, "level Nothing", "Your access to this environment is Nothing."},
	} {
		d := access.Decide(c.permission, holding(c.gifts...))
		if d.Allowed != c.allowed || d.Visible != c.visible || d.Rule != c.rule || d.Reason != c.reason {
			t.Errorf("%s: got %+v", c.name, d)
		}
	}
}

// TestThirdPerson: an explanation to the owner speaks of the person.
func TestThirdPerson(t *testing.T) {
	for _, f := range []access.Facts{collaborator(holm.LevelFull), collaborator(""), owner(), with(collaborator(""), func(f *access.Facts) { f.Status = holm.StatusPending }),
		with(collaborator(""), func(f *access.Facts) { f.Status = holm.StatusLeft }), with(collaborator(""), func(f *access.Facts) { f.Suspended = true })} {
		f.Person = "bob@example.org"
		if d := access.Decide(access.EnvironmentStart, f); len(d.Reason) < 20 || d.Reason[:15] != "bob@example.org" {
			t.Errorf("%+v", d)
		}
	}
}

// anyStanding draws gifts without asking rapid, which would be too slow for a
// million.
func anyStanding(r *rand.Rand) (gifts []access.Gift) {
	for _, way := range []access.Through{access.Direct, access.ByGroup, access.ByGroup, access.Wide, access.Wide, access.OnRequest} {
		if r.IntN(2) == 0 {
			continue
		}
		level := access.Custom("Custom", access.Set(r.Uint64()))
		if n := r.IntN(5); n < 4 {
			level = access.Preset(levels[[]int{0, 1, 2, 4}[n]])
		}
		gifts = append(gifts, access.Gift{Level: level, Through: way, End: ends[r.IntN(len(ends))]})
	}
	return gifts
}

// TestLattice: in a million situations, owners have all that anybody has,
// whoever has anything sees the environment, one gift more of the way that
// decides (or on request) takes nothing away, and nobody has what is the
// owner's alone.
func TestLattice(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	all := access.Allowed(owner())
	for i := range 1_000_000 {
		gifts := anyStanding(r)
		stands := access.Stand(gifts, now)
		if stands.Gives != 0 && !stands.Gives.Has(access.EnvironmentSee) {
			t.Fatalf("gives without being seen: %+v", gifts)
		}
		for _, p := range []access.Permission{access.EnvironmentDelete, access.EnvironmentClone, access.EnvironmentTransfer, access.EnvironmentShare} {
			if stands.Gives.Has(p) {
				t.Fatalf("%s is given by %+v", p, gifts)
			}
		}
		if i%100 == 0 {
			have := access.Allowed(holding(gifts...))
			if !slices.Equal(have, stands.Gives.List()) {
				t.Fatalf("stands %v, may %v: %+v", stands.Gives.List(), have, gifts)
			}
			for _, p := range have {
				if !slices.Contains(all, p) {
					t.Fatalf("the owner lacks %s", p)
				}
			}
		}
		if len(stands.From) == 0 || stands.Gives == 0 {
			continue
		}
		way := stands.From[0].Through
		more := access.Gift{Level: access.Custom("More", access.Set(r.Uint64())), Through: way}
		if wider := access.Stand(append(slices.Clone(gifts), more), now); way != access.Direct && wider.Gives&stands.Gives != stands.Gives {
			t.Fatalf("%+v with %+v gives less", gifts, more)
		}
	}
	full, limited := access.Preset(holm.LevelFull).Gives, access.Preset(holm.LevelLimited).Gives
	if limited&^full != 0 || full.Len() != 25 || limited.Len() != 13 || access.Preset(holm.LevelNone).Gives != 0 || len(access.Grantable()) != 25 {
		t.Errorf("full %d, limited %d, grantable %d", full.Len(), limited.Len(), len(access.Grantable()))
	}
}

func TestSetsAreReadAsWritten(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		s := access.Custom("", access.Set(r.Uint64())).Gives
		if got := access.ParseSet(s.String()); got != s || access.SetOf(s.List()...) != s {
			t.Fatalf("%q is read as %q", s, got)
		}
	}
	if access.ParseSet(" logs.view  nonsense account.manage_collaborators ") != access.SetOf(access.LogsView) {
		t.Error("what is no permission about environments is something")
	}
}

func BenchmarkDecideThroughGroups(b *testing.B) {
	f := holding(access.Gift{Level: access.Preset(holm.LevelLimited), Through: access.ByGroup, Group: "A"}, access.Gift{Level: access.Custom("Deploy", access.SetOf(access.DeployGit)), Through: access.ByGroup, Group: "B"},
		access.Gift{Level: access.Preset(holm.LevelFull), Through: access.Wide})
	b.ReportAllocs()
	for b.Loop() {
		access.Decide(access.LogsView, f)
	}
}

func TestPermissionsInTextsForPeople(t *testing.T) {
	for text, want := range map[string]string{
		"limited":                       "limited",
		"limited + access.ssh":          "limited + SSH/SFTP access",
		"level access.ssh on request":   "level SSH/SFTP access on request",
		"access.ssh, access.ftp":        "SSH/SFTP access, FTP/FTPS access",
		"access.ssh until 4 May":        "SSH/SFTP access until 4 May",
		"bob@example.org, shop.example": "bob@example.org, shop.example",
		"public":                        "public",
	} {
		if got := access.Words(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
