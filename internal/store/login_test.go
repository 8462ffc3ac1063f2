package store_test

import (
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/store"
)

func TestAccessTokens(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		ana, _ := db.person(t, "ana@example.org")
		bob, _ := db.person(t, "bob@example.org")
		made := must(t, db, func(tx *store.Tx) (holm.AccessToken, error) {
			return tx.CreateToken(holm.AccessToken{User: ana.ID, Name: "ci", Hint: "abcd", Permissions: []string{"deploy.git", "environment.see"},
				Environments: []holm.EnvironmentID{"env_1"}, ExpiresAt: tx.Now().Add(time.Hour)}, "hash")
		})
		db.Write(t, func(tx *store.Tx) error { return tx.UseToken(made.ID, "192.0.2.1") })
		db.Read(t, func(tx *store.Tx) error {
			got, err := tx.TokenByHash("hash")
			is(t, "permissions", len(got.Permissions), 2)
			is(t, "environments", got.Environments[0], holm.EnvironmentID("env_1"))
			is(t, "address", got.Address, "192.0.2.1")
			return err
		})
		is(t, "of somebody else", absent(t, db, func(tx *store.Tx) error { _, err := tx.Token(bob.ID, made.ID); return err }), true)
		is(t, "revoked by somebody else", must(t, db, func(tx *store.Tx) (bool, error) { return tx.DeleteToken(bob.ID, made.ID) }), false)
		db.Clock.Advance(time.Hour)
		is(t, "ended", absent(t, db, func(tx *store.Tx) error { _, err := tx.TokenByHash("hash"); return err }), true)
		is(t, "revoked", must(t, db, func(tx *store.Tx) (bool, error) { return tx.DeleteToken(ana.ID, made.ID) }), true)
	})
}

func TestSecondFactors(t *testing.T) {
	each(t, func(t *testing.T, db *suite) {
		ana, _ := db.person(t, "ana@example.org")
		has := func() bool { return must(t, db, func(tx *store.Tx) (bool, error) { return tx.NoteFactor(ana.ID) }) }
		use := func(step int64) bool {
			return must(t, db, func(tx *store.Tx) (bool, error) { return tx.UseTOTP(ana.ID, step) })
		}
		db.Write(t, func(tx *store.Tx) error { return tx.PutTOTP(ana.ID, "first") })
		db.Write(t, func(tx *store.Tx) error { return tx.PutTOTP(ana.ID, "second") })
		is(t, "not confirmed yet", has(), false)
		is(t, "first code", use(100), true)
		is(t, "the same step", use(100), false)
		is(t, "an earlier step", use(99), false)
		is(t, "a later step", use(101), true)
		db.Write(t, func(tx *store.Tx) error { return tx.PutTOTP(ana.ID, "third") })
		db.Read(t, func(tx *store.Tx) error {
			c, err := tx.TOTPOf(ana.ID)
			is(t, "a confirmed secret stays", c, store.TOTP{Secret: "second", Step: 101, Confirmed: true})
			return err
		})
		is(t, "confirmed", has(), true)
		db.Write(t, func(tx *store.Tx) error { return tx.PutRecoveryCodes(ana.ID, []string{"a", "b"}) })
		for _, want := range []bool{true, false} {
			is(t, "recovery code", must(t, db, func(tx *store.Tx) (bool, error) { return tx.UseRecoveryCode(ana.ID, "a") }), want)
		}
		is(t, "codes left", must(t, db, func(tx *store.Tx) (int, error) { return tx.RecoveryCodesLeft(ana.ID) }), 1)
		db.Write(t, func(tx *store.Tx) error { return tx.DeleteTOTP(ana.ID) })
		is(t, "turned off", has(), false)
		key := must(t, db, func(tx *store.Tx) (holm.Passkey, error) {
			return tx.CreatePasskey(holm.Passkey{User: ana.ID, Name: "Phone", Credential: []byte(`{}`)}, "cred")
		})
		is(t, "a passkey", has(), true)
		is(t, "the same passkey", code(t, db, func(tx *store.Tx) error {
			_, err := tx.CreatePasskey(holm.Passkey{User: ana.ID, Name: "Again", Credential: []byte(`{}`)}, "cred")
			return err
		}), holm.CodeConflict)
		is(t, "removed", must(t, db, func(tx *store.Tx) (bool, error) { return tx.DeletePasskey(ana.ID, key.ID) }), true)
		for _, want := range []bool{true, false} {
			is(t, "challenge", must(t, db, func(tx *store.Tx) (bool, error) { return tx.AnswerChallenge("c", tx.Now().Add(time.Hour)) }), want)
		}
		db.Write(t, func(tx *store.Tx) error {
			_, err := tx.CreateIdentity(holm.Identity{User: ana.ID, Issuer: "https://login.example.org", Subject: "1", Email: "ana@example.org"})
			return err
		})
		is(t, "linked twice", code(t, db, func(tx *store.Tx) error {
			_, err := tx.CreateIdentity(holm.Identity{User: ana.ID, Issuer: "https://login.example.org", Subject: "1"})
			return err
		}), holm.CodeConflict)
		for _, want := range []store.Device{store.DeviceFirst, store.DeviceKnown} {
			is(t, "device", must(t, db, func(tx *store.Tx) (store.Device, error) { return tx.SeeDevice(ana.ID, "one") }), want)
		}
		is(t, "device", must(t, db, func(tx *store.Tx) (store.Device, error) { return tx.SeeDevice(ana.ID, "two") }), store.DeviceNew)
	})
}

// What is sealed opens with the same key for the same purpose, after a
// restart too, and for nothing else.
func TestSealed(t *testing.T) {
	dir := t.TempDir()
	open := func(dir string) *store.Store {
		s, err := store.Open(t.Context(), store.Options{URL: "sqlite", Dir: dir, Clock: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	first := open(dir)
	sealed := first.Seal("one", []byte("value"))
	first.Close()
	again := open(dir)
	if plain, err := again.Unseal("one", sealed); err != nil || string(plain) != "value" {
		t.Errorf("after a restart: %q, %v", plain, err)
	}
	for what, f := range map[string]func() ([]byte, error){
		"another purpose":     func() ([]byte, error) { return again.Unseal("two", sealed) },
		"another key":         func() ([]byte, error) { return open(t.TempDir()).Unseal("one", sealed) },
		"a changed character": func() ([]byte, error) { return again.Unseal("one", "A"+sealed[1:]+"A") },
		"nothing":             func() ([]byte, error) { return again.Unseal("one", "") },
	} {
		if plain, err := f(); err == nil {
			t.Errorf("%s opens it: %q", what, plain)
		}
	}
}
