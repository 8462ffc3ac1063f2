// Package static serves the dashboard's style sheet, scripts, icons and
// vendored libraries from memory, under addresses that change with their
// content, so that browsers may keep them for ever.
//
// It must not know pages, people or permissions: everything here is public.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed css js img lib
var files embed.FS

// Prefix is where Handler is mounted.
const Prefix = "/static/"

// The two bundles made from this folder. Every other file keeps its own name,
// for example "img/mark.svg".
const (
	Style  = "holm.css"
	Script = "holm.js"
)

type asset struct {
	url    string
	kind   string
	plain  []byte
	zipped []byte // empty when zipping gains nothing
}

var byName, byURL = load()

// URL is the address of a bundle or file. A name that does not exist is a
// mistake of the program, so it panics.
func URL(name string) string {
	a, ok := byName[name]
	if !ok {
		panic("static: no such file: " + name)
	}
	return a.url
}

// Names lists everything that is served.
func Names() []string {
	names := make([]string, 0, len(byName))
	for name := range byName {
		names = append(names, name)
	}
	return names
}

// Handler serves what URL names. Only addresses with the right hash exist, so
// an answer may be kept without asking again.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
			return
		}
		a, ok := byURL[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		a.serve(w, r)
	})
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	body := a.plain
	if len(a.zipped) > 0 && acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = a.zipped
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	w.Write(body) // the reader may be gone; there is nobody to tell
}

func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" && strings.ReplaceAll(quality, " ", "") != "q=0" {
			return true
		}
	}
	return false
}

// load reads the embedded files once. They cannot fail to be there, so any
// error is a mistake of the build and panics.
func load() (names, urls map[string]*asset) {
	names, urls = map[string]*asset{}, map[string]*asset{}
	add := func(name string, content []byte) {
		a := newAsset(name, content)
		names[name], urls[a.url] = a, a
	}
	add(Style, bundle("css/tokens.css", "css/base.css", "css/part/*.css", "css/page/*.css"))
	add(Script, bundle("js/*.js"))
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !served(name) {
			return err
		}
		content, err := files.ReadFile(name)
		add(name, content)
		return err
	})
	if err != nil {
		panic(err)
	}
	return names, urls
}

// served says whether a file has an address of its own: the bundles' sources
// have none, and licence texts are for people who read the source.
func served(name string) bool {
	return !strings.HasPrefix(name, "css/") && !strings.HasPrefix(name, "js/") && path.Ext(name) != ""
}

// bundle joins the files that the patterns match, in order.
func bundle(patterns ...string) []byte {
	var joined bytes.Buffer
	for _, pattern := range patterns {
		matches, err := fs.Glob(files, pattern)
		if err != nil {
			panic(err)
		}
		for _, name := range matches {
			content, err := files.ReadFile(name)
			if err != nil {
				panic(err)
			}
			joined.Write(content)
			joined.WriteByte('\n')
		}
	}
	return joined.Bytes()
}

func newAsset(name string, content []byte) *asset {
	sum := sha256.Sum256(content)
	ext := path.Ext(name)
	a := &asset{
		url:   Prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext,
		kind:  kindOf(ext),
		plain: content,
	}
	if zipped := zip(content); len(zipped) < len(content)*9/10 {
		a.zipped = zipped
	}
	return a
}

// kindOf does not ask the machine's own table for what we serve, so that the
// answer is the same everywhere.
func kindOf(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	}
	if kind := mime.TypeByExtension(ext); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

func zip(content []byte) []byte {
	var zipped bytes.Buffer
	w, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		panic(err)
	}
	w.Write(content) // a bytes.Buffer takes everything
	w.Close()
	return zipped.Bytes()
}
