package collaborators

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// choice is a level and when it ends, zero for no end.
type choice struct {
	level holm.Level
	until time.Time
}

func (c choice) Level() string {
	if c.level == "" {
		return string(holm.LevelNone)
	}
	return string(c.level)
}

func (c choice) day() string {
	if c.until.IsZero() {
		return ""
	}
	return dayOf(&c.until)
}

func (c choice) same(o choice) bool { return c.Level() == o.Level() && c.until.Equal(o.until) }

// token writes a choice into the form, to find out later whether somebody
// else has changed it meanwhile.
func (c choice) token() string {
	if c.until.IsZero() {
		return c.Level()
	}
	return c.Level() + " " + c.until.UTC().Format(time.RFC3339Nano)
}

func fromToken(text string) (c choice) {
	level, until, _ := strings.Cut(text, " ")
	c.level = holm.Level(level)
	c.until, _ = time.Parse(time.RFC3339Nano, until) // zero when there is none
	return c
}

// row is one environment with the level of before and the one that is wanted.
type row struct {
	id, name, alias, state string
	was, want              choice
	clash                  string // what somebody else did meanwhile
}

// wanted reads what the form says about an environment.
func wanted(r *site.Request, id string, was choice) (choice, error) {
	level := r.PostFormValue("level." + id)
	if level == "" {
		return was, nil
	}
	want := choice{level: holm.Level(level)}
	day := r.PostFormValue("until." + id)
	switch {
	case want.level == holm.LevelNone || day == "":
	case day == was.day():
		want.until = was.until
	default:
		until, err := endOf("until", day)
		if err != nil {
			return want, err
		}
		want.until = *until
	}
	return want, nil
}

// edit is what a posted form changes.
type edit struct {
	changes []row
	clashes int
}

// read takes what was chosen for each environment of the form into the rows,
// and gives what it changes. An environment whose level somebody else changed
// since the form was shown clashes.
func (s *sharing) read(r *site.Request) (e edit, err error) {
	at := map[string]int{}
	for i, row := range s.rows {
		at[row.id] = i
	}
	stored := s.stored()
	for name := range r.PostForm {
		id, ok := strings.CutPrefix(name, "was.")
		if !ok {
			continue
		}
		was, now := fromToken(r.PostFormValue(name)), stored[id]
		want, problem := wanted(r, id, was)
		if problem != nil {
			err = problem
		}
		i, shown := at[id]
		changed := row{id: id, name: id, was: now, want: want}
		if shown {
			changed.name = s.rows[i].name
		}
		if want.same(was) || want.same(now) {
			continue
		}
		if !now.same(was) {
			e.clashes++
			changed.clash = clash(was, now, want)
		}
		if shown {
			s.rows[i].want, s.rows[i].clash, s.kept = want, changed.clash, true
		}
		e.changes = append(e.changes, changed)
	}
	slices.SortFunc(e.changes, func(a, b row) int { return strings.Compare(a.name, b.name) })
	return e, err
}

func clash(was, now, want choice) string {
	return "Meanwhile somebody set this to " + inWords(now) + "; on this page it was " + inWords(was) + ". Save again to set " + inWords(want) + "."
}

// share saves the changed levels, all or none.
func share(r *site.Request) error {
	s, err := loadSharing(r)
	if err != nil {
		return err
	}
	e, err := s.read(r)
	if all := r.PostFormValue("all"); all != "" && err == nil {
		s.setAll(holm.Level(all))
		return s.show(r, http.StatusOK)
	}
	if err == nil && e.clashes > 0 {
		err = holm.Errorf(holm.CodeConflict, "Nothing is saved yet: somebody else changed the same levels meanwhile. Look at the marked ones, then save again.")
	}
	if err == nil && len(e.changes) == 0 {
		r.Tell("sharing", "Nothing was changed.")
		return r.See(s.address(s.cursor))
	}
	if err == nil {
		err = s.save(r, e)
	}
	if err != nil {
		if holm.CodeOf(err) == holm.CodeUnauthorized {
			return err
		}
		s.failed = err
		return s.show(r, site.Status(err))
	}
	r.Tell("sharing", "Saved: "+words(s.person, e.changes))
	return r.See(s.address(s.cursor))
}

func (s sharing) save(r *site.Request, e edit) error {
	in := ops.CollaboratorShareInput{}
	in.Account, in.Collaborator = me, s.ID
	for _, c := range e.changes {
		share := ops.Share{Environment: c.id, Level: c.want.Level(), Was: &ops.Held{Level: c.was.Level()}}
		if !c.was.until.IsZero() {
			share.Was.Until = &c.was.until
		}
		if !c.want.until.IsZero() {
			share.Until = &c.want.until
		}
		in.Body.Environments = append(in.Body.Environments, share)
	}
	_, err := site.Ask(r, ops.CollaboratorShare, in)
	return err
}

// setAll chooses a level for every environment of the page, without saving.
func (s *sharing) setAll(level holm.Level) {
	if !level.Valid() {
		return
	}
	for i := range s.rows {
		s.rows[i].want.level, s.kept = level, true
		if level == holm.LevelNone {
			s.rows[i].want.until = time.Time{}
		}
	}
}

// preview says what a save would change.
func preview(r *site.Request) error {
	s, err := loadSharing(r)
	if err != nil {
		return err
	}
	e, err := s.read(r)
	if err != nil {
		return r.Part(http.StatusOK, said(site.Sentence(err)))
	}
	return r.Part(http.StatusOK, said(words(s.person, e.changes)))
}
