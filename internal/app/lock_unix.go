//go:build unix

package app

import (
	"os"
	"path/filepath"
	"syscall"

	"github.com/holmhq/holm"
)

// lockFolder makes sure that one Holm alone works in a data folder. The lock
// goes with the process, however it ends.
func lockFolder(folder string) (unlock func(), err error) {
	path := filepath.Join(folder, "lock")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, holm.Wrap(holm.CodeUnavailable, err, "The data folder %s is not writable; give another with --data or make it writable", folder)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, holm.Errorf(holm.CodeConflict, "Another Holm is running with the data folder %s; stop it first or give another folder with --data.", folder)
	}
	return func() { f.Close() }, nil
}
