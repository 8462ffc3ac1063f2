package holm_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/holmhq/holm"
)

func TestScheduleOverAWeekendAndAChangeOfClocks(t *testing.T) {
	office, err := holm.Schedule{TimeZone: "Europe/Berlin", Days: []string{"Fri", "mon"}, Start: "8:00", Stop: "20:00"}.Clean()
	if err != nil || office.Start != "08:00" || len(office.Days) != 2 || office.Days[0] != "mon" {
		t.Fatalf("%+v, %v", office, err)
	}
	for _, c := range []struct {
		now, next string
		start     bool
	}{
		{"2026-03-27T06:59:59Z", "2026-03-27T07:00:00Z", true},  // Friday, winter time
		{"2026-03-27T07:00:00Z", "2026-03-27T19:00:00Z", false}, // the start is past
		{"2026-03-27T19:00:00Z", "2026-03-30T06:00:00Z", true},  // Monday, summer time
	} {
		now, _ := time.Parse(time.RFC3339, c.now)
		next, start := office.Next(now)
		if next.Format(time.RFC3339) != c.next || start != c.start {
			t.Errorf("after %s: %s, start %v", c.now, next.Format(time.RFC3339), start)
		}
		if last, same := office.Last(next); !last.Equal(next) || same != start {
			t.Errorf("at %s the last one is %s", c.next, last)
		}
	}
}

func TestScheduleRefusals(t *testing.T) {
	for name, s := range map[string]holm.Schedule{
		"no such zone":  {TimeZone: "Mars/Olympus", Start: "08:00"},
		"the machine's": {TimeZone: "Local", Start: "08:00"},
		"no such day":   {Days: []string{"someday"}, Start: "08:00"},
		"no time":       {Days: []string{"mon"}},
		"no such time":  {Start: "25:00"},
		"the same":      {Start: "08:00", Stop: "8:00"},
	} {
		if _, err := s.Clean(); holm.CodeOf(err) != holm.CodeInvalid || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s, err := (holm.Schedule{}).Clean(); err != nil || !s.None() {
		t.Errorf("no schedule: %+v, %v", s, err)
	}
}

// TestScheduleNeverSkips: whatever is due next becomes the last that was due,
// nothing lies between, and a week has as many as there are days and times.
func TestScheduleNeverSkips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock := rapid.Custom(func(t *rapid.T) string {
			return time.Date(2000, 1, 1, rapid.IntRange(0, 23).Draw(t, "hour"), rapid.IntRange(0, 59).Draw(t, "minute"), 0, 0, time.UTC).Format("15:04")
		})
		s, err := holm.Schedule{
			TimeZone: rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"}).Draw(t, "zone"),
			Days:     rapid.SliceOfNDistinct(rapid.SampledFrom(holm.Days), 0, 7, rapid.ID[string]).Draw(t, "days"),
			Start:    clock.Draw(t, "start"), Stop: clock.Draw(t, "stop"),
		}.Clean()
		if err != nil {
			t.Skip("no schedule")
		}
		now := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(t, "now"), 0)
		seen := 0
		for at := now; ; seen++ {
			next, start := s.Next(at)
			if !next.After(at) {
				t.Fatalf("after %s comes %s", at, next)
			}
			if last, same := s.Last(next); !last.Equal(next) || same != start {
				t.Fatalf("the last at %s is %s", next, last)
			}
			if before, _ := s.Last(next.Add(-time.Second)); before.After(at) {
				t.Fatalf("%s lies between %s and %s", before, at, next)
			}
			if next.After(now.Add(28 * 24 * time.Hour)) {
				break
			}
			at = next
		}
		if want := 4 * 2 * len(s.Days); seen < want-2 || seen > want+2 {
			t.Fatalf("%d times in four weeks, not about %d: %+v", seen, want, s)
		}
	})
}

// A week has seven days; a day that is named twice is a mistake.
func TestAScheduleNamesEachDayOnce(t *testing.T) {
	many := make([]string, 1000)
	for i := range many {
		many[i] = "mon"
	}
	for _, days := range [][]string{many, {"mon", "mon"}, {"mon", "MON "}} {
		if _, err := (holm.Schedule{Start: "08:00", Days: days}).Clean(); holm.CodeOf(err) != holm.CodeInvalid || err == nil {
			t.Errorf("%d days are taken: %v", len(days), err)
		}
	}
}
