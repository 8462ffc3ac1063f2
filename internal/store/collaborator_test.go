package store_test

import (
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/store"
)

func TestInvitationLife(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		_, account := db.person(t, "ana@example.org")
		bob, _ := db.person(t, "bob@example.org")
		shop := db.environment(t, account, "shop")
		byLink := func(hash string) (id holm.CollaboratorID) {
			absent(t, db, func(tx *store.Tx) error {
				c, err := tx.CollaboratorByLink(hash)
				id = c.ID
				return err
			})
			return id
		}
		c := db.invited(t, account, "Bob@Example.org")
		db.grant(t, c, shop, holm.LevelLimited, time.Time{})
		is(t, "by link", byLink("link of Bob@Example.org"), c.ID)
		is(t, "by address in another case", db.collaborator(t, account, "bOB@example.org").ID, c.ID)
		is(t, "by id", db.collaborator(t, account, string(c.ID)).Shared, 1)

		db.Write(t, func(tx *store.Tx) error { return tx.SetLink(c.ID, "second", tx.Now().Add(time.Hour)) })
		is(t, "the replaced link", byLink("link of Bob@Example.org"), "")
		accept := func() bool {
			return must(t, db, func(tx *store.Tx) (bool, error) { return tx.AcceptInvitation(c.ID, bob.ID) })
		}
		is(t, "accepted", accept(), true)
		is(t, "accepted twice", accept(), false)
		is(t, "the used link", byLink("second"), "")
		is(t, "an active one gets no link", must(t, db, func(tx *store.Tx) (bool, error) { return false, tx.SetLink(c.ID, "third", tx.Now().Add(time.Hour)) }), false)
		is(t, "so it leads nowhere", byLink("third"), "")
		got := db.collaborator(t, account, "bob@example.org")
		is(t, "who", got.User, bob.ID)
		is(t, "levels given before hold", got.Shared, 1)
		db.Write(t, func(tx *store.Tx) error { return tx.SetRole(c.ID, holm.RoleAdmin) })

		for _, end := range []holm.Status{holm.StatusLeft, holm.StatusRemoved, holm.StatusDeclined, holm.StatusExpired} {
			db.Write(t, func(tx *store.Tx) error { return tx.SetStatus(c.ID, end) })
			got = db.collaborator(t, account, "bob@example.org")
			is(t, string(end), []any{got.Status, got.User, got.Shared}, []any{end, "", 0})
			is(t, "no membership", absent(t, db, func(tx *store.Tx) error { _, err := tx.CollaboratorOf(account.ID, bob.ID); return err }), true)
			again := got
			again.Role, again.LinkUntil = holm.RoleViewer, db.Clock.Now().Add(time.Hour)
			again = must(t, db, func(tx *store.Tx) (holm.Collaborator, error) { return tx.PutInvitation(again, "again "+string(end)) })
			is(t, "the same row", again.ID, c.ID)
			is(t, "its link", byLink("again "+string(end)), c.ID)
			is(t, "accepted again", accept(), true)
			got = db.collaborator(t, account, "bob@example.org")
			is(t, "nothing left of before", []any{got.Role, got.Shared, got.User}, []any{holm.RoleViewer, 0, bob.ID})
		}
	})
}

func TestSuspensionKeepsLevels(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		_, account := db.person(t, "ana@example.org")
		bob, _ := db.person(t, "bob@example.org")
		shop := db.environment(t, account, "shop")
		c := db.member(t, account, bob)
		db.grant(t, c, shop, holm.LevelFull, time.Time{})
		for _, status := range []holm.Status{holm.StatusSuspended, holm.StatusActive} {
			db.Write(t, func(tx *store.Tx) error { return tx.SetStatus(c.ID, status) })
			db.Read(t, func(tx *store.Tx) error {
				r, err := tx.ToEnvironment(bob.ID, "shop")
				is(t, "relation", []any{access.Stand(r.Gifts, tx.Now()).Name, r.Member.Status, r.Member.ID, r.Account.ID, r.Environment.ID}, []any{"full", status, c.ID, account.ID, shop.ID})
				m, _ := tx.Memberships(bob.ID)
				is(t, "membership", []any{len(m), m[0].Account.ID, m[0].Collaborator.Status}, []any{1, account.ID, status})
				return err
			})
		}
	})
}

func TestCollaboratorsOfOthersAreNotThere(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		_, ana := db.person(t, "ana@example.org")
		_, eve := db.person(t, "eve@example.org")
		c := db.invited(t, ana, "bob@example.org")
		for _, name := range []string{string(c.ID), "bob@example.org", ""} {
			is(t, name, code(t, db, func(tx *store.Tx) error { _, err := tx.Collaborator(eve.ID, name); return err }), holm.CodeNotFound)
		}
		// One address may be invited by several accounts.
		db.Write(t, func(tx *store.Tx) error {
			_, err := tx.PutInvitation(holm.Collaborator{Account: eve.ID, Email: "bob@example.org", Role: holm.RoleViewer, InvitedBy: eve.Owner}, "another link")
			return err
		})
	})
}

func TestCollaboratorsList(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		_, account := db.person(t, "ana@example.org")
		for _, email := range []string{"dan@example.org", "Bob@example.org", "carl@example.org", "eve@example.org"} {
			db.invited(t, account, email)
		}
		eve := db.collaborator(t, account, "eve@example.org")
		db.Write(t, func(tx *store.Tx) error { return tx.SetStatus(eve.ID, holm.StatusDeclined) })
		list := func(status, after string, limit int) (emails []string) {
			db.Read(t, func(tx *store.Tx) error {
				found, err := tx.Collaborators(account.ID, status, after, limit)
				for _, c := range found {
					emails = append(emails, c.Email)
				}
				return err
			})
			return emails
		}
		is(t, "open", list("", "", 10), []string{"Bob@example.org", "carl@example.org", "dan@example.org"})
		is(t, "page", list("", "bob@example.org", 1), []string{"carl@example.org"})
		is(t, "declined", list("declined", "", 10), []string{"eve@example.org"})
		is(t, "all", len(list("all", "", 10)), 4)
		is(t, "active", list("active", "", 10), []string(nil))

		db.Clock.Advance(holm.InvitationTTL)
		expired := must(t, db, func(tx *store.Tx) ([]holm.Collaborator, error) { return tx.ExpireInvitations(2) })
		is(t, "expired at once", len(expired), 2)
		expired = must(t, db, func(tx *store.Tx) ([]holm.Collaborator, error) { return tx.ExpireInvitations(10) })
		is(t, "then the rest", len(expired), 1)
		is(t, "open after that", list("", "", 10), []string(nil))
	})
}

func TestGrantsAndSharing(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		_, account := db.person(t, "ana@example.org")
		bob, _ := db.person(t, "bob@example.org")
		shop, blog := db.environment(t, account, "shop"), db.environment(t, account, "blog")
		c := db.member(t, account, bob)
		until := db.Clock.Now().Add(time.Hour)
		level := func(e holm.Environment) holm.Grant {
			return must(t, db, func(tx *store.Tx) (holm.Grant, error) { return tx.Grant(c.ID, e.ID) })
		}
		is(t, "before", level(shop).Level, holm.LevelInherit)
		db.grant(t, c, shop, holm.LevelLimited, until)
		db.grant(t, c, blog, holm.LevelLimited, time.Time{})
		is(t, "given", level(shop), holm.Grant{Collaborator: c.ID, Environment: shop.ID, Level: holm.LevelLimited, Until: until})
		db.grant(t, c, shop, holm.LevelFull, time.Time{})
		is(t, "changed", level(shop), holm.Grant{Collaborator: c.ID, Environment: shop.ID, Level: holm.LevelFull})

		carl := db.invited(t, account, "carl@example.org")
		gone := db.invited(t, account, "gone@example.org")
		db.Write(t, func(tx *store.Tx) error { return tx.SetStatus(gone.ID, holm.StatusRemoved) })
		db.Read(t, func(tx *store.Tx) error {
			of, err := tx.GrantsOf(c.ID)
			is(t, "of a collaborator", []any{len(of), of[0].Name, of[1].Name, of[1].Alias, of[1].Grant.Level}, []any{2, "blog", "shop", "Alias of shop", holm.LevelFull})
			sharing, _ := tx.Sharing(shop, "", 10)
			is(t, "of an environment", []any{len(sharing), sharing[0].Collaborator.ID, sharing[0].Grant.Level, sharing[1].Collaborator.ID, sharing[1].Grant.Level},
				[]any{2, c.ID, holm.LevelFull, carl.ID, holm.LevelInherit})
			sharing, _ = tx.Sharing(shop, "bob@example.org", 10)
			is(t, "page", len(sharing), 1)
			return err
		})
		db.grant(t, c, shop, holm.LevelNone, time.Time{})
		is(t, "hidden", level(shop).Level, holm.LevelNone)
		db.Write(t, func(tx *store.Tx) error { return tx.EraseEnvironment(blog.ID) })
		is(t, "counted", db.collaborator(t, account, "bob@example.org").Shared, 0)
		db.grant(t, c, shop, holm.LevelFull, time.Time{})
		is(t, "counted again", db.collaborator(t, account, "bob@example.org").Shared, 1)
		db.grant(t, c, shop, holm.LevelInherit, time.Time{})
		is(t, "taken", level(shop).Level, holm.LevelInherit)
		db.grant(t, c, shop, holm.LevelFull, time.Time{})
		db.Write(t, func(tx *store.Tx) error { return tx.DropAccess(c.ID) })
		is(t, "all taken", level(shop).Level, holm.LevelInherit)
	})
}

func TestRelations(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		ana, account := db.person(t, "ana@example.org")
		bob, _ := db.person(t, "bob@example.org")
		eve, _ := db.person(t, "eve@example.org")
		shop := db.environment(t, account, "shop")
		c := db.member(t, account, bob)
		for name, who := range map[string]struct {
			user   holm.UserID
			member holm.CollaboratorID
		}{"owner": {ana.ID, ""}, "stranger": {eve.ID, ""}, "nobody": {"", ""}, "member": {bob.ID, c.ID}} {
			db.Read(t, func(tx *store.Tx) error {
				for _, environment := range []string{"shop", string(shop.ID)} {
					r, err := tx.ToEnvironment(who.user, environment)
					if err != nil {
						return err
					}
					is(t, name, []any{r.Account.ID, r.Member.ID, len(r.Gifts), r.Environment.Name}, []any{account.ID, who.member, 0, "shop"})
				}
				r, err := tx.ToAccount(who.user, "ana@example.org")
				is(t, name+" to account", []any{r.Account.ID, r.Member.ID, r.Environment.ID}, []any{account.ID, who.member, ""})
				return err
			})
		}
		is(t, "no environment", absent(t, db, func(tx *store.Tx) error { _, err := tx.ToEnvironment(ana.ID, "blog"); return err }), true)
		is(t, "no account", absent(t, db, func(tx *store.Tx) error { _, err := tx.ToAccount(ana.ID, "acc_x"); return err }), true)
	})
}

// The owner keeps what they knew of somebody who is gone, and learns nothing
// of what that person does afterwards.
func TestWhoIsGoneKeepsTheirName(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		_, account := db.person(t, "ana@example.org")
		bob, _ := db.person(t, "bob@example.org")
		c := db.member(t, account, bob)
		seen := func(name string) time.Time {
			db.Write(t, func(tx *store.Tx) error {
				if err := tx.RenameUser(bob.ID, name); err != nil {
					return err
				}
				return tx.SeenUser(bob.ID)
			})
			return db.Clock.Now()
		}
		known := func() []any {
			got := db.collaborator(t, account, "bob@example.org")
			return []any{got.Name, got.LastSeenAt.UTC()}
		}
		first := seen("Bob")
		is(t, "while here", known(), []any{"Bob", first.UTC()})
		db.Write(t, func(tx *store.Tx) error { return tx.SetStatus(c.ID, holm.StatusRemoved) })
		is(t, "gone", known(), []any{"Bob", first.UTC()})
		db.Clock.Advance(48 * time.Hour)
		later := seen("Robert")
		is(t, "what comes later is not told", known(), []any{"Bob", first.UTC()})
		past := db.collaborator(t, account, "bob@example.org")
		db.Write(t, func(tx *store.Tx) error { _, err := tx.PutInvitation(past, "again"); return err })
		is(t, "invited again", known(), []any{"Bob", first.UTC()})
		db.Write(t, func(tx *store.Tx) error { _, err := tx.AcceptInvitation(c.ID, bob.ID); return err })
		is(t, "here again", known(), []any{"Robert", later.UTC()})
		db.Write(t, func(tx *store.Tx) error { return tx.SetStatus(c.ID, holm.StatusDeclined) })
		is(t, "gone again", known(), []any{"Robert", later.UTC()})
	})
}
