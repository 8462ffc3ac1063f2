package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/holmhq/holm"
)

// lastSigned is a folder beside the key of the audit logs, with the newest
// signed checkpoint of each log in a file of its own.
type lastSigned string

// installationLog is the name of what belongs to no account.
const installationLog = "installation"

func (dir lastSigned) Place(account holm.AccountID) string {
	if account == "" {
		account = installationLog
	}
	return filepath.Join(string(dir), filepath.Base(string(account)))
}

func (dir lastSigned) Last(account holm.AccountID) (string, error) {
	note, err := os.ReadFile(dir.Place(account))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err == nil && len(note) == 0 {
		err = errors.New("the file is empty")
	}
	return string(note), err
}

func (dir lastSigned) Remember(account holm.AccountID, note string) error {
	err := os.MkdirAll(string(dir), 0o700)
	if err == nil {
		err = replaceFile(dir.Place(account), []byte(note), 0o600)
	}
	if err != nil {
		return holm.Wrap(holm.CodeUnavailable, err, "What was signed of the audit log cannot be written to %s, so nothing is signed", string(dir))
	}
	return nil
}

func (dir lastSigned) Accounts() (list []holm.AccountID, err error) {
	entries, err := os.ReadDir(string(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		switch name := e.Name(); {
		case e.IsDir() || name[0] == '.':
		case name == installationLog:
			list = append(list, "")
		default:
			list = append(list, holm.AccountID(name))
		}
	}
	return list, err
}
