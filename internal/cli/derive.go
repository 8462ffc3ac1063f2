package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

// The annotations of commands, which tests read: the operation a command
// stands for, and that it is a second, shorter way to one.
const (
	noteOperation = "operation"
	noteShortcut  = "shortcut"
)

// command is an operation as a command. derive makes it from the catalogue;
// polish changes the parts that are better by hand.
type command struct {
	app     *app
	op      *ops.Operation
	aliases []string
	short   string // the operation's summary when not given
	long    string
	example string
	usage   string // what follows the verb, when not the arguments
	// arguments are positional, in this order.
	arguments []*input
	flags     []*input
	// rest takes the positional arguments after those, and says what they
	// are in errors; nil when there are none.
	rest func(x *call, args []string) error
	// least is how many positional arguments have to be given at least.
	least int
	// extra adds flags by hand.
	extra func(fs *pflag.FlagSet)
	// before fills the input with what the derived flags could not say.
	before func(x *call) error
	// perform is done in place of asking and showing the answer.
	perform func(x *call) error
	// render writes the result; nil for the way of its type.
	render func(x *call, out any) error
	// wait is the flag --wait, on changes of environments.
	wait bool
	body string // the flag --body
	// complete completes the positional arguments.
	complete completion
}

// derive makes the command of an operation: parameters of the path are
// positional, except the account, which is nearly always one's own; parameters
// of the query and single values of the body are flags.
func (a *app) derive(op *ops.Operation) *command {
	c := &command{app: a, op: op}
	for _, f := range op.Fields() {
		in := a.input(op, f)
		switch {
		case f.In == "path" && !(f.Name == "account" && ofAccount(op)):
			c.arguments = append(c.arguments, in)
		case in.scalar():
			c.flags = append(c.flags, in)
		}
	}
	c.least = len(c.arguments)
	c.complete = c.completeArguments
	if polish := polished[op.Name]; polish != nil {
		polish(c)
	}
	return c
}

// ofAccount says whether an operation is about an account, for which "me" is a
// sensible default.
func ofAccount(op *ops.Operation) bool {
	for _, name := range []string{"OfAccount", "OfCollaborator", "OfLevel", "OfGroup"} {
		if _, ok := op.Input.FieldByName(name); ok {
			return true
		}
	}
	return false
}

// cobra gives the command for the tree.
func (c *command) cobra() *cobra.Command {
	usage := c.usage
	if usage == "" {
		for _, in := range c.arguments {
			usage += " " + placeholder(in.field.Name, in.base() == secretType)
		}
	}
	short := c.short
	if short == "" {
		short = c.op.Summary
	}
	cmd := &cobra.Command{
		Use: strings.TrimSpace(hyphens(c.op.Verb()) + " " + strings.TrimSpace(usage)), Aliases: c.aliases,
		Short: short, Long: c.long, Example: c.example,
		Annotations:       map[string]string{noteOperation: c.op.Name},
		Args:              c.checkCount,
		ValidArgsFunction: c.complete,
		RunE:              c.run,
	}
	for _, in := range c.flags {
		if in.field.Name == "account" && in.field.In == "path" {
			_ = in.Set("me")
			in.field.Doc = "Account: its id or its owner's e-mail address; your own when not given"
		}
		in.define(cmd)
	}
	if _, ok := c.op.Input.FieldByName("Body"); ok {
		cmd.Flags().StringVar(&c.body, "body", "", "Read the request's body as JSON from this `file`, - for standard input; flags go over it")
	}
	if c.waits() {
		cmd.Flags().BoolVar(&c.wait, "wait", false, "Wait until the environment has settled")
	}
	if c.extra != nil {
		c.extra(cmd.Flags())
	}
	return cmd
}

// placeholder names a positional argument in the usage line.
func placeholder(name string, secret bool) string {
	if name == "token" && secret {
		return "LINK"
	}
	return strings.ToUpper(hyphens(name))
}

// checkCount says what is missing, or what is too much, by its name.
func (c *command) checkCount(cmd *cobra.Command, args []string) error {
	use := strings.TrimSuffix(cmd.UseLine(), " [flags]")
	switch {
	case len(args) < c.least && len(args) < len(c.arguments):
		return holm.Errorf(holm.CodeInvalid, "%s is missing: %s", placeholder(c.arguments[len(args)].field.Name, c.arguments[len(args)].base() == secretType), use)
	case len(args) < c.least:
		return holm.Errorf(holm.CodeInvalid, "Something is missing: %s", use)
	case len(args) > len(c.arguments) && c.rest == nil:
		return holm.Errorf(holm.CodeInvalid, "%q is one argument too many: %s", args[len(c.arguments)], use)
	}
	return nil
}

// drop removes derived flags that a better one takes the place of.
func (c *command) drop(names ...string) {
	kept := c.flags[:0]
	for _, in := range c.flags {
		if !contains(names, in.field.Name) {
			kept = append(kept, in)
		}
	}
	c.flags = kept
}

// lift makes flags positional arguments, after those that are there.
func (c *command) lift(names ...string) {
	for _, name := range names {
		for _, in := range c.flags {
			if in.field.Name == name {
				c.arguments = append(c.arguments, in)
			}
		}
	}
	c.drop(names...)
	c.least = len(c.arguments)
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
