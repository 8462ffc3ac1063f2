// Package cli is the command line of Holm: every operation of the catalogue
// as a command, and by hand what people type daily.
//
// It knows the vocabulary, the catalogue and the client. It must not know how
// the server works; the command that starts one is handed in.
package cli

import (
	"context"
	"io"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/client"
)

// app is what all commands share: the outside world, replaceable in tests,
// and the flags that every command has.
type app struct {
	version  string
	getenv   func(string) string
	now      func() time.Time
	terminal func(stream any) bool // whether a person sits behind a stream
	password func(in io.Reader) (string, error)
	poll     time.Duration // between two looks while waiting
	patience time.Duration // the longest wait

	json    bool
	context string
}

func newApp(version string) *app {
	return &app{
		version: version, getenv: os.Getenv, now: time.Now, terminal: isTerminal, password: hidden,
		poll: 300 * time.Millisecond, patience: 10 * time.Minute,
	}
}

// Root gives the command tree of Holm. The command serve, which starts a
// server, may be nil.
func Root(version string, serve *cobra.Command) *cobra.Command {
	return newApp(version).root(serve)
}

// Execute runs a command tree with the arguments of a program and gives the
// exit code. Errors are told on standard error.
func Execute(ctx context.Context, root *cobra.Command, args []string) int {
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	// The flag is looked for by hand: it counts even where the flags before
	// it do not make sense.
	report(root.ErrOrStderr(), cmd, asError(err), slices.Contains(args, "--json"))
	return exitCode(err)
}

// client gives a client for a login.
func (a *app) client(l login, options ...client.Option) *client.Client {
	options = append([]client.Option{client.WithVersion(a.version), client.WithRoad(holm.RoadCommandLine)}, options...)
	return client.New(l.Server, l.Token, options...)
}

// out gives the printer for results of a command.
func (a *app) out(cmd *cobra.Command) *printer { return a.printer(cmd.OutOrStdout()) }

func (a *app) printer(w io.Writer) *printer {
	tty := a.terminal(w)
	return &printer{w: w, terminal: tty, color: tty && a.getenv("NO_COLOR") == "" && a.getenv("TERM") != "dumb", now: a.now()}
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// hidden reads a line from a terminal that does not show it.
func hidden(in io.Reader) (string, error) {
	line, err := term.ReadPassword(int(in.(*os.File).Fd()))
	return string(line), err
}
