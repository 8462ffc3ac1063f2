package cli

import (
	"strings"
	"testing"

	"github.com/holmhq/holm"
)

func TestSchedulesAreReadAsWritten(t *testing.T) {
	for written, want := range map[string]holm.Schedule{
		"mon-fri 08:00-20:00 Europe/Berlin": {TimeZone: "Europe/Berlin", Days: []string{"mon", "tue", "wed", "thu", "fri"}, Start: "08:00", Stop: "20:00"},
		"sat-mon 8:00-":                     {TimeZone: "UTC", Days: []string{"mon", "sat", "sun"}, Start: "08:00"},
		"-22:30":                            {TimeZone: "UTC", Days: holm.Days, Stop: "22:30"},
		"Tue,thu 06:00-07:00 UTC":           {TimeZone: "UTC", Days: []string{"tue", "thu"}, Start: "06:00", Stop: "07:00"},
		"off":                               {},
	} {
		got, err := parseSchedule(written)
		if err != nil || got.TimeZone != want.TimeZone || got.Start != want.Start || got.Stop != want.Stop || strings.Join(got.Days, ",") != strings.Join(want.Days, ",") {
			t.Errorf("%s is %+v (%v), not %+v", written, got, err, want)
		}
	}
	for _, wrong := range []string{"", "mon", "someday 08:00-", "08:00-20:00 Mars/Olympus", "08:00-20:00 UTC twice", "25:00-", "08:00-08:00", "-"} {
		if s, err := parseSchedule(wrong); err == nil {
			t.Errorf("%q is taken as %+v", wrong, s)
		}
	}
}
