package local

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/holmhq/holm/internal/engine"
)

// What is looked at when places are searched that still name the original.
const (
	mostMentions = 200
	mostSearched = 8 << 20 // bytes of one file
	searchTime   = 10 * time.Second
)

// mentions looks through a copy, which no node can reach yet, for names of the
// original. It says what it finds and not what stands around it, which may be
// a secret.
func (p *pair) mentions(ctx context.Context, names []string, out *engine.Copied) {
	ctx, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	root, err := os.OpenRoot(p.to.root())
	if err != nil {
		return
	}
	defer root.Close()
	err = fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case len(out.Mentions) >= mostMentions:
			return fs.SkipAll
		case err != nil || !d.Type().IsRegular():
			return nil
		}
		if info, err := d.Info(); err != nil || info.Size() > mostSearched || ours(path) {
			return nil
		}
		data, err := root.ReadFile(path)
		if err == nil {
			p.search(path, data, names, out)
		}
		return nil
	})
	out.More = out.More || err != nil && !errors.Is(err, fs.SkipAll) || len(out.Mentions) >= mostMentions
}

// ours says whether a file is one that the engine writes.
func ours(path string) bool { return path == "etc/hostname" || strings.HasPrefix(path, "usr/") }

func (p *pair) search(path string, data []byte, names []string, out *engine.Copied) {
	text := !bytes.ContainsRune(data[:min(len(data), 8000)], 0)
	for _, name := range names {
		for at := 0; len(out.Mentions) < mostMentions; {
			i := bytes.Index(data[at:], []byte(name))
			if i < 0 {
				break
			}
			at += i
			if wholeName(data, at, len(name)) {
				m := engine.Mention{Node: p.to.node, Path: "/" + filepath.ToSlash(path), Name: name}
				if text {
					m.Line = 1 + bytes.Count(data[:at], []byte("\n"))
				}
				out.Mentions = append(out.Mentions, m)
				if !text {
					break // once for what has no lines
				}
			}
			at += len(name)
		}
	}
	slices.SortStableFunc(out.Mentions, func(a, b engine.Mention) int { return strings.Compare(a.Path, b.Path) })
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
