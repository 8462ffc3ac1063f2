package holm

import (
	"strings"
	"testing"
)

func TestVariableNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"A": true, "DATABASE_URL": true, "_x9": true, "node_env": true, strings.Repeat("A", 128): true,
		"": false, "9A": false, "A-B": false, "A B": false, "A=B": false, "Ä": false, "A\x00": false, "A\n": false, strings.Repeat("A", 129): false,
		"PATH": false, "path": false, "HOME": false, "PORT": false, "HOLM_NODE": false, "holm_x": false, "LD_PRELOAD": false, "ld_library_path": false,
		"PORTS": true, "HOLMES": true, "LDAP": true,
	} {
		if err := CheckVariableName(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestVariableValues(t *testing.T) {
	for value, ok := range map[string]bool{
		"": true, "x": true, "a\nb\t€": true, strings.Repeat("x", LongestVariable): true,
		strings.Repeat("x", LongestVariable+1): false, "a\x00b": false, "\xff": false,
	} {
		err := CheckVariableValue("A", NewSecret(value))
		if (err == nil) != ok {
			t.Errorf("%d bytes: %v", len(value), err)
		}
		if err != nil && value != "" && strings.Contains(err.Error(), value) {
			t.Error("the refusal tells the value")
		}
	}
}

// FuzzVariableName holds that what is let through can stand before the = of a
// program's environment and in a shell.
func FuzzVariableName(f *testing.F) {
	f.Add("DATABASE_URL")
	f.Add("LD_PRELOAD")
	f.Fuzz(func(t *testing.T, name string) {
		if CheckVariableName(name) != nil {
			return
		}
		if strings.ContainsAny(name, "= \x00\n\t$`\"'") || name[0] >= '0' && name[0] <= '9' {
			t.Errorf("%q is let through", name)
		}
	})
}
