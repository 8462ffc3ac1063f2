// Package file is the mail driver that writes each mail as one .eml file into
// a folder, for people who try Holm out and for tests.
//
// It must not know what the mails are about.
package file

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/mail"
	"github.com/holmhq/holm/internal/mail/compose"
)

// Sender writes mails into a folder.
type Sender struct {
	folder string
	clock  holm.Clock

	mu   sync.Mutex
	last time.Time // of the newest name given
}

// New makes a sender, and the folder if it does not exist. The folder is its
// owner's alone: mails carry invitation and password links.
func New(folder string, clock holm.Clock) (*Sender, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, holm.Wrap(holm.CodeUnavailable, err, "The folder for mails, %s, cannot be made.", folder)
	}
	return &Sender{folder: folder, clock: clock}, nil
}

// Send writes the mail. A file appears whole or not at all; names sort by the
// time of sending and end in the recipient's address, as in
// "20060102T150405.000000000Z-7K3Q-ana@example.com.eml".
func (s *Sender) Send(_ context.Context, message mail.Message) error {
	now := s.stamp()
	composed, err := compose.Compose(message, now)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if _, err := composed.WriteTo(&text); err != nil {
		return holm.Wrap(holm.CodeInternal, err, "The mail could not be written down.")
	}
	// The random part keeps two processes with one folder apart.
	name := now.UTC().Format("20060102T150405.000000000Z") + "-" + rand.Text()[:4] + "-" + harmless(message.To) + ".eml"
	if err := s.write(name, text.Bytes()); err != nil {
		return holm.Wrap(holm.CodeUnavailable, err, "The mail could not be written into %s.", s.folder)
	}
	return nil
}

// write puts the file there in one step. CreateTemp makes files that only
// their owner may read, which is what mails with links need.
func (s *Sender) write(name string, content []byte) error {
	file, err := os.CreateTemp(s.folder, ".new-")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), filepath.Join(s.folder, name))
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}

// stamp gives the time, later than any it has given before, so that two mails
// of the same instant still have an order.
func (s *Sender) stamp() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock()
	if !now.After(s.last) {
		now = s.last.Add(time.Nanosecond)
	}
	s.last = now
	return now
}

// harmless makes an address a part of a file's name.
func harmless(address string) string {
	if len(address) > 100 {
		address = address[:100]
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("@._+-", r):
			return r
		}
		return '_'
	}, address)
}
