package cli

import (
	"encoding"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

var (
	secretType = reflect.TypeFor[holm.Secret]()
	timeType   = reflect.TypeFor[time.Time]()
)

// input is one field of an operation's input as the command line gives it: a
// flag or a positional argument.
type input struct {
	app   *app
	field ops.Field
	enum  []string
	value reflect.Value // as given
	given bool
	// For secrets, which are never arguments:
	ask, stdin bool
}

func (a *app) input(op *ops.Operation, f ops.Field) *input {
	in := &input{app: a, field: f}
	if enum := op.Input.FieldByIndex(f.Index).Tag.Get("enum"); enum != "" {
		in.enum = strings.Split(enum, ",")
	}
	return in
}

// flag is the name as it is typed.
func (i *input) flag() string { return hyphens(i.field.Name) }

// base is the field's type without pointer.
func (i *input) base() reflect.Type {
	if i.field.Type.Kind() == reflect.Pointer {
		return i.field.Type.Elem()
	}
	return i.field.Type
}

// scalar says whether the field can be one argument.
func (i *input) scalar() bool {
	switch t := i.base(); t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64:
		return true
	default:
		return t == timeType || t == secretType
	}
}

// Set reads the argument; part of pflag.Value.
func (i *input) Set(s string) error {
	v := reflect.New(i.base()).Elem()
	switch {
	case len(i.enum) > 0 && !slices.Contains(i.enum, s):
		return holm.Invalid(i.field.Name, "The %s is %s, not %q.", words(i.field.Name), strings.Join(i.enum, " or "), s)
	case v.Type() == timeType:
		t, err := parseUntil(i.app.now(), s)
		if err != nil {
			return err
		}
		if t != nil {
			v.Set(reflect.ValueOf(*t))
		}
	case v.Type() == secretType:
		_ = v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s))
	case v.Kind() == reflect.String:
		v.SetString(s)
	case v.Kind() == reflect.Bool:
		b, err := strconv.ParseBool(s)
		if err != nil {
			return holm.Invalid(i.field.Name, "The %s is true or false, not %q.", words(i.field.Name), s)
		}
		v.SetBool(b)
	default:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return holm.Invalid(i.field.Name, "The %s is a whole number, not %q.", words(i.field.Name), s)
		}
		v.SetInt(n)
	}
	i.value, i.given = v, true
	return nil
}

// String is the default that help shows: none. Part of pflag.Value.
func (i *input) String() string {
	if i.value.IsValid() && i.value.Kind() == reflect.String {
		return i.value.String()
	}
	return ""
}

// Type is the word for the value in help. Part of pflag.Value.
func (i *input) Type() string {
	switch t := i.base(); {
	case len(i.enum) > 0:
		return strings.Join(i.enum, "|")
	case t == timeType:
		return "when"
	case t.Kind() == reflect.Bool:
		return "bool"
	case t.Kind() == reflect.String:
		return "text"
	}
	return "number"
}

// define adds the flag, or for a secret the ways to give it.
func (i *input) define(cmd *cobra.Command) {
	fs, name, doc := cmd.Flags(), i.flag(), i.field.Doc
	if i.base() == secretType {
		if !i.field.Required {
			fs.BoolVar(&i.ask, name, false, doc+"; asked for on the terminal")
		}
		fs.BoolVar(&i.stdin, name+"-stdin", false, "Read the "+words(i.field.Name)+" from standard input")
		return
	}
	f := &pflag.Flag{Name: name, Usage: doc, Value: i}
	if i.base().Kind() == reflect.Bool {
		f.NoOptDefVal = "true"
	}
	fs.AddFlag(f)
	if i.app != nil {
		_ = cmd.RegisterFlagCompletionFunc(name, i.complete)
	}
}

// apply puts what was given into the input of the operation.
func (i *input) apply(in reflect.Value) {
	if !i.given {
		return
	}
	target := in.Elem().FieldByIndex(i.field.Index)
	if target.Kind() == reflect.Pointer {
		if i.base() == timeType && i.value.IsZero() {
			return // "never": no end
		}
		p := reflect.New(i.base())
		p.Elem().Set(i.value)
		target.Set(p)
		return
	}
	target.Set(i.value)
}

// fetch gets a secret that has to come and has not come in a file.
func (i *input) fetch(in reflect.Value, ask *asker, twice bool) error {
	target := in.Elem().FieldByIndex(i.field.Index)
	if !i.ask && !i.stdin && (!i.field.Required || !target.Interface().(holm.Secret).Empty()) {
		return nil
	}
	word := words(i.field.Name)
	s, err := ask.secret(strings.ToUpper(word[:1])+word[1:]+": ", i.flag(), i.stdin, twice)
	if err == nil {
		target.Set(reflect.ValueOf(s))
	}
	return err
}

// words writes a field's name for a sentence.
func words(name string) string { return strings.ReplaceAll(name, "_", " ") }
