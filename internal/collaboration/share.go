package collaboration

import (
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
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
	if _, err := f.save(s, c, in.Body.Environments); err != nil {
		return none, err
	}
	s.CollaboratorsChanged(s.Account.ID)
	return full(s, c.ID)
}

// save sets levels of one collaborator on several environments, all or none.
// It gives what the collaborator newly has.
func (f *feature) save(s *dispatch.Scope, c holm.Collaborator, shares []ops.Share) (added []holm.LetterShare, err error) {
	if len(shares) > most {
		return nil, holm.Invalid("environments", "One save may set at most %d levels.", most)
	}
	seen := map[holm.EnvironmentID]bool{}
	for _, share := range shares {
		e, err := s.Tx.OwnEnvironment(s.Account.ID, share.Environment)
		if err != nil && holm.CodeOf(err) == holm.CodeNotFound {
			return nil, holm.Invalid("environments", "There is no environment %q on this account.", share.Environment)
		}
		if err != nil {
			return nil, err
		}
		if seen[e.ID] {
			return nil, holm.Invalid("environments", "The environment %s is named twice.", e.Name)
		}
		seen[e.ID] = true
		level, err := f.set(s, c, e, wish{holm.Level(share.Level), share.Until, share.Was})
		if err != nil {
			return nil, err
		}
		if level != holm.LevelNone {
			added = append(added, holm.LetterShare{Environment: e.Name, Alias: e.Alias, Level: level, Until: deref(share.Until)})
		}
	}
	return added, nil
}

// wish is an access to give, and what the caller believes is there now.
type wish struct {
	level holm.Level
	until *time.Time
	was   *ops.Held
}

// fresh says whether the caller has seen what is there: two people who save
// at one instant must not undo each other unseen.
func (w wish) fresh(c holm.Collaborator, e holm.Environment, now holm.Grant) error {
	if w.was == nil {
		return nil
	}
	level := now.Level
	if level == "" {
		level = holm.LevelNone
	}
	if w.was.Level == string(level) && deref(w.was.Until).Equal(now.Until) {
		return nil
	}
	end := ""
	if !now.Until.IsZero() {
		end = " until " + now.Until.UTC().Format("2 January 2006 15:04 UTC")
	}
	return holm.Errorf(holm.CodeConflict, "Nothing was saved, because somebody changed this meanwhile: %s has %s in %s now%s. Look at it and save again.", c.Email, level, e.Name, end)
}

// set gives one collaborator a level in one environment and tells both sides.
func (f *feature) set(s *dispatch.Scope, c holm.Collaborator, e holm.Environment, w wish) (holm.Level, error) {
	level, until := w.level, w.until
	switch {
	case !level.Valid():
		return level, holm.Invalid("level", "The level is none, limited or full.")
	case !c.Status.Open():
		return level, holm.Errorf(holm.CodeConflict, "%s is not a collaborator any more (%s); invite again.", c.Email, c.Status)
	case until != nil && !until.After(s.Now()):
		return level, holm.Invalid("until", "The end of the access to %s must be in the future.", e.Name)
	}
	was, err := s.Tx.Grant(c.ID, e.ID)
	if err != nil {
		return level, err
	}
	if err := w.fresh(c, e, was); err != nil {
		return level, err
	}
	g := holm.Grant{Collaborator: c.ID, Environment: e.ID, Level: level, Until: deref(until)}
	if level == holm.LevelNone {
		g.Until = time.Time{}
	}
	if was.Level == g.Level && was.Until.Equal(g.Until) {
		return level, nil
	}
	if err := s.Tx.SetGrant(g, s.User.ID); err != nil {
		return level, err
	}
	of := e.Name
	if s.Operation.Name == ops.EnvironmentShare.Name {
		of = c.Email
	}
	s.NoteChange("level", of, levelText(was), levelText(g))
	if c.Status == holm.StatusActive {
		s.Write(sharedLetter(s, letterFor(was.Level, level), c, c.Name, e.Name, e.Alias, g, was.Level))
	}
	s.AccessChanged(c.User)
	s.Changed(e)
	return level, nil
}

// levelText is a level with its end, for the audit log.
func levelText(g holm.Grant) string {
	if g.Level == "" {
		return string(holm.LevelNone)
	}
	if g.Until.IsZero() {
		return string(g.Level)
	}
	return string(g.Level) + " until " + g.Until.UTC().Format("2006-01-02 15:04 UTC")
}

func letterFor(was, now holm.Level) holm.LetterKind {
	switch {
	case now == holm.LevelNone:
		return holm.LetterUnshared
	case was == holm.LevelNone:
		return holm.LetterShared
	}
	return holm.LetterLevelChanged
}

func sharedLetter(s *dispatch.Scope, kind holm.LetterKind, c holm.Collaborator, name, environment, alias string, g holm.Grant, was holm.Level) holm.Letter {
	l := letter(s, kind, c.Email, name)
	l.Event += ":" + string(g.Environment)
	if s.Operation.Name == ops.InvitationAccept.Name {
		l.Actor, l.ActorName = s.Account.OwnerEmail, s.Account.OwnerName
	}
	l.Environment, l.Alias, l.Level, l.WasLevel, l.Until = environment, alias, g.Level, was, g.Until
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
		c := r.Collaborator
		page.Items = append(page.Items, ops.SharingRow{Collaborator: ops.Person{ID: string(c.ID), Email: c.Email}, Name: c.Name, Role: string(c.Role),
			Status: string(c.Status), Level: string(r.Grant.Level), Until: ops.TimeOrNull(r.Grant.Until), LastSeenAt: ops.TimeOrNull(c.LastSeenAt)})
	}
	return page, err
}

func (f *feature) shareEnvironment(s *dispatch.Scope, in *ops.EnvironmentShareInput) (none ops.Page[ops.SharingRow], err error) {
	if n := len(in.Body.Collaborators); n == 0 || n > most {
		return none, holm.Invalid("collaborators", "Name 1 to %d collaborators.", most)
	}
	seen := map[holm.CollaboratorID]bool{}
	for _, share := range in.Body.Collaborators {
		c, err := s.Tx.Collaborator(s.Account.ID, share.Collaborator)
		if err != nil && holm.CodeOf(err) == holm.CodeNotFound {
			return none, holm.Invalid("collaborators", "%q is no collaborator of this account; invite them first.", share.Collaborator)
		}
		if err != nil {
			return none, err
		}
		if seen[c.ID] {
			return none, holm.Invalid("collaborators", "%s is named twice.", c.Email)
		}
		seen[c.ID] = true
		if _, err := f.set(s, c, s.Environment, wish{holm.Level(share.Level), share.Until, share.Was}); err != nil {
			return none, err
		}
	}
	s.CollaboratorsChanged(s.Account.ID)
	return rows(s, "", 500)
}
