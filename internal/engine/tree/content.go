package tree

import (
	"bytes"
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// block is how much is read, compared and written at once.
const block = 256 << 10

// content makes a file what the source is: by reference where the file system
// can, else with its holes. With again set, an earlier pass has put it there,
// and only what differs is written: that is little of a large file, and takes
// no new memory while the source stands still.
func (t *Tree) content(src *os.File, to string, size int64, again bool) error {
	flags := os.O_RDWR | unix.O_NOFOLLOW
	if !again {
		// A file with several names must not change under the other ones.
		if err := os.RemoveAll(to); err != nil {
			return err
		}
		flags |= os.O_CREATE | os.O_EXCL
	}
	dst, err := os.OpenFile(to, flags, 0o600)
	if again && errors.Is(err, os.ErrNotExist) {
		return t.content(src, to, size, false)
	}
	if err != nil {
		return err
	}
	defer dst.Close()
	if size == 0 || unix.IoctlFileClone(int(dst.Fd()), int(src.Fd())) != nil {
		if err := t.parts(src, dst, size, again); err != nil {
			return err
		}
	}
	if err := dst.Truncate(size); err != nil {
		return err
	}
	return dst.Close()
}

// parts goes over the parts of a file that have data.
func (t *Tree) parts(src, dst *os.File, size int64, again bool) error {
	for at := int64(0); at < size; {
		begin, err := unix.Seek(int(src.Fd()), at, unix.SEEK_DATA)
		if errors.Is(err, unix.ENXIO) {
			begin = size // nothing but a hole follows
		} else if err != nil {
			begin = at
		}
		begin = min(begin, size)
		if again && begin > at {
			if err := unix.Fallocate(int(dst.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, at, begin-at); err != nil {
				return err
			}
		}
		if begin == size {
			return nil
		}
		end, err := unix.Seek(int(src.Fd()), begin, unix.SEEK_HOLE)
		if err != nil {
			end = size
		}
		if end = min(end, size); end <= begin {
			return nil // it has become shorter; the next pass sees that
		}
		n := int64(0)
		if again {
			n, err = differing(src, dst, begin, end)
		} else {
			n, err = all(src, dst, begin, end)
		}
		t.Written += n
		if err != nil {
			return err
		}
		at = end
	}
	return nil
}

// all copies a part, without its bytes passing through this process where the
// kernel can.
func all(src, dst *os.File, begin, end int64) (n int64, err error) {
	for from, to := begin, begin; from < end; {
		done, err := unix.CopyFileRange(int(src.Fd()), &from, int(dst.Fd()), &to, int(min(end-from, 64<<20)), 0)
		if err != nil {
			break
		}
		if done == 0 {
			return n, nil // it has become shorter
		}
		n += int64(done)
	}
	if begin+n == end {
		return n, nil
	}
	more, err := io.CopyBuffer(struct{ io.Writer }{io.NewOffsetWriter(dst, begin+n)}, io.NewSectionReader(src, begin+n, end-begin-n), make([]byte, block))
	return n + more, err
}

// differing writes the blocks of a part that are not as they were.
func differing(src, dst *os.File, begin, end int64) (n int64, err error) {
	is, was := make([]byte, block), make([]byte, block)
	for at := begin; at < end; at += block {
		got, err := src.ReadAt(is[:min(block, end-at)], at)
		if err != nil && !errors.Is(err, io.EOF) {
			return n, err
		}
		had, err := dst.ReadAt(was[:got], at)
		if err != nil && !errors.Is(err, io.EOF) {
			return n, err
		}
		if bytes.Equal(is[:got], was[:had]) {
			continue
		}
		if _, err := dst.WriteAt(is[:got], at); err != nil {
			return n, err
		}
		n += int64(got)
	}
	return n, nil
}
