package pgtest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// owner is the user that the server runs as; nil for this process's own.
type owner struct{ uid, gid int }

// unprivileged chooses the owner: this user, or for root the user postgres,
// or nobody where that one does not exist.
func unprivileged() (*owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.Atoi(account.Uid)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.Atoi(account.Gid)
		if err != nil {
			return nil, err
		}
		return &owner{uid, gid}, nil
	}
	return nil, fmt.Errorf("PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody")
}

// attributes makes a process run as the owner.
func (o *owner) attributes() *syscall.SysProcAttr {
	if o == nil {
		return &syscall.SysProcAttr{}
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)}}
}

// own gives a folder and all below it to the owner.
func (o *owner) own(folder string) error {
	if o == nil {
		return nil
	}
	return filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, o.uid, o.gid)
	})
}

// cluster makes an empty cluster at data. initdb takes more than a second,
// copying what it made takes a tenth of that, so the first result is kept in
// the user's cache folder.
func (o *owner) cluster(data string) error {
	initdb, err := program("initdb")
	if err != nil {
		return err
	}
	arguments := []string{"--no-sync", "--auth=trust", "--username=" + superuser,
		"--locale=C", "--encoding=UTF8", "--no-instructions"}
	kept := cachePath(initdb, arguments)
	if kept != "" && os.CopyFS(data, os.DirFS(kept)) == nil {
		if err := os.Chmod(data, 0o700); err != nil { // or PostgreSQL refuses it
			return err
		}
		return o.own(data)
	}
	if err := os.RemoveAll(data); err != nil { // a copy that failed half-way
		return err
	}
	command := exec.Command(initdb, append(arguments, "--pgdata="+data)...)
	command.Dir = filepath.Dir(data)
	command.SysProcAttr = o.attributes()
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	if kept != "" {
		keep(data, kept)
	}
	return nil
}

// cachePath says where the cluster is kept that this initdb makes with these
// arguments; "" when this user has no cache folder.
func cachePath(initdb string, arguments []string) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	version, err := exec.Command(initdb, "--version").Output()
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(version, "%q", arguments))
	return filepath.Join(cache, "holm", "pgtest", hex.EncodeToString(sum[:8]))
}

// keep copies a fresh cluster into the cache. Whatever goes wrong only costs
// the next test process its second, so nothing is reported; the rename makes
// sure that nobody ever sees half a cluster.
func keep(data, kept string) {
	if err := os.MkdirAll(filepath.Dir(kept), 0o700); err != nil {
		return
	}
	copied, err := os.MkdirTemp(filepath.Dir(kept), "new-")
	if err != nil {
		return
	}
	defer func() { _ = os.RemoveAll(copied) }()
	if os.CopyFS(copied, os.DirFS(data)) == nil {
		_ = os.Rename(copied, kept)
	}
}
