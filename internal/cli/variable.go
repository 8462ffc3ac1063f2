package cli

import (
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

// polishVariableSet takes NAME=VALUE, or NAME alone, whose value is typed
// unseen or comes from standard input: what is an argument, others on the
// computer see.
func polishVariableSet(c *command) {
	var file string
	var remove []string
	c.usage = " ENVIRONMENT [NAME=VALUE | NAME]…"
	c.long = "Set environment variables of the services in the app and custom layers. The value of\na NAME without = is typed unseen, or is the next line of standard input. Nodes that\nrun get them when they are restarted; the list says which still run without."
	c.example = "  holm variable set shop GREETING=hello\n  holm variable set shop DATABASE_PASSWORD < password.txt\n  holm variable set shop --file shop.env\n  holm variable set shop --remove GREETING"
	c.extra = func(fs *pflag.FlagSet) {
		fs.StringVar(&file, "file", "", "Set the variables of a `file` of lines NAME=VALUE; - is standard input")
		fs.StringArrayVar(&remove, "remove", nil, "Take the variable of this `name` away; several allowed")
	}
	c.rest = func(x *call, args []string) error {
		in := x.in.Interface().(*ops.VariableSetInput)
		for _, arg := range args {
			name, value, given := strings.Cut(arg, "=")
			if err := holm.CheckVariableName(name); err != nil {
				return err
			}
			secret := holm.NewSecret(value)
			if !given {
				var err error
				if secret, err = x.ask.secret(name+": ", name, !x.ask.person, false); err != nil {
					return err
				}
			}
			in.Body.Variables = append(in.Body.Variables, ops.VariableInput{Name: name, Value: secret})
		}
		return nil
	}
	c.before = func(x *call) error {
		if len(remove) > 0 {
			x.in.Interface().(*ops.VariableSetInput).Body.Remove = remove
		}
		if file == "" {
			return nil
		}
		data, err := readFile(x.ask, file)
		if err != nil {
			return holm.Wrap(holm.CodeInvalid, err, "The file cannot be read: %v.", err)
		}
		list, err := parseVariables(string(data))
		in := x.in.Interface().(*ops.VariableSetInput)
		in.Body.Variables = append(in.Body.Variables, list...)
		return err
	}
	c.render = func(x *call, out any) error {
		x.out.variables(out.(ops.VariableList))
		return nil
	}
}

// parseVariables reads lines NAME=VALUE. Empty lines, those that begin with #
// and the word export before a name are passed over; quotes around a whole
// value are not part of it.
func parseVariables(text string) (list []ops.VariableInput, err error) {
	for n, line := range strings.Split(text, "\n") {
		line = strings.TrimRight(line, "\r")
		trimmed := strings.TrimPrefix(strings.TrimSpace(line), "export ")
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(trimmed, "=")
		if !ok {
			return nil, holm.Invalid("file", "Line %d is not NAME=VALUE.", n+1)
		}
		if err := holm.CheckVariableName(strings.TrimSpace(name)); err != nil {
			return nil, holm.Invalid("file", "Line %d: %s", n+1, holm.AsError(err).Detail)
		}
		list = append(list, ops.VariableInput{Name: strings.TrimSpace(name), Value: holm.NewSecret(unquoted(value))})
	}
	return list, nil
}

func unquoted(value string) string {
	if n := len(value); n > 1 && value[0] == '\'' && value[n-1] == '\'' {
		return value[1 : n-1]
	}
	if plain, err := strconv.Unquote(value); err == nil && value[0] == '"' {
		return plain
	}
	return value
}

// variables lists them, with the nodes that still run without.
func (p *printer) variables(v ops.VariableList) {
	var rows [][]cell
	for _, x := range v.Items {
		value := cell{"hidden", grey}
		if x.Value != nil {
			value = text(*x.Value)
		}
		note := cell{}
		if x.Rotate != nil {
			note = cell{"to be changed", yellow}
		}
		rows = append(rows, []cell{text(x.Name), value, text(x.SetBy), p.time(x.SetAt), note})
	}
	p.table([]string{"name", "value", "set by", "set", ""}, rows, "No variables. Set one with: holm variable set ENVIRONMENT NAME=VALUE")
	if len(v.Stale) > 0 && p.terminal {
		var nodes []string
		for _, id := range v.Stale {
			nodes = append(nodes, strconv.FormatInt(id, 10))
		}
		p.line("These nodes still run with the variables of before: %s. Restart them: holm layer restart ENVIRONMENT LAYER --one-by-one", strings.Join(nodes, ", "))
	}
}
