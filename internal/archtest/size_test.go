package archtest

import (
	"fmt"
	"go/ast"
	"testing"
)

// The limits. Aims are lower: see docs/architecture.md.
const (
	longestFile     = 600  // lines
	longestFunction = 100  // lines
	largestPackage  = 4000 // lines without tests
	largestInterf   = 6    // methods
)

// TestSizes holds the limits; generated files are exempt.
func TestSizes(t *testing.T) {
	used := map[string]bool{}
	for _, p := range load(t).packages {
		for key, problem := range sizeProblems(p) {
			if exceptions[key] == "" {
				t.Errorf("%s: %s; split it, or give a reason for %q in internal/archtest/exception_test.go", key, problem, key)
			}
			used[key] = true
		}
	}
	for key := range exceptions {
		if !used[key] {
			t.Errorf("the exception for %q is not needed; take it away", key)
		}
	}
}

// sizeProblems gives what is too big in a package, by the key of its exception.
func sizeProblems(p pack) map[string]string {
	problems := map[string]string{}
	total := 0
	for _, f := range p.files {
		if f.generated {
			continue
		}
		if !f.test {
			total += f.lines
		}
		if f.lines > longestFile {
			problems[f.path] = fmt.Sprintf("%d lines, more than %d", f.lines, longestFile)
		}
		ast.Inspect(f.syntax, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.FuncDecl:
				if lines := f.span(node); lines > longestFunction {
					problems[f.path+" "+functionName(node)] = fmt.Sprintf("%d lines, more than %d", lines, longestFunction)
				}
			case *ast.TypeSpec:
				if wide, ok := node.Type.(*ast.InterfaceType); ok && wide.Methods.NumFields() > largestInterf {
					problems[f.path+" "+node.Name.Name] = fmt.Sprintf("%d methods, more than %d", wide.Methods.NumFields(), largestInterf)
				}
			}
			return true
		})
	}
	if total > largestPackage {
		problems[p.path] = fmt.Sprintf("%d lines, more than %d", total, largestPackage)
	}
	return problems
}

func functionName(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return f.Name.Name
	}
	on := f.Recv.List[0].Type
	if pointer, ok := on.(*ast.StarExpr); ok {
		on = pointer.X
	}
	if generic, ok := on.(*ast.IndexExpr); ok {
		on = generic.X
	}
	if name, ok := on.(*ast.Ident); ok {
		return name.Name + "." + f.Name.Name
	}
	return f.Name.Name
}
