package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/internal/engine/control"
	"github.com/holmhq/holm/stacks"
)

// bornWith is the part of a root file system that every node has; its
// programs come from the machine's /usr, which is mounted read-only.
var bornWith = []struct {
	path string
	mode os.FileMode
}{
	{"etc", 0o755}, {"etc/ssl", 0o755}, {"etc/ssl/certs", 0o755}, {"etc/alternatives", 0o755},
	{"etc/pki", 0o755}, {"etc/pki/ca-trust", 0o755},
	{"usr", 0o755}, {"proc", 0o755}, {"sys", 0o755}, {"dev", 0o755}, {"run", 0o755},
	{"tmp", 0o777 | os.ModeSticky}, {"root", 0o700}, {"home", 0o755}, {"srv", 0o755}, {"opt", 0o755},
	{"mnt", 0o755}, {"var", 0o755}, {"var/lib", 0o755}, {"var/cache", 0o755}, {"var/log", 0o755},
	{"var/tmp", 0o777 | os.ModeSticky},
}

// machineFolders are links into /usr on most machines and folders on some.
var machineFolders = []string{"bin", "sbin", "lib", "lib32", "lib64", "libx32"}

// ensureRoot makes the node's root file system the first time. It is built
// beside its place and moved there when complete, so a crash leaves no half
// one; after that it belongs to the node and is never touched from outside.
func (e *Engine) ensureRoot(p place, w engine.Environment, n engine.Node, offer stacks.Offer) error {
	if _, err := os.Lstat(p.root()); err == nil {
		return nil
	}
	fresh := p.root() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	b := builder{root: fresh, place: p, user: offer.User}
	b.dir("", 0o755, 0)
	for _, d := range bornWith {
		b.dir(d.path, d.mode, 0)
	}
	b.machineLinks()
	b.etc(n.Hostname)
	for _, dir := range append(append([]string{}, offer.Persistent...), offer.User.Home, offer.Root) {
		b.dir(strings.TrimPrefix(dir, "/"), 0o755, offer.User.ID)
	}
	start, err := offer.Start(stacks.Facts{Environment: w.Name, Node: n.ID, Version: versionOf(offer, n)})
	if err != nil {
		return err
	}
	for name, data := range start {
		b.file(filepath.Join(offer.Root, name), string(data), 0o644, offer.User.ID)
	}
	made, err := offer.NewFiles()
	if err != nil {
		return err
	}
	for path, data := range made {
		if folder := filepath.Dir(path); !exists(filepath.Join(fresh, folder)) {
			b.dir(strings.TrimPrefix(folder, "/"), 0o755, offer.User.ID)
		}
		b.file(path, string(data), 0o644, offer.User.ID)
	}
	if b.err != nil {
		return errors.Join(b.err, os.RemoveAll(fresh))
	}
	engine.Pass(engine.StepRoot)
	return os.Rename(fresh, p.root())
}

func versionOf(offer stacks.Offer, n engine.Node) string {
	if n.Version == "" {
		return offer.Source.Version
	}
	return n.Version
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// offerOf gives the stack as it can be had here, or without a source when it
// cannot: the files of a node that does not run need none.
func offerOf(ctx context.Context, stack stacks.Stack, n engine.Node) stacks.Offer {
	if offer, err := stacks.Find(ctx, n.Stack, n.Version); err == nil {
		return offer
	}
	return stacks.Offer{Stack: stack}
}

// builder writes a tree that nothing but the engine can reach yet, and keeps
// the first error.
type builder struct {
	root  string
	place place
	user  stacks.User
	err   error
}

// dir makes a folder that belongs to the user id inside the node, and the
// folders above it, which belong to user 0.
func (b *builder) dir(path string, mode os.FileMode, id int) {
	if b.err != nil {
		return
	}
	full := filepath.Join(b.root, path)
	if parent := filepath.Dir(path); path != "" && parent != "." {
		if _, err := os.Lstat(filepath.Join(b.root, parent)); errors.Is(err, fs.ErrNotExist) {
			b.dir(parent, 0o755, 0)
		}
	}
	if err := os.Mkdir(full, mode.Perm()); err != nil && !errors.Is(err, fs.ErrExist) {
		b.err = err
		return
	}
	b.own(full, mode, id)
}

func (b *builder) own(full string, mode os.FileMode, id int) {
	if err := os.Lchown(full, b.place.hostID(id), b.place.hostID(id)); err != nil {
		b.err = err
		return
	}
	b.err = os.Chmod(full, mode)
}

func (b *builder) file(path, content string, mode os.FileMode, id int) {
	if b.err != nil {
		return
	}
	full := filepath.Join(b.root, path)
	if b.err = os.WriteFile(full, []byte(content), mode); b.err == nil {
		b.own(full, mode, id)
	}
}

func (b *builder) link(path, target string) {
	if b.err != nil {
		return
	}
	full := filepath.Join(b.root, path)
	if b.err = os.Symlink(target, full); b.err == nil {
		b.err = os.Lchown(full, b.place.hostID(0), b.place.hostID(0))
	}
}

// machineLinks makes /bin and its like the way the machine has them.
func (b *builder) machineLinks() {
	for _, name := range machineFolders {
		if target, err := os.Readlink("/" + name); err == nil {
			b.link(name, target)
		} else if info, err := os.Lstat("/" + name); err == nil && info.IsDir() {
			b.dir(name, 0o755, 0) // mounted over when the node starts
		}
	}
}

// etc writes the few files that programs look for. Those that change while a
// node runs are links into the control folder.
func (b *builder) etc(hostname string) {
	shell := "/bin/sh"
	if _, err := os.Stat("/bin/bash"); err == nil {
		shell = "/bin/bash"
	}
	u := b.user
	b.file("etc/passwd", fmt.Sprintf("root:x:0:0:root:/root:%s\n%s:x:%d:%d::%s:%s\nnobody:x:65534:65534:nobody:/:/bin/false\n",
		shell, u.Name, u.ID, u.ID, u.Home, shell), 0o644, 0)
	b.file("etc/group", fmt.Sprintf("root:x:0:\n%s:x:%d:\nnogroup:x:65534:\n", u.Name, u.ID), 0o644, 0)
	b.file("etc/hostname", hostname+"\n", 0o644, 0)
	b.file("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n", 0o644, 0)
	b.file("etc/profile", "PS1='\\u@\\h:\\w\\$ '\n", 0o644, 0)
	b.file("etc/ld.so.cache", "", 0o644, 0)
	b.link("etc/hosts", filepath.Join(control.Dir, control.HostsFile))
	b.link("etc/resolv.conf", filepath.Join(control.Dir, control.ResolvFile))
	b.link("etc/mtab", "/proc/self/mounts")
	b.link("var/run", "/run")
}
