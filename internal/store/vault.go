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

// newVault reads the key in a folder, and makes it the first time. Without a
// folder the key ends with the process, as such a store does.
func newVault(dir string) (vault, error) {
	key := make([]byte, keySize)
	rand.Read(key)
	if dir != "" {
		path := filepath.Join(dir, "secret.key")
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
			return vault{}, holm.Wrap(holm.CodeUnavailable, err, "The key %s cannot be read or made; give another folder with --data or make it writable", path)
		}
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return vault{}, err
	}
	aead, err := cipher.NewGCM(block)
	return vault{aead}, err
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
