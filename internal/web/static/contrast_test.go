package static

import (
	"math"
	"regexp"
	"strconv"
	"testing"
)

// Text needs 4.5 and the edge of a control 3 against what is behind them, in
// light and dark alike.
func TestContrast(t *testing.T) {
	tokens := readTokens(t)
	text := map[string][]string{
		"ink":     {"ground", "surface", "sunken", "raised", "hover", "accent-soft", "good-soft", "warn-soft", "bad-soft", "idle-soft"},
		"muted":   {"ground", "surface", "sunken", "raised", "hover", "accent-soft", "idle-soft"},
		"faint":   {"ground", "surface", "sunken", "raised", "hover"},
		"accent":  {"ground", "surface", "raised", "accent-soft"},
		"good":    {"ground", "surface", "raised", "good-soft"},
		"warn":    {"ground", "surface", "raised", "warn-soft"},
		"bad":     {"ground", "surface", "raised", "bad-soft"},
		"idle":    {"ground", "surface", "raised", "idle-soft"},
		"on-fill": {"accent-fill", "accent-deep", "bad-fill", "bad-deep"},
	}
	for front, behind := range text {
		for _, back := range behind {
			tokens.check(t, front, back, 4.5)
		}
	}
	for _, back := range []string{"ground", "surface", "raised"} {
		tokens.check(t, "edge", back, 3)
	}
}

// palette has a token's colour in light and dark.
type palette map[string][2]string

func (p palette) check(t *testing.T, front, back string, want float64) {
	t.Helper()
	for i, theme := range []string{"light", "dark"} {
		if got := contrast(p[front][i], p[back][i]); got < want {
			t.Errorf("%s: %s on %s is %.2f, want %.1f", theme, front, back, got, want)
		}
	}
}

func readTokens(t *testing.T) palette {
	t.Helper()
	content, err := files.ReadFile("css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	tokens := palette{}
	both := regexp.MustCompile(`--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)`)
	for _, m := range both.FindAllStringSubmatch(string(content), -1) {
		tokens[m[1]] = [2]string{m[2], m[3]}
	}
	one := regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`)
	for _, m := range one.FindAllStringSubmatch(string(content), -1) {
		tokens[m[1]] = [2]string{m[2], m[2]}
	}
	return tokens
}

// contrast is the ratio that WCAG defines; 0 when a colour is missing.
func contrast(a, b string) float64 {
	if a == "" || b == "" {
		return 0
	}
	bright, dark := luminance(a), luminance(b)
	if bright < dark {
		bright, dark = dark, bright
	}
	return (bright + 0.05) / (dark + 0.05)
}

func luminance(color string) float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		value, err := strconv.ParseUint(color[1+2*i:3+2*i], 16, 8)
		if err != nil {
			return math.NaN()
		}
		channel := float64(value) / 255
		if channel <= 0.04045 {
			channel /= 12.92
		} else {
			channel = math.Pow((channel+0.055)/1.055, 2.4)
		}
		sum += weight * channel
	}
	return sum
}
