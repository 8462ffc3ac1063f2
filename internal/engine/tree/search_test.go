package tree

import (
	"fmt"
	"testing"
)

func TestNamesAreFoundWhole(t *testing.T) {
	text := "shop.example\nwww.shop.example and workshop.example\n10.0.0.1 10.0.0.12 210.0.0.1\nnode1,node12\n"
	got := fmt.Sprint(search("/f", []byte(text), []string{"shop.example", "10.0.0.1", "node1", ""}))
	if want := "[{/f 1 shop.example} {/f 2 shop.example} {/f 3 10.0.0.1} {/f 4 node1}]"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
	if got := fmt.Sprint(search("/b", []byte("\x00node1\nnode1\n"), []string{"node1"})); got != "[{/b 0 node1}]" {
		t.Errorf("in what is no text: %s", got)
	}
}

func FuzzSearch(f *testing.F) {
	f.Add([]byte("a shop b"), "shop")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		for _, found := range search("/f", data, []string{name}) {
			if found.Line < 0 || found.Line > len(data)+1 {
				t.Errorf("line %d", found.Line)
			}
		}
	})
}
