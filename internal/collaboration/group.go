package collaboration

import (
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

func groupView(s *dispatch.Scope, l *levels, g holm.Group) (v ops.GroupView, err error) {
	v = ops.GroupView{ID: string(g.ID), Name: g.Name, Members: []ops.GroupMemberView{}, Environments: []ops.SharedView{}, CreatedAt: g.CreatedAt}
	means, err := l.wideOf(g.Wide)
	if err != nil {
		return v, err
	}
	v.AllEnvironments = wideView(means, g.WideUntil)
	members, err := s.Tx.GroupMembers(g.ID)
	if err != nil {
		return v, err
	}
	for _, m := range members {
		v.Members = append(v.Members, ops.GroupMemberView{Collaborator: ops.Person{ID: string(m.Collaborator), Email: m.Email}, Name: m.Name,
			Status: string(m.Status), Until: ops.TimeOrNull(m.Until)})
	}
	grants, err := s.Tx.GroupGrants(g.ID)
	for _, x := range grants {
		v.Environments = append(v.Environments, sharedView(x.Grant.Environment, x.Name, x.Alias, x.Means, x.Grant.Until))
	}
	v.Version = versionOf(v)
	return v, err
}

func (f *feature) listGroups(s *dispatch.Scope, _ *ops.GroupListInput) (page ops.Page[ops.GroupView], err error) {
	page.Items = []ops.GroupView{}
	list, err := s.Tx.Groups(s.Account.ID)
	l := levelsOf(s)
	for _, g := range list {
		v, err := groupView(s, l, g)
		if err != nil {
			return page, err
		}
		page.Items = append(page.Items, v)
	}
	return page, err
}

func (f *feature) createGroup(s *dispatch.Scope, in *ops.GroupCreateInput) (v ops.GroupView, err error) {
	b := in.Body
	s.About(b.Name)
	if err := holm.CheckGroupName(b.Name); err != nil {
		return v, err
	}
	if err := groupLooks(s, b.Name); err != nil {
		return v, err
	}
	l := levelsOf(s)
	g := holm.Group{Account: s.Account.ID, Name: b.Name}
	if b.AllEnvironments != "" {
		if err := setWide(s, l, &g.Wide, &g.WideUntil, b.AllEnvironments, b.AllEnvironmentsUntil); err != nil {
			return v, err
		}
	}
	if g, err = s.Tx.CreateGroup(g); err != nil {
		return v, err
	}
	return f.fillGroup(s, l, g, b.Members, b.Environments, false)
}

// setWide reads a level for all environments with its end.
func setWide(s *dispatch.Scope, l *levels, level *holm.Level, end *time.Time, text string, until *time.Time) error {
	n, err := l.wide(text)
	if err != nil {
		return err
	}
	if until != nil && !until.After(s.Now()) {
		return holm.Invalid("all_environments_until", "The end of the access to all environments must be in the future.")
	}
	*level, *end = n.Level, deref(until)
	if n.Level == "" {
		*end = time.Time{}
	}
	return nil
}

// fillGroup puts people into a group and gives it levels, tells them, and has
// everybody in it decided anew. wide says that the level on all environments
// was changed too.
func (f *feature) fillGroup(s *dispatch.Scope, l *levels, g holm.Group, members []ops.GroupMember, shares []ops.Share, wide bool) (v ops.GroupView, err error) {
	if len(shares) > most || len(members) > most {
		return v, holm.Invalid("environments", "One save may set at most %d levels and members.", most)
	}
	before, err := s.Tx.GroupMembers(g.ID)
	if err != nil {
		return v, err
	}
	for _, m := range members {
		c, err := memberNamed(s, m.Collaborator)
		if err != nil {
			return v, err
		}
		if m.Until != nil && !m.Until.After(s.Now()) {
			return v, holm.Invalid("members", "The end of the membership of %s must be in the future.", c.Email)
		}
		if err := s.Tx.PutMember(g.ID, c.ID, deref(m.Until)); err != nil {
			return v, err
		}
	}
	seen := map[holm.EnvironmentID]bool{}
	for _, share := range shares {
		e, n, err := target(s, l, share, seen)
		if err != nil {
			return v, err
		}
		if err := s.Tx.SetGroupGrant(holm.GroupGrant{Group: g.ID, Environment: e.ID, Level: n.Level, Until: deref(share.Until)}, s.User.ID); err != nil {
			return v, err
		}
	}
	users, err := s.Tx.GroupUsers(g.ID)
	if err != nil {
		return v, err
	}
	s.AccessChanged(users...)
	s.CollaboratorsChanged(s.Account.ID)
	if v, err = groupView(s, l, g); err == nil {
		tellGroup(s, v, before, wide || len(shares) > 0)
	}
	return v, err
}

// tellGroup mails those who are new in a group, and with changed also those
// who were in it before.
func tellGroup(s *dispatch.Scope, v ops.GroupView, before []holm.GroupMember, changed bool) {
	was := map[string]bool{}
	for _, m := range before {
		was[string(m.Collaborator)] = true
	}
	for _, m := range v.Members {
		kind := holm.LetterGroupJoined
		if was[m.Collaborator.ID] {
			kind = holm.LetterGroupChanged
		}
		if m.Status == string(holm.StatusPending) || kind == holm.LetterGroupChanged && !changed {
			continue
		}
		s.Write(memberLetter(s, kind, m, v))
	}
}

// memberLetter tells somebody of a group what it has.
func memberLetter(s *dispatch.Scope, kind holm.LetterKind, m ops.GroupMemberView, v ops.GroupView) holm.Letter {
	mail := groupLetter(s, kind, m.Collaborator.Email, m.Name, v.Name)
	mail.Until = deref(m.Until)
	if v.AllEnvironments != nil {
		mail.Level = holm.Level(v.AllEnvironments.Level)
	}
	for _, e := range v.Environments {
		mail.Shared = append(mail.Shared, holm.LetterShare{Environment: e.Environment.Name, Alias: e.Environment.Alias, Level: holm.Level(e.Level), Until: deref(e.Until)})
	}
	return mail
}

func groupLetter(s *dispatch.Scope, kind holm.LetterKind, to, name, group string) holm.Letter {
	l := letter(s, kind, to, name)
	l.Event, l.Group = l.Event+":"+group, group
	return l
}

// memberNamed finds an open collaborator that an input names.
func memberNamed(s *dispatch.Scope, name string) (holm.Collaborator, error) {
	c, err := s.Tx.Collaborator(s.Account.ID, name)
	switch {
	case err != nil && holm.CodeOf(err) == holm.CodeNotFound:
		return c, holm.Invalid("members", "%q is no collaborator of this account; invite them first.", name)
	case err == nil && !c.Status.Open():
		return c, holm.Errorf(holm.CodeConflict, "%s is not a collaborator any more (%s); invite again.", c.Email, c.Status)
	}
	return c, err
}

func (f *feature) updateGroup(s *dispatch.Scope, in *ops.GroupUpdateInput) (v ops.GroupView, err error) {
	g, err := s.Tx.Group(s.Account.ID, in.Group)
	if err != nil {
		return v, err
	}
	s.About(g.Name)
	b, l := in.Body, levelsOf(s)
	if err := groupClash(s, l, g, in); err != nil {
		return v, err
	}
	if b.Name != "" {
		if err := holm.CheckGroupName(b.Name); err != nil {
			return v, err
		}
		if b.Name != g.Name {
			if err := groupLooks(s, b.Name); err != nil {
				return v, err
			}
		}
		g.Name = b.Name
	}
	if b.AllEnvironments != nil {
		if err := setWide(s, l, &g.Wide, &g.WideUntil, *b.AllEnvironments, b.AllEnvironmentsUntil); err != nil {
			return v, err
		}
	} else if b.AllEnvironmentsUntil != nil {
		return v, holm.Invalid("all_environments_until", "Give the level on all environments with its end.")
	}
	if err := s.Tx.UpdateGroup(g); err != nil {
		return v, err
	}
	for _, name := range b.Remove {
		c, err := s.Tx.Collaborator(s.Account.ID, name)
		if err != nil {
			if holm.CodeOf(err) == holm.CodeNotFound {
				err = holm.Invalid("remove", "%q is no collaborator of this account.", name)
			}
			return v, err
		}
		if err := s.Tx.DropMember(g.ID, c.ID); err != nil {
			return v, err
		}
		if c.Status != holm.StatusPending {
			s.Write(groupLetter(s, holm.LetterGroupLeft, c.Email, c.Name, g.Name))
		}
		s.AccessChanged(c.User)
	}
	return f.fillGroup(s, l, g, b.Members, b.Environments, b.AllEnvironments != nil)
}

func (f *feature) deleteGroup(s *dispatch.Scope, in *ops.GroupDeleteInput) (none ops.None, err error) {
	g, err := s.Tx.Group(s.Account.ID, in.Group)
	if err != nil {
		return none, err
	}
	s.About(g.Name)
	if in.Version != "" {
		v, err := groupView(s, levelsOf(s), g)
		if err != nil {
			return none, err
		}
		if err := current(in.Version, v.Version, "the group "+g.Name); err != nil {
			return none, err
		}
	}
	users, err := s.Tx.GroupUsers(g.ID)
	if err != nil {
		return none, err
	}
	members, err := s.Tx.GroupMembers(g.ID)
	if err != nil {
		return none, err
	}
	for _, m := range members {
		if m.Status != holm.StatusPending {
			s.Write(groupLetter(s, holm.LetterGroupLeft, m.Email, m.Name, g.Name))
		}
	}
	s.AccessChanged(users...)
	s.CollaboratorsChanged(s.Account.ID)
	return none, s.Tx.DropGroup(g.ID)
}
