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
	"maps"
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
	// Images are versions that come as OCI images.
	Images []Image `json:"images"`
	// AnyImage lets the version be the reference of any OCI image.
	AnyImage bool `json:"any_image"`
	// Versions are those a stack has that needs no program of its own, newest
	// first.
	Versions []string `json:"versions"`
	// Command starts the service in Root. {{program}} is the program found,
	// {{NAME}} one of Host.Needs, {{port}}, {{root}} and {{home}} are those of
	// the stack.
	Command []string `json:"command"`
	// Script names a file in the folder start that bash runs instead of
	// Command, with the same placeholders.
	Script string `json:"script"`
	Port   int    `json:"port"` // 0: the service does not listen
	User   User   `json:"user"`
	Root   string `json:"root"` // the document root; deploys replace it
	// Env is given to the service and to every process inside the node.
	Env map[string]string `json:"env"`
	// Configuration lists folders that people may edit from the dashboard.
	Configuration []string `json:"configuration"`
	Logs          []string `json:"logs"`
	// Persistent lists folders that survive where not everything does.
	Persistent  []string `json:"persistent"`
	Health      Health   `json:"health"`
	StopSeconds int      `json:"stop_seconds"` // between StopSignal and KILL; 0 means 10
	// StopSignal asks the service to end: TERM (when empty), INT, QUIT or HUP.
	StopSignal string `json:"stop_signal"`
	// StartFiles are put into Root when the node is made.
	StartFiles []string `json:"start_files"`
	// Files are put elsewhere when the node is made, with the placeholders of
	// Command. They belong to the service user.
	Files []File `json:"files"`
	// Upstreams makes the stack a balancer by a program that reads its list of
	// nodes from a file.
	Upstreams *Upstreams `json:"upstreams"`
	// Password says how a new password of the server is set; nil when the
	// stack has none.
	Password *Password `json:"password"`
	// Check finds mistakes in the configuration; exit code 0 means none.
	Check []string `json:"check"`
	// Reload takes a changed configuration up without a restart.
	Reload []string `json:"reload"`

	from fs.FS // where the folder start is
}

// Image is a version of a stack that comes as an OCI image.
type Image struct {
	Version   string `json:"version"`
	Reference string `json:"reference"` // with a digest it never changes
	// Command replaces the image's own; empty: that stays.
	Command []string `json:"command"`
}

// File is a file that a new node has.
type File struct {
	Path string `json:"path"` // inside the node
	From string `json:"from"` // name in the folder start
}

// Upstreams says how a program is told which nodes it spreads requests over.
type Upstreams struct {
	File   string `json:"file"`   // written before the service starts and at each change
	Line   string `json:"line"`   // for each node; {{address}} is its host and port
	Empty  string `json:"empty"`  // the file when there is no node
	Signal string `json:"signal"` // takes a change up, without a failed request
}

// Password says how a server's password is set.
type Password struct {
	User string `json:"user"` // the login it is for
	// Command sets the password it gets on its standard input, in the running
	// server, as the service user. The old one must not work after it.
	Command []string `json:"command"`
	// Script names a file in the folder start instead, for bash.
	Script string `json:"script"`
}

// User is the account inside a node that runs the service, and that people
// are when they come in.
type User struct {
	Name string `json:"name"`
	ID   int    `json:"id"` // also of its group
	Home string `json:"home"`
}

// Health says how to tell that the service answers: only then a node counts as
// running.
type Health struct {
	// Kind is "tcp" (it takes connections on Port), "http" (it answers a GET of
	// Path with a status below 500), "command" (Command ends with 0 inside the
	// node) or "none" (it answers as soon as it runs).
	Kind    string   `json:"kind"`
	Path    string   `json:"path"`
	Command []string `json:"command"`
}

// all are the stacks there are; set once by Extend, or by the first use.
var (
	allMu sync.Mutex
	all   map[string]Stack
)

// load reads and checks the shipped stacks unless Extend has. A wrong one of
// them is a bug of ours that the first test finds, so it panics.
func load() map[string]Stack {
	allMu.Lock()
	defer allMu.Unlock()
	if all == nil {
		shipped, err := shipped()
		if err != nil {
			panic(err)
		}
		all = shipped
	}
	return all
}

func shipped() (map[string]Stack, error) { return loadFrom(files) }

// Extend adds the stacks of an operator's folder to the shipped ones; one of
// the same name takes the place of a shipped one. The error is a sentence that
// names the file. It is called before anything asks for stacks.
func Extend(folder fs.FS) error {
	merged, err := shipped()
	if err != nil {
		return err
	}
	own, err := loadFrom(folder)
	if err != nil {
		return holm.Wrap(holm.CodeInvalid, err, "A stack of yours cannot be used: %v.", err)
	}
	maps.Copy(merged, own)
	allMu.Lock()
	defer allMu.Unlock()
	all = merged
	return nil
}

// loadFrom reads the stacks of a folder: every *.json is one.
func loadFrom(folder fs.FS) (map[string]Stack, error) {
	names, err := fs.Glob(folder, "*.json")
	if err != nil {
		return nil, err
	}
	out := map[string]Stack{}
	for _, name := range names {
		data, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, err
		}
		s, err := parse(data)
		if err != nil {
			return nil, fmt.Errorf("stack file %s: %w", name, err)
		}
		s.from = folder
		if s.Name+".json" != name {
			return nil, fmt.Errorf("stack file %s names the stack %q; a file is called like its stack", name, s.Name)
		}
		if err := s.complete(); err != nil {
			return nil, fmt.Errorf("stack file %s: %w", name, err)
		}
		if err := s.check(); err != nil {
			return nil, fmt.Errorf("stack file %s: %w", name, err)
		}
		out[s.Name] = s
	}
	return out, nil
}

func parse(data []byte) (s Stack, err error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return s, err
	}
	if decoder.More() {
		return s, fmt.Errorf("something follows after the stack")
	}
	return s, nil
}

// complete fills in what a file may leave out, and turns scripts into
// commands.
func (s *Stack) complete() error {
	if s.StopSeconds == 0 {
		s.StopSeconds = 10
	}
	if s.StopSignal == "" {
		s.StopSignal = "TERM"
	}
	if s.Health.Kind == "http" && s.Health.Path == "" {
		s.Health.Path = "/"
	}
	if s.Script != "" {
		if len(s.Command) > 0 {
			return fmt.Errorf("it has a command and a script; one of them starts the service")
		}
		script, err := s.startFile(s.Script)
		if err != nil {
			return err
		}
		s.Command = []string{"/bin/bash", "-c", string(script)}
	}
	if s.Password != nil && s.Password.Script != "" {
		script, err := s.startFile(s.Password.Script)
		if err != nil {
			return err
		}
		s.Password.Command = []string{"/bin/bash", "-c", string(script)}
	}
	return nil
}

// startFile reads a file of the folder start: the operator's, else ours.
func (s Stack) startFile(name string) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, fmt.Errorf("%q cannot be a file in the folder start", name)
	}
	if s.from != nil {
		if data, err := fs.ReadFile(s.from, "start/"+name); err == nil {
			return data, nil
		}
	}
	data, err := files.ReadFile("start/" + name)
	if err != nil {
		return nil, fmt.Errorf("the file start/%s is missing", name)
	}
	return data, nil
}

// Get gives a stack by name. The error is a sentence for people.
func Get(name string) (Stack, error) {
	s, ok := load()[name]
	if !ok {
		return Stack{}, holm.Invalid("stack", "There is no stack %q; see the list of stacks.", name)
	}
	return s, nil
}

// Balances says whether the stack spreads requests over other nodes.
func (s Stack) Balances() bool { return s.Builtin == "balancer" || s.Upstreams != nil }

// Facts are what the files of a new node tell about it.
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
		data, err := s.startFile(name)
		if err != nil {
			return nil, err
		}
		out[name] = []byte(replace.Replace(string(data)))
	}
	return out, nil
}

// NewFiles gives the files outside the document root that a new node has, by
// path.
func (o Offer) NewFiles() (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, file := range o.Files {
		data, err := o.startFile(file.From)
		if err != nil {
			return nil, err
		}
		out[file.Path] = []byte(o.Fill(string(data)))
	}
	return out, nil
}
