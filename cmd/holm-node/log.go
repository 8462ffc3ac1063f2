package main

import (
	"fmt"
	"os"
	"sync"
	"time"
)

// rotatingLog is a file that is moved to <name>.1 when it grows beyond a size,
// so that a talkative service uses at most twice that of the node's disk.
type rotatingLog struct {
	path string
	max  int64
	mu   sync.Mutex
	file *os.File
	size int64
}

// openLog continues the log at path.
func openLog(path string, limit int64) (*rotatingLog, error) {
	l := &rotatingLog{path: path, max: limit}
	return l, l.open()
}

func (l *rotatingLog) open() error {
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return err
	}
	l.file, l.size = f, info.Size()
	return nil
}

// Write appends p. A log that cannot be written (a full disk) must not stop
// the service, so p counts as written whatever happens.
func (l *rotatingLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.size+int64(len(p)) > l.max && l.size > 0 {
		l.rotate()
	}
	if l.file == nil {
		if err := l.open(); err != nil {
			return len(p), nil
		}
	}
	n, _ := l.file.Write(p)
	l.size += int64(n)
	return len(p), nil
}

func (l *rotatingLog) rotate() {
	if l.file != nil {
		l.file.Close()
		l.file = nil
	}
	if err := os.Rename(l.path, l.path+".1"); err != nil {
		// Without a place for the old log the new one must still be bounded.
		_ = os.Truncate(l.path, 0)
	}
	l.size = 0
}

// note writes a line of holm-node's own, so that whoever reads the log sees
// why the service was started again.
func (l *rotatingLog) note(format string, args ...any) {
	fmt.Fprintf(l, "%s holm: %s\n", time.Now().UTC().Format(time.RFC3339), fmt.Sprintf(format, args...))
}

// Close ends the log.
func (l *rotatingLog) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	return l.file.Close()
}
