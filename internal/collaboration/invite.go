package collaboration

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

func (f *feature) invite(s *dispatch.Scope, in *ops.CollaboratorInviteInput) (none ops.CollaboratorView, err error) {
	c, err := f.invitee(s, in.Body)
	if err != nil {
		return none, err
	}
	if c.Status == holm.StatusPending && givesAccess(in.Body) {
		if err := s.Tx.DropAccess(c.ID); err != nil {
			return none, err
		}
	}
	c.InvitedBy, c.LinkUntil = s.User.ID, s.Now().Add(holm.InvitationTTL)
	token, hash := dispatch.NewToken("")
	if c, err = s.Tx.PutInvitation(c, hash); err != nil {
		return none, err
	}
	if err := f.save(s, c, in.Body.Environments); err != nil {
		return none, err
	}
	if err := f.giveInvited(s, c, in.Body); err != nil {
		return none, err
	}
	return f.mailInvitation(s, c, token, hash)
}

// givesAccess says whether an invitation speaks of access. One that does
// replaces what an open invitation gave; one that does not sends another link
// and keeps it.
func givesAccess(b ops.InviteBody) bool {
	return len(b.Environments) > 0 || len(b.Groups) > 0 || b.AllEnvironments != ""
}

// invitee checks who is invited, as what and for how long. Role and end stay
// those of an open invitation unless the new one names them.
func (f *feature) invitee(s *dispatch.Scope, b ops.InviteBody) (c holm.Collaborator, err error) {
	email, err := holm.ParseEmail(b.Email)
	if err != nil {
		return c, err
	}
	s.About(email)
	role, until := holm.Role(b.Role), deref(b.Until)
	if role != "" && !role.Valid() {
		return c, holm.Invalid("role", "The role is viewer or admin.")
	}
	if !until.IsZero() && !until.After(s.Now()) {
		return c, holm.Invalid("until", "The end of the collaboration must be in the future.")
	}
	if holm.EmailKey(email) == holm.EmailKey(s.Account.OwnerEmail) {
		return c, holm.Errorf(holm.CodeConflict, "This is the owner's own address; owners have every right already.")
	}
	c, err = f.invitable(s, email)
	if c.Status == holm.StatusPending && !s.Now().Before(c.LinkUntil) {
		c.Status = holm.StatusExpired
	}
	if c.Status == holm.StatusPending {
		s.NoteChange("role", "", c.Role, cmp.Or(role, c.Role))
		role = cmp.Or(role, c.Role)
		if b.Until == nil {
			until = c.Until
		}
	}
	c.Account, c.Email, c.Role, c.Until = s.Account.ID, email, cmp.Or(role, holm.RoleViewer), until
	return c, err
}

// mailInvitation sends the link, which stands in no answer, and shows what the
// invitation gives.
func (f *feature) mailInvitation(s *dispatch.Scope, c holm.Collaborator, token, hash string) (v ops.CollaboratorView, err error) {
	if v, err = full(s, c.ID); err != nil {
		return v, err
	}
	s.Write(invitation(s, c, token, hash, v))
	s.CollaboratorsChanged(s.Account.ID)
	return v, nil
}

// giveInvited gives an invitation what goes beyond single environments.
func (f *feature) giveInvited(s *dispatch.Scope, c holm.Collaborator, b ops.InviteBody) error {
	if b.AllEnvironments != "" {
		var level holm.Level
		var end time.Time
		if err := setWide(s, levelsOf(s), &level, &end, b.AllEnvironments, b.AllEnvironmentsUntil); err != nil {
			return err
		}
		if err := s.Tx.SetWide(c.ID, level, end); err != nil {
			return err
		}
	}
	groups, err := groupsNamed(s, b.Groups)
	for _, g := range groups {
		if err := s.Tx.PutMember(g.ID, c.ID, time.Time{}); err != nil {
			return err
		}
	}
	return err
}

// groupsNamed finds the groups that an invitation names.
func groupsNamed(s *dispatch.Scope, names []string) (list []holm.Group, err error) {
	for _, name := range names {
		g, err := s.Tx.Group(s.Account.ID, name)
		if err != nil {
			if holm.CodeOf(err) == holm.CodeNotFound {
				err = holm.Invalid("groups", "There is no group %q on this account.", name)
			}
			return nil, err
		}
		list = append(list, g)
	}
	return list, nil
}

// invitable finds an earlier row of the address that can be used again. An
// address is invited once: a second invitation replaces the first's link, and
// keeps what was given to one that is still open.
func (f *feature) invitable(s *dispatch.Scope, email string) (holm.Collaborator, error) {
	c, err := s.Tx.Collaborator(s.Account.ID, email)
	if err != nil {
		if holm.CodeOf(err) == holm.CodeNotFound {
			return holm.Collaborator{}, nil
		}
		return c, err
	}
	if c.Status == holm.StatusActive || c.Status == holm.StatusSuspended {
		return c, holm.Errorf(holm.CodeConflict, "%s is a collaborator already (%s); change role and access on the Collaborators page.", c.Email, c.Status)
	}
	return c, nil
}

// everywhereName stands in a mail where environments are named.
const everywhereName = "all environments, present and future"

func invitation(s *dispatch.Scope, c holm.Collaborator, token, hash string, v ops.CollaboratorView) holm.Letter {
	l := letter(s, holm.LetterInvitation, c.Email, "")
	l.Event = "invitation:" + hash
	l.Role, l.Until, l.LinkUntil = c.Role, c.Until, c.LinkUntil
	if wide := v.AllEnvironments; wide != nil {
		l.Shared = append(l.Shared, holm.LetterShare{Environment: everywhereName, Level: holm.Level(wide.Level), Until: deref(wide.Until)})
	}
	for _, e := range v.Environments {
		if e.Level != string(holm.LevelNone) {
			l.Shared = append(l.Shared, holm.LetterShare{Environment: e.Environment.Name, Alias: e.Environment.Alias, Level: holm.Level(e.Level), Until: deref(e.Until)})
		}
	}
	l.What = strings.Join(groupNames(v.Groups), ", ")
	l.Path = "/invitations/" + token
	return l
}

func groupNames(list []ops.MembershipView) []string {
	names := []string{}
	for _, m := range list {
		names = append(names, m.Group.Name)
	}
	return names
}

func (f *feature) resend(s *dispatch.Scope, in *ops.CollaboratorResendInput) (none ops.CollaboratorView, err error) {
	c, err := s.Tx.Collaborator(s.Account.ID, in.Collaborator)
	if err != nil {
		return none, err
	}
	s.About(c.Email)
	if c.Status != holm.StatusPending {
		return none, holm.Errorf(holm.CodeConflict, "%s has no open invitation (%s); invite again.", c.Email, c.Status)
	}
	token, hash := dispatch.NewToken("")
	c.LinkUntil = s.Now().Add(holm.InvitationTTL)
	if err := s.Tx.SetLink(c.ID, hash, c.LinkUntil); err != nil {
		return none, err
	}
	return f.mailInvitation(s, c, token, hash)
}

// open finds the invitation of a link. Whatever is wrong with the link, the
// answer gives nothing away but what the person can do.
func open(tx *store.Tx, token holm.Secret) (holm.Collaborator, error) {
	c, err := tx.CollaboratorByLink(dispatch.HashToken(token.Reveal()))
	if missing(err) {
		return c, holm.Errorf(holm.CodeGone, "This invitation does not work any more: it was answered, replaced by a newer one or withdrawn. Use the newest mail, or ask to be invited again.")
	}
	if err == nil && !tx.Now().Before(c.LinkUntil) {
		err = holm.Errorf(holm.CodeGone, "This invitation ended on %s; ask to be invited again.", c.LinkUntil.UTC().Format("2 January 2006, 15:04 UTC"))
	}
	return c, err
}

func (f *feature) showInvitation(s *dispatch.Scope, in *ops.InvitationShowInput) (v ops.InvitationView, err error) {
	c, err := open(s.Tx, in.Token)
	if err != nil {
		return v, err
	}
	a, err := s.Tx.Account(string(c.Account))
	if err != nil {
		return v, err
	}
	inviter, err := s.Tx.User(c.InvitedBy)
	if err != nil {
		return v, err
	}
	known, err := s.Tx.UserByEmail(c.Email)
	if err != nil && !missing(err) {
		return v, err
	}
	v = ops.InvitationView{Email: c.Email, Account: ops.Person{ID: string(a.ID), Email: a.OwnerEmail}, AccountName: a.OwnerName,
		Inviter: ops.Person{ID: string(inviter.ID), Email: inviter.Email}, Role: string(c.Role), Until: ops.TimeOrNull(c.Until), LinkUntil: c.LinkUntil, Known: err == nil && !known.ProvenAt.IsZero()}
	s.Account = a
	gives, err := full(s, c.ID)
	v.Environments = slices.DeleteFunc(gives.Environments, func(e ops.SharedView) bool { return e.Level == string(holm.LevelNone) })
	v.AllEnvironments, v.Groups = gives.AllEnvironments, groupNames(gives.Groups)
	return v, err
}

// prepareAccept hashes the password of a new person, after looking whether
// the link is worth it.
func (f *feature) prepareAccept(ctx context.Context, c dispatch.Caller, in *ops.InvitationAcceptInput) (hash string, err error) {
	fresh := false
	err = f.o.Read(ctx, func(tx *store.Tx) error {
		invited, err := open(tx, in.Token)
		if err != nil {
			return err
		}
		known, err := tx.UserByEmail(invited.Email)
		if err != nil && !missing(err) {
			return err
		}
		fresh = known.ProvenAt.IsZero() && (!c.SignedIn() || c.User == known.ID)
		return nil
	})
	if err != nil || !fresh {
		return "", err
	}
	return f.o.HashPassword(ctx, in.Body.Password)
}

func (f *feature) accept(s *dispatch.Scope, in *ops.InvitationAcceptInput) (out ops.InvitationAccepted, err error) {
	c, err := open(s.Tx, in.Token)
	if err != nil {
		return out, err
	}
	if s.Account, err = s.Tx.Account(string(c.Account)); err != nil {
		return out, err
	}
	if err := s.Tx.LockAccount(s.Account.ID); err != nil {
		return out, err
	}
	s.LogIn(s.Account.ID)
	s.About(c.Email)
	user, own, enters, err := f.invited(s, c, in)
	if err != nil {
		return out, err
	}
	if won, err := s.Tx.AcceptInvitation(c.ID, user.ID); err != nil || !won {
		if err == nil {
			err = holm.Errorf(holm.CodeGone, "This invitation was answered a moment ago.")
		}
		return out, err
	}
	s.By(user)
	if err := f.tellAccepted(s, c, user); err != nil {
		return out, err
	}
	out = ops.InvitationAccepted{Account: ops.Person{ID: string(s.Account.ID), Email: s.Account.OwnerEmail}, Role: string(c.Role), User: f.o.View(user, own)}
	if enters {
		session, err := f.o.SignIn(s, user, own)
		if err != nil {
			return out, err
		}
		out.Session = &session
	}
	return out, nil
}

// invited gives who accepts, and whether they are to be signed in: the person
// who is signed in with the invited address, or a new person. A link never
// makes anybody somebody else. Who has a login with an address that was never
// proven is as good as new: somebody else may have made it, and knows its
// password.
func (f *feature) invited(s *dispatch.Scope, c holm.Collaborator, in *ops.InvitationAcceptInput) (u holm.User, a holm.Account, enters bool, err error) {
	if s.Caller.SignedIn() && holm.EmailKey(s.User.Email) != holm.EmailKey(c.Email) {
		return u, a, false, holm.Errorf(holm.CodeConflict, "This invitation is for %s and you are signed in as %s; sign out, then open the link again.", c.Email, s.User.Email)
	}
	known, err := s.Tx.UserByEmail(c.Email)
	switch {
	case err == nil && !known.ProvenAt.IsZero():
		if s.Caller.SignedIn() {
			return s.User, s.Own, false, nil
		}
		return u, a, false, holm.Errorf(holm.CodeUnauthorized, "%s has a login; sign in with it, then open the link again.", c.Email)
	case err != nil && !missing(err):
		return u, a, false, err
	}
	hash, _ := s.Prepared.(string)
	if hash == "" {
		return u, a, false, holm.Invalid("password", "Choose a password.")
	}
	if err := holm.CheckName("name", in.Body.Name); err != nil {
		return u, a, false, err
	}
	if known.ID != "" {
		u, a, err = f.o.Reclaim(s, known, hash, in.Body.Name)
		return u, a, true, err
	}
	u, a, err = s.Tx.CreateUser(holm.User{Email: c.Email, Name: in.Body.Name, ProvenAt: s.Now()}, hash, holm.AccountCollaborator)
	return u, a, true, err
}

// tellAccepted mails the owner, and the person about each environment: what
// was shared before begins now.
func (f *feature) tellAccepted(s *dispatch.Scope, c holm.Collaborator, user holm.User) error {
	l := letter(s, holm.LetterInvitationAccepted, s.Account.OwnerEmail, s.Account.OwnerName)
	l.Actor, l.ActorName, l.Role, l.Path = user.Email, user.Name, c.Role, "/collaborators/"+string(c.ID)
	s.Write(l)
	grants, err := s.Tx.GrantsOf(c.ID)
	for _, g := range grants {
		if g.Means.Gives != 0 {
			s.Write(sharedLetter(s, holm.LetterShared, c, user.Name, g.Name, g.Alias, g.Grant, g.Means, access.Preset("")))
		}
	}
	if err == nil {
		err = tellWider(s, c, user)
	}
	s.AccessChanged(user.ID)
	s.CollaboratorsChanged(s.Account.ID)
	return err
}

// tellWider mails who has accepted about what begins beyond single
// environments: all of them, and groups.
func tellWider(s *dispatch.Scope, c holm.Collaborator, user holm.User) error {
	from := func(l holm.Letter) {
		l.Actor, l.ActorName = s.Account.OwnerEmail, s.Account.OwnerName
		s.Write(l)
	}
	l := levelsOf(s)
	means, err := l.wideOf(c.Wide)
	if err != nil {
		return err
	}
	if means.Gives != 0 {
		mail := letter(s, holm.LetterWideChanged, c.Email, user.Name)
		mail.Level, mail.WasLevel, mail.Until = holm.Level(means.Name), holm.LevelNone, c.WideUntil
		from(mail)
	}
	members, groups, err := s.Tx.GroupsOf(c.ID)
	for i, m := range members {
		v, err := groupView(s, l, groups[i])
		if err != nil {
			return err
		}
		from(memberLetter(s, holm.LetterGroupJoined, ops.GroupMemberView{Collaborator: ops.Person{Email: c.Email}, Name: user.Name, Until: ops.TimeOrNull(m.Until)}, v))
	}
	return err
}

func (f *feature) decline(s *dispatch.Scope, in *ops.InvitationDeclineInput) (ops.None, error) {
	c, err := open(s.Tx, in.Token)
	if err != nil {
		return ops.None{}, err
	}
	if s.Account, err = s.Tx.Account(string(c.Account)); err != nil {
		return ops.None{}, err
	}
	s.LogIn(s.Account.ID)
	s.About(c.Email)
	s.By(holm.User{Email: c.Email})
	l := letter(s, holm.LetterInvitationDeclined, s.Account.OwnerEmail, s.Account.OwnerName)
	l.Actor, l.ActorName, l.Path = c.Email, "", "/collaborators"
	s.Write(l)
	s.CollaboratorsChanged(s.Account.ID)
	return ops.None{}, s.Tx.SetStatus(c.ID, holm.StatusDeclined)
}

// Expire ends invitations whose link has ended; run from time to time.
func Expire(ctx context.Context, d *dispatch.Door) error {
	return d.SystemChange(ctx, "invitations", func(s *dispatch.Scope) error {
		list, err := s.Tx.ExpireInvitations(500)
		for _, c := range list {
			if err == nil {
				s.CollaboratorsChanged(c.Account)
				err = s.Tx.Record(store.AuditEntry{Account: c.Account, Email: s.Caller.Email, Road: holm.RoadSystem, Operation: "collaborator.expire",
					Target: c.Email, Result: "0", Detail: map[string]any{"link_until": c.LinkUntil.Format(time.RFC3339)}})
			}
		}
		return err
	})
}
