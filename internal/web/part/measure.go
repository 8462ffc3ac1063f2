package part

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// QuotaBar shows how much of a limit is used. The numbers are always written.
type QuotaBar struct {
	Label string
	Used  float64
	Limit float64 // 0: no limit
	Unit  string  // "cloudlets", "GB"
	Adds  float64 // what a change in the making would add
	Slim  bool    // the bar and the numbers on one line
}

// Sparkline is a small line of recent values. Say what it shows in Label; the
// last value is read out.
type Sparkline struct {
	Label  string
	Values []float64
	Max    float64 // top of the picture; the largest value when 0
	Limit  float64 // drawn as a line when not 0
	Last   string  // the last value with its unit, written beside
	Wide   bool
}

func (q QuotaBar) share() float64 {
	if q.Limit <= 0 {
		return 0
	}
	return min(1, q.Used/q.Limit)
}

// tone warns from nine tenths on.
func (q QuotaBar) tone() string {
	switch after := q.Used + q.Adds; {
	case q.Limit <= 0:
		return string(Idle)
	case after > q.Limit:
		return string(Bad)
	case after >= 0.9*q.Limit:
		return string(Warn)
	}
	return string(Accent)
}

func (q QuotaBar) usedWidth() string { return percent(q.share()) }

func (q QuotaBar) addedWidth() string {
	if q.Limit <= 0 {
		return percent(0)
	}
	return percent(min(1-q.share(), q.Adds/q.Limit))
}

func (q QuotaBar) words() string {
	numbers := number(q.Used)
	if q.Adds > 0 {
		numbers += " + " + number(q.Adds)
	}
	if q.Limit > 0 {
		numbers += " of " + number(q.Limit)
	}
	words := strings.TrimSpace(numbers + " " + q.Unit)
	switch after := q.Used + q.Adds; {
	case q.Limit > 0 && after > q.Limit:
		words += ", " + number(after-q.Limit) + " too many"
	case q.Limit > 0 && after == q.Limit:
		words += ", all used"
	}
	return words
}

func percent(share float64) string { return strconv.FormatFloat(share*100, 'f', 1, 64) }

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// The picture of a Sparkline is 100 by 24, whatever its size on the page.
const sparkWidth, sparkHeight = 100.0, 24.0

func (s Sparkline) top() float64 {
	top := max(s.Max, s.Limit)
	if top > 0 {
		return top
	}
	for _, v := range s.Values {
		top = max(top, v)
	}
	return max(top, 1)
}

func (s Sparkline) y(v float64) float64 {
	return sparkHeight - 1 - max(0, min(1, v/s.top()))*(sparkHeight-2)
}

// line is the path through the values.
func (s Sparkline) line() string {
	if len(s.Values) == 0 {
		return ""
	}
	step := sparkWidth / float64(max(1, len(s.Values)-1))
	var path strings.Builder
	for i, v := range s.Values {
		command := "L"
		if i == 0 {
			command = "M"
		}
		fmt.Fprintf(&path, "%s%.1f %.1f", command, float64(i)*step, s.y(v))
	}
	if len(s.Values) == 1 {
		fmt.Fprintf(&path, "L%.1f %.1f", sparkWidth, s.y(s.Values[0]))
	}
	return path.String()
}

// area is the line closed along the bottom.
func (s Sparkline) area() string {
	if len(s.Values) == 0 {
		return ""
	}
	return fmt.Sprintf("%sL%.1f %.1fL0 %.1fz", s.line(), sparkWidth, sparkHeight, sparkHeight)
}

func (s Sparkline) limitLine() string {
	return fmt.Sprintf("M0 %.1fH%.1f", s.y(s.Limit), sparkWidth)
}

func (s Sparkline) said() string {
	switch {
	case len(s.Values) == 0:
		return s.Label + ": no values yet"
	case s.Last == "":
		return s.Label
	}
	return s.Label + ": now " + s.Last
}

// Region is a piece of the page that follows the world: when the event stream
// says that one of its topics changed, it asks for itself again and is morphed
// in place, so that focus, scroll and open menus stay. Its children are the
// content.
type Region struct {
	ID     string
	Topics []string // e.g. "environment:env_1"
	URL    string   // answers with this region, alone or within its whole page
	Label  string   // makes it a landmark
	More   templ.Attributes
}

func (r Region) extras() templ.Attributes {
	role := ""
	if r.Label != "" {
		role = "region"
	}
	return some("aria-label", r.Label, "role", role, "data-topics", strings.Join(r.Topics, " "))
}
