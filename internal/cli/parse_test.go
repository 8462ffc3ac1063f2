package cli

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

func TestParseLayer(t *testing.T) {
	for in, want := range map[string]*ops.LayerInput{
		"balancer":              {Role: "balancer", Stack: "balancer"},
		"app:static":            {Role: "app", Stack: "static"},
		"app:nodejs@24.1:3":     {Role: "app", Stack: "nodejs", Version: "24.1", Nodes: 3},
		"database:postgres:1:8": {Role: "database", Stack: "postgres", Nodes: 1, Cloudlets: 8},
		"app":                   nil, "": nil, ":": nil, "app:": nil, "app:Static": nil, "web:static": nil, "app:static@": nil, "app:static@a b": nil,
		"app:static:0": nil, "app:static:17": nil, "app:static:+2": nil, "app:static:": nil, "app:static:1:0": nil, "app:static:1:257": nil, "app:static:1:1:1": nil,
	} {
		got, err := parseLayer(in)
		if want == nil {
			if holm.CodeOf(err) != holm.CodeInvalid || err == nil {
				t.Errorf("%q: got %+v, %v", in, got, err)
			}
		} else if got != *want || err != nil {
			t.Errorf("%q: got %+v, %v", in, got, err)
		}
	}
}

func TestParseShare(t *testing.T) {
	week := noon.AddDate(0, 0, 7)
	for in, want := range map[string]*share{
		"shop=full":                {name: "shop", level: "full"},
		"a=b@example.org=none":     {name: "a=b@example.org", level: "none"},
		"shop=limited,until=7d":    {name: "shop", level: "limited", until: &week},
		"shop=limited,until=never": {name: "shop", level: "limited"},
		"shop=Deploy only":         {name: "shop", level: "Deploy only"},
		"shop":                     nil, "=full": nil, "": nil, "shop=": nil, "shop=owner": nil, "shop=full,": nil, "shop=full,until=": nil, "shop=full,for=7d": nil, "shop=full,until=7d,": nil,
	} {
		got, err := parseShare(noon, in)
		if want == nil {
			if err == nil {
				t.Errorf("%q: got %+v", in, got)
			}
		} else if !reflect.DeepEqual(got, *want) || err != nil {
			t.Errorf("%q: got %+v, %v", in, got, err)
		}
	}
}

func TestParseUntil(t *testing.T) {
	oslo := time.FixedZone("", 2*3600)
	now := noon.In(oslo)
	for in, want := range map[string]string{
		"2026-05-04": "2026-05-05T00:00:00+02:00", "2026-12-31": "2027-01-01T00:00:00+02:00", "30m": "2026-05-04T14:30:00+02:00",
		"12h": "2026-05-05T02:00:00+02:00", "7d": "2026-05-11T14:00:00+02:00", "2w": "2026-05-18T14:00:00+02:00",
		"2026-05-04T13:00:00Z": "2026-05-04T13:00:00Z", "never": "never",
		"": "", "0d": "", "-7d": "", "7": "", "7y": "", "2026-05-03": "", "2026-02-30": "", "2026-05-04T11:00:00Z": "", "9999999d": "", "tomorrow": "",
	} {
		got, err := parseUntil(now, in)
		text := "never"
		if err != nil {
			text = ""
		} else if got != nil {
			text = got.Format(time.RFC3339)
		}
		if text != want {
			t.Errorf("%q: got %q, %v, want %q", in, text, err, want)
		}
	}
}

func FuzzParseLayer(f *testing.F) {
	for _, s := range []string{"balancer", "app:static:2", "app:nodejs@24:2:4", "app::", "cache:redis@7.2-alpine:16:256"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l, err := parseLayer(s)
		if err != nil {
			return
		}
		if l.Nodes < 0 || l.Nodes > 16 || l.Cloudlets < 0 || l.Cloudlets > 256 {
			t.Errorf("%q: %+v", s, l)
		}
		if again, err := parseLayer(formatLayer(l)); err != nil || again != l {
			t.Errorf("%q: %+v is read again as %+v, %v", s, l, again, err)
		}
	})
}

func FuzzParseShare(f *testing.F) {
	for _, s := range []string{"shop=full", "a=b@example.org=limited,until=7d", "x=none,until=2026-12-31", "=", ",until="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		sh, err := parseShare(noon, s)
		if err != nil {
			return
		}
		if sh.name == "" || strings.Contains(sh.name, ",") || sh.level == "" || !strings.HasPrefix(s, sh.name+"="+sh.level) {
			t.Errorf("%q: %+v", s, sh)
		}
		if sh.until != nil && !sh.until.After(noon) {
			t.Errorf("%q ends in the past: %v", s, sh.until)
		}
	})
}

func FuzzParseUntil(f *testing.F) {
	for _, s := range []string{"7d", "2026-12-31", "never", "12h", "2030-01-01T00:00:00+14:00", "999999w"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		end, err := parseUntil(noon, s)
		if err != nil || end == nil {
			return
		}
		if !end.After(noon) || end.Year() > 9999 {
			t.Errorf("%q: %v", s, end)
		}
		if _, err := end.MarshalJSON(); err != nil {
			t.Errorf("%q cannot be sent: %v", s, err)
		}
	})
}
