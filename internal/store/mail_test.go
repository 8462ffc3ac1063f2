package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm/internal/store"
)

func TestMails(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		write := func(event string) string {
			return must(t, db, func(tx *store.Tx) (string, error) {
				return tx.WriteMail(store.Mail{Event: event, To: "bob@example.org", ToName: "Bob", Subject: "About " + event, Text: "text", HTML: "<p>html"})
			})
		}
		one, two, three := write("one"), write("two"), write("three")
		is(t, "a second mail of an event", write("two"), "")
		undone := errors.New("undone")
		err := db.Store.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.WriteMail(store.Mail{Event: "four"})
			return errors.Join(err, undone)
		})
		is(t, "undone", errors.Is(err, undone), true)
		is(t, "the event of an undone mail is free", write("four") != "", true)

		get := func(id string) store.Mail {
			return must(t, db, func(tx *store.Tx) (store.Mail, error) { return tx.Mail(id) })
		}
		unsent := func() (ids []string) {
			db.Read(t, func(tx *store.Tx) (err error) { ids, err = tx.UnsentMails(10); return err })
			return ids
		}
		is(t, "unsent", len(unsent()), 4)
		failing := func() (n int, why string) {
			db.Read(t, func(tx *store.Tx) (err error) { n, why, err = tx.FailingMails(); return err })
			return n, why
		}
		db.Write(t, func(tx *store.Tx) error {
			return errors.Join(tx.MailFailed(one, "z: away", false), tx.MailFailed(one, "z: away", false), tx.MailFailed(two, "a: busy", false))
		})
		n, why := failing()
		is(t, "failing", []any{n, why}, []any{2, "a: busy"})
		db.Write(t, func(tx *store.Tx) error {
			return errors.Join(tx.MailSent(one, false), tx.MailSent(three, true), tx.MailFailed(two, "no such user", true), tx.ForgetMail(two))
		})
		m := get(one)
		is(t, "sent and kept", []any{m.Attempts, m.LastError, m.Text, m.HTML, m.SentAt, m.To, m.ToName}, []any{3, "", "text", "<p>html", db.Clock.Now(), "bob@example.org", "Bob"})
		m = get(three)
		is(t, "sent and forgotten", []any{m.Attempts, m.Text, m.HTML, m.Subject}, []any{1, "", "", "About three"})
		m = get(two)
		is(t, "given up", []any{m.FailedAt, m.SentAt, m.LastError, m.Text}, []any{db.Clock.Now(), time.Time{}, "no such user", ""})
		is(t, "left", len(unsent()), 1)
		n, why = failing()
		is(t, "failing no more", []any{n, why}, []any{0, ""})
		is(t, "no mail", absent(t, db, func(tx *store.Tx) error { _, err := tx.Mail("mai_x"); return err }), true)
		db.Read(t, func(tx *store.Tx) error {
			all, err := tx.Mails("", 2)
			rest, _ := tx.Mails(all[1].ID, 10)
			is(t, "the newest first, by pages", []string{all[0].Event, all[1].ID, rest[0].ID, rest[1].ID}, []string{"four", three, two, one})
			return err
		})
	})
}

func TestJobsAreTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		put := func(kind, key string, due time.Duration) bool {
			return must(t, db, func(tx *store.Tx) (bool, error) {
				return tx.PutJob(store.Job{Kind: kind, Args: "{}", Key: key, DueAt: tx.Now().Add(due)})
			})
		}
		take := func(holder string, limit int) []store.Job {
			return must(t, db, func(tx *store.Tx) ([]store.Job, error) { return tx.TakeJobs("a", holder, time.Minute, limit) })
		}
		next := func(kind string) (due time.Time) {
			db.Read(t, func(tx *store.Tx) (err error) { due, err = tx.NextJob(kind); return err })
			return due
		}
		is(t, "none", next("a"), time.Time{})
		is(t, "put", []bool{put("a", "k", 0), put("a", "k", 0), put("a", "", 0), put("a", "", 0), put("b", "", 0), put("a", "", time.Hour)}, []bool{true, false, true, true, true, true})
		first, second := take("one", 2), take("two", 10)
		is(t, "taken", []int{len(first), len(second), first[0].Attempts, len(take("three", 10))}, []int{2, 1, 1, 0})
		is(t, "next", next("a"), db.Clock.Now().Add(time.Minute))

		kept := must(t, db, func(tx *store.Tx) (bool, error) { return tx.KeepJob(second[0], time.Hour) })
		is(t, "kept up", kept, true)
		db.Clock.Advance(time.Minute)
		again := take("three", 10)
		is(t, "leases that ended", []any{len(again), again[0].ID, again[0].Attempts}, []any{2, first[0].ID, 2})
		// Whoever lost a lease can do nothing to the job any more.
		db.Write(t, func(tx *store.Tx) error {
			return errors.Join(tx.DropJob(first[0]), tx.FailJob(first[1], "x"), tx.DelayJob(first[0], tx.Now(), 0, "x"))
		})
		is(t, "lost", must(t, db, func(tx *store.Tx) (bool, error) { return tx.KeepJob(first[0], time.Hour) }), false)
		is(t, "still held", len(take("four", 10)), 0)
		db.Write(t, func(tx *store.Tx) error {
			return errors.Join(tx.DropJob(again[0]), tx.DelayJob(again[1], tx.Now().Add(time.Second), 7, strings.Repeat("x", 10)))
		})
		is(t, "dropped with its key", put("a", "k", time.Hour), true)
		db.Write(t, func(tx *store.Tx) error { return tx.HastenJob("k", tx.Now()) })
		is(t, "hastened", take("five", 10)[0].Key, "k")
	})
}

func TestAfterCommit(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		said := []string{}
		say := func(tx *store.Tx, what string) { tx.AfterCommit(func() { said = append(said, what) }) }
		undo := errors.New("undo")
		_ = db.Store.Write(t.Context(), func(tx *store.Tx) error { say(tx, "undone"); return undo })
		db.Write(t, func(tx *store.Tx) error {
			say(tx, "one")
			say(tx, "two")
			is(t, "not yet", said, []string{})
			return nil
		})
		is(t, "in order", said, []string{"one", "two"})
	})
}
