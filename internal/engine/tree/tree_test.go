package tree

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

// TestSyncFollows changes a tree at random between passes; after the last one
// the copy is the same, whatever was copied before.
func TestSyncFollows(t *testing.T) {
	base := t.TempDir()
	number := 0
	rapid.Check(t, func(r *rapid.T) {
		number++
		from, to := filepath.Join(base, fmt.Sprint(number)), filepath.Join(base, fmt.Sprint(number, ".copy"))
		must(t, os.Mkdir(from, 0o755))
		copied := &Tree{IDs: 1 << 31}
		names := []string{"a", "b", "c", "sub/d"}
		must(t, os.Mkdir(filepath.Join(from, "sub"), 0o755))
		for range rapid.IntRange(1, 4).Draw(r, "passes") {
			for range rapid.IntRange(0, 5).Draw(r, "changes") {
				change(r, filepath.Join(from, rapid.SampledFrom(names).Draw(r, "name")), filepath.Join(from, rapid.SampledFrom(names).Draw(r, "other")))
			}
			must(t, copied.Sync(context.Background(), from, to))
		}
		if is, want := listing(t, to), listing(t, from); is != want {
			r.Fatalf("the copy has\n%sthe source has\n%s", is, want)
		}
		must(t, os.RemoveAll(from))
		must(t, os.RemoveAll(to))
	})
}

// change does something to a file. What it writes changes times by the clock's
// steps only, as on a fast machine.
func change(r *rapid.T, name, other string) {
	at, text := rapid.Int64Range(0, 3*block).Draw(r, "at"), bytes.Repeat([]byte{byte('a' + rapid.IntRange(0, 25).Draw(r, "letter"))}, rapid.IntRange(1, block/2).Draw(r, "length"))
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return // it is a link to nothing
	}
	defer f.Close()
	switch rapid.IntRange(0, 6).Draw(r, "kind") {
	case 0:
		_ = os.Remove(name)
	case 1:
		_ = f.Truncate(at)
	case 2:
		_ = unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, at, int64(len(text)))
	case 3:
		_ = os.Remove(other)
		_ = os.Link(name, other)
	case 4:
		_ = os.Rename(name, other)
	default:
		_, _ = f.WriteAt(text, at)
	}
}

// listing gives names, sizes, numbers of names and contents.
func listing(t *testing.T, dir string) string {
	var out bytes.Buffer
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		var st unix.Stat_t
		must(t, unix.Lstat(path, &st))
		data, err := os.ReadFile(path)
		fmt.Fprintf(&out, "%s %d %d %x\n", path[len(dir):], st.Size, st.Nlink, sum(data))
		return err
	}))
	return out.String()
}

func sum(data []byte) (n uint64) {
	for _, b := range data {
		n = n*1099511628211 + uint64(b)
	}
	return n
}

// TestMappedMemory: what is written to mapped memory changes no time, and is
// copied all the same.
func TestMappedMemory(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	name := filepath.Join(from, "mapped")
	must(t, os.WriteFile(name, make([]byte, 8192), 0o644))
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	must(t, err)
	defer f.Close()
	memory, err := unix.Mmap(int(f.Fd()), 0, 8192, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	must(t, err)
	defer func() { must(t, unix.Munmap(memory)) }()
	memory[0], memory[5000] = 'a', 'a' // this is noted
	var st unix.Stat_t
	must(t, unix.Fstat(int(f.Fd()), &st))
	// For who does not know of the memory, it has not changed for long enough.
	for loose := true; loose; {
		unknowing := &Tree{IDs: 1 << 31}
		must(t, unknowing.Sync(t.Context(), from, filepath.Join(t.TempDir(), "other")))
		loose = unknowing.stamps["mapped"].loose
	}
	mapped := map[uint64]bool{st.Ino: true}
	copied := &Tree{IDs: 1 << 31, Mapped: func() (map[uint64]bool, error) { return mapped, nil }}
	must(t, copied.Sync(t.Context(), from, to))
	memory[0], memory[5000] = 'b', 'b' // this is not
	mapped = nil                       // it need not be any more when the next pass begins
	must(t, copied.Sync(t.Context(), from, to))
	data, err := os.ReadFile(filepath.Join(to, "mapped"))
	must(t, err)
	if data[0] != 'b' || data[5000] != 'b' {
		t.Fatalf("the copy has %q and %q", data[0], data[5000])
	}
}

// TestLittleIsWritten: of a large file that changed in one place, that place is
// written again, and nothing of one that did not change.
func TestLittleIsWritten(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	name := filepath.Join(from, "large")
	must(t, os.WriteFile(name, bytes.Repeat([]byte("0123456789abcdef"), 1<<19), 0o644)) // 8 MiB
	copied := &Tree{IDs: 1 << 31}
	must(t, copied.Sync(t.Context(), from, to))
	if copied.Written != 8<<20 {
		t.Errorf("first %d bytes were written", copied.Written)
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteAt([]byte("changed"), 5<<20)
	must(t, err)
	must(t, f.Close())
	must(t, copied.Sync(t.Context(), from, to))
	if copied.Written != 8<<20+block {
		t.Errorf("then %d bytes were written, not %d", copied.Written-8<<20, block)
	}
	if listing(t, from) != listing(t, to) {
		t.Error("the copy differs")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
