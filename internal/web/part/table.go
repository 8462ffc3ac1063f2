package part

import "github.com/a-h/templ"

// Direction is how a column is sorted.
type Direction string

// The directions.
const (
	Unsorted   Direction = ""
	Ascending  Direction = "ascending"
	Descending Direction = "descending"
)

// Table is rows under headings. On a phone each row becomes a card whose
// lines carry the headings.
type Table struct {
	ID      string
	Caption string // read out; a heading on the page says the same to the eye
	Columns []Column
	Rows    []Row
	Empty   templ.Component // shown instead when there are no rows
	More    string          // address of the next rows
}

// Column is one heading.
type Column struct {
	Label  string
	Quiet  bool   // the label is read out only, e.g. above buttons
	Number bool   // aligned to the end
	Sort   string // address that sorts by it
	Sorted Direction
	Wide   bool // takes the room that is left
	Extra  bool // left out when there is little room
}

// Row is one thing of the table. ID lets a live refresh find it again.
type Row struct {
	ID      string
	Cells   []templ.Component
	Changed bool // marks a row with unsaved or just arrived changes
	Faded   bool // something that has ended
	More    templ.Attributes
}

func (t Table) moreID() string { return t.ID + "-more" }

func (c Column) class() string {
	class := ""
	if c.Number {
		class += " number"
	}
	if c.Wide {
		class += " wide"
	}
	if c.Extra {
		class += " extra"
	}
	return class
}

func (c Column) sorted() templ.Attributes { return some("aria-sort", string(c.Sorted)) }

// column guards against rows with more cells than headings.
func (t Table) column(i int) Column {
	if i < len(t.Columns) {
		return t.Columns[i]
	}
	return Column{}
}

// lead is the heading a cell shows on a phone; the first cell is the card's title.
func (t Table) lead(i int) templ.Attributes {
	column := t.column(i)
	if i == 0 || column.Quiet {
		return nil
	}
	return some("data-label", column.Label)
}
