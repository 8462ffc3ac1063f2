package stacks

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/holmhq/holm"
)

// Kind says where a version of a stack comes from.
type Kind string

// The kinds of sources.
const (
	Builtin Kind = "built-in"
	OfHost  Kind = "host"
	OfImage Kind = "image"
)

// Source is one version of a stack and where it comes from.
type Source struct {
	Version string
	Kind    Kind
	Program string // path on the machine, for OfHost
	Image   string // reference, for OfImage
}

// Offer is a stack as it can be had on this machine.
type Offer struct {
	Stack
	// Sources are the versions that can be run here: first those that need
	// nothing, then programs of the machine, then images; newest first.
	Sources []Source
	// Source is the one that Find chose.
	Source Source
	// Needs are the paths of further programs by their name in commands.
	Needs map[string]string
	// Missing says in a sentence why the stack cannot be had here, and what to
	// do; empty when it can.
	Missing string
}

// Available says whether the stack can be run here.
func (o Offer) Available() bool { return len(o.Sources) > 0 }

// Offered are the versions that can be run here.
func (o Offer) Offered() (out []string) {
	for _, s := range o.Sources {
		out = append(out, s.Version)
	}
	return out
}

// List gives every stack, in the order of roles and then by title.
func List(ctx context.Context) []Offer {
	var out []Offer
	for _, s := range load() {
		out = append(out, s.offer(ctx))
	}
	sort.Slice(out, func(i, j int) bool {
		if a, b := roleOrder(out[i].Role), roleOrder(out[j].Role); a != b {
			return a < b
		}
		return out[i].Title < out[j].Title
	})
	return out
}

func roleOrder(r holm.LayerRole) int {
	if i := slices.Index(holm.LayerRoles, r); i >= 0 {
		return i
	}
	return len(holm.LayerRoles)
}

// Find gives the stack name in a version, "" for the newest there is. The
// error is a sentence for people.
func Find(ctx context.Context, name, version string) (Offer, error) {
	s, err := Get(name)
	if err != nil {
		return Offer{}, err
	}
	o := s.offer(ctx)
	for _, source := range o.Sources {
		if version == "" || source.Version == version {
			o.Source = source
			return o, nil
		}
	}
	if s.AnyImage && strings.ContainsAny(version, "/:@") {
		if !holm.IsImageReference(version) {
			return o, holm.Invalid("version", "%q is not the reference of an image; write one like registry.example.com/team/app:1.2.", version)
		}
		o.Source = Source{Version: version, Kind: OfImage, Image: version}
		return o, nil
	}
	if !o.Available() {
		return o, holm.Errorf(holm.CodeUnavailable, "%s", o.Missing)
	}
	return o, holm.Invalid("version", "%s %s cannot be had on this machine; it has %s.", s.Title, version, strings.Join(o.Offered(), ", "))
}

func (s Stack) offer(ctx context.Context) Offer {
	o := Offer{Stack: s}
	for _, version := range s.Versions {
		o.Sources = append(o.Sources, Source{Version: version, Kind: Builtin})
	}
	if s.Host != nil {
		programs, needs, err := s.Host.find(ctx)
		if err != nil {
			o.Missing = fmt.Sprintf("%s is not on this machine: %v. %s", s.Title, err, s.Host.Install)
		}
		for _, p := range programs {
			o.Sources = append(o.Sources, Source{Version: p.version, Kind: OfHost, Program: p.path})
		}
		o.Needs = needs
	}
	for _, image := range s.Images {
		if !slices.Contains(o.Offered(), image.Version) {
			o.Sources = append(o.Sources, Source{Version: image.Version, Kind: OfImage, Image: image.Reference})
		}
	}
	if o.Available() {
		o.Missing = ""
	}
	return o
}

// Run gives the command that starts the service of what Find chose; empty when
// that is the image's own.
func (o Offer) Run() []string {
	if o.Source.Kind != OfImage {
		return o.FillAll(o.Command)
	}
	for _, image := range o.Images {
		if image.Reference == o.Source.Image && image.Version == o.Source.Version {
			return o.FillAll(image.Command)
		}
	}
	return nil
}

// Fill replaces the placeholders of commands and files.
func (o Offer) Fill(text string) string {
	pairs := []string{"{{program}}", o.Source.Program, "{{port}}", strconv.Itoa(o.Port), "{{root}}", o.Root,
		"{{home}}", o.User.Home, "{{version}}", o.Source.Version, "{{user}}", o.User.Name}
	for name, path := range o.Needs {
		pairs = append(pairs, "{{"+name+"}}", path)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// FillAll does so for the words of a command.
func (o Offer) FillAll(words []string) (out []string) {
	for _, word := range words {
		out = append(out, o.Fill(word))
	}
	return out
}
