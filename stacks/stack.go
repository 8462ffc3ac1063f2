// Package stacks is the catalogue of what a node can be: one file for each
// stack, checked when the program starts.
//
// A stack says what runs, as whom, where it listens and which folders matter.
// The package must not know how nodes are run, nor anything of one
// environment.
package stacks

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/holmhq/holm"
)

//go:embed *.json start
var files embed.FS

// Stack is a kind of node. Paths are inside the node.
type Stack struct {
	Name  string         `json:"name"`  // "nodejs": never changes, it is stored
	Title string         `json:"title"` // "Node.js": for people
	About string         `json:"about"` // one or two sentences
	Role  holm.LayerRole `json:"role"`
	// Builtin names a service that is part of holm-node. It needs nothing of
	// the machine.
	Builtin string `json:"builtin"`
	// Host says how to find the stack's program on this machine; nil for
	// stacks that have no host source.
	Host *Host `json:"host"`
	// Versions are those a stack without host program has, newest first.
	Versions []string `json:"versions"`
	// Command starts the service in Root. "{{program}}" is the program found.
	Command []string `json:"command"`
	Port    int      `json:"port"` // 0: the service does not listen
	User    User     `json:"user"`
	Root    string   `json:"root"` // the document root; deploys replace it
	// Env is given to the service and to every process inside the node.
	Env map[string]string `json:"env"`
	// Configuration lists folders that people may edit from the dashboard.
	Configuration []string `json:"configuration"`
	Logs          []string `json:"logs"`
	// Persistent lists folders that survive where not everything does.
	Persistent  []string `json:"persistent"`
	Health      Health   `json:"health"`
	StopSeconds int      `json:"stop_seconds"` // between TERM and KILL; 0 means 10
	// StartFiles are put into Root when the node is made.
	StartFiles []string `json:"start_files"`
}

// User is the account inside a node that runs the service, and that people
// are when they come in.
type User struct {
	Name string `json:"name"`
	ID   int    `json:"id"` // also of its group
	Home string `json:"home"`
}

// Health says how to tell that the service answers.
type Health struct {
	// Kind is "tcp" (it takes connections on Port) or "none" (it answers as
	// soon as it runs).
	Kind string `json:"kind"`
}

// load reads and checks all stacks once. A wrong file is a bug of ours that
// the first test finds, so it panics.
var load = sync.OnceValue(func() map[string]Stack {
	all, err := loadFrom(files)
	if err != nil {
		panic(err)
	}
	return all
})

// loadFrom reads the stacks of a folder: every *.json is one.
func loadFrom(folder fs.FS) (map[string]Stack, error) {
	names, err := fs.Glob(folder, "*.json")
	if err != nil {
		return nil, err
	}
	all := map[string]Stack{}
	for _, name := range names {
		data, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, err
		}
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.DisallowUnknownFields()
		var s Stack
		if err := decoder.Decode(&s); err != nil {
			return nil, fmt.Errorf("stack file %s: %w", name, err)
		}
		if s.StopSeconds == 0 {
			s.StopSeconds = 10
		}
		if s.Name+".json" != name {
			return nil, fmt.Errorf("stack file %s names %q", name, s.Name)
		}
		if err := s.check(folder); err != nil {
			return nil, fmt.Errorf("stack file %s: %w", name, err)
		}
		all[s.Name] = s
	}
	return all, nil
}

var stackName = regexp.MustCompile(`^[a-z][a-z0-9-]{1,30}$`)

// check finds what would only fail when somebody makes a node.
func (s Stack) check(folder fs.FS) error {
	switch {
	case !stackName.MatchString(s.Name):
		return fmt.Errorf("the name %q is not made of a–z, 0–9 and hyphens", s.Name)
	case s.Title == "" || s.About == "":
		return fmt.Errorf("title and about are missing")
	case !slices.Contains(holm.LayerRoles, s.Role):
		return fmt.Errorf("%q is not a role", s.Role)
	case s.Builtin == "" && (s.Host == nil || len(s.Command) == 0):
		return fmt.Errorf("it is not built in and has no host program with a command")
	case s.Builtin != "" && len(s.Versions) == 0:
		return fmt.Errorf("a built-in stack needs its versions")
	case s.Port < 0 || s.Port > 65535:
		return fmt.Errorf("%d is not a port", s.Port)
	case s.User.Name == "" || s.User.ID < 1 || s.User.ID > 60000:
		return fmt.Errorf("the service user needs a name and an id 1–60000")
	case s.Health.Kind != "tcp" && s.Health.Kind != "none":
		return fmt.Errorf("%q is not a kind of health check", s.Health.Kind)
	case s.Health.Kind == "tcp" && s.Port == 0:
		return fmt.Errorf("a tcp health check needs a port")
	}
	if s.Host != nil {
		if err := s.Host.check(); err != nil {
			return err
		}
	}
	for _, p := range slices.Concat([]string{s.Root, s.User.Home}, s.Configuration, s.Logs, s.Persistent) {
		if !path.IsAbs(p) || path.Clean(p) != p || strings.HasPrefix(p, "/usr/") {
			return fmt.Errorf("%q is not a clean absolute path outside /usr", p)
		}
	}
	for _, name := range s.StartFiles {
		if _, err := fs.Stat(folder, "start/"+name); err != nil {
			return fmt.Errorf("start file %q is missing", name)
		}
	}
	return nil
}

// Get gives a stack by name. The error is a sentence for people.
func Get(name string) (Stack, error) {
	s, ok := load()[name]
	if !ok {
		return Stack{}, holm.Invalid("stack", "There is no stack %q; see the list of stacks.", name)
	}
	return s, nil
}

// Facts are what the start page tells about a node.
type Facts struct {
	Environment string
	Node        holm.NodeID
	Version     string
}

// Start gives the files a new node's document root starts with, by name.
func (s Stack) Start(f Facts) (map[string][]byte, error) {
	replace := strings.NewReplacer("{{environment}}", f.Environment, "{{title}}", s.Title,
		"{{version}}", f.Version, "{{node}}", fmt.Sprint(f.Node), "{{root}}", s.Root)
	out := map[string][]byte{}
	for _, name := range s.StartFiles {
		data, err := files.ReadFile("start/" + name)
		if err != nil {
			return nil, err
		}
		out[name] = []byte(replace.Replace(string(data)))
	}
	return out, nil
}
