package collaboration

import (
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// most is how many levels one save may set.
const most = 5000

func (f *feature) share(s *dispatch.Scope, in *ops.CollaboratorShareInput) (none ops.CollaboratorView, err error) {
	c, err := s.Tx.Collaborator(s.Account.ID, in.Collaborator)
	if err != nil {
		return none, err
	}
	s.About(c.Email)
	if len(in.Body.Environments) == 0 {
		return none, holm.Invalid("environments", "Name at least one environment.")
	}
	if err := f.save(s, c, in.Body.Environments); err != nil {
		return none, err
	}
	s.CollaboratorsChanged(s.Account.ID)
	return full(s, c.ID)
}

// change is one level that a save would set, with what it was.
type change struct {
	c     holm.Collaborator
	e     holm.Environment
	was   holm.Grant
	now   holm.Grant
	meant access.Level // by was
	means access.Level // by now
}

// nothing says whether all stays as it is.
func (x *change) nothing() bool {
	return x.was.Level == x.now.Level && x.was.Until.Equal(x.now.Until)
}

// ends says whether what the person has there on request goes with the change:
// whoever sets another level decides anew what they may do. A trim only takes
// what lasts and was not used.
func (x *change) ends(s *dispatch.Scope) bool {
	return x.was.Level != x.now.Level && s.Operation.Name != ops.AccessTrim.Name
}

// fresh says whether the caller has seen what is there: two people who save
// at one instant must not undo each other unseen.
func (x *change) fresh(seen *ops.Held) error {
	if seen == nil {
		return nil
	}
	level := x.meant.Name
	if level == "" {
		level = string(holm.LevelNone)
	}
	if (seen.Level == level || seen.Level == string(x.was.Level)) && deref(seen.Until).Equal(x.was.Until) {
		return nil
	}
	end := ""
	if !x.was.Until.IsZero() {
		end = " until " + holm.UntilWords(x.was.Until)
	}
	return holm.Errorf(holm.CodeConflict, "Nothing was saved, because somebody changed this meanwhile: %s has %s in %s now%s. Look at it and save again.", x.c.Email, level, x.e.Name, end)
}

// save sets levels of one collaborator on several environments, all or none.
func (f *feature) save(s *dispatch.Scope, c holm.Collaborator, shares []ops.Share) error {
	plan, err := planFor(s, c, shares)
	if err != nil {
		return err
	}
	for _, x := range plan {
		if err := f.set(s, x); err != nil {
			return err
		}
	}
	return nil
}

// planFor checks what one collaborator is to be given, and finds what that
// changes. Saving and previewing begin with it.
func planFor(s *dispatch.Scope, c holm.Collaborator, shares []ops.Share) ([]change, error) {
	if len(shares) > most {
		return nil, holm.Invalid("environments", "One save may set at most %d levels.", most)
	}
	if !c.Status.Open() {
		return nil, ended(c)
	}
	grants, err := s.Tx.GrantsOf(c.ID)
	if err != nil {
		return nil, err
	}
	was := make(map[holm.EnvironmentID]store.Shared, len(grants))
	for _, g := range grants {
		was[g.Grant.Environment] = g
	}
	var plan []change
	seen, l := map[holm.EnvironmentID]bool{}, levelsOf(s)
	for _, share := range shares {
		e, n, err := target(s, l, share, seen)
		if err != nil {
			return nil, err
		}
		x := change{c: c, e: e, now: grantOf(c, e, n, share.Until), means: n.means, was: holm.Grant{Level: holm.LevelInherit}}
		if before, ok := was[e.ID]; ok {
			x.was, x.meant = before.Grant, before.Means
		}
		if err := x.fresh(share.Was); err != nil {
			return nil, err
		}
		plan = append(plan, x)
	}
	return plan, nil
}

// target reads one wanted level of a save.
func target(s *dispatch.Scope, l *levels, share ops.Share, seen map[holm.EnvironmentID]bool) (e holm.Environment, n named, err error) {
	e, err = s.Tx.OwnEnvironment(s.Account.ID, share.Environment)
	if err != nil && holm.CodeOf(err) == holm.CodeNotFound {
		return e, n, holm.Invalid("environments", "There is no environment %q on this account.", share.Environment)
	}
	if err != nil {
		return e, n, err
	}
	if seen[e.ID] {
		return e, n, holm.Invalid("environments", "The environment %s is named twice.", e.Name)
	}
	seen[e.ID] = true
	if err := future(s, e, share.Until); err != nil {
		return e, n, err
	}
	n, err = l.find("level", share.Level)
	return e, n, err
}

func future(s *dispatch.Scope, e holm.Environment, until *time.Time) error {
	if until != nil && !until.After(s.Now()) {
		return holm.Invalid("until", "The end of the access to %s must be in the future.", e.Name)
	}
	return nil
}

func grantOf(c holm.Collaborator, e holm.Environment, n named, until *time.Time) holm.Grant {
	g := holm.Grant{Collaborator: c.ID, Environment: e.ID, Level: n.Level, Until: deref(until)}
	if n.means.Gives == 0 {
		g.Until = time.Time{}
	}
	return g
}

// set gives one collaborator a level in one environment and tells both sides.
func (f *feature) set(s *dispatch.Scope, x change) error {
	if x.nothing() {
		return nil
	}
	if err := s.Tx.SetGrant(x.now, s.User.ID); err != nil {
		return err
	}
	if x.ends(s) {
		if err := endRequests(s, x.c, x.e.ID, false, "It ended when your access to "+x.e.Name+" was changed."); err != nil {
			return err
		}
	}
	of := x.e.Name
	if s.Operation.Name == ops.EnvironmentShare.Name {
		of = x.c.Email
	}
	s.NoteChange("level", of, levelText(x.was, x.meant), levelText(x.now, x.means))
	if x.c.Status == holm.StatusActive && !(x.meant.Gives == 0 && x.means.Gives == 0) {
		s.Write(sharedLetter(s, letterFor(x.meant, x.means), x.c, x.c.Name, x.e.Name, x.e.Alias, x.now, x.means, x.meant))
	}
	s.AccessChanged(x.c.User)
	s.Changed(x.e)
	return nil
}

// levelText is a level with its end, for the audit log.
func levelText(g holm.Grant, means access.Level) string {
	name := means.Name
	if g.Level == holm.LevelInherit {
		name = string(g.Level)
	}
	if g.Until.IsZero() {
		return name
	}
	return name + " until " + holm.UntilWords(g.Until)
}

func letterFor(was, now access.Level) holm.LetterKind {
	switch {
	case now.Gives == 0:
		return holm.LetterUnshared
	case was.Gives == 0:
		return holm.LetterShared
	}
	return holm.LetterLevelChanged
}

func sharedLetter(s *dispatch.Scope, kind holm.LetterKind, c holm.Collaborator, name, environment, alias string, g holm.Grant, means, meant access.Level) holm.Letter {
	l := letter(s, kind, c.Email, name)
	l.Event += ":" + string(g.Environment)
	if s.Operation.Name == ops.InvitationAccept.Name {
		l.Actor, l.ActorName = s.Account.OwnerEmail, s.Account.OwnerName
	}
	l.Environment, l.Alias, l.Level, l.WasLevel, l.Until = environment, alias, holm.Level(means.Name), holm.Level(meant.Name), g.Until
	if kind != holm.LetterUnshared {
		l.Path = "/environments/" + environment
	}
	return l
}

func (f *feature) sharing(s *dispatch.Scope, in *ops.EnvironmentSharingInput) (ops.Page[ops.SharingRow], error) {
	return rows(s, in.Cursor, in.Size())
}

func rows(s *dispatch.Scope, after string, size int) (page ops.Page[ops.SharingRow], err error) {
	list, err := s.Tx.Sharing(s.Environment, after, size+1)
	page.Items = []ops.SharingRow{}
	for i, r := range list {
		if i == size {
			next := holm.EmailKey(list[i-1].Collaborator.Email)
			page.Next = &next
			break
		}
		row, err := sharingRow(s, r)
		if err != nil {
			return page, err
		}
		page.Items = append(page.Items, row)
	}
	return page, err
}

func sharingRow(s *dispatch.Scope, r store.Shared) (ops.SharingRow, error) {
	c := r.Collaborator
	gifts, err := s.Tx.GiftsOf(c.ID, s.Environment.ID)
	stands := access.Stand(gifts, s.Now())
	below := inherited(gifts, s.Now())
	return ops.SharingRow{Collaborator: ops.Person{ID: string(c.ID), Email: c.Email}, Name: c.Name, Role: string(c.Role), Status: string(c.Status),
		Level: r.Means.Name, Direct: r.Grant.Level != holm.LevelInherit, Until: ops.TimeOrNull(r.Grant.Until), LastSeenAt: ops.TimeOrNull(c.LastSeenAt), CollaborationUntil: ops.TimeOrNull(c.Until),
		Effective: stands.Name, EffectiveUntil: ops.TimeOrNull(stands.End), From: ops.GiftViews(stands.From), Inherited: ops.GiftViews(below)}, err
}

func (f *feature) shareEnvironment(s *dispatch.Scope, in *ops.EnvironmentShareInput) (none ops.Page[ops.SharingRow], err error) {
	if n := len(in.Body.Collaborators); n == 0 || n > most {
		return none, holm.Invalid("collaborators", "Name 1 to %d collaborators.", most)
	}
	plan, err := planIn(s, in.Body.Collaborators)
	if err != nil {
		return none, err
	}
	for _, x := range plan {
		if err := f.set(s, x); err != nil {
			return none, err
		}
	}
	s.CollaboratorsChanged(s.Account.ID)
	return rows(s, "", 500)
}

// planIn checks what several collaborators are to be given in the target, and
// finds what that changes.
func planIn(s *dispatch.Scope, shares []ops.PersonShare) (plan []change, err error) {
	seen, l := map[holm.CollaboratorID]bool{}, levelsOf(s)
	for _, share := range shares {
		c, err := s.Tx.Collaborator(s.Account.ID, share.Collaborator)
		if err != nil && holm.CodeOf(err) == holm.CodeNotFound {
			return nil, holm.Invalid("collaborators", "%q is no collaborator of this account; invite them first.", share.Collaborator)
		}
		if err != nil {
			return nil, err
		}
		if seen[c.ID] {
			return nil, holm.Invalid("collaborators", "%s is named twice.", c.Email)
		}
		seen[c.ID] = true
		if !c.Status.Open() {
			return nil, ended(c)
		}
		if err := future(s, s.Environment, share.Until); err != nil {
			return nil, err
		}
		n, err := l.find("level", share.Level)
		if err != nil {
			return nil, err
		}
		was, err := s.Tx.Grant(c.ID, s.Environment.ID)
		if err != nil {
			return nil, err
		}
		x := change{c: c, e: s.Environment, was: was, now: grantOf(c, s.Environment, n, share.Until), means: n.means}
		if was.Level != holm.LevelInherit {
			before, err := l.find("level", string(was.Level))
			if err != nil {
				return nil, err
			}
			x.meant = before.means
		}
		if err := x.fresh(share.Was); err != nil {
			return nil, err
		}
		plan = append(plan, x)
	}
	return plan, nil
}
