// Package part holds the parts that every page of the dashboard is made of:
// buttons, fields, tables, chips, pictures. Each is a struct whose fields say
// what to show; a struct is itself a templ component, so a page writes
//
//	@part.Button{Label: "Restart", Icon: part.IconRestart}
//
// It must not know the store, the door or what a person may do: pages bring
// plain data, refusals included.
package part

//go:generate go tool -modfile=../../../tools/generate/go.mod templ generate -path ..

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// Tone is what a colour stands for. It is always beside a word or a shape.
type Tone string

// The tones.
const (
	Idle   Tone = "idle"
	Good   Tone = "good"
	Warn   Tone = "warn"
	Bad    Tone = "bad"
	Accent Tone = "accent"
)

// Text is a component that shows a string, for table cells and slots.
func Text(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, templ.EscapeString(s))
		return err
	})
}

// Group shows components one after another, for a cell that holds several.
func Group(parts ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for _, p := range parts {
			if err := p.Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

// Hx makes the htmx attributes of one element from pairs such as
// "post", "/environments/shop/stop", "swap", "outerMorph". It adds the page's
// nonce, without which the page refuses to act on them.
func Hx(ctx context.Context, pairs ...string) templ.Attributes {
	attributes := templ.Attributes{}
	for i := 0; i+1 < len(pairs); i += 2 {
		attributes["hx-"+pairs[i]] = pairs[i+1]
	}
	if nonce := templ.GetNonce(ctx); nonce != "" {
		attributes["hx-nonce"] = nonce
	}
	return attributes
}

// some makes attributes from pairs of name and value, leaving out empty values.
func some(pairs ...string) templ.Attributes {
	attributes := templ.Attributes{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			attributes[pairs[i]] = pairs[i+1]
		}
	}
	return attributes
}

// idOf gives an element an id from what makes it the only one of its kind.
func idOf(kind string, from ...string) string {
	sum := fnv.New32a()
	io.WriteString(sum, strings.Join(from, "\x00")) // a hash takes everything
	return fmt.Sprintf("%s-%x", kind, sum.Sum32())
}

// Initials are the two letters that stand for a person where a picture would.
func Initials(name string) string {
	if local, _, isEmail := strings.Cut(name, "@"); isEmail {
		name = local
	}
	words := strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(" ._-+", r) })
	initials := ""
	for i, word := range words {
		if i > 0 && i < len(words)-1 {
			continue
		}
		initials += strings.ToUpper(string([]rune(word)[:1]))
	}
	return initials
}
