package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/client"
	"github.com/holmhq/holm/ops"
)

// call is one run of a command.
type call struct {
	*command
	cmd    *cobra.Command
	in     reflect.Value // pointer to the operation's input
	ask    *asker
	out    *printer
	login  login
	client *client.Client
}

// run builds the input, asks the server and shows the answer.
func (c *command) run(cmd *cobra.Command, args []string) error {
	x := &call{command: c, cmd: cmd, in: reflect.New(c.op.Input), ask: c.app.asker(cmd), out: c.app.out(cmd)}
	if err := x.fill(args); err != nil {
		return err
	}
	if c.perform != nil {
		return c.perform(x)
	}
	if c.op.Kind == ops.Session && c.op.Method == http.MethodGet {
		return x.follow()
	}
	return x.askAndShow()
}

// askAndShow asks the server and shows the answer.
func (x *call) askAndShow() error {
	answer, err := x.client.Send(x.cmd.Context(), x.op, x.in.Interface())
	if err != nil {
		return err
	}
	if x.wait {
		if answer, err = x.settle(answer); err != nil {
			return err
		}
	}
	return x.show(answer)
}

// fill makes the input: the file, over it the flags and arguments, then what
// has to be asked for.
func (x *call) fill(args []string) error {
	if err := x.readBody(); err != nil {
		return err
	}
	if err := x.takeArguments(args); err != nil {
		return err
	}
	for _, in := range x.flags {
		in.apply(x.in)
	}
	if err := x.connect(); err != nil {
		return err
	}
	if err := x.collaborator(); err != nil {
		return err
	}
	if x.before != nil {
		if err := x.before(x); err != nil {
			return err
		}
	}
	return x.complain()
}

// readBody reads --body. Unknown members are refused: a misspelt one would be
// lost without a word.
func (x *call) readBody() error {
	if x.body == "" {
		return nil
	}
	data, err := readFile(x.ask, x.body)
	if err != nil {
		return holm.Wrap(holm.CodeInvalid, err, "The body cannot be read: %v.", err)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(x.in.Elem().FieldByName("Body").Addr().Interface()); err != nil {
		return holm.Wrap(holm.CodeInvalid, err, "The body is not the JSON that %s takes: %s.", x.op.Name, strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

func readFile(ask *asker, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(ask.lines)
	}
	return os.ReadFile(name)
}

// takeArguments sets the positional arguments. The token of a mailed link may
// come as the whole link, and as "-" from standard input, where nobody on the
// same computer sees it in a list of processes.
func (x *call) takeArguments(args []string) error {
	for n, in := range x.arguments {
		if n >= len(args) {
			break
		}
		value := args[n]
		if in.base() == secretType {
			var err error
			if value == "-" {
				if value, err = x.ask.read(); err != nil {
					return err
				}
			}
			if x.login.Server, value, err = linkServer(value); err != nil {
				return err
			}
		}
		if err := in.Set(value); err != nil {
			return flagError(err)
		}
		in.apply(x.in)
	}
	if x.rest != nil && len(args) > len(x.arguments) {
		return x.rest(x, args[len(x.arguments):])
	}
	return nil
}

// connect finds the login. A mailed link brings its server along; the token of
// a login goes there only if it is from there. Public operations need a server
// and no login.
func (x *call) connect() error {
	l, err := x.app.login()
	switch server := x.login.Server; {
	case server == "":
		if err != nil {
			return err
		}
		x.login = l
	case err == nil && l.Server == server:
		x.login = l
	default:
		if c, cerr := x.app.config(); cerr == nil {
			x.login = c.of(server)
		}
	}
	x.client = x.app.client(x.login)
	if x.op.Public != "" {
		return nil
	}
	return x.login.signedIn()
}

// complain asks for missing secrets and tells of other missing values, before
// the server has to.
func (x *call) complain() error {
	secrets := slices.Clone(x.flags)
	slices.SortFunc(secrets, func(a, b *input) int { return strings.Compare(a.flag(), b.flag()) }) // as help lists them
	for _, in := range secrets {
		if in.base() == secretType {
			fresh := strings.Contains(in.field.Doc, "At least") || strings.Contains(in.field.Doc, "New password")
			if err := in.fetch(x.in, x.ask, fresh); err != nil {
				return err
			}
		}
	}
	for _, f := range x.op.Fields() {
		v := x.in.Elem().FieldByIndex(f.Index)
		if !f.Required || !v.IsZero() || f.Type.Kind() == reflect.Bool {
			continue
		}
		switch k := f.Type.Kind(); {
		case f.In == "body" && (k == reflect.Slice || k == reflect.Map || k == reflect.Struct):
			return holm.Invalid(f.Name, "Give the %s in a file with --body.", words(f.Name))
		default:
			return holm.Invalid(f.Name, "Give --%s.", hyphens(f.Name))
		}
	}
	return nil
}

// show writes the answer: as it came, or for a person.
func (x *call) show(answer client.Answer) error {
	switch {
	case x.app.json:
		return printRaw(x.cmd.OutOrStdout(), answer.JSON)
	case x.render != nil:
		return x.render(x, answer.Value)
	case x.op.Kind == ops.Change:
		x.out.line("%s", x.sentence())
		if _, secret := answer.Value.(ops.SessionCreated); secret {
			x.out.value(answer.Value) // its token is shown this once
		}
		return nil
	case answer.Value == nil:
		return nil
	}
	x.out.value(answer.Value)
	x.more(answer.Value)
	return nil
}

// more tells a person that the list goes on.
func (x *call) more(v any) {
	next := reflect.ValueOf(v).FieldByName("Next")
	if !next.IsValid() || next.IsNil() || next.Elem().String() == "" {
		return
	}
	fmt.Fprintf(x.cmd.ErrOrStderr(), "There are more: --cursor %s\n", next.Elem().String())
}

// printRaw writes JSON as it came, with a line's end. What a terminal would
// act on or could not show is escaped: to whoever reads JSON it is the same.
func printRaw(w io.Writer, data []byte) error {
	if len(data) == 0 {
		return nil
	}
	data = escaped(data)
	if data[len(data)-1] != '\n' {
		data = append(data, '\n')
	}
	_, err := w.Write(data)
	return err
}

// sentence tells what was done, in the words of the audit log.
func (x *call) sentence() string {
	target := ops.TargetOf(x.in.Elem().Interface().(ops.Input))
	row := ops.AuditRow{Operation: x.op.Name, Target: x.target(target), Result: "0", Detail: map[string]any{}}
	if target.Environment != "" {
		row.Detail["environment"] = target.Environment
	}
	s := ops.Sentence(row)
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// target names what was acted on inside an account or environment: the last
// parameter of the path, or the person of the body.
func (x *call) target(t ops.Target) string {
	switch {
	case t.Collaborator != "":
		return t.Collaborator
	case t.Layer != "":
		return t.Layer
	case t.Node != 0:
		return fmt.Sprintf("node %d", t.Node)
	}
	for _, f := range x.op.Fields() {
		if f.In == "path" && f.Name != "account" && f.Type != secretType || f.Name == "email" {
			return fmt.Sprint(x.in.Elem().FieldByIndex(f.Index).Interface())
		}
	}
	return ""
}
