// Package tree copies the files of a node while the node runs, again and again
// with only what changed, and looks through a copy for names.
//
// It knows files and user ids. It must not know of nodes, engines or what the
// files are for.
package tree

import (
	"context"
	"errors"
	"os"
	"path"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Tree is a copy in the making.
//
// The source belongs to a node that may be hostile and run: every step is made
// from an open folder and follows no link, so that nothing but the node's own
// files is ever read. The target is out of reach of any node.
type Tree struct {
	// From and To are the first user ids of source and target on the machine,
	// of which each has IDs.
	From, To, IDs int
	// Mapped gives the files, by inode, that somebody has mapped into memory to
	// write there; nil: nobody ever has.
	Mapped func() (map[uint64]bool, error)
	// Skip says of a path inside the tree that it is not copied.
	Skip func(path string) bool
	// Written is what was written so far, Size what the files have, in bytes.
	Written, Size int64

	stamps map[string]stamp
	links  map[uint64]string // where a file with several names was put first
	began  time.Time
	mapped map[uint64]bool
	coarse time.Duration // how exactly times of change are noted
}

// stamp tells whether a file is as it was.
type stamp struct {
	ino        uint64
	size       int64
	mode       uint32
	uid, gid   uint32
	mtim, ctim unix.Timespec
	loose      bool // it may have changed since without a new time
}

// A file that changes gets a new time of change, so what has its old one is not
// copied again, with two exceptions. Memory that is mapped to a file is written
// without a word once the first write to it was noted: what is mapped when a
// pass begins is copied in the next one too. And times are noted in steps: so
// is what changed shortly before the pass began.
const (
	step = 50 * time.Millisecond
	// stepElsewhere is for file systems on which a write that is under way
	// cannot be waited for: it has noted its time when it began.
	stepElsewhere = 5 * time.Second
)

// steps gives how exactly the file system of an open folder notes times.
func steps(folder int) time.Duration {
	var s unix.Statfs_t
	if unix.Fstatfs(folder, &s) == nil && (s.Type == unix.EXT4_SUPER_MAGIC || s.Type == unix.XFS_SUPER_MAGIC) {
		return step
	}
	return stepElsewhere
}

// Sync makes the target folder what the source folder is, but for what changes
// meanwhile: when nothing does, they are the same.
func (t *Tree) Sync(ctx context.Context, from, to string) error {
	t.began, t.links, t.mapped, t.Size = time.Now(), map[uint64]string{}, nil, 0
	if t.Mapped != nil {
		mapped, err := t.Mapped()
		if err != nil {
			return err
		}
		t.mapped = mapped
	}
	if t.stamps == nil {
		t.stamps = map[string]stamp{}
	}
	if err := os.Mkdir(to, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	src, err := unix.Open(from, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	t.coarse = steps(src)
	return t.folder(ctx, src, to, "")
}

// folder copies an open folder, which it closes, into one that exists.
func (t *Tree) folder(ctx context.Context, src int, to, at string) error {
	f := os.NewFile(uintptr(src), at)
	defer f.Close()
	var st unix.Stat_t
	if err := unix.Fstat(src, &st); err != nil {
		return err
	}
	names, err := f.Readdirnames(-1)
	if err != nil {
		return err
	}
	present := map[string]bool{}
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		here := path.Join(at, name)
		if t.Skip != nil && t.Skip(here) {
			continue
		}
		present[name] = true
		// What is deleted while it is copied is not there in the next pass.
		if err := t.entry(ctx, src, name, filepath.Join(to, name), here); err != nil && !errors.Is(err, unix.ENOENT) {
			return err
		}
	}
	if err := removeOthersIn(to, present); err != nil {
		return err
	}
	return t.dress(to, st)
}

// removeOthersIn removes what a folder of the target has and the source has no
// more.
func removeOthersIn(dir string, present map[string]bool) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !present[entry.Name()] {
			if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// entry copies one thing in an open folder.
func (t *Tree) entry(ctx context.Context, dir int, name, to, here string) error {
	var st unix.Stat_t
	if err := unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return err
	}
	kind := st.Mode & unix.S_IFMT
	if kind != unix.S_IFDIR && kind != unix.S_IFREG && t.same(here, st) {
		return nil
	}
	if err := makeRoom(to, kind); err != nil {
		return err
	}
	switch kind {
	case unix.S_IFDIR:
		sub, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err != nil {
			return gone(err)
		}
		if err := os.Mkdir(to, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
			unix.Close(sub)
			return err
		}
		return t.folder(ctx, sub, to, here)
	case unix.S_IFREG:
		return t.file(dir, name, to, here, st)
	case unix.S_IFLNK:
		target := make([]byte, 4096)
		n, err := unix.Readlinkat(dir, name, target)
		if err != nil {
			return gone(err)
		}
		if err := os.Symlink(string(target[:n]), to); err != nil {
			return err
		}
	case unix.S_IFIFO:
		if err := unix.Mkfifo(to, st.Mode&0o7777); err != nil {
			return err
		}
	case unix.S_IFCHR:
		// What an overlay has removed of the layers below; nothing else can be
		// made inside a node.
		if st.Rdev != 0 {
			return nil
		}
		if err := unix.Mknod(to, st.Mode, 0); err != nil {
			return err
		}
	default:
		return nil // sockets live and die with their process
	}
	t.stamps[here] = stampOf(st)
	return t.dress(to, st)
}

// gone makes what was replaced by something else meanwhile what is missing.
func gone(err error) error {
	if errors.Is(err, unix.ELOOP) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.EINVAL) {
		return unix.ENOENT
	}
	return err
}

// makeRoom removes what an earlier pass put at a path, unless it can stay.
func makeRoom(to string, kind uint32) error {
	var old unix.Stat_t
	if err := unix.Lstat(to, &old); err != nil {
		return nil
	}
	if was := old.Mode & unix.S_IFMT; was == kind && (kind == unix.S_IFDIR || kind == unix.S_IFREG) {
		return nil
	}
	return os.RemoveAll(to)
}

func stampOf(st unix.Stat_t) stamp {
	return stamp{st.Ino, st.Size, st.Mode, st.Uid, st.Gid, st.Mtim, st.Ctim, false}
}

// same says whether something is as it was when it was copied.
func (t *Tree) same(here string, st unix.Stat_t) bool {
	old, ok := t.stamps[here]
	return ok && old == stampOf(st) // and so not loose
}

// file copies a file, or names one again that has several names.
func (t *Tree) file(dir int, name, to, here string, st unix.Stat_t) error {
	if first, ok := t.links[st.Ino]; ok && st.Nlink > 1 {
		if err := os.RemoveAll(to); err != nil {
			return err
		}
		return os.Link(first, to)
	}
	src, err := unix.Openat(dir, name, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return gone(err)
	}
	f := os.NewFile(uintptr(src), here)
	defer f.Close()
	// What was looked at and what was opened may be two things by now.
	if err := unix.Fstat(src, &st); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return unix.ENOENT
	}
	if t.same(here, st) {
		t.Size += st.Size
		t.note(st, to)
		return nil
	}
	// Looking for a hole waits for a write that is under way.
	_, _ = unix.Seek(src, 0, unix.SEEK_HOLE)
	if err := unix.Fstat(src, &st); err != nil {
		return err
	}
	t.Size += st.Size
	before, again := t.stamps[here]
	again = again && before.ino == st.Ino && st.Nlink == 1
	delete(t.stamps, here) // it is half of it until it is whole
	if err := t.content(f, to, st.Size, again); err != nil {
		return err
	}
	now := stampOf(st)
	now.loose = t.mapped[st.Ino] || t.began.Sub(time.Unix(st.Ctim.Unix())) < t.coarse
	t.stamps[here] = now
	t.note(st, to)
	return t.dress(to, st)
}

func (t *Tree) note(st unix.Stat_t, to string) {
	if st.Nlink > 1 {
		t.links[st.Ino] = to
	}
}

// dress gives a copy the owner, mode, attributes and times of the original.
func (t *Tree) dress(to string, st unix.Stat_t) error {
	if err := os.Lchown(to, t.shift(st.Uid), t.shift(st.Gid)); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFLNK {
		if err := unix.Chmod(to, st.Mode&0o7777); err != nil {
			return err
		}
	}
	times := []unix.Timespec{st.Atim, st.Mtim}
	return unix.UtimesNanoAt(unix.AT_FDCWD, to, times, unix.AT_SYMLINK_NOFOLLOW)
}

// shift gives the target's id for one of the source's. One that no user of the
// source can have becomes the target's user 0.
func (t *Tree) shift(id uint32) int {
	inside := int(id) - t.From
	if inside < 0 || inside >= t.IDs {
		inside = 0
	}
	return t.To + inside
}
