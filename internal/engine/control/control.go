// Package control is what an engine and the program holm-node inside a node
// say to each other: files in a folder that the node can only read, and one
// status file that the node writes.
//
// It holds only the shape of these files and where they lie. It must not know
// how a node is run, nor how its service works.
package control

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Where things lie inside a node.
const (
	Program     = "/run/holm-node"   // the program that is process 1
	Dir         = "/run/holm"        // written by the engine, read-only inside
	StatusDir   = "/run/holm-status" // written by process 1
	LogFile     = "/var/log/service.log"
	ConfigFile  = "node.json"      // in Dir
	ProxyFile   = "upstreams.json" // in Dir
	HostsFile   = "hosts"          // in Dir; /etc/hosts points here
	ResolvFile  = "resolv.conf"    // in Dir; /etc/resolv.conf points here
	StatusFile  = "status.json"    // in StatusDir
	LogMaxBytes = 4 << 20          // the log is rotated once when it grows beyond
)

// The services built into holm-node.
const (
	Static   = "static"
	Balancer = "balancer"
)

// Config says what process 1 of a node runs. A change of it takes effect when
// the node is started again.
type Config struct {
	Node        int64  `json:"node"`
	Environment string `json:"environment"`
	Hostname    string `json:"hostname"`
	Stack       string `json:"stack"`
	// Builtin is Static, Balancer or empty for Command.
	Builtin string   `json:"builtin,omitempty"`
	Command []string `json:"command,omitempty"`
	Env     []string `json:"env,omitempty"`
	// Root is the document root; a command is started there.
	Root string `json:"root"`
	// Port is where the service listens, 0 when it does not.
	Port int `json:"port"`
	// StopSeconds is how long the service gets between StopSignal and KILL.
	StopSeconds int `json:"stop_seconds"`
	// StopSignal asks the service to end: "TERM" when empty.
	StopSignal string `json:"stop_signal,omitempty"`
	// Health is a command that ends with 0 when the service answers; without
	// one, a service that runs for a second counts as running.
	Health []string `json:"health,omitempty"`
	// Upstreams says how Command, when it is a balancer, gets its list.
	Upstreams *UpstreamFile `json:"upstreams,omitempty"`
}

// UpstreamFile is the list of upstreams in the form a program wants it.
type UpstreamFile struct {
	File   string `json:"file"`
	Line   string `json:"line"`   // {{address}} is an upstream's host and port
	Empty  string `json:"empty"`  // the file when there are no upstreams
	Signal string `json:"signal"` // has the program read it again
}

// Upstreams is what a balancer spreads requests over. It is read again
// whenever the file is replaced.
type Upstreams struct {
	Addresses []string `json:"addresses"` // "10.160.0.3:80"
}

// The phases of a node's service.
const (
	Starting = "starting" // never ran for long enough yet
	Running  = "running"
	Waiting  = "waiting" // it ended and is started again after a pause
	Stopping = "stopping"
)

// Status is what process 1 tells about its service. It comes out of the node,
// so whoever reads it must not trust it further than that node.
type Status struct {
	Phase    string    `json:"phase"`
	Restarts int       `json:"restarts"` // how often the service ended by itself
	InARow   int       `json:"in_a_row"` // of these, without a good run between
	Reason   string    `json:"reason"`   // why it ended last, one sentence
	Since    time.Time `json:"since"`
}

// maxStatus bounds what is read of a file that a node writes.
const maxStatus = 8 << 10

// Write replaces the file by v as JSON in one step, so that a reader sees the
// old or the new content and never a part.
func Write(path string, v any, mode os.FileMode) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return WriteFile(path, data, mode, -1, -1)
}

// WriteFile replaces the file in one step and gives it to uid and gid unless
// these are negative.
func WriteFile(path string, data []byte, mode os.FileMode, uid, gid int) error {
	temporary := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
	if err := os.WriteFile(temporary, data, mode); err != nil {
		_ = os.Remove(temporary) // half of it on a full disk helps nobody
		return err
	}
	if err := os.Chmod(temporary, mode); err != nil {
		return err
	}
	if uid >= 0 && gid >= 0 {
		if err := os.Chown(temporary, uid, gid); err != nil {
			return err
		}
	}
	return os.Rename(temporary, path)
}

// Read takes v from a JSON file.
func Read(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// ReadStatus reads a status file that a node wrote. The node owns the folder,
// so the file may be a link, a pipe or endless: only a small regular file is
// taken.
func ReadStatus(path string) (Status, error) {
	var s Status
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return s, err
	}
	f := os.NewFile(uintptr(fd), path)
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return s, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxStatus {
		return s, fmt.Errorf("%s is not a status file", path)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxStatus))
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(data, &s)
}
