// Command bench measures Holm and, beside it, others that do the same work,
// and prints what it found with the load that the machine had. Nothing fails
// because of a time: numbers are for people, who know their machine.
//
//	go run .             everything
//	go run . show cut    only these
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// measurement is one thing that is measured, with its own server if it needs
// one.
type measurement struct {
	name, about string
	root        bool // it runs nodes or limits processes, which needs root
	run         func(b *bench) error
}

var measurements = []measurement{
	{"decision", "one decision in process, beside cedar-go and casbin", false, decision},
	{"show", "environment.show on one core with 100,000 environments in SQLite", false, show},
	{"list", "pages of a list of 10,000 environments among 1,000,000, with 3,000,000 grants", false, list},
	{"create", "create an environment until it answers, beside plain runc", true, create},
	{"memory", "memory of the idle control plane and of holm-node", true, memory},
	{"cut", "a right is removed until the open event stream ends", false, cut},
	{"proxy", "CPU of the proxy, beside nginx", true, proxy},
	{"append", "changes with their audit row, in SQLite with synchronous FULL", false, auditAppend},
	{"audit", "pages of an audit log of ten million rows, with every filter", false, auditPages},
	{"verify", "an exported audit log is checked", false, auditVerify},
	{"again", "make run, the second time", true, again},
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == helloArgument {
		fail(hello(os.Args[2]))
		return
	}
	chosen, err := choose(os.Args[1:])
	fail(err)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	b := &bench{ctx: ctx, out: os.Stdout}
	b.root, err = filepath.Abs(filepath.Join("..", ".."))
	fail(err)
	b.machine()
	var failed error
	for _, m := range chosen {
		if m.root && os.Geteuid() != 0 {
			b.title(m, "left out: it needs root")
			continue
		}
		b.title(m, "")
		if err := m.run(b); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", m.name, err))
			b.note("not measured: %v", err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	fail(failed)
}

func choose(names []string) ([]measurement, error) {
	if len(names) == 0 {
		return measurements, nil
	}
	var chosen []measurement
	for _, name := range names {
		at := slices.IndexFunc(measurements, func(m measurement) bool { return m.name == name })
		if at < 0 {
			var known []string
			for _, m := range measurements {
				known = append(known, fmt.Sprintf("  %-9s %s", m.name, m.about))
			}
			return nil, fmt.Errorf("there is nothing called %q to measure; there are\n%s", name, strings.Join(known, "\n"))
		}
		chosen = append(chosen, measurements[at])
	}
	return chosen, nil
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
