package collaboration

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

// clash gathers what is not as the caller saw it, as clauses of one sentence.
type clash []string

func (c clash) err(done string) error {
	if len(c) == 0 {
		return nil
	}
	return holm.Errorf(holm.CodeConflict, "Nothing was %s, because somebody changed this meanwhile: %s. Look at it and decide anew.", done, strings.Join(c, "; "))
}

// heldWords says a level with its end: "limited until the end of 4 May".
func heldWords(level string, until time.Time) string {
	if level == "" {
		level = string(holm.LevelNone)
	}
	if until.IsZero() {
		return level
	}
	return level + " until " + holm.UntilWords(until)
}

// same says whether a level that was seen is what is there. Nothing is named
// in three ways.
func same(seen *ops.Held, level, id string, until time.Time) bool {
	if seen == nil {
		seen = &ops.Held{Level: string(holm.LevelNone)}
	}
	if nothing(seen.Level) && nothing(level) {
		return true
	}
	return (seen.Level == level || seen.Level == id) && deref(seen.Until).Equal(until)
}

func nothing(level string) bool {
	return level == "" || level == string(holm.LevelNone) || level == string(holm.LevelInherit)
}

// groupClash refuses a change of a group by somebody who saw something else
// than there is now. Only what they change is compared: two people may change
// two things of one group at one time.
func groupClash(s *dispatch.Scope, l *levels, g holm.Group, b *ops.GroupUpdateInput) error {
	var found clash
	if seen := b.Body.Was; seen != nil {
		if b.Body.Name != "" && seen.Name != "" && seen.Name != g.Name {
			found = append(found, "the group is called "+g.Name+" now")
		}
		if b.Body.AllEnvironments != nil {
			means, err := l.wideOf(g.Wide)
			if err != nil {
				return err
			}
			if !same(seen.AllEnvironments, means.Name, string(g.Wide), g.WideUntil) {
				found = append(found, "on all environments it has "+heldWords(means.Name, g.WideUntil)+" now")
			}
		}
		members, err := memberClash(s, g, b)
		if err != nil {
			return err
		}
		found = append(found, members...)
	}
	shares, err := groupShareClash(s, g, b.Body.Environments)
	if err != nil {
		return err
	}
	return append(found, shares...).err("saved")
}

// memberClash compares the people who are put in or taken out.
func memberClash(s *dispatch.Scope, g holm.Group, b *ops.GroupUpdateInput) (found clash, err error) {
	if len(b.Body.Members)+len(b.Body.Remove) == 0 {
		return nil, nil
	}
	seen, in := map[string]*time.Time{}, map[string]bool{}
	for _, m := range b.Body.Was.Members {
		seen[holm.EmailKey(m.Collaborator)], in[holm.EmailKey(m.Collaborator)] = m.Until, true
	}
	members, err := s.Tx.GroupMembers(g.ID)
	if err != nil {
		return nil, err
	}
	named := slices.Clone(b.Body.Remove)
	for _, m := range b.Body.Members {
		named = append(named, m.Collaborator)
	}
	for _, name := range named {
		c, err := s.Tx.Collaborator(s.Account.ID, name)
		if err != nil {
			if holm.CodeOf(err) == holm.CodeNotFound {
				continue // which the save says
			}
			return nil, err
		}
		now := slices.IndexFunc(members, func(m holm.GroupMember) bool { return m.Collaborator == c.ID })
		// The address may be named here, and the id there.
		key := holm.EmailKey(string(c.ID))
		if !in[key] {
			key = holm.EmailKey(c.Email)
		}
		was, until := in[key], seen[key]
		switch {
		case now < 0 && was:
			found = append(found, c.Email+" is not in it any more")
		case now >= 0 && (!was || !deref(until).Equal(members[now].Until)):
			words := c.Email + " is in it now"
			if !members[now].Until.IsZero() {
				words += " until " + holm.UntilWords(members[now].Until)
			}
			found = append(found, words)
		}
	}
	return found, nil
}

// groupShareClash compares the levels in single environments.
func groupShareClash(s *dispatch.Scope, g holm.Group, shares []ops.Share) (found clash, err error) {
	if !slices.ContainsFunc(shares, func(x ops.Share) bool { return x.Was != nil }) {
		return nil, nil
	}
	grants, err := s.Tx.GroupGrants(g.ID)
	if err != nil {
		return nil, err
	}
	now := map[string]int{}
	for i, x := range grants {
		now[string(x.Grant.Environment)], now[x.Name] = i+1, i+1
	}
	for _, share := range shares {
		if share.Was == nil {
			continue
		}
		level, id, until, name := "", "", time.Time{}, share.Environment
		if i := now[share.Environment]; i > 0 {
			x := grants[i-1]
			level, id, until, name = x.Means.Name, string(x.Grant.Level), x.Grant.Until, x.Name
		} else if e, err := s.Tx.OwnEnvironment(s.Account.ID, share.Environment); err == nil {
			name = e.Name
		}
		if !same(share.Was, level, id, until) {
			found = append(found, "in "+name+" it has "+heldWords(level, until)+" now")
		}
	}
	return found, nil
}

// wideClash refuses another level on all environments by somebody who saw
// something else than the collaborator has now.
func wideClash(l *levels, c holm.Collaborator, seen *ops.Held) error {
	if seen == nil {
		return nil
	}
	means, err := l.wideOf(c.Wide)
	if err != nil || same(seen, means.Name, string(c.Wide), c.WideUntil) {
		return err
	}
	return clash{c.Email + " has " + heldWords(means.Name, c.WideUntil) + " on all environments now"}.err("saved")
}

// levelClash refuses a change of a level by somebody who saw another one. A
// preview gives no name, since names change nothing.
func levelClash(now holm.CustomLevel, seen *ops.LevelBody) error {
	if seen == nil {
		return nil
	}
	var found clash
	if seen.Name != "" && seen.Name != now.Name {
		found = append(found, "the level is called "+now.Name+" now")
	}
	saw, err := permissions(seen.Permissions)
	if err != nil {
		return err
	}
	if came := missingIn(now.Permissions, saw); len(came) > 0 {
		found = append(found, "it gives "+labels(came)+" now")
	}
	if went := missingIn(saw, now.Permissions); len(went) > 0 {
		found = append(found, "it does not give "+labels(went)+" any more")
	}
	return found.err("saved")
}

// labels names permissions in a sentence.
func labels(list []string) string {
	var names []string
	for _, p := range list {
		if row, ok := access.Lookup(access.Permission(p)); ok {
			names = append(names, "“"+row.Label+"”")
		}
	}
	return strings.Join(names, ", ")
}

// missingIn gives those of a list that are not on another.
func missingIn(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(p string) bool { return slices.Contains(other, p) })
}

// versionOf names the content of something, so that whoever deletes it can say
// which they saw.
func versionOf(content any) string {
	text, err := json.Marshal(content)
	if err != nil {
		return "" // of no type here
	}
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// current refuses to delete what is another than the caller saw.
func current(seen, now, what string) error {
	if seen == "" || seen == now {
		return nil
	}
	return holm.Errorf(holm.CodeConflict, "Nothing was deleted, because somebody changed %s meanwhile. Look at it and decide anew.", what)
}
