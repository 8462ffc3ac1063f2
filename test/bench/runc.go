package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// helloArgument makes this program a small web server.
const helloArgument = "serve-hello"

func hello(address string) error {
	return http.ListenAndServe(address, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") }))
}

// runcAlone is what the container itself costs: runc with the name spaces and
// id mapping of a node around a web server that is this program. It has no
// network of its own and no CPU limit, which would hold up runc itself; Holm
// sets a node's limit when runc is done.
func runcAlone(b *bench) (time.Duration, error) {
	dir, err := folder()
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	if err := bundle(dir); err != nil {
		return 0, err
	}
	var took []time.Duration
	for i := range creations {
		once, err := runOnce(b, dir, fmt.Sprintf("holm-bench-%d-%d", os.Getpid(), i))
		if err != nil {
			return 0, err
		}
		took = append(took, once)
	}
	return quantile(took, 0.5), nil
}

func runOnce(b *bench, dir, id string) (time.Duration, error) {
	address, err := freeAddress()
	if err != nil {
		return 0, err
	}
	raw, err := json.Marshal(spec("/hello", helloArgument, address))
	if err != nil {
		return 0, err
	}
	if err := os.WriteFile(filepath.Join(dir, "config.json"), raw, 0o600); err != nil {
		return 0, err
	}
	runc := func(arguments ...string) *exec.Cmd {
		return exec.Command(filepath.Join(b.root, "bin", "runc"), append([]string{"--root", filepath.Join(dir, "state")}, arguments...)...)
	}
	defer func() { runc("delete", "--force", id).Run() }()
	began := time.Now()
	run := runc("run", "--detach", "--bundle", dir, id) // its output is no pipe, or it would have to be waited for
	if err := run.Run(); err != nil {
		return 0, fmt.Errorf("runc run: %w", err)
	}
	v := newVisitor("http://"+address, "", "")
	defer v.close()
	err = v.until200(b.ctx)
	return time.Since(began), err
}

// bundle puts this program where the container finds it, with the machine's
// /usr in case that it is linked with a C library.
func bundle(dir string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	program, err := os.ReadFile(self)
	if err != nil {
		return err
	}
	root := filepath.Join(dir, "rootfs")
	for _, folder := range []string{"usr", "proc", "dev", "tmp"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			return err
		}
	}
	for _, link := range []string{"bin", "lib", "lib64"} {
		if err := os.Symlink("usr/"+link, filepath.Join(root, link)); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(root, "hello"), program, 0o755)
}

func spec(arguments ...string) *specs.Spec {
	memory, pids := int64(128<<20), int64(512)
	ids := []specs.LinuxIDMapping{{ContainerID: 0, HostID: 1 << 29, Size: 1 << 16}}
	linux := &specs.Linux{UIDMappings: ids, GIDMappings: ids, Resources: &specs.LinuxResources{
		Memory: &specs.LinuxMemory{Limit: &memory, Swap: &memory}, Pids: &specs.LinuxPids{Limit: &pids},
	}}
	for _, kind := range []specs.LinuxNamespaceType{specs.UserNamespace, specs.PIDNamespace, specs.MountNamespace, specs.IPCNamespace, specs.UTSNamespace, specs.CgroupNamespace} {
		linux.Namespaces = append(linux.Namespaces, specs.LinuxNamespace{Type: kind})
	}
	return &specs.Spec{
		Version: specs.Version, Hostname: "bench", Root: &specs.Root{Path: "rootfs", Readonly: true}, Linux: linux,
		Process: &specs.Process{Args: arguments, Cwd: "/", NoNewPrivileges: true},
		Mounts: []specs.Mount{
			{Destination: "/proc", Type: "proc", Source: "proc"},
			{Destination: "/dev", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "mode=755"}},
			{Destination: "/tmp", Type: "tmpfs", Source: "tmpfs", Options: []string{"nosuid", "nodev"}},
			{Destination: "/usr", Source: "/usr", Options: []string{"bind", "ro"}},
		},
	}
}
