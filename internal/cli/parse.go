package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

var (
	stackName    = regexp.MustCompile(`^[a-z][a-z0-9._-]*$`)
	stackVersion = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]*$`)
	span         = regexp.MustCompile(`^([0-9]{1,6})(m|h|d|w)$`)
)

// parseLayer reads role:stack[@version][:nodes[:cloudlets]]. The balancer's
// stack has its role's name, so "balancer" alone is enough.
func parseLayer(s string) (ops.LayerInput, error) {
	var l ops.LayerInput
	parts := strings.Split(s, ":")
	if len(parts) == 1 && s == string(holm.LayerBalancer) {
		parts = []string{s, s}
	}
	if len(parts) < 2 || len(parts) > 4 {
		return l, holm.Invalid("layer", "Write a layer as role:stack[@version][:nodes[:cloudlets]], for example app:static:2, not %q.", s)
	}
	if !slices.Contains(holm.LayerRoles, holm.LayerRole(parts[0])) {
		return l, holm.Invalid("layer", "A layer's role is balancer, app, database, cache, storage or custom, not %q.", parts[0])
	}
	stack, version, versioned := strings.Cut(parts[1], "@")
	if !stackName.MatchString(stack) || versioned && !stackVersion.MatchString(version) {
		return l, holm.Invalid("layer", "%q names no stack; holm stack list shows them.", parts[1])
	}
	l.Role, l.Stack, l.Version = parts[0], stack, version
	var err error
	if len(parts) > 2 {
		if l.Nodes, err = between("nodes of a layer", parts[2], 1, 16); err != nil {
			return l, err
		}
	}
	if len(parts) > 3 {
		l.Cloudlets, err = between("cloudlets of a node", parts[3], 1, 256)
	}
	return l, err
}

// formatLayer writes a layer the way parseLayer reads it.
func formatLayer(l ops.LayerInput) string {
	s := l.Role + ":" + l.Stack
	if l.Version != "" {
		s += "@" + l.Version
	}
	if l.Nodes > 0 {
		s += fmt.Sprintf(":%d", l.Nodes)
	}
	if l.Cloudlets > 0 {
		s += fmt.Sprintf(":%d", l.Cloudlets)
	}
	return s
}

// between reads a whole number within bounds.
func between(what, s string, low, high int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high || s[0] == '+' {
		return 0, holm.Errorf(holm.CodeInvalid, "The %s are %d to %d, not %q.", what, low, high, s)
	}
	return n, nil
}

// share is one "who-or-what=level[,until=…]".
type share struct {
	name  string
	level string
	until *time.Time
}

// parseShare reads name=level[,until=when]. The name may have an equals sign,
// as e-mail addresses may; a comma neither can have.
func parseShare(now time.Time, s string) (share, error) {
	head, option, more := strings.Cut(s, ",")
	at := strings.LastIndexByte(head, '=')
	if at <= 0 {
		return share{}, holm.Invalid("share", "Write what is shared as name=level, for example shop=limited, not %q.", s)
	}
	sh := share{name: head[:at], level: head[at+1:]}
	if sh.level == "" || sh.level == "owner" {
		return share{}, holm.Invalid("share", "Say the level after the equals sign: none, limited, full, inherit or an own one by name, not %q.", sh.level)
	}
	if !more {
		return sh, nil
	}
	when, ok := strings.CutPrefix(option, "until=")
	if !ok {
		return share{}, holm.Invalid("share", "After the level may follow ,until=WHEN, not %q.", option)
	}
	var err error
	sh.until, err = parseUntil(now, when)
	return sh, err
}

// parseShares reads several, each name once.
func parseShares(now time.Time, list []string) ([]share, error) {
	var shares []share
	seen := map[string]bool{}
	for _, s := range list {
		sh, err := parseShare(now, s)
		if err != nil {
			return nil, err
		}
		if seen[sh.name] {
			return nil, holm.Invalid("share", "%s is named twice.", sh.name)
		}
		seen[sh.name] = true
		shares = append(shares, sh)
	}
	return shares, nil
}

// parseUntil reads an end in the future: a day (2026-12-31, which is over at
// midnight where the person sits), a time from now (30m, 12h, 7d, 2w), an
// RFC 3339 time, or never, which is nil.
func parseUntil(now time.Time, s string) (*time.Time, error) {
	if s == "never" {
		return nil, nil
	}
	t, err := moment(now, s, +1)
	if err != nil {
		return nil, err
	}
	if day, err := time.ParseInLocation(time.DateOnly, s, now.Location()); err == nil {
		t = day.AddDate(0, 0, 1)
	}
	if !t.After(now) {
		return nil, holm.Invalid("until", "%q is over already.", s)
	}
	return &t, nil
}

// moment reads a day (its beginning), an RFC 3339 time, or a time before
// (direction -1) or after (+1) now.
func moment(now time.Time, s string, direction int) (time.Time, error) {
	if m := span.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1])
		n *= direction
		t := now
		switch m[2] {
		case "m":
			t = now.Add(time.Duration(n) * time.Minute)
		case "h":
			t = now.Add(time.Duration(n) * time.Hour)
		case "d":
			t = now.AddDate(0, 0, n)
		case "w":
			t = now.AddDate(0, 0, 7*n)
		}
		if t.Year() > 0 && t.Year() < 10000 {
			return t.Truncate(time.Second), nil
		}
	}
	if t, err := time.ParseInLocation(time.DateOnly, s, now.Location()); err == nil {
		return t, nil
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	return time.Time{}, holm.Invalid("until", "Write a time as 2026-12-31, 7d, 12h or 2026-12-31T18:00:00Z, not %q.", s)
}
