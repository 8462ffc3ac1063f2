package holm

import "strings"

// reservedNames are host names that the installation needs for itself.
var reservedNames = map[string]bool{
	"www": true, "api": true, "admin": true, "dashboard": true, "holm": true, "mail": true,
	"smtp": true, "ftp": true, "ssh": true, "git": true, "ns1": true, "ns2": true,
	"localhost": true, "operator": true, "docs": true, "status": true, "new": true,
}

// CheckEnvironmentName says whether name can be an environment's: a DNS label
// of RFC 1123 in lower case that starts with a letter, at most 40 characters
// (names of nodes are built from it and must stay below 63).
func CheckEnvironmentName(name string) error {
	switch {
	case name == "":
		return Invalid("name", "Give the environment a name.")
	case len(name) > 40:
		return Invalid("name", "The name is longer than 40 characters.")
	case name[0] < 'a' || name[0] > 'z':
		return Invalid("name", "The name must start with a letter a–z.")
	case name[len(name)-1] == '-':
		return Invalid("name", "The name must not end with a hyphen.")
	case strings.HasPrefix(name, "xn--"):
		return Invalid("name", "The name must not start with xn--.")
	case strings.HasPrefix(name, "env-") && len(name) > 36:
		return Invalid("name", "The name looks like an id; choose another.")
	case reservedNames[name]:
		return Invalid("name", "%q is a name the installation needs for itself; choose another.", name)
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return Invalid("name", "The name may have only a–z, 0–9 and hyphens.")
		}
	}
	return nil
}

// CheckLine says whether text fits one line of a form: no control characters,
// at most limit bytes.
func CheckLine(field, text string, limit int) error {
	if len(text) > limit {
		return Invalid(field, "The %s is longer than %d characters.", field, limit)
	}
	for _, r := range text {
		if r < 32 || r == 127 || r == '\u2028' || r == '\u2029' || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) {
			return Invalid(field, "The %s has a control character.", field)
		}
	}
	return nil
}
