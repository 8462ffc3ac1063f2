// Package freezer makes everything in a cgroup stand still, and go on.
//
// It knows the files of both versions of cgroups. It must not know what runs
// in one.
package freezer

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/holmhq/holm"
)

// Freeze stops everything in a cgroup where it stands and waits until it does.
// In version 1 what forks while it is frozen can escape for as long as it
// forks; asking again, and letting all go on for a moment now and then, ends
// that.
func Freeze(ctx context.Context, root, cgroup string, unified bool) error {
	file, frozen := state(root, cgroup, unified)
	for i := 1; ; i++ {
		if i%50 == 0 && !unified {
			if err := Thaw(root, cgroup, unified); err != nil {
				return err
			}
			time.Sleep(5 * time.Millisecond)
		}
		if err := os.WriteFile(file, []byte(frozen), 0); err != nil {
			return err
		}
		if is, err := Frozen(root, cgroup, unified); err != nil || is {
			return err
		}
		if ctx.Err() != nil {
			return holm.Wrap(holm.CodeUnavailable, ctx.Err(), "The nodes could not be paused; it is tried again.")
		}
		time.Sleep(500 * time.Microsecond)
	}
}

// Thaw lets it go on. A cgroup that is not there has nothing that stands.
func Thaw(root, cgroup string, unified bool) error {
	file, _ := state(root, cgroup, unified)
	running := "THAWED"
	if unified {
		running = "0"
	}
	err := os.WriteFile(file, []byte(running), 0)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ENODEV) {
		return nil
	}
	return err
}

// state gives the file that freezes a cgroup, and what to write there.
func state(root, cgroup string, unified bool) (file, frozen string) {
	if unified {
		return filepath.Join(root, cgroup, "cgroup.freeze"), "1"
	}
	return filepath.Join(root, "freezer", cgroup, "freezer.state"), "FROZEN"
}

// Frozen says whether everything in a cgroup stands.
func Frozen(root, cgroup string, unified bool) (bool, error) {
	if unified {
		data, err := os.ReadFile(filepath.Join(root, cgroup, "cgroup.events"))
		return slices.Contains(lines(data), "frozen 1"), err
	}
	data, err := os.ReadFile(filepath.Join(root, "freezer", cgroup, "freezer.state"))
	return slices.Contains(lines(data), "FROZEN"), err
}

// Asked says whether somebody has asked everything in a cgroup to stand, also
// when not all of it does yet.
func Asked(root, cgroup string, unified bool) (bool, error) {
	file, _ := state(root, cgroup, unified)
	data, err := os.ReadFile(file)
	text := strings.TrimSpace(string(data))
	return err == nil && text != "THAWED" && text != "0", err
}

func lines(data []byte) []string { return strings.Split(strings.TrimSpace(string(data)), "\n") }
