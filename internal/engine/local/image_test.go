package local_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	refname "github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/google/go-containerregistry/pkg/authn"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

// entry is one file of a layer.
type entry struct {
	name, content, link string
	kind                byte
	mode                int64
	id                  int
}

func layerOf(t *testing.T, entries ...entry) v1.Layer {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		if e.kind == 0 {
			e.kind = tar.TypeReg
		}
		if e.mode == 0 {
			e.mode = 0o755
		}
		must(t, w.WriteHeader(&tar.Header{Name: e.name, Typeflag: e.kind, Linkname: e.link, Mode: e.mode, Uid: e.id, Gid: e.id, Size: int64(len(e.content))}))
		_, err := io.WriteString(w, e.content)
		must(t, err)
	}
	must(t, w.Close())
	l, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil })
	must(t, err)
	return l
}

// programs takes programs of this machine with the libraries they need.
func programs(t *testing.T, paths ...string) (out []entry) {
	t.Helper()
	seen := map[string]bool{}
	add := func(path string) {
		if seen[path] {
			return
		}
		seen[path] = true
		data, err := os.ReadFile(path)
		must(t, err)
		out = append(out, entry{name: path[1:], content: string(data)})
	}
	for _, path := range paths {
		add(path)
		libraries, err := exec.Command("ldd", path).Output()
		must(t, err)
		for _, found := range regexp.MustCompile(`(/\S+) \(0x`).FindAllStringSubmatch(string(libraries), -1) {
			add(found[1])
		}
	}
	return out
}

// registryOf serves images to who signs in.
func registryOf(t *testing.T) (host string, requests *[]string) {
	t.Helper()
	requests = &[]string{}
	inner := registry.New()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "holm" || password != "correct horse" {
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			http.Error(w, "sign in", http.StatusUnauthorized)
			return
		}
		*requests = append(*requests, r.Method+" "+r.URL.Path)
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://"), requests
}

func push(t *testing.T, reference string, config v1.Config, layers ...v1.Layer) {
	t.Helper()
	i, err := mutate.AppendLayers(empty.Image, layers...)
	must(t, err)
	i, err = mutate.Config(i, config)
	must(t, err)
	ref, err := refname.ParseReference(reference)
	must(t, err)
	must(t, remote.Write(ref, i, remote.WithAuth(&authn.Basic{Username: "holm", Password: "correct horse"})))
}

// TestImages runs nodes from an image of a registry that wants to be signed in
// at: made of two layers with owners, links that lead astray and files that go.
func TestImages(t *testing.T) {
	m := newMachine(t, "himg", "10.155.64.0/18")
	m.options.RegistryKeys = filepath.Join(t.TempDir(), "registries.json")
	e := m.engine(t)
	host, requests := registryOf(t)
	node, err := os.ReadFile(m.options.HolmNode)
	must(t, err)
	base := layerOf(t, append(programs(t, "/bin/sh", "/bin/cat", "/usr/bin/id"),
		entry{name: "bin/server", content: string(node)}, entry{name: "etc/passwd", content: "root:x:0:0::/root:/bin/sh\nweb:x:33:33::/www:/bin/sh\n", mode: 0o644},
		entry{name: "www", kind: tar.TypeDir}, entry{name: "www/gone.txt", content: "gone", mode: 0o644}, entry{name: "www/mine.txt", content: "mine", mode: 0o600, id: 33})...)
	top := layerOf(t, entry{name: "www/.wh.gone.txt"}, entry{name: "www/index.html", content: "from an image", mode: 0o644},
		entry{name: "www/out", kind: tar.TypeSymlink, link: "/../../../../tmp"}, entry{name: "www/out/planted", content: "inside", mode: 0o644},
		entry{name: "../../../../tmp/himg-escape", content: "escaped"}, entry{name: "dev/sda", kind: tar.TypeBlock},
		entry{name: "su", content: "x", mode: 0o4755})
	reference := host + "/team/web:1"
	config := v1.Config{Entrypoint: []string{"/bin/server"}, Cmd: []string{"serve", "/www", "8081"}, User: "web", WorkingDir: "/www",
		Env: []string{"COLOUR=green"}, ExposedPorts: map[string]struct{}{"8081/tcp": {}}}
	push(t, reference, config, base, top)

	w := engine.Environment{ID: "env_img", Name: "img", Subnet: 1, Nodes: []engine.Node{{ID: 1, Slot: 1, Role: holm.LayerCustom, Stack: "custom", Version: reference,
		Hostname: "node1", Running: true, Limits: engine.Limits{MemoryBytes: 128 << 20, Pids: 64}}}}
	if err := e.Apply(t.Context(), w); holm.CodeOf(err) != holm.CodeUnavailable || strings.Contains(holm.AsError(err).Detail, "horse") {
		t.Errorf("without signing in: %v", err)
	}
	all, err := e.Observe(t.Context(), w.ID)
	must(t, err)
	if all[0].State != holm.StateBroken || !strings.Contains(all[0].Reason, reference) {
		t.Errorf("without signing in the node is %+v", all[0])
	}
	must(t, os.WriteFile(m.options.RegistryKeys, fmt.Appendf(nil, `{"auths": {%q: {"username": "holm", "password": "correct horse"}}}`, host), 0o600))
	must(t, e.Apply(t.Context(), w))
	o := running(t, e, w.ID)
	if o.Port != 8081 {
		t.Errorf("it listens on %d", o.Port)
	}
	if out := shell(t, e, w.ID, 1, `id -u; echo $COLOUR; cat mine.txt index.html; echo; cat gone.txt 2>/dev/null || echo no; cat /tmp/planted; cat /tmp/himg-escape; [ -e /dev/sda ] || echo " none"; echo kept > kept.txt 2>/dev/null || echo ro`); out != "33\ngreen\nminefrom an image\nno\ninsideescaped none\nro\n" {
		t.Errorf("inside: %q", out)
	}
	if exists, _ := filepath.Glob("/tmp/himg-escape"); len(exists) > 0 {
		t.Error("a layer wrote outside of its node")
	}
	// The tag moves on: another node of the environment is the same as the first.
	push(t, reference, config, base, layerOf(t, entry{name: "www/index.html", content: "newer"}))
	second := w.Nodes[0]
	second.ID, second.Slot, second.Hostname = 2, 2, "node2"
	w.Nodes = append(w.Nodes, second)
	before := len(*requests)
	must(t, e.Apply(t.Context(), w))
	if out := shell(t, e, w.ID, 2, "cat index.html"); out != "from an image" {
		t.Errorf("the second node has %q", out)
	}
	if again := (*requests)[before:]; blobs(again) > 1 { // its description
		t.Errorf("layers that are here were fetched again: %v", again)
	}
	must(t, e.Remove(t.Context(), w.ID))
	if left, _ := os.ReadDir(filepath.Join(m.options.DataDir, "layers")); len(left) > 0 {
		t.Errorf("layers are left: %v", left)
	}
	m.nothingLeft(t)
}

// blobs counts layers and configurations that were fetched.
func blobs(requests []string) (n int) {
	for _, r := range requests {
		if strings.HasPrefix(r, "GET ") && strings.Contains(r, "/blobs/") {
			n++
		}
	}
	return n
}

func shell(t *testing.T, e engine.Engine, id holm.EnvironmentID, node holm.NodeID, line string) string {
	t.Helper()
	var out bytes.Buffer
	p, err := e.Exec(t.Context(), id, node, engine.Command{Args: []string{"/bin/sh", "-c", line}, Dir: "/www", Stdout: &out})
	must(t, err)
	_, err = p.Wait()
	must(t, err)
	return out.String()
}
