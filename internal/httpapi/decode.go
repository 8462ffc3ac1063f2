package httpapi

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

const (
	// bodyLimit is the most that a JSON body may have, in bytes.
	bodyLimit = 1 << 20
	// bodyTime is how long a body may take to arrive.
	bodyTime = 30 * time.Second
)

// read decodes what a request says, as far as it can be decoded. wrong tells
// what is wrong with it; the door asks for that after it has decided, so the
// input always names its target as the caller did.
func (a *api) read(w http.ResponseWriter, r *http.Request, rt *route) (in any, wrong error) {
	input := reflect.New(rt.op.Input)
	var fields []holm.Field
	lost := readPath(r, rt, input.Elem())
	fields = append(fields, a.readHeaders(r, rt, input.Elem())...)
	more, broken := a.readQuery(r, rt, input.Elem())
	fields = append(fields, more...)
	more, err := a.readBody(w, r, rt, input.Elem())
	fields = append(fields, more...)
	switch {
	case lost:
		return input.Interface(), holm.ErrNotFound()
	case err != nil:
		return input.Interface(), err
	case broken != nil:
		return input.Interface(), broken
	case len(fields) > 0:
		return input.Interface(), fieldsError(fields)
	}
	return input.Interface(), nil
}

// readPath fills what the path names. A number that is none, or text that
// cannot be anybody's name, names nothing that exists.
func readPath(r *http.Request, rt *route, input reflect.Value) (lost bool) {
	for _, p := range rt.params {
		if p.in != "path" {
			continue
		}
		value := r.PathValue(p.name)
		if !sound(value) {
			// Databases differ in what they make of such text; this cannot
			// be a name either, and all of them can be asked for it.
			value, lost = strings.ReplaceAll(strings.ToValidUTF8(value, "\uFFFD"), "\x00", "\uFFFD"), true
		}
		if set(input.FieldByIndex(p.index), value) != nil {
			lost = true
		}
	}
	return lost
}

// readHeaders fills what comes in headers of its own.
func (a *api) readHeaders(r *http.Request, rt *route, input reflect.Value) (fields []holm.Field) {
	for _, p := range rt.params {
		if value := r.Header.Get(p.name); p.in == "header" && value != "" {
			fields = append(fields, a.fill(p, input, value)...)
		}
	}
	return fields
}

// readQuery fills what the query says and refuses what it does not know: a
// filter with a typing error must not list everything.
func (a *api) readQuery(r *http.Request, rt *route, input reflect.Value) (fields []holm.Field, broken error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		broken = fault(http.StatusBadRequest, "The query of the address is not well formed.")
	}
	for _, p := range rt.params {
		if p.in != "query" {
			continue
		}
		given, ok := values[p.name]
		delete(values, p.name)
		switch {
		case !ok && p.required:
			fields = append(fields, holm.Field{Name: p.name, Reason: "It is required, in the query of the address."})
		case len(given) > 1:
			fields = append(fields, holm.Field{Name: p.name, Reason: "Give it once."})
		case ok:
			fields = append(fields, a.fill(p, input, given[0])...)
		}
	}
	for name := range values {
		fields = append(fields, holm.Field{Name: clip(name), Reason: "There is no such parameter."})
	}
	return fields, broken
}

// fill sets one parameter and says what is wrong with it.
func (a *api) fill(p param, input reflect.Value, value string) []holm.Field {
	if !sound(value) {
		return []holm.Field{{Name: p.name, Reason: "It must be text in UTF-8 without NUL."}}
	}
	f := input.FieldByIndex(p.index)
	if err := set(f, value); err != nil {
		return []holm.Field{{Name: p.name, Reason: err.Error()}}
	}
	var checked any = value
	if f.CanInt() {
		checked = f.Int()
	} else if f.Kind() == reflect.Bool {
		checked = f.Bool()
	}
	var result huma.ValidateResult
	huma.Validate(a.schemas.registry, p.schema, huma.NewPathBuffer([]byte(p.name), len(p.name)), huma.ModeWriteToServer, checked, &result)
	return a.explain(result.Errors)
}

// set writes a text into a field of any type that parameters have. Errors are
// sentences.
func set(f reflect.Value, value string) error {
	if u, ok := f.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if u.UnmarshalText([]byte(value)) != nil {
			return errors.New("It cannot be read.")
		}
		if t, ok := u.(*time.Time); ok && ops.NoTime(*t) {
			return errors.New("It is no time at which anything could begin or end.")
		}
		return nil
	}
	switch {
	case f.Kind() == reflect.String:
		f.SetString(value)
	case f.Kind() == reflect.Bool:
		b, err := strconv.ParseBool(value)
		if err != nil {
			return errors.New("It must be true or false.")
		}
		f.SetBool(b)
	case f.CanInt():
		n, err := strconv.ParseInt(value, 10, f.Type().Bits())
		if err != nil {
			return errors.New("It must be a whole number.")
		}
		f.SetInt(n)
	default:
		panic(fmt.Sprintf("httpapi: parameters cannot be of type %s", f.Type()))
	}
	return nil
}

// repeated finds a name that one object of a JSON text has twice. The text is
// well formed.
func repeated(d *json.Decoder) (name string, twice bool) {
	t, err := d.Token()
	open, nested := t.(json.Delim)
	if err != nil || !nested {
		return "", false
	}
	seen := map[string]bool{}
	for d.More() {
		if open == '{' {
			key, err := d.Token()
			name, _ = key.(string)
			if err != nil || seen[name] {
				return name, err == nil
			}
			seen[name] = true
		}
		if name, twice := repeated(d); twice {
			return name, true
		}
	}
	_, _ = d.Token() // the end of this one
	return "", false
}

// sound says whether every database takes a text.
func sound(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// readBody fills the JSON input.
func (a *api) readBody(w http.ResponseWriter, r *http.Request, rt *route, input reflect.Value) ([]holm.Field, error) {
	raw, err := receive(w, r)
	if err != nil {
		return nil, err
	}
	if len(raw) == 0 || rt.body == nil {
		return a.emptyBody(rt, raw)
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, fault(http.StatusUnsupportedMediaType, "Send the body as JSON, with the header Content-Type: application/json.")
	}
	if !utf8.Valid(raw) {
		return nil, fault(http.StatusBadRequest, "The body is not text in UTF-8.")
	}
	var loose any
	if err := json.Unmarshal(raw, &loose); err != nil {
		return nil, malformed(err)
	}
	var result huma.ValidateResult
	huma.Validate(a.schemas.registry, rt.body.schema, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, loose, &result)
	fields := append(a.explain(result.Errors), nulCharacters("", loose)...)
	if name, twice := repeated(json.NewDecoder(bytes.NewReader(raw))); twice {
		fields = append(fields, holm.Field{Name: clip(name), Reason: "It is given twice in one object; which of the two is meant cannot be known."})
	}
	// Decoded even when it is refused: the log of a refusal tells what was asked.
	err = json.Unmarshal(raw, input.FieldByIndex(rt.body.index).Addr().Interface())
	if err != nil && len(fields) == 0 {
		fields = append(fields, misfit(err))
	}
	return fields, nil
}

// emptyBody treats no body as an empty object, and takes nothing else where
// an operation has no input in its body.
func (a *api) emptyBody(rt *route, raw []byte) ([]holm.Field, error) {
	if rt.body != nil && rt.body.required {
		var result huma.ValidateResult
		huma.Validate(a.schemas.registry, rt.body.schema, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, map[string]any{}, &result)
		return a.explain(result.Errors), nil
	}
	if text := strings.TrimSpace(string(raw)); rt.body == nil && text != "" && text != "{}" && text != "null" {
		return nil, holm.Errorf(holm.CodeInvalid, "This operation takes nothing in its body; send none.")
	}
	return nil, nil
}

// receive reads a body within its limits. The deadline is lifted again: left
// in place it would end streams and long work on this connection.
func receive(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	c := http.NewResponseController(w)
	c.SetReadDeadline(time.Now().Add(bodyTime))
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, fault(http.StatusRequestEntityTooLarge, "The body is larger than 1 MiB.")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, fault(http.StatusRequestTimeout, "The body took too long to arrive.")
	case err != nil:
		return nil, fault(http.StatusBadRequest, "The body broke off.")
	}
	c.SetReadDeadline(time.Time{})
	return raw, nil
}
