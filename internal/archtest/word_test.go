package archtest

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEveryPackageSaysWhatItIsFor: a package comment, once, in Go's form.
func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range load(t).packages {
		for _, problem := range commentProblems(p) {
			t.Error(problem)
		}
	}
}

func commentProblems(p pack) []string {
	var comments []string
	onlyTests := true
	for _, f := range p.files {
		onlyTests = onlyTests && f.test
		// templ writes its version where a package comment would stand.
		if f.syntax.Doc != nil && !f.generated && !strings.HasSuffix(f.syntax.Name.Name, "_test") {
			comments = append(comments, strings.TrimSpace(f.syntax.Doc.Text()))
		}
	}
	if onlyTests && len(comments) == 0 {
		for _, f := range p.files { // a package test/… of external tests only
			if f.syntax.Doc != nil {
				comments = append(comments, strings.TrimSpace(f.syntax.Doc.Text()))
			}
		}
	}
	begin := "Package " + p.name + " "
	switch {
	case len(comments) == 0 && p.name == "main":
		return []string{p.path + " has no package comment; begin one with what the program does"}
	case len(comments) == 0:
		return []string{fmt.Sprintf("%s has no package comment; begin one with %q and say what it is for and what it must not know", p.path, begin)}
	case len(comments) > 1:
		return []string{fmt.Sprintf("%s has %d package comments; keep one", p.path, len(comments))}
	case p.name != "main" && !onlyTests && !strings.HasPrefix(comments[0], begin):
		return []string{fmt.Sprintf("the comment of %s begins with %.30q, not with %q", p.path, comments[0], begin)}
	case len(comments[0]) < 40:
		return []string{fmt.Sprintf("the comment of %s says too little: %q", p.path, comments[0])}
	}
	return nil
}

var oneWord = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// TestPackageNames: one word that says what is inside, and the folder's name.
func TestPackageNames(t *testing.T) {
	for _, p := range load(t).packages {
		for _, problem := range nameProblems(p) {
			t.Error(problem)
		}
	}
}

func nameProblems(p pack) (problems []string) {
	name := strings.TrimSuffix(p.name, "_test")
	if slices.Contains(forbiddenNames, name) || slices.Contains(forbiddenNames, path.Base(p.path)) {
		problems = append(problems, fmt.Sprintf("package %s (%s) is named for nothing in particular; name it for what it does", name, p.path))
	}
	if !oneWord.MatchString(name) {
		problems = append(problems, fmt.Sprintf("package %s (%s) is not one word in small letters", name, p.path))
	}
	if name != "main" && p.path != "." && name != path.Base(p.path) {
		problems = append(problems, fmt.Sprintf("package %s is in a folder of another name, %s", name, p.path))
	}
	return problems
}

// unfinished finds notes about work left undone, and merges left half-way. The
// pattern is written so that it does not find itself.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b|^(<{7}|>{7}) `)

// TestNothingIsLeftUndone: work to do is in the tracker, where it is seen.
func TestNothingIsLeftUndone(t *testing.T) {
	root := load(t).root
	err := filepath.WalkDir(root, func(full string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, _ := filepath.Rel(root, full)
		if entry.IsDir() {
			if foreign(below) {
				return fs.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() || !written(entry.Name()) {
			return nil
		}
		text, err := os.ReadFile(full)
		if err != nil {
			return err
		}
		for number, line := range bytes.Split(text, []byte("\n")) {
			if found := unfinished.Find(line); found != nil {
				t.Errorf("%s:%d: %s: do it now, or file an issue", below, number+1, found)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// foreign says whether a folder holds what others wrote or programs made.
func foreign(below string) bool {
	switch below {
	case "bin", "data", "test/browser/results":
		return true
	}
	base := filepath.Base(below)
	return base == ".git" || base == "node_modules" || base == "vendor"
}

// written says whether people write files of this name by hand.
func written(name string) bool {
	switch filepath.Ext(name) {
	case ".go", ".templ", ".sql", ".js", ".mjs", ".ts", ".css", ".html", ".md", ".sh", ".yaml", ".yml", ".txtar", ".toml", ".mod":
		return true
	case "":
		return true // Makefile, scripts
	}
	return false
}
