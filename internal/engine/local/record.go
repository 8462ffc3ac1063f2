package local

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/internal/engine/control"
)

// record is what the engine remembers of one node, in a file beside it.
type record struct {
	// Process is the node's first process while it runs, nil otherwise.
	Process  *process      `json:"process,omitempty"`
	Restarts int64         `json:"restarts"` // the wanted count this start obeys
	Config   string        `json:"config"`   // fingerprint of what needs a restart
	Limits   engine.Limits `json:"limits"`   // as set in the kernel
	Since    time.Time     `json:"since"`    // when it started or stopped
	// Failure says why it could not be started last time, empty when it could.
	Failure string `json:"failure,omitempty"`
	// EnvVersion is that of the variables it started with.
	EnvVersion int64 `json:"env_version,omitempty"`
}

// process names a process beyond doubt: pids are used again, and everything
// starts over when the machine does.
type process struct {
	Pid     int    `json:"pid"`
	Started uint64 `json:"started"` // clock ticks since the machine started
	BootID  string `json:"boot_id"`
}

func (p place) readRecord() (record, error) {
	var r record
	err := control.Read(p.recordFile(), &r)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	return r, err
}

func (p place) writeRecord(r record) error {
	return control.Write(p.recordFile(), r, 0o600)
}

// alive says whether the recorded process still runs.
func (e *Engine) alive(p *process) bool {
	if p == nil || p.BootID != e.bootID {
		return false
	}
	started, state, err := processStat(p.Pid)
	return err == nil && started == p.Started && state != 'Z' && state != 'X'
}

// processStat reads when a process started, in clock ticks, and its state
// letter.
func processStat(pid int) (started uint64, state byte, err error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0, err
	}
	// The program's name is in parentheses and may have any character; what
	// follows the last one is regular.
	fields := bytes.Fields(data[bytes.LastIndexByte(data, ')')+1:])
	if len(fields) < 20 {
		return 0, 0, fmt.Errorf("/proc/%d/stat is too short", pid)
	}
	started, err = strconv.ParseUint(string(fields[19]), 10, 64)
	return started, fields[0][0], err
}

func (e *Engine) environmentFile(id holm.EnvironmentID) string {
	return filepath.Join(e.environmentDir(id), "environment.json")
}

// readEnvironment gives what was wanted last, or an environment without nodes.
func (e *Engine) readEnvironment(id holm.EnvironmentID) (engine.Environment, bool, error) {
	var w engine.Environment
	err := control.Read(e.environmentFile(id), &w)
	if errors.Is(err, fs.ErrNotExist) {
		return engine.Environment{ID: id}, false, nil
	}
	return w, err == nil, err
}

// writeEnvironment keeps what is wanted, before anything is done about it.
func (e *Engine) writeEnvironment(w engine.Environment) error {
	for _, dir := range []string{e.o.DataDir, filepath.Join(e.o.DataDir, "environments"), e.environmentDir(w.ID)} {
		if err := ensureDir(dir, 0o711, 0, 0); err != nil {
			return err
		}
	}
	return control.Write(e.environmentFile(w.ID), w, 0o600)
}

// known lists the environments there is something of.
func (e *Engine) known() ([]holm.EnvironmentID, error) {
	entries, err := os.ReadDir(filepath.Join(e.o.DataDir, "environments"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []holm.EnvironmentID
	for _, entry := range entries {
		if idPattern.MatchString(entry.Name()) {
			out = append(out, holm.EnvironmentID(entry.Name()))
		}
	}
	return out, err
}
