package transfer

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/ops"
)

// accept gives the environment to the caller. Nodes, name, address, schedule
// and variables stay as they are; who may do what begins anew.
func accept(s *dispatch.Scope, in *ops.TransferAcceptInput) (out ops.TransferAccepted, err error) {
	t, e, err := open(s, in.Token)
	if err != nil {
		return out, err
	}
	s.About(e.Name)
	if err := lock(s, t.Account, s.Own.ID); err != nil {
		return out, err
	}
	// What was read may have changed while this one waited.
	if t, e, err = open(s, in.Token); err != nil {
		return out, err
	}
	if s.Own, err = s.Tx.AccountOf(s.User.ID); err != nil {
		return out, err
	}
	if err := acceptable(s, e); err != nil {
		return out, err
	}
	old, err := s.Tx.Account(string(t.Account))
	if err != nil {
		return out, err
	}
	if ended, err := s.Tx.EndTransfer(t, holm.TransferAccepted); err != nil || !ended {
		return out, errors.Join(err, answered(ended))
	}
	using, err := users(s, e)
	if err != nil {
		return out, err
	}
	lose, err := s.Tx.Sees(e)
	if err != nil {
		return out, err
	}
	if err := s.Tx.MoveEnvironment(e.ID, s.Own.ID); err != nil {
		return out, err
	}
	s.AccessChanged(lose...)
	s.AccessChanged(s.User.ID)
	s.Removed(e)
	s.CollaboratorsChanged(old.ID)
	if e, err = s.Tx.Environment(string(e.ID)); err != nil {
		return out, err
	}
	s.Environment = e
	s.Changed(e)
	if out.Kept, err = pass(s, t, e, old, using, in.Body.KeepCollaborators); err != nil {
		return out, err
	}
	out.Environment = named(e)
	return out, tell(s, t, e, old, out.Kept)
}

// lock makes changes to both accounts wait, always in one order.
func lock(s *dispatch.Scope, accounts ...holm.AccountID) error {
	slices.Sort(accounts)
	for _, a := range slices.Compact(accounts) {
		if err := s.Tx.LockAccount(a); err != nil {
			return err
		}
	}
	return nil
}

// acceptable refuses while something stands in the way.
func acceptable(s *dispatch.Scope, e holm.Environment) error {
	why, err := obstacle(s, s.Own, e)
	if err != nil {
		return err
	}
	if why != "" {
		return holm.Errorf(holm.CodeQuota, "%s", why)
	}
	copied, err := s.Tx.CopiedNow(e.ID)
	switch {
	case err != nil:
		return err
	case e.Wanted == holm.StateDeleting:
		return holm.Errorf(holm.CodeConflict, "%s is being erased.", e.Name)
	case copied || e.CopyOf != "":
		// A copy reads files until it is done; they must not be the new owner's.
		return holm.Errorf(holm.CodeConflict, "The files of %s are being copied just now; accept when that is done.", e.Name)
	}
	return nil
}

// obstacle says why an account cannot own an environment; "" when it can.
func obstacle(s *dispatch.Scope, a holm.Account, e holm.Environment) (string, error) {
	limits := a.Limits()
	switch {
	case a.Type == holm.AccountCollaborator:
		return fmt.Sprintf("The account of %s works on what others own and may own nothing itself; the operator of this installation can make it a full account.", a.OwnerEmail), nil
	case !a.SuspendedAt.IsZero():
		return fmt.Sprintf("The account of %s is suspended; ask the operator of this installation.", a.OwnerEmail), nil
	}
	count, err := s.Tx.EnvironmentCount(a.ID)
	if err != nil {
		return "", err
	}
	if count >= limits.Environments {
		return fmt.Sprintf("%s may own %d environments and has %d; delete one, or ask the operator of this installation for more.", a.OwnerEmail, limits.Environments, count), nil
	}
	layers, err := s.Tx.Layers(e.ID)
	if err != nil {
		return "", err
	}
	nodes := 0
	for _, l := range layers {
		nodes += len(l.Nodes)
		switch {
		case len(l.Nodes) > limits.NodesPerLayer:
			return fmt.Sprintf("The layer %s of %s has %d nodes and %s may have %d in one layer; it has to be made smaller first, or the operator allows more.", l.Role, e.Name, len(l.Nodes), a.OwnerEmail, limits.NodesPerLayer), nil
		case l.Cloudlets > limits.CloudletsPerNode:
			return fmt.Sprintf("The nodes of the layer %s of %s have %d cloudlets and %s may give a node %d; the limit has to be lowered first, or the operator allows more.", l.Role, e.Name, l.Cloudlets, a.OwnerEmail, limits.CloudletsPerNode), nil
		}
	}
	if nodes > limits.NodesPerEnvironment {
		return fmt.Sprintf("%s has %d nodes and %s may have %d in one environment; some have to be removed first, or the operator allows more.", e.Name, nodes, a.OwnerEmail, limits.NodesPerEnvironment), nil
	}
	return "", nil
}

// user is somebody who can use the environment at the moment it is given away.
type user struct {
	holm.Collaborator
	stands access.Standing
}

// users lists the collaborators of the old owner who can use an environment
// now and lastingly, other than the caller: what was asked for and approved,
// and glass that was broken, was given by the old owner for the moment.
func users(s *dispatch.Scope, e holm.Environment) (list []user, err error) {
	for after := ""; ; {
		page, err := s.Tx.Collaborators(e.Account, string(holm.StatusActive), after, 500)
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			after = holm.EmailKey(c.Email)
			if c.User == s.User.ID || !c.Until.IsZero() && !s.Now().Before(c.Until) {
				continue
			}
			gifts, err := s.Tx.GiftsOf(c.ID, e.ID)
			if err != nil {
				return nil, err
			}
			gifts = slices.DeleteFunc(gifts, func(g access.Gift) bool { return g.Through == access.OnRequest })
			if stands := access.Stand(gifts, s.Now()); stands.Gives != 0 {
				list = append(list, user{c, stands})
			}
		}
		if len(page) < 500 {
			return list, nil
		}
	}
}

// pass lets those who used the environment keep what they had, when the new
// owner wants that, and tells each of them. It gives the addresses of those
// who stay.
func pass(s *dispatch.Scope, t holm.Transfer, e holm.Environment, old holm.Account, using []user, keep bool) (kept []string, err error) {
	kept = []string{}
	for _, u := range using {
		stays := false
		if keep {
			if stays, err = take(s, e, u); err != nil {
				return nil, err
			}
		}
		l := letter(s, holm.LetterTransferLost, t, e, old)
		l.Actor, l.ActorName = old.OwnerEmail, old.OwnerName
		if stays {
			l = letter(s, holm.LetterTransferKept, t, e, s.Own)
			l.Path = "/environments/" + e.Name
			kept = append(kept, u.Email)
			s.AccessChanged(u.User)
		}
		l.Event += ":" + string(u.ID)
		l.To, l.ToName, l.Level, l.Until = u.Email, u.Name, holm.Level(u.stands.Name), access.Sooner(u.stands.End, u.Until)
		s.Write(l)
	}
	s.CollaboratorsChanged(s.Own.ID)
	return kept, nil
}

// take makes one of the users a collaborator of the new owner with the level
// they had. What they have there already stays where it is more.
func take(s *dispatch.Scope, e holm.Environment, u user) (bool, error) {
	until := access.Sooner(u.stands.End, u.Until)
	id, joined, err := s.Tx.Join(s.Own.ID, u.Collaborator, s.User.ID, time.Time{})
	if err != nil || !joined {
		return false, err
	}
	gifts, err := s.Tx.GiftsOf(id, e.ID)
	if err != nil {
		return false, err
	}
	if has := access.Stand(gifts, s.Now()); has.Gives&u.stands.Gives == u.stands.Gives && has.End.IsZero() {
		return true, nil
	}
	level, err := levelLike(s, e, u.stands)
	if err != nil {
		return false, err
	}
	s.NoteChange("level", u.Email, string(holm.LevelNone), u.stands.Name)
	return true, s.Tx.SetGrant(holm.Grant{Collaborator: id, Environment: e.ID, Level: level, Until: until}, s.User.ID)
}

// levelLike gives the level of the new account that means what somebody had:
// a preset, one of the account's own, or a new one of the same name.
func levelLike(s *dispatch.Scope, e holm.Environment, stands access.Standing) (holm.Level, error) {
	for _, preset := range []holm.Level{holm.LevelFull, holm.LevelLimited} {
		if access.Preset(preset).Gives == stands.Gives {
			return preset, nil
		}
	}
	own, err := s.Tx.Levels(s.Own.ID)
	if err != nil {
		return "", err
	}
	var permissions []string
	for _, p := range stands.Gives.List() {
		permissions = append(permissions, string(p))
	}
	taken := map[string]bool{}
	for _, l := range own {
		if slices.Equal(l.Permissions, permissions) {
			return l.ID, nil
		}
		taken[holm.NameKey(l.Name)] = true
	}
	name := stands.Name
	if len(name) > 40 || holm.Level(name).Own() {
		name = "As in " + e.Name
	}
	for n, base := 2, name; taken[holm.NameKey(name)]; n++ {
		name = fmt.Sprintf("%s %d", base, n)
	}
	l, err := s.Tx.CreateLevel(holm.CustomLevel{Account: s.Own.ID, Name: name, Permissions: permissions})
	return l.ID, err
}

// tell mails the old owner and writes the row of the old owner's log.
func tell(s *dispatch.Scope, t holm.Transfer, e holm.Environment, old holm.Account, kept []string) error {
	s.Note("was_owner", old.OwnerEmail)
	s.Note("owner", s.Own.OwnerEmail)
	if len(kept) > 0 {
		s.Note("kept", kept)
	}
	l := letter(s, holm.LetterTransferAccepted, t, e, old)
	l.To, l.ToName = old.OwnerEmail, old.OwnerName
	s.Write(l)
	return alsoIn(s, old.ID, e, map[string]any{"changes": []holm.AuditChange{{What: "owner", Was: old.OwnerEmail, Now: s.Own.OwnerEmail}}})
}
