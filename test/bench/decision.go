package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/casbin/casbin/v3"
	"github.com/casbin/casbin/v3/model"
	"github.com/cedar-policy/cedar-go"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// decision asks every permission about environments in the name of people of
// every kind. The facts are in memory and in the form that each of the three
// likes, so that only deciding is measured. All must give the same answers.
func decision(b *bench) error {
	questions := questions()
	cedar, err := withCedar(b.root, questions)
	if err != nil {
		return err
	}
	casbin, err := withCasbin(questions)
	if err != nil {
		return err
	}
	ours := func(i int) (bool, error) {
		return access.Decide(questions[i].permission, questions[i].facts).Allowed, nil
	}
	for i, q := range questions {
		want, _ := ours(i)
		for name, ask := range map[string]func(int) (bool, error){"cedar-go": cedar, "casbin": casbin} {
			if got, err := ask(i); err != nil || got != want {
				return fmt.Errorf("%s says %v (%v) to %s where Holm says %v: %+v", name, got, err, q.permission, want, q.facts)
			}
		}
	}
	took := perQuestion(len(questions), ours)
	aimed(b, fmt.Sprintf("Holm, with reason and who can grant (%d questions)", len(questions)), took, 2*time.Microsecond)
	beside(b, "cedar-go, the policy that the tests compare with", perQuestion(len(questions), cedar), took)
	beside(b, "casbin, a line for each right", perQuestion(len(questions), casbin), took)
	return nil
}

type question struct {
	permission access.Permission
	facts      access.Facts
}

// questions are all permissions about environments, asked by people of every
// kind.
func questions() (list []question) {
	now := time.Now()
	member := access.Facts{Now: now, SignedIn: true, AccountType: holm.AccountCollaborator, OwnerEmail: ana,
		Role: holm.RoleViewer, Status: holm.StatusActive}
	people := []access.Facts{{Now: now, SignedIn: true, AccountType: holm.AccountFull, Owner: true, OwnerEmail: ana}, {Now: now, SignedIn: true, OwnerEmail: ana}}
	for _, level := range []holm.Level{holm.LevelFull, holm.LevelLimited, holm.LevelNone} {
		f := member
		f.Gifts = []access.Gift{{Level: access.Preset(level)}}
		people = append(people, f)
		f.Gifts = []access.Gift{{Level: access.Preset(level), End: now.Add(-time.Hour)}}
		people = append(people, f)
		f.Gifts, f.Status = []access.Gift{{Level: access.Preset(level)}}, holm.StatusSuspended
		people = append(people, f)
	}
	for _, row := range access.Table() {
		for _, f := range people {
			if row.Scope == access.ScopeEnvironment {
				list = append(list, question{row.Permission, f})
			}
		}
	}
	return list
}

// perQuestion gives the median CPU time of one question over some rounds,
// which does not depend on how many others want the processor.
func perQuestion(n int, ask func(i int) (bool, error)) time.Duration {
	var rounds []time.Duration
	for range 9 {
		asked, began := 0, ownCPU()
		for ownCPU()-began < 50*time.Millisecond {
			for i := range n {
				ask(i)
			}
			asked += n
		}
		rounds = append(rounds, (ownCPU()-began)/time.Duration(asked))
	}
	return quantile(rounds, 0.5)
}

// withCedar asks cedar-go with the policy that the tests of package access
// compare the table with.
func withCedar(root string, questions []question) (func(int) (bool, error), error) {
	policy, err := os.ReadFile(filepath.Join(root, "access", "testdata", "policy.cedar"))
	if err != nil {
		return nil, err
	}
	set, err := cedar.NewPolicySetFromBytes("policy.cedar", policy)
	if err != nil {
		return nil, err
	}
	var requests []cedar.Request
	for _, q := range questions {
		requests = append(requests, cedar.Request{Principal: cedar.NewEntityUID("Person", "somebody"),
			Action:   cedar.NewEntityUID("Action", cedar.String(q.permission)),
			Resource: cedar.NewEntityUID("Thing", "something"), Context: record(q.facts)})
	}
	return func(i int) (bool, error) {
		answer, diagnostic := cedar.Authorize(set, nil, requests[i])
		if len(diagnostic.Errors) > 0 {
			return false, fmt.Errorf("%v", diagnostic.Errors)
		}
		return bool(answer), nil
	}, nil
}

// record writes facts for cedar. An end that there is none of is left out.
func record(f access.Facts) cedar.Record {
	m := cedar.RecordMap{
		"now": cedar.Long(f.Now.UnixNano()), "signedIn": cedar.Boolean(f.SignedIn), "system": cedar.Boolean(f.System), "operator": cedar.Boolean(f.Operator),
		"suspended": cedar.Boolean(f.Suspended), "accountType": cedar.String(f.AccountType), "reading": cedar.Boolean(f.Reading), "owner": cedar.Boolean(f.Owner),
		"aboutAccount": cedar.Boolean(f.OwnerEmail != ""), "ownerSuspended": cedar.Boolean(f.OwnerSuspended),
		"role": cedar.String(f.Role), "status": cedar.String(f.Status),
	}
	for _, way := range []cedar.String{"direct", "group1", "group2", "wide1", "wide2", "asked"} {
		m[way] = cedar.NewRecord(cedar.RecordMap{"level": cedar.String(""), "gives": cedar.NewSet(), "end": cedar.Long(0)})
	}
	for _, g := range f.Gifts { // one at most, given directly
		end := int64(math.MaxInt64)
		if !g.End.IsZero() {
			end = g.End.UnixNano()
		}
		m["direct"] = cedar.NewRecord(cedar.RecordMap{"level": cedar.String(g.Level.Name), "gives": cedar.NewSet(), "end": cedar.Long(end)})
	}
	return cedar.NewRecord(m)
}

// rights is the same for casbin, as far as the questions need it: a line says
// that somebody who is the owner, or has a level, has a permission.
const rights = `
[request_definition]
r = who, act
[policy_definition]
p = stand, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.act == p.act && r.who.SignedIn && !r.who.Suspended && (r.who.Owner && p.stand == "owner" || !r.who.Owner && r.who.Status == "active" && r.who.Level == p.stand && (r.who.Ends == 0 || r.who.Now < r.who.Ends))
`

// person are the facts as casbin can compare them.
type person struct {
	SignedIn, Suspended, Owner bool
	Status, Level              string
	Now, Ends                  int64 // seconds
}

func withCasbin(questions []question) (func(int) (bool, error), error) {
	m, err := model.NewModelFromString(rights)
	if err != nil {
		return nil, err
	}
	enforcer, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, err
	}
	for _, row := range access.Table() {
		for stand, cell := range map[string]access.Cell{"owner": row.Owner, "full": row.Upper, "limited": row.Lower} {
			if row.Scope != access.ScopeEnvironment || cell == access.No {
				continue
			}
			if _, err := enforcer.AddPolicy(stand, string(row.Permission)); err != nil {
				return nil, err
			}
		}
	}
	var people []person
	for _, q := range questions {
		p := person{SignedIn: q.facts.SignedIn, Suspended: q.facts.Suspended, Owner: q.facts.Owner,
			Status: string(q.facts.Status), Now: q.facts.Now.Unix()}
		for _, g := range q.facts.Gifts {
			p.Level = g.Level.Name
			if !g.End.IsZero() {
				p.Ends = g.End.Unix()
			}
		}
		people = append(people, p)
	}
	return func(i int) (bool, error) { return enforcer.Enforce(people[i], string(questions[i].permission)) }, nil
}
