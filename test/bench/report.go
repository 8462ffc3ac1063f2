package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// bench is one run of this program.
type bench struct {
	ctx  context.Context
	out  io.Writer
	root string // of the repository
}

// bytes is an amount of memory.
type bytes int64

func (n bytes) String() string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// amount is what can be measured: time or memory.
type amount interface {
	~int64
	fmt.Stringer
}

func (b *bench) machine() {
	fmt.Fprintf(b.out, "%d cores, %s, %s\n", runtime.NumCPU(), runtime.Version(), kernel())
}

func (b *bench) title(m measurement, instead string) {
	fmt.Fprintf(b.out, "\n%s: %s (load %s)\n", m.name, m.about, load())
	if instead != "" {
		b.note("%s", instead)
	}
}

func (b *bench) note(format string, values ...any) {
	fmt.Fprintf(b.out, "  "+format+"\n", values...)
}

// line is one row of the table.
func (b *bench) line(what, value, remark string) {
	fmt.Fprintln(b.out, strings.TrimRight(fmt.Sprintf("  %-58s %12s  %s", what, value, remark), " "))
}

// aimed prints a number of ours that has an aim.
func aimed[A amount](b *bench, what string, got, aim A) {
	verdict := "met"
	if got > aim {
		verdict = "MISSED"
	}
	b.line(what, short(got), fmt.Sprintf("aim %s: %s", short(aim), verdict))
}

// plain prints a number without an aim.
func plain[A amount](b *bench, what string, got A) { b.line(what, short(got), "") }

// beside prints another's number and how it stands to ours.
func beside[A amount](b *bench, what string, theirs, ours A) {
	b.line(what, short(theirs), fmt.Sprintf("%.2f × ours", float64(theirs)/float64(ours)))
}

// short writes a time with three digits; everything else as it is.
func short[A amount](a A) string {
	d, isTime := any(a).(time.Duration)
	if !isTime {
		return a.String()
	}
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		if d >= unit {
			return d.Round(unit / 100).String()
		}
	}
	return d.String()
}

// quantile sorts the values and gives the one below which a part of them is.
func quantile[A amount](values []A, part float64) A {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[min(len(values)-1, int(part*float64(len(values))))]
}

// load is the machine's load now and over the last minutes.
func load() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(raw))[:3], " ")
}

func kernel() string {
	raw, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return runtime.GOOS
	}
	version, _, _ := strings.Cut(strings.TrimSpace(string(raw)), "-")
	return "Linux " + version
}
