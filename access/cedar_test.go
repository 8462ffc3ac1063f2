package access_test

import (
	_ "embed"
	"fmt"
	"math"
	"testing"

	"github.com/cedar-policy/cedar-go"
	"pgregory.net/rapid"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// policy says in another language, by hand and not from the table, what the
// design says about rights.
//
//go:embed testdata/policy.cedar
var policy []byte

// facts writes facts for cedar. Gifts go into the records that the policy
// speaks of; what was not given has ended.
func facts(f access.Facts) cedar.Record {
	m := cedar.RecordMap{
		"now": cedar.Long(f.Now.UnixNano()), "signedIn": cedar.Boolean(f.SignedIn), "system": cedar.Boolean(f.System), "operator": cedar.Boolean(f.Operator),
		"suspended": cedar.Boolean(f.Suspended), "accountType": cedar.String(f.AccountType), "reading": cedar.Boolean(f.Reading), "owner": cedar.Boolean(f.Owner),
		"aboutAccount": cedar.Boolean(f.OwnerEmail != ""), "ownerSuspended": cedar.Boolean(f.OwnerSuspended),
		"role": cedar.String(f.Role), "status": cedar.String(f.Status),
	}
	if !f.CollaborationEnd.IsZero() {
		m["collaborationEnd"] = cedar.Long(f.CollaborationEnd.UnixNano())
	}
	slots := map[access.Through][]cedar.String{access.Direct: {"direct"}, access.ByGroup: {"group1", "group2"}, access.Wide: {"wide1", "wide2"}, access.OnRequest: {"asked"}}
	for _, names := range slots {
		for _, name := range names {
			m[name] = cedar.NewRecord(cedar.RecordMap{"level": cedar.String(""), "gives": cedar.NewSet(), "end": cedar.Long(0)})
		}
	}
	for _, g := range f.Gifts {
		names := slots[g.Through]
		slots[g.Through] = names[1:]
		m[names[0]] = given(g)
	}
	return cedar.NewRecord(m)
}

func given(g access.Gift) cedar.Record {
	end := int64(math.MaxInt64)
	if !g.End.IsZero() {
		end = g.End.UnixNano()
	}
	level, actions := g.Level.Name, []cedar.Value{}
	if level != "full" && level != "limited" && g.Level.Gives != 0 {
		level = "custom"
		for _, p := range g.Level.Gives.List() {
			actions = append(actions, cedar.NewEntityUID("Action", cedar.String(p)))
		}
	}
	return cedar.NewRecord(cedar.RecordMap{"level": cedar.String(level), "gives": cedar.NewSet(actions...), "end": cedar.Long(end)})
}

// theirs is the policy as cedar reads it.
func theirs(t testing.TB) *cedar.PolicySet {
	set, err := cedar.NewPolicySetFromBytes("policy.cedar", policy)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestCedarAgrees: an authorization engine that others wrote gives the same
// answer in every situation.
func TestCedarAgrees(t *testing.T) {
	set := theirs(t)
	both := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t)
		if err := agree(set, f, both); err != nil {
			t.Fatal(err)
		}
		// Levels and their ends are where the narrow rules are; chance
		// alone would leave some of them out.
		for _, level := range levels {
			for _, end := range ends {
				f.Gifts = direct(level, end)
				if err := agree(set, f, both); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
	if both[true] == 0 || both[false] == 0 {
		t.Errorf("the cases are all alike: %v", both)
	}
	t.Logf("%d allowed and %d refused by both", both[true], both[false])
}

// agree asks both about every permission in one situation.
func agree(set *cedar.PolicySet, f access.Facts, both map[bool]int) error {
	context := facts(f)
	for _, p := range permissions() {
		answer, diagnostic := cedar.Authorize(set, nil, cedar.Request{
			Principal: cedar.NewEntityUID("Person", "somebody"), Action: cedar.NewEntityUID("Action", cedar.String(p)),
			Resource: cedar.NewEntityUID("Thing", "something"), Context: context})
		if len(diagnostic.Errors) > 0 {
			return fmt.Errorf("the policy cannot be evaluated: %v", diagnostic.Errors)
		}
		d := access.Decide(p, f)
		if d.Allowed != bool(answer) {
			return fmt.Errorf("cedar says %v by %v, we say %+v of %+v", answer, diagnostic.Reasons, d, f)
		}
		both[d.Allowed]++
	}
	return nil
}

// TestEveryCellMatters flips each cell of the table: somebody in an ordinary
// situation must get another answer than cedar gives, or no test would notice
// that the table had been changed.
func TestEveryCellMatters(t *testing.T) {
	set := theirs(t)
	situations := func() []access.Facts {
		return []access.Facts{
			owner(), collaborator(holm.LevelFull), collaborator(holm.LevelLimited), collaborator(holm.LevelNone),
			with(collaborator(holm.LevelNone), func(f *access.Facts) { f.Role = holm.RoleAdmin }),
			with(collaborator(holm.LevelNone), func(f *access.Facts) { f.AccountType = holm.AccountFull }),
			with(owner(), func(f *access.Facts) { f.AccountType = holm.AccountCollaborator }),
		}
	}
	everybody := func() error {
		for _, f := range situations() {
			if err := agree(set, f, map[bool]int{}); err != nil {
				return err
			}
		}
		return nil
	}
	if err := everybody(); err != nil {
		t.Fatalf("before anything is flipped: %v", err)
	}
	for i, r := range access.Table() {
		for column, name := range []string{"owner", "upper", "lower", "none"} {
			back := access.FlipCell(i, column)
			err := everybody()
			if err == nil {
				err = access.SoundTable()
			}
			back()
			if err == nil {
				t.Errorf("%s, %s: the cell is another and nothing fails", r.Permission, name)
			}
		}
	}
	if err := everybody(); err != nil {
		t.Fatalf("after everything is back: %v", err)
	}
}
