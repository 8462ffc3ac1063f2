package cli

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/client"
	"github.com/holmhq/holm/ops"
)

// accessStep is one ordinary operation that a plan asks for.
type accessStep struct {
	words string
	do    func(ctx context.Context, c *client.Client) error
}

func step[I ops.Input, O any](words string, op ops.Op[I, O], in I) accessStep {
	return accessStep{words, func(ctx context.Context, c *client.Client) error {
		_, err := client.Call(ctx, c, op, in)
		return err
	}}
}

// planAccess lists what makes an account what a file says: levels first, then
// people, then the groups that have both.
func planAccess(account ops.OfAccount, f accessFile, now accessNow) (steps []accessStep) {
	for _, name := range slices.Sorted(maps.Keys(f.Levels)) {
		want := seeing(f.Levels[name])
		l, there := now.levels[name]
		body := ops.LevelBody{Name: name, Permissions: want}
		switch {
		case !there:
			steps = append(steps, step("create level "+name+": "+strings.Join(want, ", "), ops.LevelCreate, ops.LevelCreateInput{OfAccount: account, Body: body}))
		case !slices.Equal(want, seeing(l.Permissions)):
			steps = append(steps, step("change level "+name+" to "+strings.Join(want, ", "), ops.LevelUpdate,
				ops.LevelUpdateInput{OfLevel: ops.OfLevel{Account: account.Account, Level: l.ID},
					Body: ops.LevelChange{Name: name, Permissions: want, Was: &ops.LevelBody{Name: l.Name, Permissions: l.Permissions}}}))
		}
	}
	for _, email := range slices.Sorted(maps.Keys(f.People)) {
		steps = append(steps, planPerson(account, email, f.People[email], now)...)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Groups)) {
		steps = append(steps, planGroup(account, name, f.Groups[name], now)...)
	}
	return steps
}

// seeing sorts permissions, with the one that always comes with them.
func seeing(list []string) []string {
	list = append([]string{"environment.see"}, list...)
	slices.Sort(list)
	return slices.Compact(list)
}

func planPerson(account ops.OfAccount, email string, want accessOf, now accessNow) (steps []accessStep) {
	p, there := now.people[holm.EmailKey(email)]
	if want.Role == "" {
		want.Role = string(holm.RoleViewer)
	}
	if !there {
		in := ops.CollaboratorInviteInput{OfAccount: account}
		in.Body.Email, in.Body.Role, in.Body.Until = email, want.Role, endOf(want.Until)
		steps = append(steps, step("invite "+email+" as "+want.Role, ops.CollaboratorInvite, in))
		p.Role, p.Until = want.Role, endOf(want.Until)
	}
	target := ops.OfCollaborator{Account: account.Account, Collaborator: email}
	in, said := ops.CollaboratorUpdateInput{OfCollaborator: target}, []string{}
	if want.Role != p.Role {
		in.Body.Role, said = want.Role, append(said, "role "+want.Role)
	}
	if end := endOf(want.Until); !sameEnd(end, p.Until) {
		in.Body.Until, in.Body.NoEnd, said = end, end == nil, append(said, "ends "+endWords(end))
	}
	if want.BreakGlass != p.BreakGlass {
		in.Body.BreakGlass, said = &want.BreakGlass, append(said, map[bool]string{true: "may break the glass", false: "may not break the glass"}[want.BreakGlass])
	}
	if level, end, differs := planWide(want.All, p.AllEnvironments); differs {
		in.Body.AllEnvironments, in.Body.AllEnvironmentsUntil, said = &level, end, append(said, level+" on all environments")
		in.Body.AllEnvironmentsWas = heldWide(p.AllEnvironments)
	}
	if len(said) > 0 {
		steps = append(steps, step("change "+email+": "+strings.Join(said, ", "), ops.CollaboratorUpdate, in))
	}
	shares, words := planShares(want.Environments, givenLevels(p.Environments), string(holm.LevelInherit))
	if len(shares) > 0 {
		save := ops.CollaboratorShareInput{OfCollaborator: target}
		save.Body.Environments = shares
		steps = append(steps, step("share with "+email+": "+words, ops.CollaboratorShare, save))
	}
	return steps
}

// planWide compares levels on all environments; none takes away.
func planWide(want *givenLevel, now *ops.WideView) (level string, end *time.Time, differs bool) {
	if want == nil {
		want = &givenLevel{Level: string(holm.LevelNone)}
	}
	if now == nil {
		return want.Level, want.Until, want.Level != string(holm.LevelNone)
	}
	return want.Level, want.Until, !want.same(now.Level, now.Until)
}

// heldWide is a level on all environments as it was seen.
func heldWide(now *ops.WideView) *ops.Held {
	if now == nil {
		return &ops.Held{Level: string(holm.LevelNone)}
	}
	return &ops.Held{Level: now.Level, Until: now.Until}
}

// planShares lists what differs between two sets of levels; what is not wanted
// any more gets the level gone. Each says what was seen, so that a plan does
// not undo what somebody changes before it is applied.
func planShares(want, now map[string]givenLevel, gone string) (shares []ops.Share, words string) {
	var said []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		w := want[name]
		n, there := now[name]
		if !there {
			n = givenLevel{Level: gone}
		}
		if !there || !w.same(n.Level, n.Until) {
			shares = append(shares, ops.Share{Environment: name, Level: w.Level, Until: w.Until, Was: &ops.Held{Level: n.Level, Until: n.Until}})
			said = append(said, name+"="+w.Level)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if _, kept := want[name]; !kept {
			n := now[name]
			shares = append(shares, ops.Share{Environment: name, Level: gone, Was: &ops.Held{Level: n.Level, Until: n.Until}})
			said = append(said, name+"="+gone)
		}
	}
	return shares, strings.Join(said, ", ")
}

func planGroup(account ops.OfAccount, name string, want accessGroup, now accessNow) (steps []accessStep) {
	g, there := now.groups[name]
	if !there {
		in := ops.GroupCreateInput{OfAccount: account}
		in.Body.Name = name
		steps = append(steps, step("create group "+name, ops.GroupCreate, in))
	}
	in, said := ops.GroupUpdateInput{OfGroup: ops.OfGroup{Account: account.Account, Group: name}}, []string{}
	in.Body.Was = &ops.GroupSeen{AllEnvironments: heldWide(g.AllEnvironments)}
	for _, m := range g.Members {
		in.Body.Was.Members = append(in.Body.Was.Members, ops.GroupMember{Collaborator: m.Collaborator.ID, Until: m.Until})
	}
	if level, end, differs := planWide(want.All, g.AllEnvironments); differs {
		in.Body.AllEnvironments, in.Body.AllEnvironmentsUntil, said = &level, end, append(said, level+" on all environments")
	}
	shares, words := planShares(want.Environments, givenLevels(g.Environments), string(holm.LevelNone))
	if len(shares) > 0 {
		in.Body.Environments, said = shares, append(said, words)
	}
	members := map[string]*time.Time{}
	for _, m := range g.Members {
		members[holm.EmailKey(m.Collaborator.Email)] = m.Until
	}
	wanted := map[string]bool{}
	for _, email := range slices.Sorted(maps.Keys(want.Members)) {
		end, key := endOf(want.Members[email]), holm.EmailKey(email)
		wanted[key] = true
		if was, in2 := members[key]; !in2 || !sameEnd(was, end) {
			in.Body.Members, said = append(in.Body.Members, ops.GroupMember{Collaborator: email, Until: end}), append(said, "with "+email)
		}
	}
	for _, m := range g.Members {
		if !wanted[holm.EmailKey(m.Collaborator.Email)] {
			in.Body.Remove, said = append(in.Body.Remove, m.Collaborator.ID), append(said, "without "+m.Collaborator.Email)
		}
	}
	if len(said) > 0 {
		steps = append(steps, step("change group "+name+": "+strings.Join(said, ", "), ops.GroupUpdate, in))
	}
	return steps
}

func endWords(end *time.Time) string {
	if end == nil {
		return "never"
	}
	return "on " + end.UTC().Format(time.RFC3339)
}
