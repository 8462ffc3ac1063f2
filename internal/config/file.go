package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"github.com/holmhq/holm"
)

// fileOption names the file; it is the one option that cannot stand in it.
const fileOption = "config"

// longestFile in bytes. All options together fit into a few lines.
const longestFile = 64 << 10

// filePath says which file was named and by what; "" twice for none.
func filePath(flags *pflag.FlagSet, env func(string) string) (path, source string) {
	if flag := flags.Lookup(fileOption); flag != nil && flag.Changed {
		return flag.Value.String(), "--" + fileOption
	}
	if path := env(variable(fileOption)); path != "" {
		return path, variable(fileOption)
	}
	return "", ""
}

// readFile takes the options of a YAML file: one name and value a line.
func readFile(path string, values map[string]value) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fault("The file of options %s does not exist.", path)
	}
	if err == nil && (!info.Mode().IsRegular() || info.Size() > longestFile) {
		return fault("%s is not a file of options.", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fault("The file of options %s cannot be read: %s.", path, errors.Unwrap(err))
	}
	return parseFile(path, text, values)
}

// parseFile takes the options from the text of a file. Every line with a
// fault is told.
func parseFile(path string, text []byte, values map[string]value) error {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		// The parser's words may quote the line, and with it a password.
		return fault("The file of options %s is not YAML; write one option a line, like 'http: 127.0.0.1:8080'.", path)
	}
	if len(document.Content) == 0 { // nothing but comments
		return nil
	}
	top := document.Content[0]
	if top.Kind != yaml.MappingNode {
		return fault("The file of options %s is no list of options; write one a line, like 'http: 127.0.0.1:8080'.", path)
	}
	var faults faults
	seen := map[string]bool{}
	for i := 0; i+1 < len(top.Content); i += 2 {
		key, node := top.Content[i], top.Content[i+1]
		place := fmt.Sprintf("%s:%d", path, key.Line)
		switch {
		case !known(key.Value) || key.Kind != yaml.ScalarNode:
			faults.add(holm.Invalid(key.Value, "%s: %s", place, unknown(key.Value)))
		case seen[key.Value]:
			faults.add(holm.Invalid(key.Value, "%s: %s is set a second time.", place, key.Value))
		case node.Kind != yaml.ScalarNode || node.Tag == "!!null":
			faults.add(holm.Invalid(key.Value, "%s: %s needs one plain value.", place, key.Value))
		default:
			values[key.Value] = value{node.Value, place + " (" + key.Value + ")"}
		}
		seen[key.Value] = true
	}
	return faults.error()
}

func known(name string) bool {
	for _, o := range options {
		if o.name == name {
			return true
		}
	}
	return false
}

// FlagError makes the flag parser's error a sentence that helps, with the
// nearest option for a name that does not exist.
func FlagError(err error) error {
	var missing *pflag.NotExistError
	if errors.As(err, &missing) {
		return holm.Invalid(missing.GetSpecifiedName(), "--%s: %s", missing.GetSpecifiedName(), unknown(missing.GetSpecifiedName()))
	}
	return holm.Errorf(holm.CodeInvalid, "The options cannot be read: %s.", err)
}

// unknown says that there is no such option, and which is nearest.
func unknown(name string) string {
	best, distance := "", 4 // farther is another word, not a slip
	for _, o := range options {
		if d := edits(strings.ToLower(strings.ReplaceAll(name, "_", "-")), o.name); d < distance && d < len(name) {
			best, distance = o.name, d
		}
	}
	if best == "" {
		return fmt.Sprintf("There is no option %q; 'holm serve --help' lists them all.", name)
	}
	return fmt.Sprintf("There is no option %q; did you mean %s?", name, best)
}

// edits counts the letters to change, add or take away to get from a to b.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

// faults collects what is wrong, to tell it all at once.
type faults []*holm.Error

func (f *faults) add(errs ...error) {
	for _, err := range errs {
		if err == nil {
			continue
		}
		*f = append(*f, holm.AsError(err))
	}
}

// error makes them one error: a line each, nil for none.
func (f faults) error() error {
	if len(f) == 0 {
		return nil
	}
	all := &holm.Error{Code: holm.CodeInvalid}
	lines := make([]string, len(f))
	for i, one := range f {
		lines[i] = one.Detail
		all.Fields = append(all.Fields, one.Fields...)
	}
	all.Detail = strings.Join(lines, "\n")
	return all
}
