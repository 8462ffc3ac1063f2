package main

import (
	"bytes"
	"os"
	"strings"

	"github.com/holmhq/holm/internal/engine/control"
)

// writeUpstreams writes the list of upstreams the way the program reads it,
// and says whether that is news.
func (s *supervisor) writeUpstreams() bool {
	var list control.Upstreams
	if err := control.Read(s.proxyFile, &list); err != nil {
		s.log.note("The list of upstreams cannot be read, the last one stays: %v", err)
		return false
	}
	u := s.config.Upstreams
	text := u.Empty + "\n"
	if len(list.Addresses) > 0 {
		text = ""
		for _, address := range list.Addresses {
			text += strings.ReplaceAll(u.Line, "{{address}}", address) + "\n"
		}
	}
	if now, err := os.ReadFile(u.File); err == nil && bytes.Equal(now, []byte(text)) {
		return false
	}
	if err := control.WriteFile(u.File, []byte(text), 0o644, -1, -1); err != nil {
		s.log.note("The list of upstreams cannot be written: %v", err)
		return false
	}
	s.log.note("Requests go to %v.", list.Addresses)
	return true
}
