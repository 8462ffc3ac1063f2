package image

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Bounds of one image, against those made to fill a disk.
const (
	maxImageBytes   = 32 << 30
	maxImageEntries = 2_000_000
)

// ids is how many user ids a node has.
const ids = 1 << 16

// Unpacker writes the layers of an image into a folder that nothing but it can
// reach. Owners are moved into the node's range; links are followed as they
// lead inside the image, never out of it.
type Unpacker struct {
	Root    string
	First   int // host id of user 0
	bytes   int64
	entries int
}

// Layer adds one layer over what is there.
func (u *Unpacker) Layer(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	buffered := bufio.NewReaderSize(f, 1<<20)
	var plain io.Reader = buffered
	if magic, err := buffered.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		if plain, err = gzip.NewReader(buffered); err != nil {
			return err
		}
	}
	archive := tar.NewReader(plain)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		u.bytes, u.entries = u.bytes+header.Size, u.entries+1
		if u.bytes > maxImageBytes || u.entries > maxImageEntries {
			return fmt.Errorf("the image is larger than %d GB or has more than %d files", maxImageBytes>>30, maxImageEntries)
		}
		if err := u.entry(header, archive); err != nil {
			return fmt.Errorf("%.200q: %w", header.Name, err)
		}
	}
}

const (
	whiteout = ".wh."
	opaque   = ".wh..wh..opq"
)

func (u *Unpacker) entry(h *tar.Header, content io.Reader) error {
	name := filepath.Clean("/" + h.Name)
	if name == "/" {
		return nil
	}
	parent, err := u.Resolve(filepath.Dir(name), true)
	if err != nil {
		return err
	}
	base := filepath.Base(name)
	switch {
	case base == opaque:
		return emptyDir(parent)
	case strings.HasPrefix(base, whiteout):
		gone := strings.TrimPrefix(base, whiteout)
		if gone == "" || gone == "." || gone == ".." {
			return fmt.Errorf("it takes away nothing that can be")
		}
		return os.RemoveAll(filepath.Join(parent, gone))
	}
	path := filepath.Join(parent, base)
	if now, err := os.Lstat(path); err == nil && !(now.IsDir() && h.Typeflag == tar.TypeDir) {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return u.make(h, path, content)
}

func (u *Unpacker) make(h *tar.Header, path string, content io.Reader) error {
	var err error
	switch h.Typeflag {
	case tar.TypeDir:
		if err = os.Mkdir(path, 0o755); errors.Is(err, fs.ErrExist) {
			err = nil
		}
	case tar.TypeReg:
		err = writeAll(path, content)
	case tar.TypeSymlink:
		err = os.Symlink(h.Linkname, path)
	case tar.TypeLink:
		target := filepath.Clean("/" + h.Linkname)
		folder, resolved := u.Resolve(filepath.Dir(target), false)
		if resolved != nil {
			return resolved
		}
		// The owner and mode are those of the file it is another name of.
		return os.Link(filepath.Join(folder, filepath.Base(target)), path)
	case tar.TypeFifo:
		err = unix.Mkfifo(path, 0o600)
	default:
		return nil // a device is nothing that a node could use
	}
	if err != nil {
		return err
	}
	if err := os.Lchown(path, u.First+inside(h.Uid), u.First+inside(h.Gid)); err != nil {
		return err
	}
	if h.Typeflag == tar.TypeSymlink {
		return nil
	}
	return os.Chmod(path, h.FileInfo().Mode()&(fs.ModePerm|fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky))
}

// inside gives an id that a node has; what is beyond its range is nobody's.
func inside(id int) int {
	if id < 0 || id >= ids {
		return 65534
	}
	return id
}

func writeAll(path string, content io.Reader) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Close())
}

func emptyDir(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return err
}

// Resolve gives where a folder of the image lies on this machine, through the
// links on the way as a process inside would follow them. With create, what is
// missing is made.
func (u *Unpacker) Resolve(name string, create bool) (string, error) {
	at, rest, links := "/", name, 0
	for rest != "" {
		var part string
		part, rest, _ = strings.Cut(strings.TrimPrefix(rest, "/"), "/")
		if part == "" || part == "." {
			continue
		}
		if part == ".." {
			at = filepath.Dir(at)
			continue
		}
		next := filepath.Join(at, part)
		full := filepath.Join(u.Root, next)
		info, err := os.Lstat(full)
		switch {
		case errors.Is(err, fs.ErrNotExist) && create:
			if err := os.Mkdir(full, 0o755); err != nil {
				return "", err
			}
			if err := os.Lchown(full, u.First, u.First); err != nil {
				return "", err
			}
		case err != nil:
			return "", err
		case info.Mode()&fs.ModeSymlink != 0:
			if links++; links > 40 {
				return "", fmt.Errorf("too many links on the way")
			}
			target, err := os.Readlink(full)
			if err != nil {
				return "", err
			}
			if filepath.IsAbs(target) {
				at = "/"
			}
			rest = target + "/" + rest
			continue
		case !info.IsDir():
			return "", fmt.Errorf("%s is no folder", next)
		}
		at = next
	}
	return filepath.Join(u.Root, at), nil
}

// Folders makes folders that the image lacks, and gives them to a user of the
// node unless that is negative.
func (u *Unpacker) Folders(user int, names ...string) error {
	for _, name := range names {
		full, err := u.Resolve(name, true)
		if err == nil && user >= 0 {
			err = os.Lchown(full, u.First+user, u.First+user)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Link puts a link in the place of whatever the image has there.
func (u *Unpacker) Link(name, target string) error {
	folder, err := u.Resolve(filepath.Dir(name), true)
	if err != nil {
		return err
	}
	path := filepath.Join(folder, filepath.Base(name))
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	if err := os.Symlink(target, path); err != nil {
		return err
	}
	return os.Lchown(path, u.First, u.First)
}

// WhoIs finds the user that an image wants its service to be: a name or a
// number, with a group or without.
func (u *Unpacker) WhoIs(i *Image) error {
	want, _, _ := strings.Cut(i.User, ":")
	if want == "" {
		want = "0"
	}
	id, failed := strconv.Atoi(want)
	i.UserID, i.UserName, i.Home = id, want, "/"
	folder, err := u.Resolve("/etc", true)
	if err != nil {
		return err
	}
	path := filepath.Join(folder, "passwd")
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		if failed != nil {
			return fmt.Errorf("the image has no user %q", want)
		}
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(io.LimitReader(f, 1<<20))
	for lines.Scan() {
		fields := strings.Split(lines.Text(), ":")
		if len(fields) < 6 {
			continue
		}
		number, err := strconv.Atoi(fields[2])
		if err == nil && (fields[0] == want || failed == nil && number == id) {
			i.UserID, i.UserName, i.Home, failed = number, fields[0], fields[5], nil
			break
		}
	}
	if failed != nil || i.UserID < 0 || i.UserID >= ids {
		return fmt.Errorf("the image has no user %q", want)
	}
	if !filepath.IsAbs(i.Home) {
		i.Home = "/"
	}
	return nil
}
