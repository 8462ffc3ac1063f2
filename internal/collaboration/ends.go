package collaboration

import (
	"context"
	"strconv"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/dispatch"
	"github.com/holmhq/holm/internal/store"
)

// RemindBefore is how long before the end of what somebody was given a mail
// says so, to them and to the owner.
const RemindBefore = 24 * time.Hour

// endsAtOnce is how many ends one round looks at.
const endsAtOnce = 500

// Remind mails people and owners about what ends within a day; run from time
// to time. What was given for less than a day is not announced: the mail that
// gave it has just said so.
func Remind(ctx context.Context, d *dispatch.Door) error {
	var due bool
	err := d.SystemRead(ctx, func(tx *store.Tx) error {
		last, err := tx.Mark("reminded")
		if err != nil || last.IsZero() {
			due = err == nil
			return err
		}
		list, err := tx.Ends(last, tx.Now().Add(RemindBefore), 1)
		due = len(list) > 0
		return err
	})
	if err != nil || !due {
		return err
	}
	return d.SystemChange(ctx, "reminders", func(s *dispatch.Scope) error {
		last, err := s.Tx.Mark("reminded")
		if err != nil {
			return err
		}
		horizon := s.Now().Add(RemindBefore)
		if last.IsZero() {
			last = horizon.Add(-time.Minute)
		}
		list, err := s.Tx.Ends(last, horizon, endsAtOnce)
		if err != nil {
			return err
		}
		if len(list) == endsAtOnce { // the rest next time
			horizon = list[endsAtOnce-1].At.Add(-time.Microsecond)
		}
		for _, e := range list {
			if e.At.After(horizon) {
				break
			}
			if err := announce(s, e); err != nil {
				return err
			}
		}
		return s.Tx.SetMark("reminded", horizon)
	})
}

// announce writes to both sides about one end.
func announce(s *dispatch.Scope, e store.Ending) error {
	owner, err := s.Tx.Account(string(e.Account))
	if err != nil {
		return err
	}
	c := e.Collaborator
	l := holm.Letter{Kind: holm.LetterEnding, To: c.Email, ToName: c.Name, Owner: owner.OwnerEmail, OwnerName: owner.OwnerName, Until: e.At, Level: holm.Level(e.Level), Path: "/",
		Event: "ending:" + e.Kind + ":" + string(c.ID) + ":" + e.Name + ":" + strconv.FormatInt(e.At.UnixMicro(), 10)}
	switch e.Kind {
	case "environment", "request":
		l.Environment, l.Path = e.Name, "/environments/"+e.Name
	case "group":
		l.Group = e.Name
	}
	s.Write(l)
	l.Kind, l.To, l.ToName, l.Event = holm.LetterEndings, owner.OwnerEmail, owner.OwnerName, l.Event+":owner"
	l.Actor, l.ActorName, l.Path = c.Email, c.Name, "/collaborators/"+string(c.ID)
	s.Write(l)
	return nil
}

// Watch has everybody's pages look again at the moment at which something
// they were given ends, until ctx does. Sessions are cut at that moment by the
// door itself; this is for what lists and counts still show.
func Watch(ctx context.Context, d *dispatch.Door) error {
	var seen time.Time
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		err := d.SystemRead(ctx, func(tx *store.Tx) error {
			if seen.IsZero() {
				seen = tx.Now()
				return nil
			}
			list, err := tx.Ends(seen, tx.Now(), endsAtOnce)
			if err != nil {
				return err
			}
			seen = tx.Now()
			if len(list) == endsAtOnce {
				seen = list[endsAtOnce-1].At
			}
			for _, e := range list {
				d.AccessEnded(e.Account, e.Collaborator.User)
			}
			return nil
		})
		if err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
