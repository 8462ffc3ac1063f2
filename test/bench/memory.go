package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const (
	known    = 20 // environments
	settling = 65 * time.Second
)

// memory looks at a server that knows some environments, each with a static
// node that really runs, when nobody has asked it anything for a minute.
func memory(b *bench) error {
	s, err := b.serve("local")
	if err != nil {
		return err
	}
	defer s.close()
	for i := range known {
		if _, err := s.create(name(i), static(1)); err != nil {
			return err
		}
	}
	for i := range known {
		if _, err := s.running(name(i)); err != nil {
			return err
		}
	}
	busy, err := residentOf(s.pid())
	if err != nil {
		return err
	}
	b.note("waiting %v after the last request", settling)
	select {
	case <-time.After(settling):
	case <-b.ctx.Done():
		return b.ctx.Err()
	}
	idle, err := residentOf(s.pid())
	if err != nil {
		return err
	}
	aimed(b, fmt.Sprintf("control plane idle, %d environments: resident (VmRSS)", known), idle.whole, 64e6)
	plain(b, "of it its own, not backed by files (RssAnon)", idle.own)
	plain(b, "with what is shared divided (Pss)", idle.share)
	plain(b, "right after it had created them (VmRSS)", busy.whole)
	return nodes(b, filepath.Join(s.dir, "data"))
}

// nodes looks at the first process of every node, which is holm-node.
func nodes(b *bench, data string) error {
	records, err := filepath.Glob(filepath.Join(data, "nodes", "environments", "*", "nodes", "*", "record.json"))
	if err != nil {
		return err
	}
	if len(records) != known {
		return fmt.Errorf("%d nodes were found, not %d", len(records), known)
	}
	var whole, own, share []bytes
	for _, name := range records {
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var record struct{ Process struct{ Pid int } }
		if err := json.Unmarshal(raw, &record); err != nil {
			return err
		}
		r, err := residentOf(record.Process.Pid)
		if err != nil {
			return err
		}
		whole, own, share = append(whole, r.whole), append(own, r.own), append(share, r.share)
	}
	aimed(b, fmt.Sprintf("holm-node as idle static server, largest of %d (VmRSS)", known), quantile(whole, 1), 6e6)
	plain(b, "median", quantile(whole, 0.5))
	plain(b, "of it its own, median (RssAnon)", quantile(own, 0.5))
	plain(b, "with what is shared divided, median (Pss)", quantile(share, 0.5))
	return nil
}
