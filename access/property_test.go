package access_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// ends are moments around now, and no end.
var ends = []time.Time{{}, now.Add(time.Hour), now.Add(time.Nanosecond), now, now.Add(-time.Hour)}

// anyFacts draws facts of all kinds. Small numbers and first choices come more
// often, so they stand for what is ordinary: rules of the narrow cases would
// hardly be reached behind a login that is suspended half of the time.
func anyFacts(t *rapid.T) access.Facts {
	yes := func(name string) bool { return rapid.Bool().Draw(t, name) }
	seldom := func(name string) bool { return rapid.IntRange(0, 9).Draw(t, name) == 9 }
	return access.Facts{
		Now:              now,
		SignedIn:         !seldom("not signed in"),
		System:           seldom("system"),
		Operator:         yes("operator"),
		Suspended:        seldom("suspended"),
		AccountType:      rapid.SampledFrom([]holm.AccountType{holm.AccountFull, holm.AccountCollaborator, holm.AccountTrial, ""}).Draw(t, "type"),
		Reading:          yes("reading"),
		Owner:            rapid.IntRange(0, 3).Draw(t, "owner") == 3,
		OwnerEmail:       rapid.SampledFrom([]string{"ana@example.org", ""}).Draw(t, "owner's address"),
		OwnerSuspended:   rapid.IntRange(0, 3).Draw(t, "owner suspended") == 3,
		Role:             rapid.SampledFrom([]holm.Role{holm.RoleViewer, holm.RoleAdmin, "", "odd"}).Draw(t, "role"),
		Status:           rapid.SampledFrom([]holm.Status{holm.StatusActive, holm.StatusActive, holm.StatusActive, "", holm.StatusPending, holm.StatusSuspended, holm.StatusRemoved}).Draw(t, "status"),
		CollaborationEnd: rapid.SampledFrom(ends).Draw(t, "collaboration end"),
		Gifts:            anyGifts(t),
	}
}

// anyGifts draws what somebody was given: each way is empty half of the time.
func anyGifts(t *rapid.T) (gifts []access.Gift) {
	for _, way := range []struct {
		through access.Through
		group   string
	}{{access.Direct, ""}, {access.ByGroup, "A"}, {access.ByGroup, "B"}, {access.Wide, ""}, {access.Wide, "A"}, {access.OnRequest, ""}} {
		if rapid.Bool().Draw(t, "nothing this way") {
			continue
		}
		g := access.Gift{Level: anyLevel(t), Through: way.through, Group: way.group, End: rapid.SampledFrom(ends).Draw(t, "level end")}
		gifts = append(gifts, g)
	}
	return gifts
}

func anyLevel(t *rapid.T) access.Level {
	if rapid.IntRange(0, 2).Draw(t, "custom") == 2 {
		return access.Custom("Custom", access.Set(rapid.Uint64().Draw(t, "gives")))
	}
	return access.Preset(rapid.SampledFrom([]holm.Level{holm.LevelFull, holm.LevelLimited, holm.LevelNone, "odd"}).Draw(t, "level"))
}

// levels are those that there are, none given, and one that nobody knows.
var levels = []holm.Level{holm.LevelFull, holm.LevelLimited, holm.LevelNone, "", "odd"}

// permissions are all that there are.
func permissions() []access.Permission {
	list := []access.Permission{access.Public, access.Self, access.Operator}
	for _, r := range access.Table() {
		list = append(list, r.Permission)
	}
	return list
}

// TestMoreIsNeverLess: who has more may do what who has less may do, in any
// situation.
func TestMoreIsNeverLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t)
		p := rapid.SampledFrom(permissions()).Draw(t, "permission")
		if access.ScopeOf(p) != access.ScopeEnvironment {
			t.Skip("about environments only")
		}
		end := rapid.SampledFrom(ends).Draw(t, "end")
		order := []access.Facts{
			with(f, func(f *access.Facts) { f.Owner, f.Gifts = false, direct(holm.LevelNone, end) }),
			with(f, func(f *access.Facts) { f.Owner, f.Gifts = false, direct(holm.LevelLimited, end) }),
			with(f, func(f *access.Facts) { f.Owner, f.Gifts = false, direct(holm.LevelFull, end) }),
			with(f, func(f *access.Facts) { f.Owner = true }),
		}
		for i := 1; i < len(order); i++ {
			less, more := access.Decide(p, order[i-1]), access.Decide(p, order[i])
			if less.Allowed && !more.Allowed || less.Visible && !more.Visible || less.Allowed && !less.OwnRows && more.OwnRows {
				t.Fatalf("%+v\nbut with more\n%+v", less, more)
			}
		}
	})
}

// TestDecisionsMakeSense holds what is true of any decision.
func TestDecisionsMakeSense(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t)
		p := rapid.SampledFrom(permissions()).Draw(t, "permission")
		d := access.Decide(p, f)
		switch scope := access.ScopeOf(p); {
		case d != access.Decide(p, f):
			t.Fatal("the same facts get two answers")
		case d.Permission != p || d.Rule == "" || d.Reason == "":
			t.Fatalf("it does not say why: %+v", d)
		case d.Allowed && (!d.Visible || d.GrantableBy != ""):
			t.Fatalf("allowed, and yet: %+v", d)
		case d.OwnRows && !d.Allowed:
			t.Fatalf("own rows of nothing: %+v", d)
		case d.Visible && (scope == access.ScopeEnvironment || scope == access.ScopeAccount && p != access.AccountCreateOwn) && stranger(f):
			t.Fatalf("a stranger knows of it: %+v", d)
		}
	})
}

// stranger says whether somebody has nothing to do with the target's account.
func stranger(f access.Facts) bool {
	return !f.System && !f.Owner && (!f.SignedIn || f.Status != holm.StatusActive || !f.CollaborationEnd.IsZero() && !now.Before(f.CollaborationEnd))
}

// TestAllowedIsDecide: the list is what the decisions give one by one, in the
// table's order.
func TestAllowedIsDecide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t)
		var want []access.Permission
		for _, r := range access.Table() {
			if r.Scope == access.ScopeEnvironment && access.Decide(r.Permission, f).Allowed {
				want = append(want, r.Permission)
			}
		}
		if got := access.Allowed(f); !slices.Equal(got, want) || got == nil {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}
