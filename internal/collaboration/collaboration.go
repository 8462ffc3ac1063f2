// Package collaboration is the feature that Holm exists for: inviting people,
// their role, what is shared with them, and the end of all that.
//
// It must not decide anything (the door does), and it must not know how an
// environment runs.
package collaboration

import (
	"context"
	"errors"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// Options are what the feature needs of others.
type Options struct {
	Read func(ctx context.Context, f func(*store.Tx) error) error
	// HashPassword checks and hashes the password of a new person.
	HashPassword func(ctx context.Context, p holm.Secret) (string, error)
	// Reclaim gives a login whose address was never proven to who proves it.
	Reclaim func(s *dispatch.Scope, u holm.User, hash, name string) (holm.User, holm.Account, error)
	// SignIn starts the first session of a new person.
	SignIn func(s *dispatch.Scope, u holm.User, a holm.Account) (ops.SessionCreated, error)
	// View shows a user.
	View func(u holm.User, a holm.Account) ops.UserView
}

type feature struct{ o Options }

// Bind binds the feature's operations.
func Bind(d *dispatch.Door, o Options) {
	f := &feature{o: o}
	dispatch.Bind(d, ops.CollaboratorList, f.list)
	dispatch.Bind(d, ops.CollaboratorShow, f.show)
	dispatch.Bind(d, ops.CollaboratorInvite, f.invite)
	dispatch.Bind(d, ops.CollaboratorResend, f.resend)
	dispatch.Bind(d, ops.CollaboratorUpdate, f.update)
	dispatch.Bind(d, ops.CollaboratorRemove, f.remove)
	dispatch.Bind(d, ops.CollaboratorShare, f.share)
	dispatch.Bind(d, ops.InvitationPreview, f.previewInvite)
	dispatch.Bind(d, ops.InvitationShow, f.showInvitation)
	dispatch.Prepare(d, ops.InvitationAccept, f.prepareAccept)
	dispatch.Bind(d, ops.InvitationAccept, f.accept)
	dispatch.Bind(d, ops.InvitationDecline, f.decline)
	dispatch.Bind(d, ops.CollaborationList, f.collaborations)
	dispatch.Bind(d, ops.CollaborationLeave, f.leave)
	dispatch.Bind(d, ops.EnvironmentSharing, f.sharing)
	dispatch.Bind(d, ops.EnvironmentShare, f.shareEnvironment)
	dispatch.Bind(d, ops.AccessWhy, f.why)
	dispatch.Bind(d, ops.CollaboratorPreview, f.preview)
	dispatch.Bind(d, ops.EnvironmentPreview, f.previewEnvironment)
	dispatch.Bind(d, ops.GroupPreview, f.previewGroup)
	dispatch.Bind(d, ops.LevelPreview, f.previewLevel)
	dispatch.Bind(d, ops.AccessRequest, f.request)
	dispatch.Bind(d, ops.AccessRequests, f.requests)
	dispatch.Bind(d, ops.AccessAnswer, f.answer)
	dispatch.Bind(d, ops.AccessAsked, f.asked)
	dispatch.Bind(d, ops.AccessWithdraw, f.withdraw)
	dispatch.Bind(d, ops.AccessReview, f.review)
	dispatch.Bind(d, ops.AccessTrim, f.trim)
	dispatch.Bind(d, ops.ViewStart, f.startView)
	dispatch.Bind(d, ops.ViewShow, f.showView)
	dispatch.Bind(d, ops.ViewEnd, f.endView)
	dispatch.Bind(d, ops.LevelList, f.listLevels)
	dispatch.Bind(d, ops.LevelCreate, f.createLevel)
	dispatch.Bind(d, ops.LevelUpdate, f.updateLevel)
	dispatch.Bind(d, ops.LevelDelete, f.deleteLevel)
	dispatch.Bind(d, ops.GroupList, f.listGroups)
	dispatch.Bind(d, ops.GroupCreate, f.createGroup)
	dispatch.Bind(d, ops.GroupUpdate, f.updateGroup)
	dispatch.Bind(d, ops.GroupDelete, f.deleteGroup)
}

func deref(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func missing(err error) bool { return errors.Is(err, store.ErrNone) }

func view(c holm.Collaborator) ops.CollaboratorView {
	return ops.CollaboratorView{ID: string(c.ID), Email: c.Email, Name: c.Name, Role: string(c.Role), Status: string(c.Status),
		Until: ops.TimeOrNull(c.Until), LinkUntil: ops.TimeOrNull(c.LinkUntil), Shared: c.Shared, CreatedAt: c.CreatedAt,
		AcceptedAt: ops.TimeOrNull(c.AcceptedAt), LastSeenAt: ops.TimeOrNull(c.LastSeenAt), BreakGlass: c.Glass, SecondFactor: c.Factor}
}

func (f *feature) list(s *dispatch.Scope, in *ops.CollaboratorListInput) (page ops.Page[ops.CollaboratorView], err error) {
	list, err := s.Tx.Collaborators(s.Account.ID, in.Status, in.Cursor, in.Size()+1)
	page.Items = []ops.CollaboratorView{}
	for i, c := range list {
		if i == in.Size() {
			next := holm.EmailKey(list[i-1].Email)
			page.Next = &next
			break
		}
		page.Items = append(page.Items, view(c))
	}
	return page, err
}

// letter makes a mail about a collaboration, from who acts to somebody.
func letter(s *dispatch.Scope, kind holm.LetterKind, to, name string) holm.Letter {
	return holm.Letter{Kind: kind, To: to, ToName: name, Event: string(kind) + ":" + to + ":" + string(s.Account.ID) + ":" + s.Now().Format(time.RFC3339Nano),
		Actor: s.Caller.Email, ActorName: s.User.Name, Owner: s.Account.OwnerEmail, OwnerName: s.Account.OwnerName, Path: "/"}
}

func (f *feature) update(s *dispatch.Scope, in *ops.CollaboratorUpdateInput) (none ops.CollaboratorView, err error) {
	c, err := s.Tx.Collaborator(s.Account.ID, in.Collaborator)
	if err != nil {
		return none, err
	}
	s.About(c.Email)
	b := in.Body
	if b.Role == "" && b.Status == "" && b.Until == nil && !b.NoEnd && b.AllEnvironments == nil && b.AllEnvironmentsUntil == nil && b.BreakGlass == nil {
		return none, holm.Invalid("role", "Give a role, a status or something else to change.")
	}
	if role := holm.Role(b.Role); role != "" {
		if err := f.setRole(s, c, role); err != nil {
			return none, err
		}
	}
	if status := holm.Status(b.Status); status != "" {
		if err := f.setStatus(s, c, status); err != nil {
			return none, err
		}
	}
	if b.Until != nil || b.NoEnd {
		if err := f.setEnd(s, c, deref(b.Until), b.NoEnd); err != nil {
			return none, err
		}
	}
	if b.AllEnvironments != nil || b.AllEnvironmentsUntil != nil {
		if err := f.setWide(s, c, b.AllEnvironments, b.AllEnvironmentsUntil, b.AllEnvironmentsWas); err != nil {
			return none, err
		}
	}
	if b.BreakGlass != nil {
		if err := f.setGlass(s, c, *b.BreakGlass); err != nil {
			return none, err
		}
	}
	s.AccessChanged(c.User)
	s.CollaboratorsChanged(s.Account.ID)
	return full(s, c.ID)
}

func (f *feature) setRole(s *dispatch.Scope, c holm.Collaborator, role holm.Role) error {
	switch {
	case !role.Valid():
		return holm.Invalid("role", "The role is viewer or admin.")
	case !c.Status.Open():
		return ended(c)
	case c.Role == role:
		return nil
	}
	if c.Status != holm.StatusPending {
		l := letter(s, holm.LetterRoleChanged, c.Email, c.Name)
		l.Role, l.WasRole = role, c.Role
		s.Write(l)
	}
	s.Note("was_role", c.Role)
	return s.Tx.SetRole(c.ID, role)
}

// ended refuses changes of a collaboration that is over.
func ended(c holm.Collaborator) error {
	return holm.Errorf(holm.CodeConflict, "%s is not a collaborator any more (%s); invite again.", c.Email, c.Status)
}

// setEnd changes when a collaboration ends by itself, zero for never.
func (f *feature) setEnd(s *dispatch.Scope, c holm.Collaborator, until time.Time, never bool) error {
	switch {
	case !c.Status.Open():
		return ended(c)
	case never && !until.IsZero():
		return holm.Invalid("no_end", "Give an end, or none, but not both.")
	case !never && !until.After(s.Now()):
		return holm.Invalid("until", "The end of the collaboration must be in the future.")
	case until.Equal(c.Until):
		return nil
	}
	if !c.Until.IsZero() {
		s.Note("was_until", c.Until)
	}
	if c.Status != holm.StatusPending {
		l := letter(s, holm.LetterEndChanged, c.Email, c.Name)
		l.Until = until
		s.Write(l)
	}
	return s.Tx.SetCollaborationEnd(c.ID, until)
}

// setWide changes what a collaborator has on all environments.
func (f *feature) setWide(s *dispatch.Scope, c holm.Collaborator, level *string, until *time.Time, seen *ops.Held) error {
	if !c.Status.Open() {
		return ended(c)
	}
	if level == nil {
		return holm.Invalid("all_environments_until", "Give the level on all environments with its end.")
	}
	l := levelsOf(s)
	if err := wideClash(l, c, seen); err != nil {
		return err
	}
	was, err := l.wideOf(c.Wide)
	if err != nil {
		return err
	}
	now, end := c.Wide, c.WideUntil
	if err := setWide(s, l, &now, &end, *level, until); err != nil {
		return err
	}
	if now == c.Wide && end.Equal(c.WideUntil) {
		return nil
	}
	means, err := l.wideOf(now)
	if err != nil {
		return err
	}
	s.Note("was_all_environments", was.Name)
	if c.Status != holm.StatusPending {
		mail := letter(s, holm.LetterWideChanged, c.Email, c.Name)
		mail.Level, mail.WasLevel, mail.Until = holm.Level(means.Name), holm.Level(was.Name), end
		s.Write(mail)
	}
	return s.Tx.SetWide(c.ID, now, end)
}

// setGlass says whether a collaborator may give themselves access.
func (f *feature) setGlass(s *dispatch.Scope, c holm.Collaborator, may bool) error {
	if !c.Status.Open() {
		return ended(c)
	}
	if !may {
		if err := endRequests(s, c, "", true, "It ended when the owner took back that you may give yourself access."); err != nil {
			return err
		}
	}
	return s.Tx.SetGlass(c.ID, may)
}

func (f *feature) setStatus(s *dispatch.Scope, c holm.Collaborator, status holm.Status) error {
	if status != holm.StatusActive && status != holm.StatusSuspended {
		return holm.Invalid("status", "The status can be set to suspended or active; to end a collaboration, remove the collaborator.")
	}
	if c.Status == status {
		return nil
	}
	if c.Status != holm.StatusActive && c.Status != holm.StatusSuspended {
		return holm.Errorf(holm.CodeConflict, "%s is %s; only active collaborators can be suspended and only suspended ones reactivated.", c.Email, c.Status)
	}
	kind := holm.LetterSuspended
	if status == holm.StatusActive {
		kind = holm.LetterReactivated
	}
	s.Write(letter(s, kind, c.Email, c.Name))
	s.Note("was_status", c.Status)
	if status == holm.StatusSuspended {
		// Who comes back later does not come back to this.
		if err := endRequests(s, c, "", false, "It ended when you were suspended."); err != nil {
			return err
		}
	}
	return s.Tx.SetStatus(c.ID, status)
}

func (f *feature) remove(s *dispatch.Scope, in *ops.CollaboratorRemoveInput) (ops.None, error) {
	c, err := s.Tx.Collaborator(s.Account.ID, in.Collaborator)
	if err != nil {
		return ops.None{}, err
	}
	s.About(c.Email)
	if !c.Status.Open() {
		return ops.None{}, holm.Errorf(holm.CodeConflict, "%s is not a collaborator any more (%s).", c.Email, c.Status)
	}
	s.Note("was_status", c.Status)
	if c.Status != holm.StatusPending {
		s.Write(letter(s, holm.LetterRemoved, c.Email, c.Name))
	}
	s.AccessChanged(c.User)
	s.CollaboratorsChanged(s.Account.ID)
	return ops.None{}, s.Tx.SetStatus(c.ID, holm.StatusRemoved)
}

func (f *feature) collaborations(s *dispatch.Scope, _ *ops.CollaborationListInput) (page ops.Page[ops.CollaborationView], err error) {
	page.Items = []ops.CollaborationView{}
	list, err := s.Tx.Memberships(s.User.ID)
	view, looks := s.Viewing()
	for _, m := range list {
		if looks && m.Account.ID != view.Account {
			continue
		}
		c := m.Collaborator
		needed := m.Account.FactorWanted && !s.User.Factor
		create := c.Role == holm.RoleAdmin && c.Status == holm.StatusActive && m.Account.SuspendedAt.IsZero() && (c.Until.IsZero() || s.Now().Before(c.Until))
		page.Items = append(page.Items, ops.CollaborationView{Account: ops.Person{ID: string(m.Account.ID), Email: m.Account.OwnerEmail}, Name: m.Account.OwnerName,
			Role: string(c.Role), Status: string(c.Status), Until: ops.TimeOrNull(c.Until), Shared: c.Shared, Create: create && !needed, SecondFactorNeeded: needed, BreakGlass: c.Glass})
	}
	return page, err
}

func (f *feature) leave(s *dispatch.Scope, in *ops.CollaborationLeaveInput) (ops.None, error) {
	a, err := s.Tx.Account(in.Account)
	if missing(err) {
		return ops.None{}, holm.ErrNotFound()
	}
	if err != nil {
		return ops.None{}, err
	}
	c, err := s.Tx.CollaboratorOf(a.ID, s.User.ID)
	if missing(err) || (err == nil && c.Status != holm.StatusActive && c.Status != holm.StatusSuspended) {
		return ops.None{}, holm.ErrNotFound()
	}
	if err != nil {
		return ops.None{}, err
	}
	s.Account = a
	s.LogIn(a.ID)
	s.About(a.OwnerEmail)
	l := letter(s, holm.LetterLeft, a.OwnerEmail, a.OwnerName)
	l.Path = "/collaborators"
	if l.What, err = known(s, c); err != nil {
		return ops.None{}, err
	}
	if l.What != "" {
		l.Path = "/collaborators/" + string(c.ID) + "/credentials"
	}
	s.Write(l)
	s.AccessChanged(s.User.ID)
	s.CollaboratorsChanged(a.ID)
	return ops.None{}, s.Tx.SetStatus(c.ID, holm.StatusLeft)
}
