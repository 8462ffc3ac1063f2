package create

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/ops"
)

// form is what the person has filled in.
type form struct {
	account, name, alias string
	filled               bool // it is a form that was sent, not an empty page
	wanted               []wanted
}

// wanted is one layer of the picture.
type wanted struct {
	role             string
	on               bool
	comes            bool // it is there because something else needs it
	chosen           bool // it would be there without that too
	stack, version   string
	nodes, cloudlets int
}

// read takes the form from an address or a body. Numbers that make no sense
// stay as they are, so that the door says what is wrong with them.
func read(values url.Values, stacks []ops.StackView) form {
	f := form{account: values.Get("account"), name: strings.TrimSpace(values.Get("name")), alias: values.Get("alias"), filled: values.Has("filled")}
	for _, role := range roles(stacks) {
		w := wanted{role: role, on: values.Get(role) != ""}
		w.chosen = w.on
		w.stack, w.version, _ = strings.Cut(values.Get(role+"-stack"), "@")
		if !offers(stacks, role, w.stack) {
			w.stack, w.version = preferred(stacks, role)
		}
		w.nodes = number(values, role+"-nodes", 1)
		w.cloudlets = number(values, role+"-cloudlets", defaultCloudlets(role))
		f.wanted = append(f.wanted, w)
	}
	if !f.filled && !f.any() {
		f.begin()
	}
	f.spread()
	return f
}

// spread puts the balancer in front of several app nodes, as environment.create
// would: on the form, where it is seen and can be sized.
func (f *form) spread() {
	apps := f.apps()
	for i := range f.wanted {
		if w := &f.wanted[i]; apps > 1 && w.role == string(holm.LayerBalancer) {
			w.on, w.comes = true, true
		}
	}
}

// apps is how many app nodes are asked for.
func (f *form) apps() int {
	for _, w := range f.wanted {
		if w.on && w.role == string(holm.LayerApp) {
			return w.nodes
		}
	}
	return 0
}

// begin fills an empty form with the smallest thing that runs.
func (f *form) begin() {
	for i := range f.wanted {
		f.wanted[i].on = f.wanted[i].role == string(holm.LayerApp)
	}
}

func (f *form) any() bool {
	for _, w := range f.wanted {
		if w.on {
			return true
		}
	}
	return false
}

// layers is the form as environment.create takes it.
func (f *form) layers() []ops.LayerInput {
	var list []ops.LayerInput
	for _, w := range f.wanted {
		if w.on {
			list = append(list, ops.LayerInput{Role: w.role, Stack: w.stack, Version: w.version, Nodes: w.nodes, Cloudlets: w.cloudlets})
		}
	}
	return list
}

// sums counts nodes and cloudlets. unclear is what keeps them from being
// counted: a number that is not filled in yet.
func (f *form) sums() (nodes, cloudlets int, unclear string) {
	for _, w := range f.wanted {
		if !w.on {
			continue
		}
		switch {
		case w.nodes < 1:
			return 0, 0, "How many nodes has the layer " + roleTitle(w.role) + "? At least 1."
		case w.cloudlets < 1:
			return 0, 0, "How many cloudlets has a node of the layer " + roleTitle(w.role) + "? At least 1."
		}
		nodes += w.nodes
		cloudlets += w.nodes * w.cloudlets
	}
	return nodes, cloudlets, ""
}

// spreads says that the balancer is there for the app alone.
func (f *form) spreads() bool {
	for _, w := range f.wanted {
		if w.comes && !w.chosen {
			return true
		}
	}
	return false
}

func number(values url.Values, name string, otherwise int) int {
	if !values.Has(name) {
		return otherwise
	}
	n, err := strconv.Atoi(values.Get(name))
	if err != nil {
		return 0
	}
	return n
}

// defaultCloudlets is what a node of a role needs to do its work.
func defaultCloudlets(role string) int {
	if role == string(holm.LayerBalancer) {
		return 1
	}
	return 2
}

// roles lists the roles that there are stacks for, as requests meet them.
func roles(stacks []ops.StackView) []string {
	var list []string
	for _, role := range holm.LayerRoles {
		for _, s := range stacks {
			if s.Role == string(role) {
				list = append(list, string(role))
				break
			}
		}
	}
	return list
}

func offers(stacks []ops.StackView, role, name string) bool {
	for _, s := range stacks {
		if s.Role == role && s.Name == name {
			return true
		}
	}
	return false
}

// preferred is the first stack of a role that can run here.
func preferred(stacks []ops.StackView, role string) (name, version string) {
	for _, s := range stacks {
		for _, v := range s.Versions {
			if s.Role == role && v.Available {
				return s.Name, v.Version
			}
		}
	}
	return "", ""
}

// pick is one layer of the picture with all that it could be.
type pick struct {
	wanted
	options []part.Option
	refused string // why no stack of the role can run here
	needed  string // why it cannot be left out
}

// fixed is why the layer can be neither added nor left out.
func (p pick) fixed() string {
	if p.refused != "" {
		return p.refused
	}
	return p.needed
}

// id of the switch is another where it cannot be moved: a live page then puts
// a new one in its place, since a switch that was moved keeps to itself.
func (p pick) id() string {
	if p.needed != "" {
		return "with-" + p.role
	}
	return "on-" + p.role
}

// name is what the switch is sent as; one that cannot be moved says nothing, so
// that a browser does not bring it back as if it had been chosen.
func (p pick) name() string {
	if p.needed != "" {
		return ""
	}
	return p.role
}

func picksOf(stacks []ops.StackView, f form) []pick {
	var picks []pick
	for _, w := range f.wanted {
		p := pick{wanted: w}
		possible := false
		for _, s := range stacks {
			if s.Role != w.role {
				continue
			}
			for _, v := range s.Versions {
				o := part.Option{Value: s.Name + "@" + v.Version, Label: strings.TrimSpace(s.Title + " " + v.Version), Disabled: !v.Available}
				if !v.Available {
					o.Label += " (not here: " + v.Reason + ")"
					p.refused = v.Reason
				}
				possible = possible || v.Available
				p.options = append(p.options, o)
			}
		}
		if possible {
			p.refused = ""
		}
		if w.comes {
			p.needed = "Spreads requests over the " + strconv.Itoa(f.apps()) + " app nodes. With one app node it can be left out."
		}
		picks = append(picks, p)
	}
	return picks
}

// value is the chosen option; a stack without a version means its first.
func (p pick) value() string {
	if p.version != "" {
		return p.stack + "@" + p.version
	}
	for _, o := range p.options {
		if strings.HasPrefix(o.Value, p.stack+"@") && !o.Disabled {
			return o.Value
		}
	}
	return ""
}
