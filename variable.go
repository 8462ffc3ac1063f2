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
	if !plainVariableName(name) {
		return Invalid("variables", "A name that was given (%s) is none of a variable: it is made of letters, digits and underscores, and does not begin with a digit. Give name and value apart.", LoggedVariableName(name))
	}
	upper := strings.ToUpper(name)
	if ownVariables[upper] || strings.HasPrefix(upper, "HOLM_") || strings.HasPrefix(upper, "LD_") {
		return Invalid("variables", "The variable %s is set by Holm itself; choose another name.", name)
	}
	return nil
}

// plainVariableName says whether a name is made as names of variables are.
func plainVariableName(name string) bool {
	for i, r := range name {
		letter := r == '_' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != "" && len(name) <= LongestVariableName
}

// LoggedVariableName is what may be shown and kept of what was given as the
// name of a variable. Who pastes a whole line gives the value with it, so of
// what is no name only a name before "=" is left.
func LoggedVariableName(name string) string {
	if plainVariableName(name) {
		return name
	}
	if before, _, found := strings.Cut(name, "="); found && plainVariableName(before) {
		return before + "=" + mask
	}
	return mask
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
