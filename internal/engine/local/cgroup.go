package local

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const cgroupRoot = "/sys/fs/cgroup"

// unified says whether the machine has cgroup version 2 only.
var unified = sync.OnceValue(func() bool {
	var s unix.Statfs_t
	return unix.Statfs(cgroupRoot, &s) == nil && s.Type == unix.CGROUP2_SUPER_MAGIC
})

// hierarchies are the folders below which a node's cgroup is: one for version
// 2, one for each mounted controller for version 1.
var hierarchies = sync.OnceValue(func() []string {
	if unified() {
		return []string{cgroupRoot}
	}
	entries, err := os.ReadDir(cgroupRoot)
	if err != nil {
		return nil
	}
	var out []string
	for _, entry := range entries {
		if entry.IsDir() {
			out = append(out, filepath.Join(cgroupRoot, entry.Name()))
		}
	}
	return out
})

// swapCounted says whether the kernel can bound memory and swap together.
var swapCounted = sync.OnceValue(func() bool {
	if unified() {
		return true
	}
	_, err := os.Stat(cgroupRoot + "/memory/memory.memsw.limit_in_bytes")
	return err == nil
})

// cgroupFile gives the path of a control file of a cgroup: v1 is its
// controller and name in version 1, v2 its name in version 2.
func cgroupFile(cgroup, controller, v1, v2 string) string {
	if unified() {
		return filepath.Join(cgroupRoot, cgroup, v2)
	}
	return filepath.Join(cgroupRoot, controller, cgroup, v1)
}

// removeCgroup removes a cgroup and those in it everywhere. Groups with
// processes stay: the kernel refuses.
func removeCgroup(cgroup string) {
	for _, h := range hierarchies() {
		var found []string
		root := filepath.Join(h, cgroup)
		_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				found = append(found, path)
			}
			return nil
		})
		for i := len(found) - 1; i >= 0; i-- {
			_ = os.Remove(found[i])
		}
	}
}

// killCgroup kills what still runs in a cgroup and waits until it is gone.
func killCgroup(ctx context.Context, cgroup string) error {
	file := cgroupFile(cgroup, "pids", "cgroup.procs", "cgroup.procs")
	for {
		data, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENODEV) || (err == nil && len(data) == 0) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, line := range strings.Fields(string(data)) {
			if pid, err := strconv.Atoi(line); err == nil && pid > 1 {
				_ = unix.Kill(pid, unix.SIGKILL)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// readNumber reads a file that holds one number; "max" counts as -1.
func readNumber(path string) (int64, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	text := strings.TrimSpace(string(data))
	if text == "max" {
		return -1, nil
	}
	return strconv.ParseInt(text, 10, 64)
}

// readTable reads a file of lines with a name and a number.
func readTable(path string) (map[string]int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := map[string]int64{}
	scanner := bufio.NewScanner(f)
	for scanner.Scan() {
		key, value, ok := strings.Cut(scanner.Text(), " ")
		if number, err := strconv.ParseInt(value, 10, 64); ok && err == nil {
			out[key] = number
		}
	}
	return out, scanner.Err()
}

// readTransfer sums bytes read and written over all devices.
func readTransfer(cgroup string) (read, written int64, err error) {
	f, err := os.Open(cgroupFile(cgroup, "blkio", "blkio.throttle.io_service_bytes", "io.stat"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, 0, nil // the controller is not there
	}
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	return sumTransfer(f)
}

// sumTransfer reads both forms that the kernel has.
func sumTransfer(f io.Reader) (read, written int64, err error) {
	scanner := bufio.NewScanner(f)
	for scanner.Scan() {
		fields := strings.Fields(scanner.Text())
		if len(fields) == 3 && !strings.Contains(fields[1], "=") { // version 1: "8:0 Read 4096"
			number, _ := strconv.ParseInt(fields[2], 10, 64)
			switch fields[1] {
			case "Read":
				read += number
			case "Write":
				written += number
			}
			continue
		}
		for _, field := range fields { // version 2: "8:0 rbytes=1 wbytes=2 …"
			key, value, _ := strings.Cut(field, "=")
			number, _ := strconv.ParseInt(value, 10, 64)
			switch key {
			case "rbytes":
				read += number
			case "wbytes":
				written += number
			}
		}
	}
	return read, written, scanner.Err()
}
