package cli

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/holmhq/holm"
)

// TestReference keeps docs/cli.md the same as the commands.
func TestReference(t *testing.T) {
	root := newWorld(t).root()
	var b bytes.Buffer
	b.WriteString(`# The command line

<!-- Made from the commands by internal/cli/docs_test.go; change it there, then: go test ./internal/cli -run Reference -update -->

` + "`holm login https://holm.example.org`" + ` signs in to a server; every other command asks that server in your name. Each
operation of the server is a command: ` + "`environment.list` is `holm environment list`" + `.

## What holds everywhere

- **Output.** On a terminal: aligned tables, times by their distance from now, colours unless ` + "`NO_COLOR`" + ` is set. Piped: one line a
  row, fields separated by tabs, no heads, times in RFC 3339. With ` + "`--json`" + `: the server's JSON as it came; followed events are one line each.
- **Errors** go to standard error in one or two lines: what happened, and for refusals the missing permission, the reason and who can
  give it. With ` + "`--json`" + ` they are one JSON object with ` + "`code`, `detail`, `permission`, `reason`, `grantable_by` and `errors`" + `.
- **Secrets** are never arguments: they are asked for without echo, or read from standard input with the flag that ends in ` + "`-stdin`" + `
  (one line each, in the order of the flags below). The link of a mail may be given whole, or as ` + "`-`" + ` on standard input.
- **Times.** ` + "`2026-12-31`" + ` (until that day is over, where you are), ` + "`30m`, `12h`, `7d`, `2w`" + ` from now (in filters: ago), an RFC 3339 time, or ` + "`never`" + `.
- **Accounts.** What is about an account is about your own, unless ` + "`--account`" + ` names another by its owner's e-mail address.
- **Environment variables.** ` + "`HOLM_SERVER` and `HOLM_TOKEN` go over the login that is kept; `HOLM_CONTEXT`" + ` names the login to use; ` + "`HOLM_CONFIG`" + `
  is the file of logins (else ` + "`$XDG_CONFIG_HOME/holm/config.json`, else `~/.config/holm/config.json`" + `).

## Exit codes

| code | error | meaning |
|--:|---|---|
| 0 | | done |
`)
	for _, code := range byExitCode() {
		fmt.Fprintf(&b, "| %d | `%s` | %s |\n", exitCodes[code], code, exitMeanings[code])
	}
	fmt.Fprintf(&b, "| %d | | interrupted |\n\n## Commands\n\n", exitInterrupted)
	b.WriteString("`holm serve`, which starts a server, is described with the server's settings.\n")
	for _, group := range root.Groups() {
		fmt.Fprintf(&b, "\n### %s\n", strings.TrimSuffix(group.Title, ":"))
		for _, c := range root.Commands() {
			if c.GroupID == group.ID && c.Name() != "help" {
				walk(c, func(c *cobra.Command) { describe(&b, c) })
			}
		}
	}
	golden(t, filepath.Join("..", "..", "docs", "cli.md"), b.Bytes())
}

// exitMeanings says in words what exit codes mean.
var exitMeanings = map[holm.Code]string{
	holm.CodeInternal:     "a bug, or trouble on this computer",
	holm.CodeInvalid:      "the command line or an input does not make sense",
	holm.CodeUnauthorized: "not signed in, or a wrong password",
	holm.CodeForbidden:    "the right is missing",
	holm.CodeNotFound:     "it does not exist, or you may not see it",
	holm.CodeConflict:     "it does not fit what is there now",
	holm.CodeGone:         "it was there once: a used or ended link",
	holm.CodeQuota:        "the account's limit is reached",
	holm.CodeTooMany:      "too often; try again later",
	holm.CodeUnavailable:  "the server, or something it needs, does not answer",
}

func byExitCode() []holm.Code {
	codes := slices.Clone(holm.Codes)
	slices.SortFunc(codes, func(x, y holm.Code) int { return exitCodes[x] - exitCodes[y] })
	return codes
}

// describe writes what a command is, without the flags that all have.
func describe(b *bytes.Buffer, c *cobra.Command) {
	if c.HasSubCommands() {
		return
	}
	says := c.Short + "."
	if c.Long != "" {
		says = indentExamples(c.Long)
	}
	fmt.Fprintf(b, "\n#### `%s`\n\n%s\n", strings.TrimSuffix(c.UseLine(), " [flags]"), says)
	if len(c.Aliases) > 0 {
		fmt.Fprintf(b, "\nAlso: `%s %s`\n", c.Parent().CommandPath(), strings.Join(c.Aliases, ", "))
	}
	if c.Example != "" {
		fmt.Fprintf(b, "\n```sh\n%s\n```\n", strings.ReplaceAll(strings.TrimPrefix(c.Example, "  "), "\n  ", "\n"))
	}
	first := true
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" {
			return
		}
		if first {
			b.WriteString("\n")
		}
		first = false
		kind, usage := pflag.UnquoteUsage(f)
		if kind != "" {
			kind = " " + kind
		}
		fmt.Fprintf(b, "- `--%s%s` %s\n", f.Name, kind, usage)
	})
}

// indentExamples makes the indented lines of a long text a code block.
func indentExamples(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "  ") {
			lines[i] = "  " + l
		}
	}
	return strings.Join(lines, "\n")
}

func TestExitCodesAreAllDocumented(t *testing.T) {
	for _, code := range holm.Codes {
		if exitCodes[code] == 0 || exitMeanings[code] == "" {
			t.Errorf("%s has no exit code, or it is not explained", code)
		}
	}
}
