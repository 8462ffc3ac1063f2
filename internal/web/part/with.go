package part

import "github.com/a-h/templ"

// A part with children is written @part.Section{Title: "Nodes"}.With() { … },
// because templ reads a brace after a struct as more of the struct.

// With takes the actions as children.
func (h Head) With() templ.Component { return h }

// With takes the content as children.
func (s Section) With() templ.Component { return s }

// With takes the content as children.
func (d Drawer) With() templ.Component { return d }

// With takes the items as children.
func (m Menu) With() templ.Component { return m }

// With takes what follows the text as children.
func (n Notice) With() templ.Component { return n }

// With takes the ways to begin as children.
func (e Empty) With() templ.Component { return e }

// With takes what can be done about the work as children.
func (p Progress) With() templ.Component { return p }

// With takes what the changes mean as children.
func (s SaveBar) With() templ.Component { return s }

// With takes the content as children.
func (r Region) With() templ.Component { return r }
