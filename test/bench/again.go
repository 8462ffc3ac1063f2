package main

import (
	"strings"
	"time"
)

const starts = 5

// again is what a person waits for who types make run for the second time:
// make looks whether there is something to build, then the server starts over
// the data that it has.
func again(b *bench) error {
	dir, err := folder()
	if err != nil {
		return err
	}
	s := &server{b: b, engine: "local", dir: dir}
	defer s.tidy()
	if s.address, err = freeAddress(); err != nil {
		return err
	}
	var took []time.Duration
	for range 1 + starts {
		began := time.Now()
		arguments := []string{"--no-print-directory", "-C", b.root, "run", "ARGS=" + strings.Join(s.options(), " ")}
		if s.process, err = launch(dir, "make", arguments, []string{"HOLM_OPERATOR_PASSWORD=" + password}); err != nil {
			return err
		}
		err := s.ready()
		took = append(took, time.Since(began))
		s.end()
		if err != nil {
			return err
		}
	}
	plain(b, "first start, builds what is not built yet", took[0])
	aimed(b, "make run again → /readyz says ready, median of 5", quantile(took[1:], 0.5), 2*time.Second)
	plain(b, "slowest", quantile(took[1:], 1))
	return nil
}
