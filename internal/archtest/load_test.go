package archtest

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/holmhq/holm"

// pack is one package of the module.
type pack struct {
	name    string // as its files call it
	path    string // its folder below the module's root; "." is the root
	imports []string
	files   []*file
}

// file is one Go file of a package, also one for other systems.
type file struct {
	path      string // below the module's root
	lines     int
	test      bool
	generated bool
	syntax    *ast.File
	set       *token.FileSet
}

// tree is the whole module.
type tree struct {
	root     string
	packages []pack
}

var loadOnce = sync.OnceValues(loadTree)

// load gives the module, read once for all tests.
func load(t *testing.T) tree {
	t.Helper()
	whole, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	if len(whole.packages) == 0 {
		t.Fatal("no package was found")
	}
	return whole
}

func loadTree() (tree, error) {
	root, err := run("go", "list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return tree{}, err
	}
	whole := tree{root: strings.TrimSpace(root)}
	// -e: a package that does not compile is the compiler's business.
	text, err := run("go", "list", "-e", "-json=Name,ImportPath,Dir,Imports,GoFiles,CgoFiles,IgnoredGoFiles,TestGoFiles,XTestGoFiles", module+"/...")
	if err != nil {
		return tree{}, err
	}
	list := json.NewDecoder(strings.NewReader(text))
	for {
		var listed struct {
			Name, ImportPath, Dir                                                 string
			Imports, GoFiles, CgoFiles, IgnoredGoFiles, TestGoFiles, XTestGoFiles []string
		}
		if err := list.Decode(&listed); errors.Is(err, io.EOF) {
			return whole, nil
		} else if err != nil {
			return tree{}, err
		}
		p := pack{name: listed.Name, path: local(listed.ImportPath), imports: listed.Imports}
		for _, name := range slices.Concat(listed.GoFiles, listed.CgoFiles, listed.IgnoredGoFiles, listed.TestGoFiles, listed.XTestGoFiles) {
			f, err := parse(filepath.Join(listed.Dir, name), nil)
			if err != nil {
				return tree{}, err
			}
			f.path = filepath.ToSlash(filepath.Join(p.path, name))
			p.files = append(p.files, f)
		}
		whole.packages = append(whole.packages, p)
	}
}

// parse reads a file; source may hold its text.
func parse(path string, source any) (*file, error) {
	f := &file{path: path, test: strings.HasSuffix(path, "_test.go"), set: token.NewFileSet()}
	syntax, err := parser.ParseFile(f.set, path, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	f.syntax = syntax
	f.lines = f.set.File(syntax.Pos()).LineCount()
	f.generated = ast.IsGenerated(syntax)
	return f, nil
}

// span counts the lines from one position to another, both included.
func (f *file) span(node ast.Node) int {
	return f.set.Position(node.End()).Line - f.set.Position(node.Pos()).Line + 1
}

func run(name string, arguments ...string) (string, error) {
	command := exec.Command(name, arguments...)
	var complaints strings.Builder
	command.Stderr = &complaints
	out, err := command.Output()
	if err != nil {
		return "", errors.New(strings.Join(append([]string{name}, arguments...), " ") + ": " + err.Error() + "\n" + complaints.String())
	}
	return string(out), nil
}

// local gives a package's folder, "." for the root; "" for a foreign package.
func local(importPath string) string {
	if importPath == module {
		return "."
	}
	path, ours := strings.CutPrefix(importPath, module+"/")
	if !ours {
		return ""
	}
	return path
}

// matches says whether a path is one of the patterns.
func matches(path string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if pattern == everything {
			return true
		}
		if below, found := strings.CutSuffix(pattern, "/..."); found {
			return path == below || strings.HasPrefix(path, below+"/")
		}
		return path == pattern
	})
}
