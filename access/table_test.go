package access_test

import (
	"encoding/csv"
	"os"
	"slices"
	"testing"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/access"
)

// TestTableIsTheDesign compares the table with the design's, cell by cell and
// in the same order.
func TestTableIsTheDesign(t *testing.T) {
	file, err := os.Open("testdata/permissions.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	lines = lines[1:]
	table := access.Table()
	if len(lines) != len(table) {
		t.Fatalf("the design has %d rows, the table %d", len(lines), len(table))
	}
	for i, want := range lines {
		r := table[i]
		scope := string(r.Scope)
		if !r.Matrix {
			scope = "extra"
		}
		got := []string{scope, string(r.Permission), r.Label, string(r.Owner), string(r.Upper), string(r.Lower), string(r.None)}
		if !slices.Equal(got, want) {
			t.Errorf("row %d\n got  %q\n want %q", i+1, got, want)
		}
		if !r.Matrix && r.Scope != access.ScopeEnvironment {
			t.Errorf("%s is about %s; the rows beside the matrix are about environments", r.Permission, r.Scope)
		}
	}
}

// TestCounts: the numbers that the design gives for its 24 rows.
func TestCounts(t *testing.T) {
	var rows, environment int
	yes := map[string]int{}
	for _, r := range access.Table() {
		if !r.Matrix {
			continue
		}
		rows++
		if r.Scope != access.ScopeEnvironment {
			continue
		}
		environment++
		for column, c := range map[string]access.Cell{"owner": r.Owner, "full": r.ByLevel(holm.LevelFull), "limited": r.ByLevel(holm.LevelLimited), "none": r.ByLevel(holm.LevelNone)} {
			if c == access.Yes {
				yes[column]++
			}
		}
	}
	if rows != 24 || environment != 21 {
		t.Errorf("%d rows, %d about environments; want 24 and 21", rows, environment)
	}
	for column, want := range map[string]int{"owner": 21, "full": 19, "limited": 11, "none": 0} {
		if yes[column] != want {
			t.Errorf("%s says yes %d times, want %d", column, yes[column], want)
		}
	}
}

func TestLookupAndScope(t *testing.T) {
	for _, want := range access.Table() {
		if got, ok := access.Lookup(want.Permission); !ok || got != want || access.ScopeOf(want.Permission) != want.Scope {
			t.Errorf("%s: got %+v, %v", want.Permission, got, ok)
		}
	}
	for p, want := range map[access.Permission]access.Scope{access.Public: access.ScopePublic, access.Self: access.ScopeSelf, access.Operator: access.ScopeOperator, "": "", "environment": ""} {
		if _, ok := access.Lookup(p); ok || access.ScopeOf(p) != want {
			t.Errorf("%q: a row %v, scope %q, want %q", p, ok, access.ScopeOf(p), want)
		}
	}
	access.Table()[0].Owner = access.No
	if access.Table()[0].Owner != access.Yes {
		t.Error("the table can be changed from outside")
	}
}

func TestOfLevel(t *testing.T) {
	full, limited := access.OfLevel(holm.LevelFull), access.OfLevel(holm.LevelLimited)
	if len(access.OfLevel(holm.LevelNone)) != 0 || len(access.OfLevel("")) != 0 || len(access.OfLevel("custom")) != 0 {
		t.Error("none gives something")
	}
	for _, p := range limited {
		if !slices.Contains(full, p) {
			t.Errorf("limited gives %s, full does not", p)
		}
	}
	for _, p := range []access.Permission{access.AccessSSH, access.ScaleNodes, access.VariableManage} {
		if !slices.Contains(full, p) || slices.Contains(limited, p) {
			t.Errorf("%s is for full only", p)
		}
	}
}
