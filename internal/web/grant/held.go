package grant

import (
	"slices"
	"strings"
	"time"

	"github.com/holmhq/holm/access"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// Held is what somebody has in an environment: the level that stays until its
// own end, and what was given on request besides, each until its own.
type Held struct {
	Name  string // of the level, as people read it
	Level string
	Until *time.Time
	Extra []ops.GiftView
}

// HeldOf takes apart what counts. Where all of it was given on request, that
// is the level.
func HeldOf(level string, until *time.Time, from []ops.GiftView) Held {
	asked := func(g ops.GiftView) bool { return g.Through == "request" }
	base := slices.DeleteFunc(slices.Clone(from), asked)
	if len(base) == 0 || len(base) == len(from) {
		return Held{Name: site.LevelName(level), Level: level, Until: until}
	}
	h, end := Held{}, time.Time{}
	var names []string
	for _, g := range base {
		names = append(names, g.Level)
		if g.Until != nil {
			end = access.Sooner(end, *g.Until)
		}
	}
	slices.Sort(names)
	h.Level = strings.Join(slices.Compact(names), " + ")
	h.Name, h.Until = site.LevelName(h.Level), ops.TimeOrNull(end)
	for _, g := range from {
		if asked(g) {
			h.Extra = append(h.Extra, g)
		}
	}
	return h
}

// Extra is what a gift on request gives, as people read it.
func Extra(g ops.GiftView) string { return site.LevelName(g.Level) }
