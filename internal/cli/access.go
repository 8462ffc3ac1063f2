package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/client"
	"github.com/holmhq/holm/ops"
)

// accessFile is who may do what on an account, as a file. It is complete about
// what it names: an environment that a person or group in it does not have
// there is taken from them. Whom it does not name it leaves alone.
type accessFile struct {
	Levels map[string][]string    `yaml:"levels,omitempty"`
	Groups map[string]accessGroup `yaml:"groups,omitempty"`
	People map[string]accessOf    `yaml:"people,omitempty"`
}

type accessGroup struct {
	All          *givenLevel           `yaml:"all_environments,omitempty"`
	Environments map[string]givenLevel `yaml:"environments,omitempty"`
	Members      map[string]*until     `yaml:"members,omitempty"` // by address, with the end of the membership
}

type accessOf struct {
	Role         string                `yaml:"role,omitempty"`
	Until        *until                `yaml:"until,omitempty"`
	BreakGlass   bool                  `yaml:"break_glass,omitempty"`
	All          *givenLevel           `yaml:"all_environments,omitempty"`
	Environments map[string]givenLevel `yaml:"environments,omitempty"`
}

// givenLevel is a level, with an end where it has one: "limited", or
// {level: limited, until: 2026-12-31T00:00:00Z}.
type givenLevel struct {
	Level string
	Until *time.Time
}

type writtenLevel struct {
	Level string `yaml:"level"`
	Until until  `yaml:"until"`
}

// UnmarshalYAML reads both ways to write a level.
func (g *givenLevel) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		g.Level = n.Value
		return nil
	}
	var w writtenLevel
	if err := n.Decode(&w); err != nil {
		return err
	}
	t := time.Time(w.Until)
	if g.Level = w.Level; !t.IsZero() {
		g.Until = &t
	}
	return nil
}

// MarshalYAML writes the short way where there is no end.
func (g givenLevel) MarshalYAML() (any, error) {
	if g.Until == nil {
		return g.Level, nil
	}
	return writtenLevel{g.Level, until(*g.Until)}, nil
}

func (g *givenLevel) same(level string, end *time.Time) bool {
	return g.Level == level && sameEnd(g.Until, end)
}

func sameEnd(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// until is an end, written as an RFC 3339 time.
type until time.Time

// UnmarshalYAML reads a time.
func (u *until) UnmarshalYAML(n *yaml.Node) error {
	t, err := time.Parse(time.RFC3339, n.Value)
	if err != nil {
		return holm.Invalid("until", "Line %d: write the end as 2026-12-31T18:00:00Z, not %q.", n.Line, n.Value)
	}
	*u = until(t)
	return nil
}

// MarshalYAML writes a time.
func (u until) MarshalYAML() (any, error) { return time.Time(u).UTC().Format(time.RFC3339Nano), nil }

func endOf(u *until) *time.Time {
	if u == nil {
		return nil
	}
	t := time.Time(*u)
	return &t
}

func untilOf(t *time.Time) *until {
	if t == nil {
		return nil
	}
	u := until(*t)
	return &u
}

// accessNow is what an account has.
type accessNow struct {
	levels map[string]ops.LevelView
	groups map[string]ops.GroupView
	people map[string]ops.CollaboratorView // by address
	owns   map[string]bool                 // names of environments
	at     time.Time                       // when it was asked
}

// readAccess asks for everything that an access file speaks of.
func readAccess(ctx context.Context, c *client.Client, account ops.OfAccount) (now accessNow, err error) {
	now = accessNow{map[string]ops.LevelView{}, map[string]ops.GroupView{}, map[string]ops.CollaboratorView{}, map[string]bool{}, time.Now()}
	levels, err := client.Call(ctx, c, ops.LevelList, ops.LevelListInput{OfAccount: account})
	if err != nil {
		return now, err
	}
	for _, l := range levels.Items {
		if !l.Preset {
			now.levels[l.Name] = l
		}
	}
	groups, err := client.Call(ctx, c, ops.GroupList, ops.GroupListInput{OfAccount: account})
	if err != nil {
		return now, err
	}
	for _, g := range groups.Items {
		now.groups[g.Name] = g
	}
	for p, err := range client.All(ctx, c, ops.CollaboratorList, ops.CollaboratorListInput{OfAccount: account}) {
		if err != nil {
			return now, err
		}
		whole, err := client.Call(ctx, c, ops.CollaboratorShow, ops.CollaboratorShowInput{OfCollaborator: ops.OfCollaborator{Account: account.Account, Collaborator: p.ID}})
		if err != nil {
			return now, err
		}
		now.people[holm.EmailKey(p.Email)] = whole
	}
	for e, err := range client.All(ctx, c, ops.EnvironmentList, ops.EnvironmentListInput{Owner: account.Account}) {
		if err != nil {
			return now, err
		}
		now.owns[e.Name] = true
	}
	return now, nil
}

// file writes what is there as a file that changes nothing.
func (now accessNow) file() accessFile {
	f := accessFile{map[string][]string{}, map[string]accessGroup{}, map[string]accessOf{}}
	for name, l := range now.levels {
		f.Levels[name] = l.Permissions
	}
	for name, g := range now.groups {
		group := accessGroup{All: givenWide(g.AllEnvironments), Environments: givenLevels(g.Environments), Members: map[string]*until{}}
		for _, m := range g.Members {
			group.Members[m.Collaborator.Email] = untilOf(m.Until)
		}
		f.Groups[name] = group
	}
	for _, p := range now.people {
		f.People[p.Email] = accessOf{Role: p.Role, Until: untilOf(p.Until), BreakGlass: p.BreakGlass, All: givenWide(p.AllEnvironments), Environments: givenLevels(p.Environments)}
	}
	return f
}

func givenWide(w *ops.WideView) *givenLevel {
	if w == nil {
		return nil
	}
	return &givenLevel{w.Level, w.Until}
}

func givenLevels(list []ops.SharedView) map[string]givenLevel {
	m := map[string]givenLevel{}
	for _, s := range list {
		m[s.Environment.Name] = givenLevel{s.Level, s.Until}
	}
	return m
}

// parseAccess reads a file; words that it does not know are refused.
func parseAccess(data []byte) (f accessFile, err error) {
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	err = d.Decode(&f)
	if err == io.EOF {
		return f, nil
	}
	if err != nil {
		return f, holm.Wrap(holm.CodeInvalid, err, "The access file cannot be read: %v", err)
	}
	var more yaml.Node
	if err := d.Decode(&more); err != io.EOF {
		return f, holm.Errorf(holm.CodeInvalid, "The access file goes on after a line ---. Everything has to be in one document; take that line away, or what follows it.")
	}
	return f, nil
}

// accessCommands are holm access export, plan and apply.
func (a *app) accessCommands() []*cobra.Command {
	command := func(use, short, long string, file bool, perform func(x *call, data []byte) error) *cobra.Command {
		c := a.derive(ops.GroupList.Operation)
		var data []byte
		c.short, c.long = short, long
		if file {
			c.usage, c.least = " FILE", 1
			c.rest = func(_ *call, args []string) (err error) {
				if len(args) != 1 {
					return holm.Errorf(holm.CodeInvalid, "Give one access file.")
				}
				if data, err = os.ReadFile(args[0]); err != nil {
					err = holm.Wrap(holm.CodeInvalid, err, "The file %s cannot be read.", args[0])
				}
				return err
			}
		}
		c.perform = func(x *call) error { return perform(x, data) }
		cmd := c.cobra()
		cmd.Use = use
		cmd.Annotations = map[string]string{noteShortcut: ops.GroupList.Name}
		return cmd
	}
	return []*cobra.Command{
		command("export", "Write who may do what as a file", "Write levels, groups and people of an account as YAML, for holm access plan and apply.", false, (*call).exportAccess),
		command("plan FILE", "Tell what applying an access file would change", "Compare an access file with what is there. About whom it names it is complete; whom it does\nnot name it leaves alone. A file that names what does not exist is refused.", true,
			func(x *call, data []byte) error { return x.applyAccess(data, false) }),
		command("apply FILE", "Make access what a file says", "Do what holm access plan tells, by the ordinary operations and with your own rights. All that\nthe file names is looked for before the first change. Doing it again changes nothing.", true,
			func(x *call, data []byte) error { return x.applyAccess(data, true) }),
	}
}

func (x *call) exportAccess([]byte) error {
	now, err := readAccess(x.cmd.Context(), x.client, x.in.Interface().(*ops.GroupListInput).OfAccount)
	if err != nil {
		return err
	}
	e := yaml.NewEncoder(x.cmd.OutOrStdout())
	e.SetIndent(2)
	return e.Encode(now.file())
}

func (x *call) applyAccess(data []byte, do bool) error {
	f, err := parseAccess(data)
	if err != nil {
		return err
	}
	account := x.in.Interface().(*ops.GroupListInput).OfAccount
	now, err := readAccess(x.cmd.Context(), x.client, account)
	if err != nil {
		return err
	}
	if err := checkAccess(f, now); err != nil {
		return err
	}
	steps := planAccess(account, f, now)
	for i, s := range steps {
		if do {
			if err := s.do(x.cmd.Context(), x.client); err != nil {
				return stopped(err, i, len(steps), s.words)
			}
		}
		x.out.line("%s", s.words)
	}
	switch {
	case len(steps) == 0:
		x.out.line("Nothing differs.")
	case !do:
		x.out.line("Nothing was changed; holm access apply does it.")
	}
	return nil
}
