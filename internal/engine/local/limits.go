package local

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/holmhq/holm/internal/engine"
)

// setting is one control file of the kernel and what it is to hold.
type setting struct {
	path, value string
	optional    bool // older kernels do not have it
}

// settings gives the control files that bound a cgroup, in the order in which
// the kernel takes them: in version 1 the limit of memory with swap may never
// be the smaller one. growing says that memory becomes more.
func settings(root string, unified bool, cgroup string, l engine.Limits, growing bool) []setting {
	if unified {
		dir := filepath.Join(root, cgroup)
		return append([]setting{
			{filepath.Join(dir, "memory.max"), orElse(l.MemoryBytes, "max"), false},
			{filepath.Join(dir, "memory.swap.max"), "0", true}, // not there without swap accounting
			{filepath.Join(dir, "pids.max"), orElse(l.Pids, "max"), false},
		}, cpuSettings(root, true, cgroup, l.Cores)...)
	}
	memory := filepath.Join(root, "memory", cgroup)
	alone := setting{filepath.Join(memory, "memory.limit_in_bytes"), orElse(l.MemoryBytes, "-1"), false}
	both := setting{filepath.Join(memory, "memory.memsw.limit_in_bytes"), orElse(l.MemoryBytes, "-1"), true}
	list := []setting{alone, both}
	if growing {
		list = []setting{both, alone}
	}
	list = append(list, setting{filepath.Join(root, "pids", cgroup, "pids.max"), orElse(l.Pids, "max"), false})
	return append(list, cpuSettings(root, false, cgroup, l.Cores)...)
}

// cpuSettings is the part about CPU. What a node did not use lately it may use
// at once, where the kernel can: small nodes answer sooner after a rest.
func cpuSettings(root string, unified bool, cgroup string, cores float64) []setting {
	period, quota, burst := strconv.Itoa(cpuPeriod), strconv.Itoa(int(cores*cpuPeriod)), strconv.Itoa(int(cores*cpuPeriod))
	if unified {
		if cores <= 0 {
			quota, burst = "max", "0"
		}
		dir := filepath.Join(root, cgroup)
		// A burst may not be larger than the quota that holds at the moment.
		return []setting{{filepath.Join(dir, "cpu.max.burst"), "0", true}, {filepath.Join(dir, "cpu.max"), quota + " " + period, false},
			{filepath.Join(dir, "cpu.max.burst"), burst, true}}
	}
	if cores <= 0 {
		quota, burst = "-1", "0"
	}
	dir := filepath.Join(root, "cpu", cgroup)
	return []setting{
		{filepath.Join(dir, "cpu.cfs_burst_us"), "0", true},
		{filepath.Join(dir, "cpu.cfs_period_us"), period, false},
		{filepath.Join(dir, "cpu.cfs_quota_us"), quota, false},
		{filepath.Join(dir, "cpu.cfs_burst_us"), burst, true},
	}
}

func orElse(n int64, unlimited string) string {
	if n <= 0 {
		return unlimited
	}
	return strconv.FormatInt(n, 10)
}

// put writes control files, and stops at the first that the kernel refuses.
func put(list []setting) error {
	for _, s := range list {
		if err := s.write(); err != nil {
			return err
		}
	}
	return nil
}

func (s setting) write() error {
	f, err := os.OpenFile(s.path, os.O_WRONLY, 0)
	if s.optional && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(s.value)
	return errors.Join(err, f.Close())
}

// setLimits bounds a running node anew. The kernel does it at once; no program
// is started for it.
func (p place) setLimits(old, l engine.Limits) error {
	growing := l.MemoryBytes <= 0 || old.MemoryBytes > 0 && l.MemoryBytes > old.MemoryBytes
	return put(settings(cgroupRoot, unified(), p.cgroup, l, growing))
}

// limitCPU sets how many cores a new cgroup may use, 0 for all.
func limitCPU(cgroup string, cores float64) error {
	if cores <= 0 {
		return nil // a new cgroup is not limited
	}
	return put(cpuSettings(cgroupRoot, unified(), cgroup, cores))
}
