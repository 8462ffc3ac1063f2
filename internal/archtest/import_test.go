package archtest

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"
	"testing"
)

// TestWhoMayImportWhom holds the table of rules.
func TestWhoMayImportWhom(t *testing.T) {
	for _, p := range load(t).packages {
		for _, problem := range importProblems(p) {
			t.Error(problem)
		}
	}
}

func importProblems(p pack) (problems []string) {
	complain := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	at := slices.IndexFunc(rules, func(r rule) bool { return matches(p.path, r.packages) })
	if at < 0 {
		complain("%s is in no row of the rules in internal/archtest/rule_test.go; say there what it is and what it may import", p.path)
		return problems
	}
	row := rules[at]
	for _, imported := range p.imports {
		ours := local(imported)
		if ours != "" && !matches(ours, row.may) {
			complain("%s imports %s, but %s may import only %s of this module: %s", p.path, ours, row.who, list(row.may), row.instead)
		}
		if ours != "" && matches(ours, testSupport) && !matches(p.path, testSupport) && !matches(p.path, []string{"test/..."}) {
			complain("%s imports %s, which only tests may", p.path, ours)
		}
		for _, r := range reserved {
			if matches(imported, []string{r.foreign}) && !matches(p.path, r.only) {
				complain("%s imports %s, which only %s may: %s", p.path, imported, list(r.only), r.instead)
			}
		}
		if matches(p.path, pure) && matches(imported, effects) {
			complain("%s imports %s, but it does no input or output", p.path, imported)
		}
		if p.path == "." && ours == "" && strings.Contains(strings.Split(imported, "/")[0], ".") {
			complain("package holm imports %s, but it may import only the standard library", imported)
		}
	}
	return problems
}

func list(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// TestOnlyTheDoorDecides: a second place that decides is a second policy.
func TestOnlyTheDoorDecides(t *testing.T) {
	for _, p := range load(t).packages {
		if p.path == "access" || p.path == "internal/dispatch" {
			continue
		}
		for _, f := range p.files {
			if f.test {
				continue
			}
			for _, problem := range decisions(f) {
				t.Error(problem)
			}
		}
	}
}

// decisions finds every mention of access.Decide in a file, under whatever
// name it imports access.
func decisions(f *file) (problems []string) {
	name := ""
	for _, spec := range f.syntax.Imports {
		imported := strings.Trim(spec.Path.Value, `"`)
		if imported != module+"/access" {
			continue
		}
		name = path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
	}
	switch name {
	case "", "_":
		return nil
	case ".":
		return []string{f.path + " imports access with a dot, which hides what it calls"}
	}
	ast.Inspect(f.syntax, func(node ast.Node) bool {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok || selector.Sel.Name != "Decide" {
			return true
		}
		if from, ok := selector.X.(*ast.Ident); ok && from.Name == name {
			problems = append(problems, fmt.Sprintf("%s decides with access.Decide, which only internal/dispatch may: go through the door", f.set.Position(node.Pos())))
		}
		return true
	})
	return problems
}
