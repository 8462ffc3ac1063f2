package part

import (
	"fmt"
	"time"

	"github.com/holmhq/holm"
)

// Time shows a moment as people say it ("5 min ago"), with the exact UTC time
// on hover. A script keeps the words true while the page is open.
type Time struct {
	At    time.Time
	Now   time.Time // the clock when zero
	Exact bool      // shows the exact time, not the words
	None  string    // said when At is zero; "never" when empty
}

func (t Time) now() time.Time {
	if t.Now.IsZero() {
		return time.Now()
	}
	return t.Now
}

func (t Time) words() string {
	if t.Exact {
		return t.exact()
	}
	return Relative(t.At, t.now())
}

func (t Time) exact() string { return t.At.UTC().Format("2006-01-02 15:04:05") + " UTC" }

func (t Time) machine() string { return t.At.UTC().Format(time.RFC3339) }

func (t Time) none() string {
	if t.None == "" {
		return "never"
	}
	return t.None
}

// Until says when something ends by itself: "until the end of 31 December
// 2026", and when that is near how near.
type Until struct {
	At    time.Time
	Now   time.Time // the clock when zero
	Short bool      // "ends in 3 days" or "until 31 Dec 2026"
}

// short is the last day on which it is there.
func (u Until) short() string { return u.At.UTC().Add(-time.Nanosecond).Format("2 Jan 2006") }

// near is how long before an end the time left is said.
const near = 14 * 24 * time.Hour

func (u Until) soon() bool { return u.At.Sub(Time{Now: u.Now}.now()) < near }

// Relative says how far a moment is from now. The script says the same words.
func Relative(at, now time.Time) string {
	distance := now.Sub(at)
	ahead := distance < 0
	if ahead {
		distance = -distance
	}
	words := ""
	// What was given for 7 days ends in 7 days a moment later, not in 6.
	minutes, hours, days := int(distance.Minutes()), int(distance.Hours()), int(distance.Hours()/24)
	if ahead {
		minutes, hours, days = int(distance.Round(time.Minute).Minutes()), int(distance.Round(time.Hour).Hours()), int((distance+12*time.Hour).Hours()/24)
	}
	switch {
	case distance < 45*time.Second:
		if ahead {
			return "in a moment"
		}
		return "just now"
	case minutes < 60:
		words = fmt.Sprintf("%d min", max(1, minutes))
	case hours < 24:
		words = fmt.Sprintf("%d h", hours)
	case distance < 31*24*time.Hour:
		words = holm.Counted(days, "day")
	default:
		return at.UTC().Format("2 Jan 2006")
	}
	if ahead {
		return "in " + words
	}
	return words + " ago"
}
