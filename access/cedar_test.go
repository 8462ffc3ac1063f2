package access_test

import (
	_ "embed"
	"testing"
	"time"

	"github.com/cedar-policy/cedar-go"
	"pgregory.net/rapid"

	"github.com/holmhq/holm/access"
)

// policy says in another language, by hand and not from the table, what the
// design says about rights.
//
//go:embed testdata/policy.cedar
var policy []byte

// facts writes facts for cedar. An end that there is none of is left out.
func facts(f access.Facts) cedar.Record {
	m := cedar.RecordMap{
		"now": cedar.Long(f.Now.UnixNano()), "signedIn": cedar.Boolean(f.SignedIn), "system": cedar.Boolean(f.System), "operator": cedar.Boolean(f.Operator),
		"suspended": cedar.Boolean(f.Suspended), "accountType": cedar.String(f.AccountType), "reading": cedar.Boolean(f.Reading), "owner": cedar.Boolean(f.Owner),
		"aboutAccount": cedar.Boolean(f.OwnerEmail != ""), "ownerSuspended": cedar.Boolean(f.OwnerSuspended),
		"role": cedar.String(f.Role), "status": cedar.String(f.Status), "level": cedar.String(f.Level),
	}
	for name, end := range map[cedar.String]time.Time{"collaborationEnd": f.CollaborationEnd, "levelEnd": f.LevelEnd} {
		if !end.IsZero() {
			m[name] = cedar.Long(end.UnixNano())
		}
	}
	return cedar.NewRecord(m)
}

// TestCedarAgrees: an authorization engine that others wrote gives the same
// answer in every situation.
func TestCedarAgrees(t *testing.T) {
	set, err := cedar.NewPolicySetFromBytes("policy.cedar", policy)
	if err != nil {
		t.Fatal(err)
	}
	both := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t)
		// Levels and their ends are where the narrow rules are; chance
		// alone would leave some of them out.
		for _, f.Level = range levels {
			for _, f.LevelEnd = range ends {
				compare(t, set, f, both)
			}
		}
	})
	if both[true] == 0 || both[false] == 0 {
		t.Errorf("the cases are all alike: %v", both)
	}
	t.Logf("%d allowed and %d refused by both", both[true], both[false])
}

// compare asks both about every permission in one situation.
func compare(t *rapid.T, set *cedar.PolicySet, f access.Facts, both map[bool]int) {
	context := facts(f)
	for _, p := range permissions() {
		answer, diagnostic := cedar.Authorize(set, nil, cedar.Request{
			Principal: cedar.NewEntityUID("Person", "somebody"), Action: cedar.NewEntityUID("Action", cedar.String(p)),
			Resource: cedar.NewEntityUID("Thing", "something"), Context: context})
		if len(diagnostic.Errors) > 0 {
			t.Fatalf("the policy cannot be evaluated: %v", diagnostic.Errors)
		}
		d := access.Decide(p, f)
		if d.Allowed != bool(answer) {
			t.Fatalf("cedar says %v by %v, we say %+v of %+v", answer, diagnostic.Reasons, d, f)
		}
		both[d.Allowed]++
	}
}
