package holm

import (
	"testing"
	"time"
)

func TestUntilWords(t *testing.T) {
	for _, c := range []struct {
		end  time.Time
		want string
	}{
		{time.Time{}, ""},
		{time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), "the end of 31 December 2026"},
		{time.Date(2027, 1, 1, 1, 0, 0, 0, time.FixedZone("", 3600)), "the end of 31 December 2026"},
		{time.Date(2028, 3, 1, 0, 0, 0, 0, time.UTC), "the end of 29 February 2028"},
		{time.Date(2027, 1, 1, 0, 0, 1, 0, time.UTC), "1 January 2027, 00:00 UTC"},
		{time.Date(2026, 12, 31, 17, 30, 0, 0, time.UTC), "31 December 2026, 17:30 UTC"},
	} {
		if got := UntilWords(c.end); got != c.want {
			t.Errorf("%v: %q, want %q", c.end, got, c.want)
		}
	}
}

func TestEndedWords(t *testing.T) {
	for want, end := range map[string]time.Time{
		"":                               {},
		"at the end of 31 December 2026": time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
		"on 31 December 2026, 17:30 UTC": time.Date(2026, 12, 31, 17, 30, 0, 0, time.UTC),
	} {
		if got := EndedWords(end); got != want {
			t.Errorf("%v: %q, want %q", end, got, want)
		}
	}
}
