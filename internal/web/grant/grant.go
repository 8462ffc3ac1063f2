// Package grant is the one table in which levels are chosen: the
// environments of one person, or the people of one environment. It reads what
// a form wants, finds what somebody else changed meanwhile, keeps every choice
// that could not be saved, and says in words what a save would do.
//
// It must not ask or save anything: the pages do.
package grant

import (
	"net/url"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// Choice is a level and when it ends by itself.
type Choice struct {
	Level holm.Level // nothing of one's own when empty
	Until time.Time  // zero for no end
}

// Of makes a choice of what the door says was given directly.
func Of(level string, direct bool, until *time.Time) Choice {
	if !direct {
		return Choice{}
	}
	c := Choice{Level: holm.Level(level)}
	if until != nil {
		c.Until = *until
	}
	return c
}

// Name is the level as forms and the door write it.
func (c Choice) Name() string {
	if c.Level == "" {
		return string(holm.LevelInherit)
	}
	return string(c.Level)
}

// End is when the choice ends, nil for no end.
func (c Choice) End() *time.Time {
	if c.Until.IsZero() {
		return nil
	}
	return &c.Until
}

// Held is the choice as the door compares it with what is there.
func (c Choice) Held() *ops.Held { return &ops.Held{Level: c.Name(), Until: c.End()} }

// nothing says whether the choice gives nothing that could end.
func (c Choice) nothing() bool {
	return c.Name() == string(holm.LevelNone) || c.Name() == string(holm.LevelInherit)
}

func (c Choice) same(o Choice) bool { return c.Name() == o.Name() && c.Until.Equal(o.Until) }

// words says a choice: "Full until the end of 31 December 2026".
func (c Choice) words() string { return site.LevelName(c.Name()) + until(c.Until) }

// token writes a choice into the form, to find out later whether somebody
// else has changed it meanwhile.
func (c Choice) token() string {
	if c.Until.IsZero() {
		return c.Name()
	}
	return c.Name() + "@" + c.Until.UTC().Format(time.RFC3339Nano)
}

func fromToken(text string) (c Choice) {
	level, until, _ := strings.Cut(text, "@") // which is in no level's name
	c.Level = holm.Level(level)
	c.Until, _ = time.Parse(time.RFC3339Nano, until) // zero when there is none
	return c
}

// Row is one line of the table.
type Row struct {
	ID    string // of the environment or the person; it names the fields
	Label string // what the line is about, in sentences: "shop", "Bob"
	// Levels are those that can be chosen.
	Levels Levels
	// Inherited is what counts where nothing is chosen, and Asked what was
	// given on request besides.
	Inherited, Asked []ops.GiftView
	Was              Choice // as it is stored
	Want             Choice // as it is chosen
	// Ends is when the collaboration itself ends, and every access with it;
	// zero for no end.
	Ends time.Time
	// Said says that the page has told when the collaboration ends already.
	Said bool

	day   string // what was written as the day, when it is none
	wrong string // what is wrong with the day
	clash string // what somebody else did meanwhile
}

// Changed says whether the choice differs from what is stored.
func (r Row) Changed() bool { return r.day != "" || !r.Want.same(r.Was) }

// Sheet is the rows of a form.
type Sheet []Row

// Edit is what a posted form changes.
type Edit struct {
	Changes Sheet // by label
	Clashes int   // of them, with what somebody else has done meanwhile
	Missing int   // lines of the form about what is not there any more
	Err     error // a day that is none
}

// Problem says why an edit cannot be saved as it is, nil when it can.
func (e Edit) Problem() error {
	switch {
	case e.Err != nil:
		return e.Err
	case e.Clashes > 0:
		return holm.Errorf(holm.CodeConflict, "Nothing is saved yet: somebody else changed the same levels meanwhile. Look at the marked ones, then save again.")
	case e.Missing > 0:
		return holm.Errorf(holm.CodeConflict, "Nothing is saved yet: what you changed is not all there any more. Below is what is; look at it, then save again.")
	}
	return nil
}

// Read takes what a form chose into the rows, which are all that is stored,
// and gives what it changes. Only lines that the form has shown are in it.
func (s Sheet) Read(form url.Values) (e Edit) {
	here := map[string]bool{}
	for i := range s {
		r := &s[i]
		here[r.ID] = true
		if !form.Has("was." + r.ID) {
			continue
		}
		was := fromToken(form.Get("was." + r.ID))
		err := r.choose(form, was)
		if err != nil && e.Err == nil {
			e.Err = err
		}
		if err == nil && (r.Want.same(was) || r.Want.same(r.Was)) {
			r.Want = r.Was
			continue
		}
		if !r.Was.same(was) {
			e.Clashes++
			r.clash = "Meanwhile somebody set this to " + r.Was.words() + "; on this page it was " + was.words() + ". Save again to set " + r.Want.words() + "."
		}
		e.Changes = append(e.Changes, *r)
	}
	for name := range form {
		if id, ok := strings.CutPrefix(name, "was."); ok && !here[id] && form.Has("level."+id) && form.Get("level."+id) != fromToken(form.Get(name)).Name() {
			e.Missing++
		}
	}
	return e
}

// choose reads what the form says about the row. Where nothing is said, the
// choice is what the form was made from.
func (r *Row) choose(form url.Values, was Choice) error {
	r.Want = was
	level := form.Get("level." + r.ID)
	if level == "" {
		return nil
	}
	r.Want = Choice{Level: holm.Level(level)}
	day := form.Get("until." + r.ID)
	switch {
	case r.Want.nothing() || day == "":
	case day == DayOf(was.End()):
		r.Want.Until = was.Until
	default:
		end, err := EndOf("until", day)
		if err != nil {
			r.day, r.wrong = day, site.Reason(err, "until")
			return err
		}
		r.Want.Until = *end
	}
	return nil
}

// Blame marks the rows whose end the door has refused, since it is over.
func (s Sheet) Blame(err error, now time.Time) {
	if site.Reason(err, "until") == "" {
		return
	}
	for i, r := range s {
		if !r.Want.Until.IsZero() && !r.Want.Until.After(now) && r.wrong == "" {
			s[i].wrong = "This day is over; choose a later one."
		}
	}
}

// SetAll chooses a level for every row, without saving.
func (s Sheet) SetAll(level holm.Level) {
	for i := range s {
		s[i].Want.Level = level
		if s[i].Want.nothing() {
			s[i].Want.Until = time.Time{}
		}
	}
}

// DayOf gives the last day (UTC) on which something that ends at t is there,
// as a date field writes it; "" for no end.
func DayOf(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.Add(-time.Nanosecond).UTC().Format(time.DateOnly)
}

// EndOf gives the end of a day as a person chose it, nil for none.
func EndOf(field, day string) (*time.Time, error) {
	if day == "" {
		return nil, nil
	}
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return nil, holm.Invalid(field, "%q is not a day; write it like 2026-01-31.", day)
	}
	end := t.AddDate(0, 0, 1)
	return &end, nil
}

// Today is the first day that a date field offers.
func Today() string { return time.Now().UTC().Format(time.DateOnly) }
