package holm

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Variable is an environment variable of an environment's services.
type Variable struct {
	Name     string
	Value    Secret
	SetBy    string // e-mail address
	SetAt    time.Time
	RotateAt time.Time // since when it has to be changed, zero when it has not
}

// The bounds of an environment's variables. Sizes are in bytes; those of one
// are the kernel's for a program's environment, with room to spare.
const (
	MostVariables       = 200
	LongestVariableName = 128
	LongestVariable     = 32 << 10
	LongestVariables    = 256 << 10 // all names and values together
)

// ownVariables are set by Holm and the stacks; nodes would not start, or not
// be themselves, with others.
var ownVariables = map[string]bool{"PATH": true, "HOME": true, "USER": true, "LOGNAME": true, "PORT": true, "LANG": true, "TERM": true, "PWD": true, "SHELL": true, "IFS": true}

// CheckVariableName says whether a variable may have a name: letters of the
// alphabet, digits and underscores, no digit first, and none that Holm or the
// loader of programs reads.
func CheckVariableName(name string) error {
	if name == "" || len(name) > LongestVariableName {
		return Invalid("variables", "The name of a variable has 1 to %d characters.", LongestVariableName)
	}
	for i, r := range name {
		letter := r == '_' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return Invalid("variables", "The name %q of a variable is made of letters, digits and underscores, and does not begin with a digit.", Visible(name))
		}
	}
	upper := strings.ToUpper(name)
	if ownVariables[upper] || strings.HasPrefix(upper, "HOLM_") || strings.HasPrefix(upper, "LD_") {
		return Invalid("variables", "The variable %s is set by Holm itself; choose another name.", name)
	}
	return nil
}

// CheckVariableValue says whether a variable may have a value: any text
// without NUL.
func CheckVariableValue(name string, value Secret) error {
	text := value.Reveal()
	switch {
	case len(text) > LongestVariable:
		return Invalid("variables", "The value of %s has %d bytes; at most %d are possible.", name, len(text), LongestVariable)
	case strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text):
		return Invalid("variables", "The value of %s is no text: it must be UTF-8 without a NUL.", name)
	}
	return nil
}
