package holm

import (
	"strconv"
	"strings"
	"time"
)

// UntilWords says when something ends, to follow "until": what ends with a day
// (UTC) is said by the last day on which it is there, "the end of 31 December
// 2026", anything else by its minute, "31 December 2026, 15:04 UTC". It is ""
// for no end.
func UntilWords(end time.Time) string {
	if end.IsZero() {
		return ""
	}
	end = end.UTC()
	if end.Equal(end.Truncate(24 * time.Hour)) {
		return "the end of " + end.AddDate(0, 0, -1).Format("2 January 2006")
	}
	return end.Format("2 January 2006, 15:04 UTC")
}

// EndedWords says when something ended, to follow "ended": "at the end of 31
// December 2026" where it was there for the whole of a day (UTC), else "on 31
// December 2026, 15:04 UTC". It is "" for no end.
func EndedWords(end time.Time) string {
	switch words := UntilWords(end); {
	case words == "":
		return ""
	case strings.HasPrefix(words, "the end"):
		return "at " + words
	default:
		return "on " + words
	}
}

// Counted says a number with its noun: "1 node", "3 nodes".
func Counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
