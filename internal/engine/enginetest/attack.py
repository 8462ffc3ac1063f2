"""Runs as the service user of a node and tries what must not work there. It
prints a line for each thing that did, then how many it tried."""
import ctypes
import glob
import os
import socket
import subprocess

libc = ctypes.CDLL(None, use_errno=True)
tried = 0


def must_fail(what, attempt):
    global tried
    tried += 1
    try:
        result = attempt()
    except (OSError, subprocess.SubprocessError, ValueError):
        return
    if result is not None and not result:
        return
    print("could:", what, "->", repr(result)[:120], flush=True)


def syscall(number, *args):
    # Pointers that lead nowhere: a call that is let through fails with EFAULT
    # or the like, and that already is one too many.
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) for a in args])
    if result == -1 and ctypes.get_errno() in (1, 38):  # EPERM, ENOSYS
        return False
    return result, ctypes.get_errno()


def write(path, text="1"):
    with open(path, "w") as f:
        f.write(text)
    return path


def read(path):
    with open(path, "rb") as f:
        return f.read(64) or False


# What the kernel is asked for. Numbers of x86-64.
if os.uname().machine == "x86_64":
    for name, number, args in [
        ("bpf", 321, (0, 0, 0)), ("perf_event_open", 298, (0, 0, -1, -1, 0)), ("userfaultfd", 323, (0,)),
        ("keyctl", 250, (0, 0, 0)), ("add_key", 248, (0, 0, 0, 0, 0)), ("request_key", 249, (0, 0, 0, 0)),
        ("io_uring_setup", 425, (1, 0)), ("mount", 165, (0, 0, 0, 0, 0)), ("umount2", 166, (0, 0)),
        ("pivot_root", 155, (0, 0)), ("setns", 308, (0, 0)), ("unshare user", 272, (0x10000000,)),
        ("unshare net", 272, (0x40000000,)), ("clone user", 56, (0x10000000 | 17, 0, 0, 0, 0)),
        ("open_by_handle_at", 304, (0, 0, 0)), ("kexec_load", 246, (0, 0, 0, 0)), ("init_module", 175, (0, 0, 0)),
        ("finit_module", 313, (0, 0, 0)), ("reboot", 169, (0xFEE1DEAD, 672274793, 0, 0)), ("swapon", 167, (0, 0)),
        ("settimeofday", 164, (0, 0)), ("sethostname", 170, (0, 0)), ("iopl", 172, (3,)), ("ioperm", 173, (0x70, 1, 1)),
        ("acct", 163, (0,)), ("quotactl", 179, (0, 0, 0, 0)), ("fsopen", 430, (0, 0)), ("open_tree", 428, (-1, 0, 0)),
        ("move_mount", 429, (-1, 0, -1, 0, 0)), ("syslog", 103, (3, 0, 10)), ("personality of another kind", 135, (0x0400000,)),
        ("clone3", 435, (0, 0)), ("name_to_handle_at and lookup_dcookie", 212, (0, 0, 0)),
    ]:
        must_fail("system call " + name, lambda n=number, a=args: syscall(n, *a))

# Sockets below the network.
must_fail("raw socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
must_fail("packet socket", lambda: socket.socket(17, socket.SOCK_RAW, 0x0300))
must_fail("vsock", lambda: socket.socket(40, socket.SOCK_STREAM, 0))
must_fail("kernel crypto socket", lambda: socket.socket(38, socket.SOCK_SEQPACKET, 0))
must_fail("bluetooth", lambda: socket.socket(31, socket.SOCK_RAW, 1))
must_fail("another address", lambda: socket.socket().bind(("10.99.99.99", 8081)))

# Kernel settings and files that lead out.
for path in ["/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/vm/panic_on_oom", "/proc/sysrq-trigger",
             "/proc/sys/net/ipv4/ip_forward", "/sys/kernel/uevent_helper", "/sys/power/state", "/sys/class/net/eth0/mtu",
             "/proc/1/oom_score_adj_low", "/proc/self/attr/current", "/sys/kernel/mm/ksm/run", "/sys/block/vda/queue/scheduler"]:
    must_fail("write " + path, lambda p=path: write(p))
for path in glob.glob("/sys/fs/cgroup/**/*", recursive=True):
    if os.path.basename(path) in ("memory.max", "memory.limit_in_bytes", "cgroup.procs", "pids.max", "cpu.max", "cpu.cfs_quota_us",
                                  "release_agent", "devices.allow", "notify_on_release", "tasks", "cgroup.subtree_control"):
        must_fail("write " + path, lambda p=path: write(p, "-1" if "quota" in p else "1"))
must_fail("make a cgroup", lambda: [os.mkdir(d + "/mine") for d in glob.glob("/sys/fs/cgroup/*/")] or os.mkdir("/sys/fs/cgroup/mine"))
for path in ["/proc/kcore", "/proc/kmsg", "/dev/mem", "/dev/kmsg", "/dev/port", "/proc/keys", "/proc/timer_list", "/proc/sched_debug",
             "/sys/firmware/acpi/tables/DSDT", "/sys/kernel/debug/sched", "/sys/kernel/tracing/trace", "/proc/acpi/event", "/etc/shadow",
             "/root/.bashrc", "/proc/1/root/etc/shadow", "/proc/1/cwd/etc/shadow"]:
    must_fail("read " + path, lambda p=path: read(p))
with open("/proc/kallsyms") as f:
    must_fail("addresses of the kernel", lambda: any(int(line.split()[0], 16) for line in f))

# Devices.
known = {"console", "core", "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero"}
must_fail("devices", lambda: sorted(set(os.listdir("/dev")) - known) or False)
for path, kind, major, minor in [("/tmp/disk", 0o060000, 254, 0), ("/tmp/mem", 0o020000, 1, 1), ("/dev/shm/kvm", 0o020000, 10, 232)]:
    must_fail("device node " + path, lambda p=path, k=kind, a=major, i=minor: os.mknod(p, k | 0o666, os.makedev(a, i)) or p)
    must_fail("open device node " + path, lambda p=path: os.open(p, os.O_RDWR))

# Becoming somebody else.
must_fail("uid 0", lambda: os.setuid(0))
must_fail("gid 0", lambda: os.setgid(0))
must_fail("group list", lambda: os.setgroups([0]))
must_fail("give a file away", lambda: [open("/tmp/gift", "w"), os.chown("/tmp/gift", 0, 0)])
subprocess.run(["cp", "/usr/bin/id", "/tmp/id"], check=True)
must_fail("set-uid of one's own", lambda: os.chmod("/tmp/id", 0o6755) or b"uid=0" in subprocess.check_output(["/tmp/id"]))
for program in ["su", "passwd", "mount", "newgrp", "chsh"]:
    must_fail("set-uid " + program, lambda p=program: subprocess.run(
        [p], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=5).returncode == 0 and p not in ("mount", "newgrp"))
with open("/proc/self/status") as f:
    status = dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)
for field in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]:
    must_fail(field, lambda f=field: int(status[f], 16) and status[f])
must_fail("new privileges", lambda: status["NoNewPrivs"] != "1")
must_fail("no seccomp", lambda: status["Seccomp"] != "2")

# holm-node and the files it shares with the engine.
for path in ["/run/holm-node", "/run/holm/node.json", "/run/holm/hosts", "/proc/1/exe", "/usr/bin/env", "/etc/ssl/certs/ca-certificates.crt"]:
    must_fail("write " + path, lambda p=path: os.open(p, os.O_WRONLY))
    must_fail("take away " + path, lambda p=path: os.unlink(p))
must_fail("new file beside the configuration", lambda: open("/run/holm/new", "w"))
must_fail("kill process 1 for good", lambda: os.kill(1, 9) or not os.path.exists("/proc/1"))
must_fail("run a file from the shared folder", lambda: [
    subprocess.run(["cp", "/usr/bin/true", "/run/holm-status/true"], check=True), subprocess.run(["/run/holm-status/true"], check=True)])

# Other processes of the machine.
pids = [int(p) for p in os.listdir("/proc") if p.isdigit()]
must_fail("many processes in sight", lambda: len(pids) > 12 and pids)
must_fail("abstract sockets of the machine", lambda: sum(1 for _ in open("/proc/net/unix")) > 5)
must_fail("shared memory of the machine", lambda: len(open("/proc/sysvipc/shm").readlines()) > 1)
must_fail("mounts that name the machine's folders", lambda: [
    line for line in open("/proc/self/mountinfo") if line.split()[4] == "/" and "rw" not in line.split()[5]])

print("tried", tried)
