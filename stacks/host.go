package stacks

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// hostFolders are where programs of the machine are looked for. Nodes see the
// machine's /usr, so a program elsewhere cannot run in them.
var hostFolders = []string{"/usr/bin", "/usr/sbin", "/usr/local/bin"}

// Host says how to find a program on the machine and its versions.
type Host struct {
	// Programs are names or patterns like php-fpm*, or paths below /usr with
	// them. Of all that are found, each version can be had.
	Programs    []string `json:"programs"`
	VersionArgs []string `json:"version_args"` // make it print its version
	// VersionPattern is a regular expression whose first group is the version.
	VersionPattern string `json:"version_pattern"`
	// Needs are further programs, by the name that a command has for them.
	Needs   map[string]string `json:"needs"`
	Install string            `json:"install"` // a sentence: what to do when it is missing
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
	for _, p := range slices.Concat(h.Programs, slices.Collect(maps.Values(h.Needs))) {
		if _, err := filepath.Match(p, ""); err != nil || strings.Contains(p, "/") && !strings.HasPrefix(p, "/usr/") {
			return fmt.Errorf("%q is neither the name of a program nor a path below /usr", p)
		}
	}
	return nil
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

// find looks for the programs, one for each version, newest version first,
// and for what else is needed.
func (h *Host) find(ctx context.Context) (list []program, needs map[string]string, err error) {
	needs = map[string]string{}
	for name, want := range h.Needs {
		paths := locate(want)
		if len(paths) == 0 {
			return nil, nil, fmt.Errorf("there is no program %s in %s", want, strings.Join(hostFolders, ", "))
		}
		needs[name] = paths[0]
	}
	paths := locate(h.Programs...)
	if len(paths) == 0 {
		return nil, nil, fmt.Errorf("there is no program %s in %s", strings.Join(h.Programs, " or "), strings.Join(hostFolders, ", "))
	}
	for _, path := range paths {
		p, failed := h.ask(ctx, path)
		if failed != nil {
			err = failed
			continue
		}
		if !slices.ContainsFunc(list, func(o program) bool { return o.version == p.version }) {
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		return nil, nil, err
	}
	slices.SortStableFunc(list, func(a, b program) int { return compareVersions(b.version, a.version) })
	return list, needs, nil
}

// ask gives a program's version. It is asked again only when the file has
// changed, since asking starts it.
func (h *Host) ask(ctx context.Context, path string) (program, error) {
	info, err := os.Stat(path)
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

// locate gives the paths of programs as a node can start them (see insideOf).
func locate(wanted ...string) (out []string) {
	for _, want := range wanted {
		patterns := []string{want}
		if !strings.HasPrefix(want, "/") {
			patterns = patterns[:0]
			for _, folder := range hostFolders {
				patterns = append(patterns, filepath.Join(folder, want))
			}
		}
		for _, pattern := range patterns {
			matches, _ := filepath.Glob(pattern)
			for _, match := range matches {
				if path, ok := insideOf("/usr", match); ok && executable(path) && !slices.Contains(out, path) {
					out = append(out, path)
				}
			}
		}
	}
	return out
}

// insideOf follows a link just far enough that the rest of its way lies in the
// folder: a node has the machine's /usr, and not its /etc/alternatives. It goes
// no further, because some programs do what the name they are started with
// says (redis-server is a link to redis-check-rdb).
func insideOf(folder, path string) (string, bool) {
	inside := func(path string) bool { return strings.HasPrefix(path, folder+"/") }
	kept := path
	for range 40 { // as many links as Linux follows
		target, err := os.Readlink(path)
		if err != nil {
			end, err := filepath.EvalSymlinks(path)
			return kept, err == nil && inside(end) && inside(kept)
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		if !inside(path) || !inside(target) {
			kept = target
		}
		path = target
	}
	return "", false
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&fs.FileMode(0o111) != 0
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

// compareVersions compares numbers between dots; what is no number counts as
// text.
func compareVersions(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, errX := strconv.Atoi(as[i])
		y, errY := strconv.Atoi(bs[i])
		if errX != nil || errY != nil {
			if c := strings.Compare(as[i], bs[i]); c != 0 {
				return c
			}
			continue
		}
		if x != y {
			return x - y
		}
	}
	return len(as) - len(bs)
}
