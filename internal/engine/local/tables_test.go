package local_test

import (
	"strings"
	"testing"

	"github.com/google/nftables"
)

// tableNames lists the nftables tables, each between spaces.
func tableNames(t *testing.T) string {
	t.Helper()
	c, err := nftables.New()
	if err != nil {
		t.Fatal(err)
	}
	tables, err := c.ListTables()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(" ")
	for _, table := range tables {
		b.WriteString(table.Name + " ")
	}
	return b.String()
}
