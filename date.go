package holm

import "time"

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
