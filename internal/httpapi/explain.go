package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"github.com/holmhq/holm"
)

// mostFields is how many wrong inputs one answer names.
const mostFields = 20

// fieldsError makes one error of what is wrong with the inputs.
func fieldsError(fields []holm.Field) error {
	e := holm.Errorf(holm.CodeInvalid, "%s: %s", fields[0].Name, fields[0].Reason)
	if fields[0].Name == "" {
		e.Detail = fields[0].Reason
	}
	if len(fields) > 1 {
		e.Detail = fmt.Sprintf("%d inputs do not make sense; errors says which.", len(fields))
	}
	e.Fields = fields[:min(len(fields), mostFields)]
	return e
}

// explain makes sentences of what validation found. Values are never told:
// they may be secrets.
func (a *api) explain(found []error) (fields []holm.Field) {
	for _, err := range found {
		var d *huma.ErrorDetail
		if !errors.As(err, &d) {
			fields = append(fields, holm.Field{Reason: "It does not fit the description."})
			continue
		}
		name, reason := d.Location, sentence(d.Message)
		if missing, ok := between(d.Message, validation.MsgExpectedRequiredProperty); ok {
			name, reason = strings.TrimPrefix(name+"."+missing, "."), "It is required."
		}
		if d.Message == validation.MsgUnexpectedProperty {
			reason = "There is no such field."
		}
		fields = append(fields, holm.Field{Name: clip(name), Reason: reason})
	}
	return fields
}

// kinds are the words for people where validation only names a type.
var kinds = map[string]string{
	validation.MsgExpectedBoolean: "It must be true or false.",
	validation.MsgExpectedNumber:  "It must be a number.",
	validation.MsgExpectedInteger: "It must be a whole number.",
	validation.MsgExpectedString:  "It must be text.",
	validation.MsgExpectedArray:   "It must be a list.",
	validation.MsgExpectedObject:  "It must be an object.",
}

// sentence makes "expected number >= 1" a sentence.
func sentence(message string) string {
	if s, ok := kinds[message]; ok {
		return s
	}
	rest, ok := strings.CutPrefix(message, "expected ")
	if !ok {
		return strings.ToUpper(message[:1]) + message[1:] + "."
	}
	rest = strings.TrimPrefix(rest, "value to be ")
	rest = strings.TrimPrefix(rest, "string to be ")
	return "It must be " + rest + "."
}

// between finds what a message of the form "… %s …" was made with.
func between(message, form string) (string, bool) {
	before, after, _ := strings.Cut(form, "%s")
	rest, ok := strings.CutPrefix(message, before)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(rest, after)
}

// nulCharacters finds text with NUL, which PostgreSQL does not take.
func nulCharacters(at string, v any) (fields []holm.Field) {
	switch v := v.(type) {
	case string:
		if strings.ContainsRune(v, 0) {
			return []holm.Field{{Name: clip(at), Reason: "It must not have the character NUL."}}
		}
	case []any:
		for i, item := range v {
			fields = append(fields, nulCharacters(fmt.Sprintf("%s[%d]", at, i), item)...)
		}
	case map[string]any:
		for key, item := range v {
			fields = append(fields, nulCharacters(strings.TrimPrefix(at+"."+key, "."), item)...)
		}
	}
	return fields
}

// malformed says where JSON ends to be JSON.
func malformed(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fault(http.StatusBadRequest, "The body is not JSON: it goes wrong at byte %d.", syntax.Offset)
	}
	return fault(http.StatusBadRequest, "The body is not JSON that can be read.")
}

// misfit says what JSON of the right shape still cannot be: a number too
// large, a time on the 30th of February.
func misfit(err error) holm.Field {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return holm.Field{Name: clip(kind.Field), Reason: "The value does not fit."}
	}
	return holm.Field{Reason: "A value in the body does not fit."}
}

// clip shortens what a caller named, for an answer.
func clip(text string) string {
	if len(text) <= 100 {
		return text
	}
	return strings.ToValidUTF8(text[:100], "") + "…"
}
