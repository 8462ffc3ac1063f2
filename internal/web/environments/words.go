package environments

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/holmhq/holm/internal/web/environment"
	"github.com/holmhq/holm/internal/web/part"
	"github.com/holmhq/holm/internal/web/site"
	"github.com/holmhq/holm/ops"
)

// example is an environment to begin with; its link fills the form.
type example struct{ label, detail, path string }

var examples = []example{
	{"A static site", "one node that serves files", "/environments/new?app=on&app-stack=static&name=site"},
	{"A Node.js application", "two nodes behind a balancer", "/environments/new?balancer=on&app=on&app-stack=nodejs&app-nodes=2&name=shop"},
	{"A Python application", "one node with a little more memory", "/environments/new?app=on&app-stack=python&app-cloudlets=4&name=api-one"},
}

// kind: only the own section's button is the page's primary one.
func (s section) kind() part.Kind {
	if s.key == ownKey && !s.examples {
		return part.Primary
	}
	return part.Secondary
}

// more is the address of the next rows of a section. It works as a page of
// its own, too.
func (p page) more(s section) string {
	q := p.view.query()
	q.Set("only", s.key)
	if s.next != "" {
		q.Set("after", s.next)
	}
	q.Set("shown", s.key+":"+strconv.Itoa(s.shown))
	return address(q)
}

func level(e ops.EnvironmentView) templ.Component {
	chip := environment.LevelChip(e)
	chip.End = true
	return chip
}

// bare is an address without what every address has.
func bare(url string) string {
	_, rest, found := strings.Cut(url, "://")
	if !found {
		return url
	}
	return strings.TrimSuffix(rest, "/")
}

func stateOptions() []part.Option {
	options := []part.Option{{Value: "", Label: "Any state"}}
	for _, s := range states {
		options = append(options, part.Option{Value: string(s), Label: string(s)})
	}
	return options
}

// stackOptions are the stacks that can run here.
func stackOptions(list []ops.StackView) []part.Option {
	options := []part.Option{{Value: "", Label: "Any stack"}}
	for _, s := range list {
		options = append(options, part.Option{Value: s.Name, Label: s.Title})
	}
	return options
}

func levelOptions() []part.Option {
	options := []part.Option{{Value: "", Label: "Any level"}, {Value: "owner", Label: "Owner"}}
	for _, l := range levels[1:] {
		options = append(options, part.Option{Value: l, Label: site.LevelName(l)})
	}
	return options
}

func sortOptions() []part.Option {
	return []part.Option{{Value: "name", Label: "By name"}, {Value: "state", Label: "By state"}, {Value: "created", Label: "Newest first"}}
}
