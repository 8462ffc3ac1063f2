package local

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/internal/engine/control"
	"github.com/holmhq/holm/stacks"
)

// cpuPeriod is the stretch of time, in microseconds, in which a node may use
// its share of CPU.
const cpuPeriod = 100_000

const maxFiles = 65536

// spec gives the OCI description of a node. Its first process is the service
// user from the start and has no capability at all: what it may do, it may as
// the owner of its files.
func (e *Engine) spec(p place, w engine.Environment, n engine.Node, offer stacks.Offer) *specs.Spec {
	process := serviceProcess(w, n, offer)
	process.Args = []string{control.Program}
	process.Cwd = "/"
	return &specs.Spec{
		Version:  specs.Version,
		Hostname: n.Hostname,
		Root:     &specs.Root{Path: p.root()},
		Process:  process,
		Mounts:   e.mounts(p, offer),
		Linux: &specs.Linux{
			UIDMappings: p.idMap(),
			GIDMappings: p.idMap(),
			Namespaces: []specs.LinuxNamespace{
				{Type: specs.UserNamespace}, {Type: specs.PIDNamespace}, {Type: specs.MountNamespace},
				{Type: specs.NetworkNamespace}, {Type: specs.IPCNamespace}, {Type: specs.UTSNamespace},
				{Type: specs.CgroupNamespace},
			},
			CgroupsPath: p.cgroup,
			Resources:   startResources(n.Limits),
			Seccomp:     seccomp(),
			Sysctl: map[string]string{
				// Without capabilities the service still gets port 80, and
				// ping works without raw sockets.
				"net.ipv4.ip_unprivileged_port_start": "0",
				"net.ipv4.ping_group_range":           "0 65535",
			},
			MaskedPaths: []string{"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys",
				"/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
				"/sys/devices/virtual/powercap", "/sys/firmware"},
			ReadonlyPaths: []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"},
		},
	}
}

func (p place) idMap() []specs.LinuxIDMapping {
	return []specs.LinuxIDMapping{{ContainerID: 0, HostID: uint32(p.firstU), Size: idsPerEnvironment}}
}

// serviceProcess is a process of the service user: the same for the service
// and for people who come in.
func serviceProcess(w engine.Environment, n engine.Node, offer stacks.Offer) *specs.Process {
	adjust := max(ownOOMScoreAdj(), 0)
	id := uint32(offer.User.ID)
	return &specs.Process{
		User:            specs.User{UID: id, GID: id},
		Env:             environ(w, n, offer),
		Cwd:             offer.User.Home,
		NoNewPrivileges: true,
		Capabilities:    &specs.LinuxCapabilities{},
		OOMScoreAdj:     &adjust,
		Rlimits:         []specs.POSIXRlimit{fileLimit()},
	}
}

// environ gives the environment variables of a node: ours, the stack's, then
// those people set, which win.
func environ(w engine.Environment, n engine.Node, offer stacks.Offer) []string {
	all := map[string]string{
		"PATH":             "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME":             offer.User.Home,
		"USER":             offer.User.Name,
		"LOGNAME":          offer.User.Name,
		"LANG":             "C.UTF-8",
		"HOLM_ENVIRONMENT": w.Name,
		"HOLM_NODE":        strconv.FormatInt(int64(n.ID), 10),
		"HOLM_STACK":       offer.Name,
	}
	if offer.Port != 0 {
		all["PORT"] = strconv.Itoa(offer.Port)
	}
	maps.Copy(all, offer.Env)
	maps.Copy(all, n.Env)
	out := make([]string, 0, len(all))
	for _, key := range slices.Sorted(maps.Keys(all)) {
		out = append(out, key+"="+all[key])
	}
	return out
}

// ownOOMScoreAdj is how willingly the kernel ends this process when memory
// runs out. A node must never be spared before other processes, and asking
// for less than our own may be refused.
var ownOOMScoreAdj = sync.OnceValue(func() int {
	data, err := os.ReadFile("/proc/self/oom_score_adj")
	if err != nil {
		return 0
	}
	value, _ := strconv.Atoi(strings.TrimSpace(string(data)))
	return value
})

// fileLimit is how many files a process may have open; asking for more than
// our own hard limit may be refused.
func fileLimit() specs.POSIXRlimit {
	limit := uint64(maxFiles)
	var own unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &own); err == nil {
		limit = min(limit, own.Max)
	}
	return specs.POSIXRlimit{Type: "RLIMIT_NOFILE", Hard: limit, Soft: limit}
}

// resources gives a node's limits as the kernel takes them. Swap is off: the
// limit of memory and swap together is that of memory.
func resources(l engine.Limits) *specs.LinuxResources {
	denyAll := specs.LinuxDeviceCgroup{Allow: false, Access: "rwm"}
	r := &specs.LinuxResources{Devices: []specs.LinuxDeviceCgroup{denyAll}}
	if l.MemoryBytes > 0 {
		memory := l.MemoryBytes
		r.Memory = &specs.LinuxMemory{Limit: &memory}
		if swapCounted() {
			r.Memory.Swap = &memory
		}
	}
	if l.Cores > 0 {
		quota, period := int64(l.Cores*cpuPeriod), uint64(cpuPeriod)
		// What a node did not use lately it may use at once: small nodes
		// answer sooner after a rest.
		burst := uint64(quota)
		r.CPU = &specs.LinuxCPU{Quota: &quota, Period: &period, Burst: &burst}
	}
	if l.Pids > 0 {
		pids := l.Pids
		r.Pids = &specs.LinuxPids{Limit: &pids}
	}
	return r
}

// startResources leaves CPU out: runc prepares a node inside its cgroup, and
// the smallest nodes would wait for their own preparation. The limit is set
// before the node's first process runs.
func startResources(l engine.Limits) *specs.LinuxResources {
	r := resources(l)
	r.CPU = nil
	return r
}

// mounts composes the node's file system: its own root, the machine's programs
// read-only, and the folders it shares with the engine.
func (e *Engine) mounts(p place, offer stacks.Offer) []specs.Mount {
	user := offer.User.ID
	owner := fmt.Sprintf("uid=%d,gid=%d", user, user)
	list := []specs.Mount{
		{Destination: "/proc", Type: "proc", Source: "proc", Options: []string{"nosuid", "noexec", "nodev"}},
		{Destination: "/dev", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "noexec", "strictatime", "mode=755", "size=64k"}},
		{Destination: "/dev/pts", Type: "devpts", Source: "devpts", Options: []string{"nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"}},
		{Destination: "/dev/shm", Type: "tmpfs", Source: "shm", Options: []string{"nosuid", "noexec", "nodev", "mode=1777"}},
		{Destination: "/dev/mqueue", Type: "mqueue", Source: "mqueue", Options: []string{"nosuid", "noexec", "nodev"}},
		{Destination: "/sys", Type: "sysfs", Source: "sysfs", Options: []string{"nosuid", "noexec", "nodev", "ro"}},
		{Destination: "/sys/fs/cgroup", Type: "cgroup", Source: "cgroup", Options: []string{"nosuid", "noexec", "nodev", "relatime", "ro"}},
		{Destination: "/run", Type: "tmpfs", Source: "tmpfs", Options: append([]string{"nosuid", "nodev", "mode=755", "size=16m"}, strings.Split(owner, ",")...)},
		{Destination: control.Dir, Type: "bind", Source: p.control(), Options: []string{"bind", "ro", "nosuid", "nodev", "noexec"}},
		{Destination: control.StatusDir, Type: "bind", Source: p.status(), Options: []string{"bind", "rw", "nosuid", "nodev", "noexec"}},
		{Destination: control.Program, Type: "bind", Source: e.o.HolmNode, Options: []string{"bind", "ro", "nosuid", "nodev"}},
	}
	if offer.Source.Kind == stacks.OfImage {
		return list
	}
	list = append(list, e.machine("/usr", p))
	for _, name := range machineFolders {
		if info, err := os.Lstat("/" + name); err == nil && info.IsDir() {
			list = append(list, e.machine("/"+name, p))
		}
	}
	for _, path := range []string{"/etc/alternatives", "/etc/ssl/certs", "/etc/pki/ca-trust", "/etc/ld.so.cache"} {
		if _, err := os.Stat(path); err == nil {
			list = append(list, e.machine(path, p))
		}
	}
	return list
}

// machine shows a folder of this machine inside the node, read-only. User 0 of
// the machine is user 0 of the node; every other owner is nobody there, because
// the node's users have the same numbers as people of the machine, and must
// read only what everybody may.
func (e *Engine) machine(path string, p place) specs.Mount {
	root := []specs.LinuxIDMapping{{ContainerID: 0, HostID: uint32(p.firstU), Size: 1}}
	return specs.Mount{
		Destination: path, Type: "bind", Source: path,
		Options:     []string{"bind", "ro", "nosuid", "nodev", "idmap"},
		UIDMappings: root, GIDMappings: root,
	}
}

// fingerprint is equal for two wants between which a running node needs no
// restart. Variables wait for the next one.
func fingerprint(w engine.Environment, n engine.Node, offer stacks.Offer) string {
	n.Env = nil
	data, err := json.Marshal([]any{1, w.Name, w.Subnet, n.Slot, n.Stack, n.Version, n.Hostname,
		environ(w, n, offer), offer.Run(), offer.Source, offer.Port, offer.Root, offer.Health, offer.Upstreams, offer.StopSignal})
	if err != nil {
		panic(err) // strings and numbers always marshal
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}

func writeSpec(p place, spec *specs.Spec) error {
	data, err := json.Marshal(spec)
	if err != nil {
		return err
	}
	return control.WriteFile(filepath.Join(p.bundle(), "config.json"), data, 0o600, -1, -1)
}
