package store_test

import (
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
)

func TestUsers(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		ana, account := db.person(t, "Ana@example.org")
		db.person(t, "bob@example.org")
		taken := func(tx *store.Tx) error {
			_, _, err := tx.CreateUser(holm.User{Email: "ANA@Example.org"}, "hash", holm.AccountFull)
			return err
		}
		is(t, "the same address in another case", code(t, db, taken), holm.CodeConflict)
		is(t, "unknown", code(t, db, func(tx *store.Tx) error { _, err := tx.User("usr_x"); return err }), holm.CodeNotFound)
		is(t, "unknown address", absent(t, db, func(tx *store.Tx) error { _, err := tx.UserByEmail("eve@example.org"); return err }), true)

		db.Write(t, func(tx *store.Tx) error {
			n, err := tx.UserCount()
			is(t, "count", n, 2)
			u, _ := tx.UserByEmail(" aNa@example.ORG ")
			is(t, "found", u, ana)
			if err == nil {
				err = tx.SetPassword(ana.ID, "new hash")
			}
			if err == nil {
				err = tx.RenameUser(ana.ID, "Ana N.")
			}
			if err == nil {
				err = tx.SeenUser(ana.ID)
			}
			return err
		})
		db.Write(t, func(tx *store.Tx) error {
			hash, err := tx.PasswordHash(ana.ID)
			is(t, "hash", hash, "new hash")
			a, _ := tx.Account("ANA@example.org")
			is(t, "account by address", a.ID, account.ID)
			is(t, "owner's name", a.OwnerName, "Ana N.")
			a, _ = tx.AccountOf(ana.ID)
			is(t, "own account", a.ID, account.ID)
			if err == nil {
				err = tx.SetAccountType(account.ID, holm.AccountTrial)
			}
			if err == nil {
				err = tx.LockAccount(account.ID)
			}
			return err
		})
		db.Clock.Advance(time.Second)
		for _, suspended := range []bool{true, false} {
			db.Write(t, func(tx *store.Tx) error { return tx.SuspendUser(ana.ID, suspended) })
			db.Read(t, func(tx *store.Tx) error {
				u, err := tx.User(ana.ID)
				a, _ := tx.Account(string(account.ID))
				is(t, "suspended login", !u.SuspendedAt.IsZero(), suspended)
				is(t, "suspended account", a.SuspendedAt, u.SuspendedAt)
				is(t, "type", a.Type, holm.AccountTrial)
				return err
			})
		}
	})
}

func TestUsersList(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		for _, email := range []string{"c%a@example.org", "Ana@example.org", "bob@example.org", "b_b@example.org"} {
			_, a := db.person(t, email)
			if email == "bob@example.org" {
				db.environment(t, a, "one")
				gone := db.environment(t, a, "two")
				db.Write(t, func(tx *store.Tx) error { return tx.EraseEnvironment(gone.ID) })
			}
		}
		list := func(contains, after string, limit int) (emails []string) {
			db.Read(t, func(tx *store.Tx) error {
				found, err := tx.Users(contains, after, limit)
				for _, l := range found {
					emails = append(emails, l.User.Email)
					if l.User.Email == "bob@example.org" {
						is(t, "environments", l.Environments, 1)
					}
				}
				return err
			})
			return emails
		}
		is(t, "all", list("", "", 10), []string{"Ana@example.org", "b_b@example.org", "bob@example.org", "c%a@example.org"})
		is(t, "page", list("", "ANA@example.org", 2), []string{"b_b@example.org", "bob@example.org"})
		is(t, "letters of patterns are letters", list("_", "", 10), []string{"b_b@example.org"})
		is(t, "and so are these", list("%A", "", 10), []string{"c%a@example.org"})
		is(t, "nothing", list("!", "", 10), []string(nil))
	})
}

func TestSessions(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		ana, _ := db.person(t, "ana@example.org")
		bob, _ := db.person(t, "bob@example.org")
		open := func(u holm.User, token string, ttl time.Duration) holm.Session {
			return must(t, db, func(tx *store.Tx) (holm.Session, error) {
				return tx.CreateSession(holm.Session{User: u.ID, Road: holm.RoadAPI, Device: "curl", Address: "192.0.2.1", ExpiresAt: tx.Now().Add(ttl)}, token)
			})
		}
		short, long := open(ana, "short", time.Hour), open(ana, "long", 48*time.Hour)
		open(bob, "other", 48*time.Hour)
		byToken := func(token string) (id string) {
			absent(t, db, func(tx *store.Tx) error {
				s, u, err := tx.SessionByToken(token)
				if id = s.ID; err == nil {
					is(t, "user of "+token, u.ID, s.User)
				}
				return err
			})
			return id
		}
		is(t, "by token", byToken("short"), short.ID)
		is(t, "by no token", byToken(""), "")
		db.Clock.Advance(time.Minute)
		db.Write(t, func(tx *store.Tx) error { return tx.UseSession(short.ID, "192.0.2.2") })
		db.Read(t, func(tx *store.Tx) error {
			list, err := tx.Sessions(ana.ID)
			is(t, "the last used first", []string{list[0].ID, list[1].ID}, []string{short.ID, long.ID})
			is(t, "used from", list[0].Address, "192.0.2.2")
			return err
		})
		db.Clock.Advance(time.Hour)
		is(t, "ended by itself", byToken("short"), "")
		db.Read(t, func(tx *store.Tx) error {
			list, err := tx.Sessions(ana.ID)
			is(t, "sessions left", len(list), 1)
			return err
		})
		end := func(u holm.User, id string) bool {
			return must(t, db, func(tx *store.Tx) (bool, error) { return tx.EndSession(u.ID, id) })
		}
		is(t, "somebody else's session", end(bob, long.ID), false)
		is(t, "own session", end(ana, long.ID), true)
		is(t, "twice", end(ana, long.ID), false)

		keep := open(bob, "keep", time.Hour)
		db.Write(t, func(tx *store.Tx) error { return tx.EndSessions(bob.ID, keep.ID) })
		is(t, "ended with all", byToken("other"), "")
		is(t, "kept", byToken("keep"), keep.ID)
		db.Clock.Advance(time.Hour)
		db.Write(t, func(tx *store.Tx) error { return tx.SweepSessions() })
		db.Write(t, func(tx *store.Tx) error { // its token may be given again
			_, err := tx.CreateSession(holm.Session{User: ana.ID, Road: holm.RoadAPI, ExpiresAt: tx.Now().Add(time.Hour)}, "keep")
			return err
		})
	})
}

func TestLinks(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		ana, _ := db.person(t, "ana@example.org")
		make := func(kind, hash string, ttl time.Duration) {
			db.Write(t, func(tx *store.Tx) error { return tx.CreateLink(kind, hash, ana.ID, tx.Now().Add(ttl)) })
		}
		use := func(kind, hash string) (user holm.UserID) {
			err := db.Store.Write(t.Context(), func(tx *store.Tx) (err error) { user, err = tx.UseLink(kind, hash); return err })
			if err != nil && err != store.ErrNone {
				t.Fatal(err)
			}
			return user
		}
		make("password", "first", time.Hour)
		make("setup", "setup", time.Hour)
		make("password", "second", time.Hour)
		is(t, "replaced", use("password", "first"), "")
		is(t, "of another kind", use("setup", "second"), "")
		is(t, "valid", use("password", "second"), ana.ID)
		is(t, "used", use("password", "second"), "")
		db.Clock.Advance(time.Hour)
		is(t, "ended", use("setup", "setup"), "")
	})
}

// TestBrokenText: what no database can keep finds nothing, and does no harm.
func TestBrokenText(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		for _, broken := range []string{"a\x00b", "\xff", "env_\x00", "a\x00@example.org"} {
			is(t, broken, absent(t, db, func(tx *store.Tx) error { _, err := tx.Environment(broken); return err }), true)
			is(t, broken, absent(t, db, func(tx *store.Tx) error { _, err := tx.Account(broken); return err }), true)
			db.Write(t, func(tx *store.Tx) error {
				return tx.Record(store.AuditEntry{Account: "acc_x", Target: broken, Result: "not_found"})
			})
		}
		db.Read(t, func(tx *store.Tx) error {
			list, err := tx.Audit(store.FilterFor("usr_x", "acc_x", tx.Now(), false), store.AuditQuery{Account: "acc_x", Limit: 10})
			is(t, "rows", len(list), 4)
			is(t, "kept", list[3].Target, "a\ufffdb")
			return err
		})
	})
}
