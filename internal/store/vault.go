package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/holmhq/holm"
)

// vault encrypts what must be readable again and yet not lie open in the
// database: who has a copy of it alone learns nothing. The key is a file in
// the data folder.
type vault struct{ cipher.AEAD }

// keySize is the size of the key in bytes.
const keySize = 32

// keyFile is the name of the key's file.
const keyFile = "secret.key"

// newVault reads the key, and makes it the first time. It is in keys, or in
// the data folder where keys is "". Without a folder the key ends with the
// process, as such a store does.
func newVault(data, keys string) (vault, error) {
	key := make([]byte, keySize)
	rand.Read(key)
	if keys == "" {
		keys = data
	}
	if keys != "" {
		path := filepath.Join(keys, keyFile)
		if err := notLeftBehind(data, path); err != nil {
			return vault{}, err
		}
		kept, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			err = os.WriteFile(path, key, 0o600)
		case err == nil && len(kept) != keySize:
			return vault{}, holm.Errorf(holm.CodeUnavailable, "The key %s is not %d bytes long; restore it from a backup. Without it second factors cannot be read.", path, keySize)
		case err == nil:
			key = kept
		}
		if err != nil {
			return vault{}, holm.Wrap(holm.CodeUnavailable, err, "The key %s cannot be read or made; give another folder with --data or --keys, or make it writable", path)
		}
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return vault{}, err
	}
	aead, err := cipher.NewGCM(block)
	return vault{aead}, err
}

// notLeftBehind refuses a new key in a folder of keys while the one that
// everything is sealed with lies in the data folder.
func notLeftBehind(data, path string) error {
	old := filepath.Join(data, keyFile)
	if data == "" || old == path {
		return nil
	}
	if _, err := os.Stat(old); err != nil {
		return nil
	}
	if _, err := os.Stat(path); err == nil {
		return holm.Errorf(holm.CodeConflict, "There is a key at %s and one at %s; keep the one that this installation was used with and take the other away.", path, old)
	}
	return holm.Errorf(holm.CodeConflict, "The key of this installation is at %s; move it to %s before it is looked for there.", old, path)
}

// Seal encrypts a value for one purpose. What is sealed for one purpose opens
// for no other.
func (s *Store) Seal(purpose string, plain []byte) string {
	nonce := make([]byte, s.vault.NonceSize())
	rand.Read(nonce)
	return base64.RawURLEncoding.EncodeToString(s.vault.AEAD.Seal(nonce, nonce, plain, []byte(purpose)))
}

// Unseal opens what Seal made for the same purpose; ErrNone for anything else.
func (s *Store) Unseal(purpose, sealed string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || len(raw) < s.vault.NonceSize() {
		return nil, ErrNone
	}
	plain, err := s.vault.Open(nil, raw[:s.vault.NonceSize()], raw[s.vault.NonceSize():], []byte(purpose))
	if err != nil {
		return nil, ErrNone
	}
	return plain, nil
}

// Seal is Store.Seal, at hand in a transaction.
func (tx *Tx) Seal(purpose string, plain []byte) string { return tx.store.Seal(purpose, plain) }

// Unseal is Store.Unseal, at hand in a transaction.
func (tx *Tx) Unseal(purpose, sealed string) ([]byte, error) { return tx.store.Unseal(purpose, sealed) }
