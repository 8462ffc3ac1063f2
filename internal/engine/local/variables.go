package local

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/holmhq/holm/internal/engine/control"
)

// startedWith gives the environment variables that a running node was started
// with, for processes that join it; otherwise where that is not known.
func (p place) startedWith(otherwise []string) ([]string, error) {
	var c control.Config
	err := control.Read(p.configFile(), &c)
	if errors.Is(err, fs.ErrNotExist) {
		return otherwise, nil
	}
	return c.Env, err
}

// forgetConfig removes what a node that does not run was started with: there
// may be secrets in it. The next start writes it anew.
func (p place) forgetConfig() error {
	for _, file := range []string{p.configFile(), filepath.Join(p.bundle(), "config.json")} {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
