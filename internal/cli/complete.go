package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/client"
	"github.com/holmhq/holm/ops"
)

// completionTimeout is as long as a person at a prompt waits for a suggestion.
const completionTimeout = 2 * time.Second

// completion completes the next argument after args.
type completion = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective)

const noFiles = cobra.ShellCompDirectiveNoFileComp

// completeArguments completes the positional arguments by what they name.
func (c *command) completeArguments(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) < len(c.arguments) {
		return c.app.suggest(cmd, c.arguments[len(args)].field.Name, args, typed), noFiles
	}
	switch c.op.Name {
	case ops.CollaboratorShare.Name:
		return c.app.suggestShares(cmd, "environment", typed)
	case ops.EnvironmentShare.Name:
		return c.app.suggestShares(cmd, "collaborator", typed)
	}
	return nil, noFiles
}

// completeWhy completes holm why: persons and operations, then environments.
func (c *command) completeWhy(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	switch {
	case len(args) == 0:
		return append(c.app.suggest(cmd, "operation", nil, typed), c.app.suggest(cmd, "collaborator", nil, typed)...), noFiles
	case ops.Lookup(args[len(args)-1]) != nil:
		return c.app.suggest(cmd, "environment", nil, typed), noFiles
	case len(args) == 1:
		return c.app.suggest(cmd, "operation", nil, typed), noFiles
	}
	return nil, noFiles
}

// complete completes the value of a flag.
func (i *input) complete(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(i.enum) > 0 {
		return i.enum, noFiles
	}
	return i.app.suggest(cmd, i.field.Name, args, typed), noFiles
}

func (a *app) completeContexts(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if c, err := a.config(); err == nil {
		for _, l := range c.Logins {
			names = append(names, l.Name+"\t"+clean(l.Email))
		}
	}
	return names, noFiles
}

// suggestShares completes name=level arguments: the name first, then levels.
func (a *app) suggestShares(cmd *cobra.Command, what, typed string) ([]string, cobra.ShellCompDirective) {
	if name, _, ok := strings.Cut(typed, "="); ok {
		return []string{name + "=limited", name + "=full", name + "=none"}, noFiles
	}
	var list []string
	for _, s := range a.suggest(cmd, what, nil, typed) {
		name, _, _ := strings.Cut(s, "\t")
		list = append(list, name+"=")
	}
	return list, noFiles | cobra.ShellCompDirectiveNoSpace
}

// suggest gives what a value of this name can be, as far as it starts like
// what is typed. Names that others chose are cleaned: they end up on a
// terminal.
func (a *app) suggest(cmd *cobra.Command, what string, args []string, typed string) []string {
	var list []string
	switch what {
	case "operation":
		for _, op := range ops.All() {
			if !op.Built {
				continue
			}
			list = append(list, op.Name+"\t"+op.Summary)
		}
	case "state":
		for _, s := range []holm.State{holm.StateRunning, holm.StateStopped, holm.StateCreating, holm.StateBroken} {
			list = append(list, string(s))
		}
	case "result":
		list = []string{"0", "refused"}
		for _, code := range holm.Codes {
			list = append(list, string(code))
		}
	default:
		list = a.ask(cmd, what, args)
	}
	return slices.DeleteFunc(list, func(s string) bool { return !strings.HasPrefix(s, typed) })
}

// ask gets suggestions from the server, where there is a login. Completion
// never fails aloud: what cannot be had is not suggested.
func (a *app) ask(cmd *cobra.Command, what string, args []string) []string {
	l, err := a.login()
	if err != nil || l.Token == "" {
		return nil
	}
	ctx := cmd.Context()
	if ctx == nil {
		ctx = context.Background()
	}
	ctx, cancel := context.WithTimeout(ctx, completionTimeout)
	defer cancel()
	c := a.client(l)
	var list []string
	switch what {
	case "environment":
		page, _ := client.Call(ctx, c, ops.EnvironmentList, ops.EnvironmentListInput{Paging: ops.Paging{Limit: 500}})
		for _, e := range page.Items {
			list = append(list, clean(e.Name)+"\t"+clean(e.State+" "+e.Alias))
		}
	case "collaborator", "who", "person":
		in := ops.CollaboratorListInput{OfAccount: ops.OfAccount{Account: accountFlag(cmd)}, Paging: ops.Paging{Limit: 500}}
		page, _ := client.Call(ctx, c, ops.CollaboratorList, in)
		for _, p := range page.Items {
			list = append(list, clean(p.Email)+"\t"+clean(p.Status+" "+p.Name))
		}
	case "account", "owner":
		page, _ := client.Call(ctx, c, ops.CollaborationList, ops.CollaborationListInput{})
		for _, p := range page.Items {
			list = append(list, clean(p.Account.Email))
		}
	case "layer", "node":
		if len(args) > 0 {
			return insides(ctx, c, what, args[0])
		}
	case "session":
		page, _ := client.Call(ctx, c, ops.SessionList, ops.SessionListInput{})
		for _, s := range page.Items {
			list = append(list, clean(s.ID)+"\t"+clean(s.Device))
		}
	}
	return list
}

// insides gives the layers or nodes of an environment.
func insides(ctx context.Context, c *client.Client, what, environment string) []string {
	e, _ := client.Call(ctx, c, ops.EnvironmentShow, ops.EnvironmentShowInput{OfEnvironment: ops.OfEnvironment{Environment: environment}})
	var list []string
	for _, l := range e.Layers {
		if what == "layer" {
			list = append(list, clean(l.Role)+"\t"+clean(l.Stack))
			continue
		}
		for _, n := range l.Nodes {
			list = append(list, fmt.Sprintf("%d\t%s", n.ID, clean(l.Role+" "+n.State)))
		}
	}
	return list
}

// accountFlag gives --account where the command has it.
func accountFlag(cmd *cobra.Command) string {
	if f := cmd.Flags().Lookup("account"); f != nil && f.Value.String() != "" {
		return f.Value.String()
	}
	return "me"
}
