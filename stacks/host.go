package stacks

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/holmhq/holm"
)

// hostFolders are where programs of the machine are looked for. Nodes see the
// machine's /usr, so a program elsewhere cannot run in them.
var hostFolders = []string{"/usr/bin", "/usr/sbin", "/usr/local/bin"}

// Host says how to find a program on the machine and its version.
type Host struct {
	Programs    []string `json:"programs"`     // names, the first found is taken
	VersionArgs []string `json:"version_args"` // make it print its version
	// VersionPattern is a regular expression whose first group is the version.
	VersionPattern string `json:"version_pattern"`
	Install        string `json:"install"` // a sentence: what to do when it is missing
}

func (h *Host) check() error {
	pattern, err := regexp.Compile(h.VersionPattern)
	switch {
	case err != nil:
		return err
	case pattern.NumSubexp() < 1:
		return fmt.Errorf("the version pattern has no group")
	case len(h.Programs) == 0 || h.Install == "":
		return fmt.Errorf("a host source needs programs and a sentence on installing")
	}
	return nil
}

// Offer is a stack as it can be had on this machine.
type Offer struct {
	Stack
	// Offered are the versions that can be run here, newest first.
	Offered []string
	// Program is the program found on the machine, empty for built-in stacks.
	Program string
	// Missing says in a sentence why the stack cannot be had here, and what to
	// do; empty when it can.
	Missing string
}

// Available says whether the stack can be run here.
func (o Offer) Available() bool { return o.Missing == "" }

// List gives every stack, in the order of roles and then by title.
func List(ctx context.Context) []Offer {
	var out []Offer
	for _, s := range load() {
		out = append(out, s.offer(ctx))
	}
	sort.Slice(out, func(i, j int) bool {
		if a, b := roleOrder(out[i].Role), roleOrder(out[j].Role); a != b {
			return a < b
		}
		return out[i].Title < out[j].Title
	})
	return out
}

func roleOrder(r holm.LayerRole) int {
	for i, role := range holm.LayerRoles {
		if role == r {
			return i
		}
	}
	return len(holm.LayerRoles)
}

// Find gives the stack name in a version, "" for the newest there is. The
// error is a sentence for people.
func Find(ctx context.Context, name, version string) (Offer, error) {
	s, err := Get(name)
	if err != nil {
		return Offer{}, err
	}
	o := s.offer(ctx)
	if !o.Available() {
		return o, holm.Errorf(holm.CodeUnavailable, "%s", o.Missing)
	}
	if version == "" {
		return o, nil
	}
	for _, offered := range o.Offered {
		if offered == version {
			return o, nil
		}
	}
	return o, holm.Invalid("version", "%s %s cannot be had on this machine; it has %s.", s.Title, version, strings.Join(o.Offered, ", "))
}

func (s Stack) offer(ctx context.Context) Offer {
	o := Offer{Stack: s, Offered: s.Versions}
	if s.Host == nil {
		return o
	}
	found, err := s.Host.find(ctx)
	if err != nil {
		o.Missing = fmt.Sprintf("%s is not on this machine: %v. %s", s.Title, err, s.Host.Install)
		return o
	}
	o.Program, o.Offered = found.path, []string{found.version}
	return o
}

// program is what was found; it holds while the file stays the same.
type program struct {
	path, version string
	size          int64
	changed       time.Time
}

var (
	foundMu sync.Mutex
	found   = map[string]program{} // by path
)

// find looks for the program. Its version is asked again only when the file
// has changed, since asking starts it.
func (h *Host) find(ctx context.Context) (program, error) {
	path, info, err := h.locate()
	if err != nil {
		return program{}, err
	}
	foundMu.Lock()
	defer foundMu.Unlock()
	if p, ok := found[path]; ok && p.size == info.Size() && p.changed.Equal(info.ModTime()) {
		return p, nil
	}
	version, err := h.version(ctx, path)
	if err != nil {
		return program{}, err
	}
	p := program{path: path, version: version, size: info.Size(), changed: info.ModTime()}
	found[path] = p
	return p, nil
}

// locate gives the program behind all links, because links that lead through
// the machine's /etc do not work inside a node.
func (h *Host) locate() (string, os.FileInfo, error) {
	for _, name := range h.Programs {
		for _, folder := range hostFolders {
			path, err := filepath.EvalSymlinks(filepath.Join(folder, name))
			if err != nil || !strings.HasPrefix(path, "/usr/") {
				continue
			}
			info, err := os.Stat(path)
			if err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
				return path, info, nil
			}
		}
	}
	return "", nil, fmt.Errorf("no program %s in %s", strings.Join(h.Programs, " or "), strings.Join(hostFolders, ", "))
}

func (h *Host) version(ctx context.Context, path string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	output, err := exec.CommandContext(ctx, path, h.VersionArgs...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s does not start (%v)", path, err)
	}
	match := regexp.MustCompile(h.VersionPattern).FindSubmatch(output)
	if match == nil {
		return "", fmt.Errorf("%s does not tell its version", path)
	}
	return string(match[1]), nil
}
