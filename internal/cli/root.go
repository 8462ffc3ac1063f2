package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/ops"
)

// The groups of commands in the help, in their order.
const (
	groupWork    = "work"
	groupShare   = "share"
	groupSelf    = "self"
	groupMachine = "machine"
)

// noun says how the commands of a noun are presented.
type noun struct{ group, short string }

var nouns = map[string]noun{
	"environment":   {groupWork, "Environments: create, look, start, stop, share, delete"},
	"layer":         {groupWork, "Layers of an environment: scale, limit, restart"},
	"node":          {groupWork, "Nodes of an environment"},
	"variable":      {groupWork, "Environment variables of an environment's services"},
	"stack":         {groupWork, "Kinds of nodes and their versions"},
	"audit":         {groupWork, "Who did what"},
	"collaborator":  {groupShare, "People you share with"},
	"level":         {groupShare, "Levels of your own, beside none, limited and full"},
	"group":         {groupShare, "Groups of people who are given access together"},
	"invitation":    {groupShare, "Invitations you got by mail"},
	"collaboration": {groupShare, "Accounts of others that you work with"},
	"access":        {groupShare, "Why somebody may do something, or not"},
	"credential":    {groupShare, "What somebody who leaves could have read"},
	"view":          {groupShare, "Look as a collaborator would, read only"},
	"transfer":      {groupShare, "Environments that get another owner"},
	"account":       {groupSelf, "Your account and its quota"},
	"user":          {groupSelf, "Yourself"},
	"session":       {groupSelf, "Where you are signed in"},
	"token":         {groupSelf, "Access tokens for scripts"},
	"totp":          {groupSelf, "The one-time code as second factor"},
	"passkey":       {groupSelf, "Passkeys"},
	"recovery":      {groupSelf, "Recovery codes"},
	"identity":      {groupSelf, "Your login at the sign-in provider"},
	"password":      {groupSelf, "A forgotten password"},
	"operator":      {groupMachine, "Running the installation"},
}

// daily lists what people type every day, in the order of the help.
var daily = []string{
	"login", "environment list", "environment create", "environment show", "environment start", "environment stop",
	"environment events", "layer scale", "node restart", "collaborator invite", "collaborator share", "why", "audit list",
}

// root builds the whole tree.
func (a *app) root(serve *cobra.Command) *cobra.Command {
	root := &cobra.Command{
		Use: "holm", Short: "Run environments and share them precisely", Version: a.version,
		SilenceErrors: true, SilenceUsage: true, Args: cobra.ArbitraryArgs, RunE: needsVerb,
	}
	root.SetVersionTemplate("holm {{.Version}}\n")
	root.CompletionOptions.DisableDefaultCmd = true
	root.PersistentFlags().BoolVar(&a.json, "json", false, "Print the server's JSON as it came")
	root.PersistentFlags().StringVar(&a.context, "context", "", "Use the login of this `name` in place of the current one (see holm context)")
	_ = root.RegisterFlagCompletionFunc("context", a.completeContexts)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return flagError(err) })
	root.AddGroup(&cobra.Group{ID: groupWork, Title: "Environments:"}, &cobra.Group{ID: groupShare, Title: "Working together:"},
		&cobra.Group{ID: groupSelf, Title: "You and this computer:"}, &cobra.Group{ID: groupMachine, Title: "Installation:"})
	a.addOperations(root)
	a.addOwn(root, serve)
	root.Long = introduction(root)
	return root
}

// addOperations adds a command for each operation that has a route.
func (a *app) addOperations(root *cobra.Command) {
	parents := map[string]*cobra.Command{}
	for _, op := range ops.All() {
		if !offered(op) {
			continue
		}
		parent := parents[op.Noun()]
		if parent == nil {
			n := nouns[op.Noun()]
			parent = &cobra.Command{Use: hyphens(op.Noun()), Short: n.short, GroupID: n.group, Args: cobra.ArbitraryArgs, RunE: needsVerb}
			parents[op.Noun()] = parent
			root.AddCommand(parent)
		}
		parent.AddCommand(a.derive(op).cobra())
	}
}

// offered says whether an operation can be asked for from here: it is built,
// and it has a route (files over SSH have none).
func offered(op *ops.Operation) bool { return op.Built && op.Method != "" }

// addOwn adds the commands that stand for no single operation.
func (a *app) addOwn(root, serve *cobra.Command) {
	add := func(group string, cmd *cobra.Command) {
		cmd.GroupID = group
		root.AddCommand(cmd)
	}
	add(groupShare, a.whyShortcut())
	if parent, _, err := root.Find([]string{"audit"}); err == nil && parent != root {
		parent.AddCommand(a.auditExport(), a.auditVerify())
	}
	if parent, _, err := root.Find([]string{"access"}); err == nil && parent != root {
		parent.AddCommand(a.accessCommands()...)
	}
	add(groupSelf, a.loginCommand())
	add(groupSelf, a.logoutCommand())
	add(groupSelf, a.whoamiCommand())
	add(groupSelf, a.contextCommand())
	add(groupSelf, completionCommand(root))
	add(groupMachine, a.versionCommand())
	if serve != nil {
		add(groupMachine, serve)
	}
	root.SetHelpCommandGroupID(groupSelf)
}

// introduction is the head of the help: the daily commands with what follows
// their names.
func introduction(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("Holm runs environments and shares them precisely.\n\nEvery day:\n")
	for _, path := range daily {
		cmd, _, err := root.Find(strings.Fields(path))
		if err != nil {
			continue // a test holds the list
		}
		fmt.Fprintf(&b, "  %-57s %s\n", strings.TrimSuffix(cmd.UseLine(), " [flags]"), cmd.Short)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// needsVerb is what a command that only holds others does: help when asked
// for nothing, an error that suggests when asked for something else.
func needsVerb(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	if cmd.SuggestionsMinimumDistance <= 0 {
		cmd.SuggestionsMinimumDistance = 2
	}
	detail := fmt.Sprintf("%s has no command %q.", cmd.CommandPath(), args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		detail += " Did you mean " + strings.Join(near, " or ") + "?"
	}
	return holm.Errorf(holm.CodeInvalid, "%s See %s --help.", detail, cmd.CommandPath())
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Print the version of this program", Args: noArguments, RunE: func(cmd *cobra.Command, _ []string) error {
		if a.json {
			return printJSON(cmd.OutOrStdout(), map[string]string{"version": a.version})
		}
		fmt.Fprintln(cmd.OutOrStdout(), "holm", a.version)
		return nil
	}}
}

func completionCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use: "completion bash|zsh|fish", Short: "Print the completion script of a shell", ValidArgs: []string{"bash", "zsh", "fish"}, Args: shellArgument,
		Long: "Print the completion script of a shell. Environments, layers, nodes and people are\ncompleted too where a login exists.\n\n" +
			"  bash   holm completion bash > /etc/bash_completion.d/holm\n" +
			"  zsh    holm completion zsh > \"${fpath[1]}/_holm\"\n" +
			"  fish   holm completion fish > ~/.config/fish/completions/holm.fish",
		RunE: func(cmd *cobra.Command, args []string) error {
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(cmd.OutOrStdout(), true)
			case "zsh":
				return root.GenZshCompletion(cmd.OutOrStdout())
			}
			return root.GenFishCompletion(cmd.OutOrStdout(), true)
		},
	}
}

func shellArgument(cmd *cobra.Command, args []string) error {
	if len(args) != 1 || args[0] != "bash" && args[0] != "zsh" && args[0] != "fish" {
		return holm.Errorf(holm.CodeInvalid, "Name one shell: bash, zsh or fish.")
	}
	return nil
}

// noArguments is cobra.NoArgs in our words and with our code.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return holm.Errorf(holm.CodeInvalid, "%s takes no argument %q.", cmd.CommandPath(), args[0])
	}
	return nil
}

// hyphens writes a name of the catalogue the way it is typed.
func hyphens(name string) string { return strings.ReplaceAll(name, "_", "-") }
