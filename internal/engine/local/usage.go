package local

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

// Usage reads what a node uses now. A node that does not run uses disk only.
func (e *Engine) Usage(ctx context.Context, id holm.EnvironmentID, node holm.NodeID) (engine.Usage, error) {
	_, n, p, err := e.find(id, node)
	if err != nil {
		return engine.Usage{}, err
	}
	u := engine.Usage{Time: time.Now()}
	r, err := p.readRecord()
	if err == nil && e.alive(r.Process) {
		err = p.readUsage(&u)
	}
	if err != nil {
		return u, internal(err, "The usage of node %d cannot be read.", n.ID)
	}
	u.DiskBytes, err = e.disk.size(ctx, p.root())
	return u, err
}

// Memory reads what the running nodes of an environment use and could not give
// back.
func (e *Engine) Memory(ctx context.Context, id holm.EnvironmentID) (map[holm.NodeID]int64, error) {
	w, _, err := e.readEnvironment(id)
	if err != nil {
		return nil, internal(err, "What environment %s is cannot be read.", id)
	}
	out := map[holm.NodeID]int64{}
	for _, n := range w.Nodes {
		p := e.place(w, n)
		r, err := p.readRecord()
		if err != nil || !e.alive(r.Process) {
			continue
		}
		if used, err := p.memoryUsed(); err == nil { // it may just have ended
			out[n.ID] = used
		}
	}
	return out, ctx.Err()
}

// readUsage reads the node's cgroup and cable.
func (p place) readUsage(u *engine.Usage) (err error) {
	if u.MemoryBytes, err = p.memoryUsed(); err != nil {
		return err
	}
	if unified() {
		table, err := readTable(cgroupFile(p.cgroup, "", "", "cpu.stat"))
		if err != nil {
			return err
		}
		u.CPU = time.Duration(table["usage_usec"]) * time.Microsecond
	} else {
		spent, err := readNumber(cgroupFile(p.cgroup, "cpuacct", "cpuacct.usage", ""))
		if err != nil {
			return err
		}
		u.CPU = time.Duration(spent)
	}
	if u.Pids, err = readNumber(cgroupFile(p.cgroup, "pids", "pids.current", "pids.current")); err != nil {
		return err
	}
	// What the cable's host end sends is what the node receives.
	statistics := "/sys/class/net/" + p.netdev + "/statistics/"
	u.RxBytes, _ = readNumber(statistics + "tx_bytes")
	u.TxBytes, _ = readNumber(statistics + "rx_bytes")
	u.ReadBytes, u.WriteBytes, err = readTransfer(p.cgroup)
	return err
}

// memoryUsed is the memory in use without what the kernel gives back when
// asked, in bytes.
func (p place) memoryUsed() (int64, error) {
	used, err := readNumber(cgroupFile(p.cgroup, "memory", "memory.usage_in_bytes", "memory.current"))
	if err != nil {
		return 0, err
	}
	stat, err := readTable(cgroupFile(p.cgroup, "memory", "memory.stat", "memory.stat"))
	if err != nil {
		return 0, err
	}
	cache, ok := stat["total_inactive_file"] // version 1: with cgroups below
	if !ok {
		cache = stat["inactive_file"]
	}
	return max(used-cache, 0), nil
}

// find gives a node that was wanted last.
func (e *Engine) find(id holm.EnvironmentID, node holm.NodeID) (engine.Environment, engine.Node, place, error) {
	var n engine.Node
	if !idPattern.MatchString(string(id)) {
		return engine.Environment{}, n, place{}, holm.ErrNotFound()
	}
	w, _, err := e.readEnvironment(id)
	if err != nil {
		return w, n, place{}, internal(err, "What environment %s is cannot be read.", id)
	}
	i := slices.IndexFunc(w.Nodes, func(n engine.Node) bool { return n.ID == node })
	if i < 0 {
		return w, n, place{}, holm.ErrNotFound()
	}
	return w, w.Nodes[i], e.place(w, w.Nodes[i]), nil
}

// diskAge is how long a measured size of a node's files holds: measuring
// walks over all of them.
const diskAge = time.Minute

// diskCache remembers the sizes of folders. The zero value is ready.
type diskCache struct {
	mu    sync.Mutex
	sizes map[string]diskSize
}

type diskSize struct {
	bytes int64
	at    time.Time
}

func (d *diskCache) size(ctx context.Context, dir string) (int64, error) {
	d.mu.Lock()
	known, ok := d.sizes[dir]
	d.mu.Unlock()
	if ok && time.Since(known.at) < diskAge {
		return known.bytes, nil
	}
	bytes, err := diskUsed(ctx, dir)
	if err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sizes == nil {
		d.sizes = map[string]diskSize{}
	}
	d.sizes[dir] = diskSize{bytes, time.Now()}
	return bytes, nil
}

func (d *diskCache) forget(dir string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.sizes, dir)
}

// diskUsed adds up the blocks of all files below a folder, each file once.
// Links are not followed.
func diskUsed(ctx context.Context, dir string) (total int64, err error) {
	seen := map[uint64]bool{} // files with several names
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it went away while we looked
		}
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return nil
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok || (stat.Nlink > 1 && !entry.IsDir() && seen[stat.Ino]) {
			return nil
		}
		if stat.Nlink > 1 && !entry.IsDir() {
			seen[stat.Ino] = true
		}
		total += stat.Blocks * 512
		return nil
	})
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	return total, err
}
