package main

import (
	"fmt"
	"io/fs"
	"math"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/holmhq/holm/internal/engine/control"
)

// serveStatic is the built-in web server: it shows the files below the
// document root.
func serveStatic(config control.Config, log *rotatingLog, reporter *reporter) error {
	return serve(config, staticFiles{config.Root}, log, reporter)
}

// staticFiles answers with files below a folder. The folder is opened for each
// request, so that a deploy may replace it at any moment.
type staticFiles struct{ root string }

func (s staticFiles) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "This server only gives files.", http.StatusMethodNotAllowed)
		return
	}
	root, err := os.OpenRoot(s.root)
	if err != nil {
		http.Error(w, "The document root is missing.", http.StatusServiceUnavailable)
		return
	}
	defer root.Close()
	name := path.Clean("/" + r.URL.Path)[1:]
	if hidden(name) {
		notFound(w, r, root)
		return
	}
	if name == "" {
		name = "."
	}
	info, err := root.Stat(name)
	switch {
	case err != nil:
		notFound(w, r, root)
	case info.IsDir() && !strings.HasSuffix(r.URL.Path, "/"):
		redirectToFolder(w, r)
	case info.IsDir():
		sendFile(w, r, root, path.Join(name, "index.html"))
	default:
		sendFile(w, r, root, name)
	}
}

// hidden says whether the name has a part that starts with a dot: .git, .env
// and their like are never shown. .well-known is made to be shown.
func hidden(name string) bool {
	for i, part := range strings.Split(name, "/") {
		if strings.HasPrefix(part, ".") && (i != 0 || part != ".well-known") {
			return true
		}
	}
	return strings.ContainsRune(name, 0)
}

// redirectToFolder sends /docs to /docs/. The target is relative: the request
// may have come through proxies that know the site by another name.
func redirectToFolder(w http.ResponseWriter, r *http.Request) {
	target := "./" + path.Base(r.URL.EscapedPath()) + "/"
	if r.URL.RawQuery != "" {
		target += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", target)
	w.WriteHeader(http.StatusMovedPermanently)
}

func sendFile(w http.ResponseWriter, r *http.Request, root *os.Root, name string) {
	f, err := root.Open(name)
	if err != nil {
		notFound(w, r, root)
		return
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		notFound(w, r, root)
		return
	}
	header := w.Header()
	header.Set("Content-Type", contentType(name))
	header.Set("Cache-Control", cacheControl(name))
	header.Set("ETag", etag(info))
	header.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, name, info.ModTime(), f)
}

func etag(info fs.FileInfo) string {
	return fmt.Sprintf(`"%x-%x"`, info.ModTime().UnixNano(), info.Size())
}

// cacheControl lets pages be asked for again each time (cheap, by ETag), so
// that a deploy is seen at once; what has a hash in its name never changes.
func cacheControl(name string) string {
	base := path.Base(name)
	switch ext := path.Ext(base); {
	case ext == ".html" || ext == ".htm" || ext == "" || ext == ".json" || ext == ".xml":
		return "no-cache"
	case hashed(strings.TrimSuffix(base, ext)):
		return "public, max-age=31536000, immutable"
	default:
		return "public, max-age=300"
	}
}

// hashed says whether the last part of a name (after . - or _) looks like a
// hash that a build tool put there: eight or more hexadecimal digits with at
// least one number among them.
func hashed(stem string) bool {
	part := stem[strings.LastIndexAny(stem, ".-_")+1:]
	if len(part) < 8 || len(part) == len(stem) {
		return false
	}
	return strings.Trim(part, "0123456789abcdef") == "" && strings.ContainsAny(part, "0123456789")
}

// notFound gives the site's own 404.html, or a plain sentence.
func notFound(w http.ResponseWriter, r *http.Request, root *os.Root) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-cache")
	page, err := root.ReadFile("404.html")
	if err != nil || len(page) > 1<<20 {
		http.Error(w, "There is no such page.", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	if r.Method != http.MethodHead {
		_, _ = w.Write(page)
	}
}

// contentTypes is a table of our own: package mime would read the machine's
// large one into every node's memory.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".htm": "text/html; charset=utf-8",
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".mjs": "text/javascript; charset=utf-8", ".json": "application/json",
	".map": "application/json", ".webmanifest": "application/manifest+json",
	".xml": "text/xml; charset=utf-8", ".txt": "text/plain; charset=utf-8",
	".md": "text/markdown; charset=utf-8", ".csv": "text/csv; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
	".gif": "image/gif", ".webp": "image/webp", ".avif": "image/avif", ".ico": "image/x-icon",
	".woff": "font/woff", ".woff2": "font/woff2", ".ttf": "font/ttf", ".otf": "font/otf",
	".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".wav": "audio/wav", ".mp4": "video/mp4",
	".webm": "video/webm", ".pdf": "application/pdf", ".zip": "application/zip",
	".gz": "application/gzip", ".wasm": "application/wasm",
}

func contentType(name string) string {
	if t, ok := contentTypes[strings.ToLower(path.Ext(name))]; ok {
		return t
	}
	return "application/octet-stream"
}

// runServe is the web server as a program of its own, for nodes whose service
// is not there yet: holm-node serve FOLDER PORT.
func runServe(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("serve needs a folder and a port")
	}
	port, err := strconv.Atoi(args[1])
	if err != nil {
		return fmt.Errorf("%q is not a port", args[1])
	}
	root, err := filepath.Abs(args[0])
	if err != nil {
		return err
	}
	log := &rotatingLog{file: os.Stdout, max: math.MaxInt64}
	config := control.Config{Stack: "holm-node", Root: root, Port: port, StopSeconds: 5}
	return serveStatic(config, log, newReporter(os.DevNull+"/none"))
}
