package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/holmhq/holm/internal/engine/control"
)

// awaitConfig waits until the engine says what to run, which it does when the
// node has its network and its limits.
func awaitConfig(folder string) (config control.Config, err error) {
	read := func() error { return control.Read(filepath.Join(folder, control.ConfigFile), &config) }
	if err := read(); !errors.Is(err, fs.ErrNotExist) {
		return config, err
	}
	f, err := openWatch(folder)
	if err != nil {
		return config, err
	}
	defer f.Close()
	for buffer := make([]byte, 4<<10); ; {
		// It may have been written before the watch began.
		if err := read(); !errors.Is(err, fs.ErrNotExist) {
			return config, err
		}
		if _, err := f.Read(buffer); err != nil {
			return config, err
		}
	}
}

// watchFolder calls changed whenever a file in the folder was replaced. It
// never returns. Where the kernel refuses to tell, it looks every second.
func watchFolder(folder string, changed func()) {
	f, err := openWatch(folder)
	if err != nil {
		for range time.Tick(time.Second) {
			changed()
		}
	}
	// Something may have changed between the first reading and the watch.
	changed()
	buffer := make([]byte, 4<<10)
	for {
		if _, err := f.Read(buffer); err != nil {
			time.Sleep(time.Second)
		}
		changed()
	}
}

func openWatch(folder string) (*os.File, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, err
	}
	if _, err := unix.InotifyAddWatch(fd, folder, unix.IN_MOVED_TO|unix.IN_CLOSE_WRITE); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), "inotify"), nil
}
