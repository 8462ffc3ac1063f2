package local

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// mapped gives the files, by inode, that processes of the node have mapped into
// memory and can write there.
func (p place) mapped() (map[uint64]bool, error) {
	data, err := os.ReadFile(cgroupFile(p.cgroup, "pids", "cgroup.procs", "cgroup.procs"))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENODEV) {
		return nil, nil // it does not run
	}
	if err != nil {
		return nil, err
	}
	files := map[uint64]bool{}
	for _, pid := range strings.Fields(string(data)) {
		if err := mappedBy(pid, files); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, unix.ESRCH) {
			return nil, err
		}
	}
	return files, nil
}

// mappedBy adds those of one process, which may just end.
func mappedBy(pid string, files map[uint64]bool) error {
	f, err := os.Open(fmt.Sprintf("/proc/%s/maps", pid))
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 64<<10) // a path can be longer than the scanner expects
	for lines.Scan() {
		// 7f0c-7f0d rw-s 00000000 08:01 1234 /var/lib/…
		fields := strings.Fields(lines.Text())
		if len(fields) < 5 || len(fields[1]) != 4 || fields[1][1] != 'w' || fields[1][3] != 's' {
			continue
		}
		if inode, err := strconv.ParseUint(fields[4], 10, 64); err == nil && inode != 0 {
			files[inode] = true
		}
	}
	return lines.Err()
}
