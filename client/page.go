package client

import (
	"context"
	"iter"
	"reflect"

	"github.com/holmhq/holm/ops"
)

// All gives every item of a list, asking for page after page as the loop goes
// on. An error is the last thing given.
func All[I ops.Input, T any](ctx context.Context, c *Client, op ops.Op[I, ops.Page[T]], in I) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for {
			page, err := Call(ctx, c, op, in)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if page.Next == nil || *page.Next == "" || !turn(&in, *page.Next) {
				return
			}
		}
	}
}

// turn moves an input to the page that starts at cursor; false where the list
// has no pages, or where the cursor does not move.
func turn[I ops.Input](in *I, cursor string) bool {
	field := reflect.ValueOf(in).Elem().FieldByName("Cursor")
	if !field.IsValid() || field.String() == cursor {
		return false
	}
	field.SetString(cursor)
	return true
}
