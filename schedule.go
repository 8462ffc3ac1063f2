package holm

import (
	"slices"
	"strings"
	"time"
)

// Days are the days of the week as people write them, Monday first.
var Days = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// Schedule says when an environment is started and stopped by itself. The zero
// value is no schedule.
type Schedule struct {
	TimeZone string   `json:"time_zone,omitempty" doc:"A name like Europe/Berlin; UTC when not given"`
	Days     []string `json:"days,omitempty" doc:"mon, tue, wed, thu, fri, sat, sun; every day when not given"`
	Start    string   `json:"start,omitempty" doc:"Time of day at which it is started, like 08:00"`
	Stop     string   `json:"stop,omitempty" doc:"Time of day at which it is stopped, like 20:00"`
}

// None says that there is no schedule.
func (s Schedule) None() bool { return s.Start == "" && s.Stop == "" }

// Clean checks a schedule and writes it the one way that is kept.
func (s Schedule) Clean() (Schedule, error) {
	s.TimeZone, s.Start, s.Stop = strings.TrimSpace(s.TimeZone), strings.TrimSpace(s.Start), strings.TrimSpace(s.Stop)
	if s.None() {
		if s.TimeZone != "" || len(s.Days) > 0 {
			return s, Invalid("schedule", "Say at what time it is started, stopped, or both.")
		}
		return Schedule{}, nil
	}
	if s.TimeZone == "" {
		s.TimeZone = "UTC"
	}
	if _, err := zone(s.TimeZone); err != nil {
		return s, Invalid("time_zone", "There is no time zone %q; write one like Europe/Berlin or UTC.", s.TimeZone)
	}
	for name, at := range map[string]*string{"start": &s.Start, "stop": &s.Stop} {
		t, err := time.Parse("15:04", *at)
		if *at != "" && err != nil {
			return s, Invalid(name, "%q is not a time of day; write one like 08:00.", *at)
		}
		if *at != "" {
			*at = t.Format("15:04")
		}
	}
	if s.Start == s.Stop {
		return s, Invalid("stop", "It cannot be started and stopped at the same time.")
	}
	given := s.Days
	if len(given) > len(Days) {
		return s, Invalid("days", "A week has %d days; name each once.", len(Days))
	}
	s.Days = nil
	for _, day := range Days {
		if slices.ContainsFunc(given, func(d string) bool { return strings.EqualFold(strings.TrimSpace(d), day) }) || len(given) == 0 {
			s.Days = append(s.Days, day)
		}
	}
	for _, day := range given {
		if !slices.Contains(Days, strings.ToLower(strings.TrimSpace(day))) {
			return s, Invalid("days", "%q is not a day; write mon, tue, wed, thu, fri, sat or sun.", day)
		}
	}
	if len(given) > 0 && len(given) != len(s.Days) {
		return s, Invalid("days", "A day is named twice; name each once.")
	}
	return s, nil
}

// zone finds a time zone by its name. "Local" and "" would depend on the
// machine.
func zone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, Invalid("time_zone", "That is not the name of a time zone.")
	}
	return time.LoadLocation(name)
}

// Next gives the first moment after t at which something is due, and whether
// that is a start; the zero time when nothing ever is.
func (s Schedule) Next(t time.Time) (at time.Time, start bool) {
	return s.search(t, 0, 8, func(found, best time.Time) bool { return found.After(t) && (best.IsZero() || found.Before(best)) })
}

// Last gives the latest moment up to t at which something was due, and whether
// that was a start: what should hold at t if nobody meddles.
func (s Schedule) Last(t time.Time) (at time.Time, start bool) {
	return s.search(t, -8, 1, func(found, best time.Time) bool { return !found.After(t) && found.After(best) })
}

// search looks through the days around t, since days have 23 to 25 hours where
// clocks are changed.
func (s Schedule) search(t time.Time, from, to int, better func(found, best time.Time) bool) (best time.Time, start bool) {
	location, err := zone(s.TimeZone)
	if err != nil || s.None() {
		return time.Time{}, false
	}
	year, month, day := t.In(location).Date()
	for i := from; i <= to; i++ {
		noon := time.Date(year, month, day+i, 12, 0, 0, 0, location)
		if !slices.Contains(s.Days, strings.ToLower(noon.Weekday().String()[:3])) {
			continue
		}
		for _, at := range []string{s.Start, s.Stop} {
			clock, err := time.Parse("15:04", at)
			if err != nil {
				continue
			}
			y, m, d := noon.Date()
			if found := time.Date(y, m, d, clock.Hour(), clock.Minute(), 0, 0, location); better(found, best) {
				best, start = found, at == s.Start
			}
		}
	}
	if best.IsZero() {
		return best, false
	}
	return best.UTC(), start
}
