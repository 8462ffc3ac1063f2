package audit

import (
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/ops"
)

// operationName says an operation's name with spaces; all of a noun end with
// a dot.
func operationName(name string) string {
	noun, verb, _ := strings.Cut(name, ".")
	if verb == "" {
		return "everything with " + noun
	}
	return noun + " " + strings.ReplaceAll(verb, "_", " ")
}

// operations are the choices of the filter: those that leave rows.
func operations() []part.Option {
	options := []part.Option{{Label: "Any"}}
	noun := ""
	for _, op := range ops.All() {
		if !op.Built || op.Kind == ops.Read {
			continue
		}
		if op.Noun() != noun {
			noun = op.Noun()
			options = append(options, part.Option{Value: noun + ".", Label: operationName(noun + "."), Group: noun})
		}
		options = append(options, part.Option{Value: op.Name, Label: operationName(op.Name), Group: noun})
	}
	return options
}

func resultLabel(result string) string {
	if result == "refused" {
		return "everything that did not go well"
	}
	return resultName(result)
}

func results() []part.Option {
	options := []part.Option{{Label: "Any"}, {Value: "0", Label: resultName("0")}, {Value: "refused", Label: "Everything that did not go well"}}
	for _, code := range holm.Codes {
		options = append(options, part.Option{Value: string(code), Label: resultName(string(code)), Group: "Only"})
	}
	return options
}
