package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
	"github.com/holmhq/holm/internal/store/storetest"
)

// each runs a test on both databases.
func each(t *testing.T, test func(t *testing.T, db *suite)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *storetest.Database) { test(t, &suite{db}) })
}

// suite is a store with short words for what tests begin with.
type suite struct{ *storetest.Database }

// must gives what a transaction gave, or ends the test.
func must[T any](t testing.TB, db *suite, f func(tx *store.Tx) (T, error)) (v T) {
	t.Helper()
	db.Write(t, func(tx *store.Tx) (err error) {
		v, err = f(tx)
		return err
	})
	return v
}

// code says what a transaction refuses with; "" when it does not.
func code(t *testing.T, db *suite, f func(tx *store.Tx) error) holm.Code {
	t.Helper()
	err := db.Store.Write(t.Context(), f)
	if err == nil {
		return ""
	}
	return holm.CodeOf(err)
}

// absent says whether a transaction finds no row.
func absent(t *testing.T, db *suite, f func(tx *store.Tx) error) bool {
	t.Helper()
	err := db.Store.Read(t.Context(), f)
	if err != nil && !errors.Is(err, store.ErrNone) {
		t.Fatal(err)
	}
	return err != nil
}

func (db *suite) person(t testing.TB, email string) (u holm.User, a holm.Account) {
	t.Helper()
	db.Write(t, func(tx *store.Tx) (err error) {
		u, a, err = tx.CreateUser(holm.User{Email: email, Name: "Name of " + email}, "hash", holm.AccountFull)
		return err
	})
	return u, a
}

func (db *suite) environment(t testing.TB, a holm.Account, name string) holm.Environment {
	t.Helper()
	return must(t, db, func(tx *store.Tx) (holm.Environment, error) {
		return tx.CreateEnvironment(environment(a, name), 1<<20)
	})
}

func environment(a holm.Account, name string) holm.Environment {
	return holm.Environment{Account: a.ID, Name: name, Alias: "Alias of " + name, State: holm.StateCreating, Wanted: holm.StateRunning, Creator: a.Owner}
}

// invited is a pending invitation with the link "link of <email>".
func (db *suite) invited(t testing.TB, a holm.Account, email string) holm.Collaborator {
	t.Helper()
	return must(t, db, func(tx *store.Tx) (holm.Collaborator, error) {
		return tx.PutInvitation(holm.Collaborator{Account: a.ID, Email: email, Role: holm.RoleViewer, InvitedBy: a.Owner, LinkUntil: tx.Now().Add(holm.InvitationTTL)}, "link of "+email)
	})
}

// member is an accepted invitation.
func (db *suite) member(t testing.TB, a holm.Account, u holm.User) holm.Collaborator {
	t.Helper()
	c := db.invited(t, a, u.Email)
	if !must(t, db, func(tx *store.Tx) (bool, error) { return tx.AcceptInvitation(c.ID, u.ID) }) {
		t.Fatal("the invitation was not pending")
	}
	return db.collaborator(t, a, u.Email)
}

func (db *suite) collaborator(t testing.TB, a holm.Account, name string) holm.Collaborator {
	t.Helper()
	return must(t, db, func(tx *store.Tx) (holm.Collaborator, error) { return tx.Collaborator(a.ID, name) })
}

func (db *suite) grant(t testing.TB, c holm.Collaborator, e holm.Environment, l holm.Level, until time.Time) {
	t.Helper()
	db.Write(t, func(tx *store.Tx) error {
		return tx.SetGrant(holm.Grant{Collaborator: c.ID, Environment: e.ID, Level: l, Until: until}, c.InvitedBy)
	})
}

// is compares what was got with what was wanted, as both print.
func is(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		t.Errorf("%s: got %s, want %s", what, g, w)
	}
}
