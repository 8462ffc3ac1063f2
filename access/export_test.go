package access

import "fmt"

// FlipCell makes a yes of the table a no, or a no a yes, until what it gives
// is called. Columns are owner, upper, lower and none.
func FlipCell(i, column int) (back func()) {
	r := &table[i]
	cell := []*Cell{&r.Owner, &r.Upper, &r.Lower, &r.None}[column]
	was := *cell
	if *cell == No {
		*cell = Yes
	} else {
		*cell = No
	}
	derive()
	return func() {
		*cell = was
		derive()
	}
}

// SoundTable says what the table must be like for rules that do not ask it:
// owners have every right, who was given nothing has none, a lower level gives
// nothing that an upper one does not, and own accounts are their owner's.
func SoundTable() error {
	for i := range table {
		r := &table[i]
		own := r.Permission == AccountCreateOwn
		switch {
		case r.Owner != Yes:
			return fmt.Errorf("%s: owners have every right", r.Permission)
		case own && (r.Upper != OwnAccount || r.Lower != OwnAccount || r.None != OwnAccount):
			return fmt.Errorf("%s depends on the own account alone", r.Permission)
		case !own && r.None != No:
			return fmt.Errorf("%s: who was given nothing has nothing", r.Permission)
		case r.Lower != No && r.Lower != r.Upper:
			return fmt.Errorf("%s: the lower level gives what the upper does not", r.Permission)
		}
	}
	return nil
}
