package local

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"

	"github.com/holmhq/holm"
)

// Check says whether nodes can run on this machine. The error is one sentence
// that says what to do.
func (e *Engine) Check(ctx context.Context) error {
	checks := []func(context.Context) error{
		checkRoot, checkKernel, checkCgroups, e.checkRunc, e.checkHolmNode, checkNftables, e.checkDataDir,
	}
	for _, check := range checks {
		if err := check(ctx); err != nil {
			return err
		}
	}
	return nil
}

func unfit(format string, args ...any) error {
	return holm.Errorf(holm.CodeUnavailable, format, args...)
}

func checkRoot(context.Context) error {
	if os.Geteuid() != 0 {
		return unfit("The local engine makes name spaces and networks, so Holm has to be started as root (or choose another engine).")
	}
	return nil
}

// checkKernel wants 5.12, the first with idmapped mounts.
func checkKernel(context.Context) error {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return err
	}
	release := unix.ByteSliceToString(u.Release[:])
	major, minor := leadingVersion(release)
	if major < 5 || major == 5 && minor < 12 {
		return unfit("The kernel %s is too old for nodes; use Linux 5.12 or newer.", release)
	}
	for _, space := range []string{"user", "pid", "net", "ipc", "uts", "mnt", "cgroup"} {
		if _, err := os.Stat("/proc/self/ns/" + space); err != nil {
			return unfit("The kernel has no %s name spaces; use a kernel built with them.", space)
		}
	}
	if limit, err := readNumber("/proc/sys/user/max_user_namespaces"); err == nil && limit == 0 {
		return unfit("User name spaces are switched off; run: sysctl -w user.max_user_namespaces=15000")
	}
	return nil
}

func checkCgroups(context.Context) error {
	if unified() {
		data, err := os.ReadFile(cgroupRoot + "/cgroup.controllers")
		if err != nil {
			return unfit("The cgroups in %s cannot be read; mount cgroup2 there.", cgroupRoot)
		}
		for _, controller := range []string{"memory", "cpu", "pids"} {
			if !strings.Contains(" "+strings.TrimSpace(string(data))+" ", " "+controller+" ") {
				return unfit("The cgroup controller %s is missing; switch it on with the kernel option cgroup_enable=%s.", controller, controller)
			}
		}
		return nil
	}
	for _, controller := range []string{"memory", "cpu", "cpuacct", "pids", "devices"} {
		if _, err := os.Stat(cgroupRoot + "/" + controller); err != nil {
			return unfit("The cgroup controller %s is not mounted below %s; mount it, or start the machine with cgroup version 2.", controller, cgroupRoot)
		}
	}
	return nil
}

var runcVersion = regexp.MustCompile(`runc version (\S+)`)

func (e *Engine) checkRunc(ctx context.Context) error {
	output, err := exec.CommandContext(ctx, e.o.Runc, "--version").CombinedOutput()
	if err != nil {
		return unfit("The program runc does not start (%v); build it with make, which puts it at %s.", err, e.o.Runc)
	}
	match := runcVersion.FindSubmatch(output)
	if match == nil {
		return unfit("%s is not runc; build runc with make.", e.o.Runc)
	}
	version := string(match[1])
	major, minor := leadingVersion(version)
	if major < 1 || major == 1 && minor < 2 {
		return unfit("runc %s is too old: it cannot map owners and lacks fixes; use 1.2 or newer, best the 1.5.2 that make builds.", version)
	}
	if !strings.Contains(string(output), "libseccomp") {
		return unfit("runc %s was built without seccomp, which keeps nodes from most of the kernel; build it with make (needs libseccomp-dev).", version)
	}
	return nil
}

// leadingVersion reads the first two numbers of a version.
func leadingVersion(text string) (major, minor int) {
	_, _ = fmt.Sscanf(text, "%d.%d", &major, &minor)
	return major, minor
}

func (e *Engine) checkHolmNode(context.Context) error {
	info, err := os.Stat(e.o.HolmNode)
	if err != nil || !info.Mode().IsRegular() || info.Mode()&0o001 == 0 {
		return unfit("The program holm-node is not at %s or not executable for all; build it with make.", e.o.HolmNode)
	}
	return nil
}

func checkNftables(context.Context) error {
	c, err := nftables.New()
	if err == nil {
		_, err = c.ListTables()
	}
	if err != nil {
		return unfit("The kernel's nftables do not answer (%v); load the module nf_tables, and nf_nat and nft_fib_inet with it.", err)
	}
	return nil
}

// checkDataDir finds folders in which nodes cannot start: their first user has
// to pass through every folder on the way.
func (e *Engine) checkDataDir(context.Context) error {
	if err := os.MkdirAll(e.o.DataDir, 0o711); err != nil {
		return unfit("The data folder %s cannot be made: %v.", e.o.DataDir, err)
	}
	parts := strings.Split(strings.Trim(e.o.DataDir, "/"), "/")
	for i := range parts {
		dir := "/" + strings.Join(parts[:i], "/")
		info, err := os.Stat(dir)
		if err != nil {
			return unfit("The folder %s cannot be read: %v.", dir, err)
		}
		if info.Mode()&0o001 == 0 {
			return unfit("Nodes cannot pass through %s to their files; run: chmod o+x %s", dir, dir)
		}
	}
	free, err := freeBytes(e.o.DataDir)
	if err == nil && free < 64<<20 {
		return unfit("The data folder %s has only %s MiB free; make room.", e.o.DataDir, strconv.FormatInt(free>>20, 10))
	}
	return nil
}

func freeBytes(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * s.Bsize, nil
}
