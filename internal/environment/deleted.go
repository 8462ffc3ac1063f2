package environment

import (
	"context"
	"encoding/base64"
	"strconv"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/ops"
)

// delete hides an environment from everybody at once. Its nodes stop and are
// kept until Erase, or go at once where nothing is kept.
func (f *feature) delete(s *dispatch.Scope, in *ops.EnvironmentDeleteInput) (none ops.EnvironmentView, err error) {
	if err := busy(s.Environment); err != nil {
		return none, err
	}
	if in.Confirm != s.Environment.Name {
		return none, holm.Invalid("confirm", "To delete the environment, repeat its name %s; %s.", s.Environment.Name, f.afterwards())
	}
	if err := f.leave(s); err != nil {
		return none, err
	}
	if err := withdrawOffer(s); err != nil {
		return none, err
	}
	s.Write(f.deletedLetter(s))
	if err := s.Tx.SetNodeStates(s.Environment.ID, holm.StateDeleting); err != nil {
		return none, err
	}
	wanted := holm.StateStopped
	if f.o.KeepDeleted == 0 {
		wanted = holm.StateDeleting
	}
	if err := s.Tx.DeleteEnvironment(s.Environment.ID, wanted); err != nil {
		return none, err
	}
	s.Wake(s.Environment.ID)
	return f.showDeleted(s, s.Environment.ID)
}

// leave ends what people have open in an environment that they are about to
// lose sight of.
func (f *feature) leave(s *dispatch.Scope) error {
	users, err := s.Tx.Sees(s.Environment)
	if err != nil {
		return err
	}
	s.AccessChanged(users...)
	s.Removed(s.Environment)
	return nil
}

func (f *feature) afterwards() string {
	if f.o.KeepDeleted == 0 {
		return "everything in it is erased"
	}
	return "it can be restored for " + spell(f.o.KeepDeleted)
}

// spell says a time in days where it is whole days, else in hours.
func spell(d time.Duration) string {
	n, unit := int(d/(24*time.Hour)), "day"
	if d%(24*time.Hour) != 0 {
		n, unit = int(d.Round(time.Hour)/time.Hour), "hour"
	}
	if n != 1 {
		unit += "s"
	}
	return strconv.Itoa(n) + " " + unit
}

func (f *feature) deletedLetter(s *dispatch.Scope) holm.Letter {
	l := toOwner(s, holm.LetterDeleted, "environment-deleted:"+string(s.Environment.ID)+":"+s.Now().Format(time.RFC3339Nano))
	l.Path = "/"
	if f.o.KeepDeleted > 0 {
		l.Until, l.Path = s.Now().Add(f.o.KeepDeleted), "/deleted"
	}
	return l
}

// showDeleted shows an environment that nobody but its owner may know of.
func (f *feature) showDeleted(s *dispatch.Scope, id holm.EnvironmentID) (none ops.EnvironmentView, err error) {
	r, err := s.Tx.ToDeleted(s.Account.Owner, string(id))
	if err != nil {
		return none, err
	}
	if r.Environment.Layers, err = s.Tx.Layers(id); err != nil {
		return none, err
	}
	return f.viewDeleted(s, r), nil
}

func (f *feature) viewDeleted(s *dispatch.Scope, r store.Relation) ops.EnvironmentView {
	v := f.view(s, r)
	erased := r.Environment.DeletedAt.Add(f.o.KeepDeleted)
	v.DeletedAt, v.ErasedFrom, v.Permissions = ops.TimeOrNull(r.Environment.DeletedAt), &erased, []string{}
	return v
}

// deleted lists the caller's own deleted environments.
func (f *feature) deleted(s *dispatch.Scope, in *ops.EnvironmentListInput) (page ops.Page[ops.EnvironmentView], err error) {
	page.Items = []ops.EnvironmentView{}
	var after time.Time
	if in.Cursor != "" {
		raw, err := base64.RawURLEncoding.DecodeString(in.Cursor)
		micros, failed := strconv.ParseInt(string(raw), 10, 64)
		if err != nil || failed != nil {
			return page, holm.Invalid("cursor", "The cursor is not one that a page before gave.")
		}
		after = time.UnixMicro(micros)
	}
	list, err := s.Tx.Deleted(s.Filter(), after, in.Size()+1)
	if err != nil {
		return page, err
	}
	for i, e := range list {
		if i == in.Size() {
			next := base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(list[i-1].DeletedAt.UnixMicro(), 10)))
			page.Next = &next
			break
		}
		if e.Layers, err = s.Tx.Layers(e.ID); err != nil {
			return page, err
		}
		page.Items = append(page.Items, f.viewDeleted(s, store.Relation{Account: s.Own, Environment: e}))
	}
	return page, nil
}

// restore brings a deleted environment back as it was: its nodes, its data,
// who it is shared with as far as they still collaborate, and running when it
// ran.
func (f *feature) restore(s *dispatch.Scope, in *ops.EnvironmentRestoreInput) (none ops.EnvironmentView, err error) {
	e := s.Environment
	if e.Wanted == holm.StateDeleting {
		return none, holm.Errorf(holm.CodeGone, "%s is being erased; the time to restore it is over.", e.Name)
	}
	name := in.Body.Name
	if name == "" {
		name = e.Name
	} else if err := holm.CheckEnvironmentName(name); err != nil {
		return none, err
	}
	if err := f.room(s, s.Account.Limits()); err != nil {
		return none, err
	}
	wanted, err := s.Tx.RestoreEnvironment(e, name)
	if err != nil {
		return none, err
	}
	if name != e.Name {
		s.Note("was_name", e.Name)
	}
	s.Environment.Name = name
	meanwhile := holm.StateStopped
	if wanted == holm.StateRunning {
		meanwhile = holm.StateStarting
	}
	if err := s.Tx.SetNodeStates(e.ID, meanwhile); err != nil {
		return none, err
	}
	users, err := s.Tx.Sees(s.Environment)
	if err != nil {
		return none, err
	}
	s.AccessChanged(users...)
	return f.want(s, wanted, meanwhile)
}

// Erase has the environments erased whose time to be restored is over.
func Erase(ctx context.Context, d *dispatch.Door, keep time.Duration) error {
	return d.SystemChange(ctx, "eraser", func(s *dispatch.Scope) error {
		list, err := s.Tx.Erasable(s.Now().Add(-keep))
		if err != nil {
			return err
		}
		for _, e := range list {
			if err := s.Tx.SetNodeStates(e.ID, holm.StateDeleting); err != nil {
				return err
			}
			if err := s.Tx.Want(e.ID, holm.StateDeleting, holm.StateDeleting); err != nil {
				return err
			}
			s.Changed(e)
			s.Wake(e.ID)
		}
		return nil
	})
}
