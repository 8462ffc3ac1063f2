package tree

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"slices"
	"time"
)

// What is looked at in a search.
const (
	mostFound    = 200
	mostSearched = 8 << 20 // bytes of one file
	searchTime   = 10 * time.Second
)

// Found is a place in a file where a name stands.
type Found struct {
	Path string // inside the tree, beginning with a slash
	Line int    // 0 in files without lines
	Name string
}

// Search looks through a tree that nobody writes, for names. It says where it
// finds them and not what stands around, which may be a secret. more says that
// not everything was looked at.
func Search(ctx context.Context, folder string, names []string, skip func(path string) bool) (list []Found, more bool) {
	ctx, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, true
	}
	defer root.Close()
	err = fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case len(list) >= mostFound:
			more = true
			return fs.SkipAll
		case err != nil || !d.Type().IsRegular() || skip(path):
			return nil
		}
		if info, err := d.Info(); err != nil || info.Size() > mostSearched {
			more = more || err != nil
			return nil
		}
		if data, err := root.ReadFile(path); err == nil {
			list = append(list, search("/"+path, data, names)...)
		}
		return nil
	})
	return list[:min(len(list), mostFound)], more || err != nil
}

// search gives every place of a text in its order, and of what is no text each
// name once.
func search(path string, data []byte, names []string) (list []Found) {
	text := !bytes.ContainsRune(data[:min(len(data), 8000)], 0)
	for _, name := range names {
		for at := 0; name != "" && len(list) < mostFound; at += len(name) {
			i := bytes.Index(data[at:], []byte(name))
			if i < 0 {
				break
			}
			at += i
			if !wholeName(data, at, len(name)) {
				continue
			}
			f := Found{Path: path, Name: name}
			if text {
				f.Line = 1 + bytes.Count(data[:at], []byte("\n"))
			}
			list = append(list, f)
			if !text {
				break
			}
		}
	}
	slices.SortStableFunc(list, func(a, b Found) int { return a.Line - b.Line })
	return list
}

// wholeName says whether what was found is a name of its own and not a part of a
// longer one: 10.0.0.1 is not in 10.0.0.12, shop.example is in www.shop.example.
func wholeName(data []byte, at, length int) bool {
	part := func(c byte) bool {
		return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '-'
	}
	end := at + length
	return (at == 0 || !part(data[at-1])) && (end == len(data) || !part(data[end]))
}
