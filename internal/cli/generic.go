package cli

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/holmhq/holm/ops"
)

// generic writes an answer field by field: a list as a table, one thing as
// named values.
func (p *printer) generic(v any) {
	value := reflect.ValueOf(v)
	if items := value.FieldByName("Items"); items.IsValid() && items.Kind() == reflect.Slice {
		p.genericTable(items)
		return
	}
	p.pairs(p.flatten("", value))
}

func (p *printer) genericTable(items reflect.Value) {
	var heads []string
	for _, x := range p.flatten("", reflect.New(items.Type().Elem()).Elem()) {
		heads = append(heads, x.name)
	}
	var rows [][]cell
	for i := range items.Len() {
		var row []cell
		for _, x := range p.flatten("", items.Index(i)) {
			row = append(row, x.value)
		}
		rows = append(rows, row)
	}
	p.table(heads, rows, "Nothing.")
}

// flatten gives the fields of a struct as named values, those of structs in it
// with both names. Which there are follows from the type alone, so that every
// row has the same columns; lists of structs are left out.
func (p *printer) flatten(prefix string, v reflect.Value) []pair {
	var list []pair
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		name = strings.TrimSpace(prefix + " " + words(name))
		if c, ok := p.scalar(v.Field(i)); ok {
			list = append(list, pair{name, c})
		} else if v.Field(i).Kind() == reflect.Struct {
			list = append(list, p.flatten(name, v.Field(i))...)
		}
	}
	return list
}

// scalar writes a value that fits one field.
func (p *printer) scalar(v reflect.Value) (cell, bool) {
	switch x := v.Interface().(type) {
	case ops.Person:
		return text(x.Email), true
	case time.Time:
		return p.time(x), true
	case *time.Time:
		return p.end(x), true
	case []string:
		return text(strings.Join(x, ", ")), true
	case bool:
		if x {
			return text("yes"), true
		}
		return cell{}, true
	}
	switch v.Kind() {
	case reflect.String:
		return text(v.String()), true
	case reflect.Int, reflect.Int64, reflect.Uint64, reflect.Float64:
		return text(fmt.Sprint(v.Interface())), true
	}
	return cell{}, false
}
