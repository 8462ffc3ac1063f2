package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

// polishLayerAdd takes a layer the way environment create does.
func polishLayerAdd(c *command) {
	c.usage = " ENVIRONMENT LAYER"
	c.long = "Add a layer to an environment, as role:stack[@version][:nodes[:cloudlets]]. An app\nlayer with several nodes gets a balancer when there is none."
	c.example = "  holm layer add shop cache:redis\n  holm layer add shop app:nodejs@22:2:4 --wait"
	c.rest = func(x *call, args []string) error {
		if len(args) > 1 {
			return holm.Errorf(holm.CodeInvalid, "%q is one argument too many.", args[1])
		}
		l, err := parseLayer(args[0])
		x.in.Interface().(*ops.LayerAddInput).Body = l
		return err
	}
	c.before = func(x *call) error {
		if x.in.Interface().(*ops.LayerAddInput).Body.Stack == "" {
			return holm.Invalid("layer", "Say which layer, for example cache:redis.")
		}
		return nil
	}
}

// polishLayerRemove asks a person to type the layer's role again: its data
// goes.
func polishLayerRemove(c *command) {
	c.example = "  holm layer remove shop cache --confirm cache"
	c.before = func(x *call) (err error) {
		in := x.in.Interface().(*ops.LayerRemoveInput)
		if in.Confirm == "" {
			in.Confirm, err = x.ask.line("This removes the nodes of the layer with their files. Type its role to go on: ", "--confirm with the layer's role")
		}
		return err
	}
}

// polishClone takes the new name as an argument and shows what the copy still
// says of its original.
func polishClone(c *command) {
	c.lift("name")
	c.example = "  holm environment clone shop shop-test --wait"
	c.render = func(x *call, out any) error {
		e := out.(ops.EnvironmentView)
		if e.Copy == nil || e.Copy.Copying {
			x.out.line("%s is being made a copy; with --wait, or holm environment show %s later, you see what in it still names the original.", e.Name, e.Name)
		} else {
			x.out.line("%s is a copy of %s.", e.Name, e.Copy.Of)
		}
		x.out.pairs([]pair{{"state", state(e.State)}, {"url", text(e.URL)}})
		x.out.copy(e)
		return nil
	}
}

// copy tells how an environment was made a copy.
func (p *printer) copy(e ops.EnvironmentView) {
	v := e.Copy
	if v == nil || v.Copying {
		return
	}
	p.gap()
	if p.terminal {
		p.line("Copied from %s (%d MiB), which was paused for %d ms.", v.Of, v.Bytes>>20, v.PausedMS)
	}
	var rows [][]cell
	for _, m := range v.Mentions {
		line := ""
		if m.Line > 0 {
			line = fmt.Sprint(m.Line)
		}
		rows = append(rows, []cell{text(fmt.Sprint(m.Node)), text(m.Path), text(line), text(m.Name)})
	}
	p.table([]string{"node", "file", "line", "still names"}, rows, "Nothing in its files names the original.")
	if v.Truncated {
		p.line("Not everything was looked at.")
	}
}

// polishUpdate lets a schedule be written in one line.
func polishUpdate(c *command) {
	schedule := ""
	c.drop("schedule")
	c.long = "Change the alias of an environment, or when it is started and stopped by itself."
	c.example = "  holm environment update shop --alias \"The shop\"\n  holm environment update shop --schedule \"mon-fri 08:00-20:00 Europe/Berlin\"\n  holm environment update shop --schedule off"
	c.extra = func(fs *pflag.FlagSet) {
		fs.StringVar(&schedule, "schedule", "", "`when` it runs, as \"[days] start-stop [time zone]\": mon-fri 08:00-20:00 Europe/Berlin; off for never by itself")
	}
	c.before = func(x *call) error {
		if schedule == "" {
			return nil
		}
		s, err := parseSchedule(schedule)
		x.in.Interface().(*ops.EnvironmentUpdateInput).Body.Schedule = &s
		return err
	}
}

// parseSchedule reads "[days] start-stop [time zone]".
func parseSchedule(text string) (s holm.Schedule, err error) {
	if text == "off" {
		return s, nil
	}
	words, times := strings.Fields(text), false
	for i, word := range words {
		start, stop, two := strings.Cut(word, "-")
		switch {
		case two && !times && strings.Contains(word, ":"):
			s.Start, s.Stop, times = start, stop, true
		case i == len(words)-1 && times:
			s.TimeZone = word
		case !times:
			if err := addDays(&s, word); err != nil {
				return s, err
			}
		default:
			return s, holm.Invalid("schedule", "%q does not fit; write it like mon-fri 08:00-20:00 Europe/Berlin.", word)
		}
	}
	if !times {
		return s, holm.Invalid("schedule", "Say from when to when, like 08:00-20:00; only one of them as 08:00- or -20:00.")
	}
	return s.Clean()
}

// addDays reads daily, mon, mon,wed or mon-fri.
func addDays(s *holm.Schedule, word string) error {
	for part := range strings.SplitSeq(strings.ToLower(word), ",") {
		first, last, span := strings.Cut(part, "-")
		if !span {
			last = first
		}
		from, to := slices.Index(holm.Days, first), slices.Index(holm.Days, last)
		if part == "daily" {
			from, to = 0, 6
		}
		if from < 0 || to < 0 {
			return holm.Invalid("schedule", "%q is not a day; write mon, tue, wed, thu, fri, sat, sun, mon-fri or daily.", part)
		}
		for day := from; ; day = (day + 1) % 7 { // sat-mon goes over the end of the week
			s.Days = append(s.Days, holm.Days[day])
			if day == to {
				break
			}
		}
	}
	return nil
}

// schedule tells a schedule in a line, the way it is written.
func (p *printer) schedule(s *ops.ScheduleView) cell {
	if s == nil {
		return text("")
	}
	days := strings.Join(s.Days, ",")
	switch days {
	case strings.Join(holm.Days, ","):
		days = "daily"
	case "mon,tue,wed,thu,fri":
		days = "mon-fri"
	}
	line := fmt.Sprintf("%s %s-%s %s", days, s.Start, s.Stop, s.TimeZone)
	if p.terminal && s.Next != nil {
		line += ", next " + p.time(*s.Next).text
	}
	return text(line)
}
