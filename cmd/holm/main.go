// Command holm is the server and the command line of Holm.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/app"
	"github.com/holmhq/holm/internal/cli"
	"github.com/holmhq/holm/internal/config"
)

// version is set when the program is built.
var version = "unversioned"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(cli.Execute(ctx, cli.Root(version, serve()), os.Args[1:]))
}

// serve is the command that starts the server. Whatever keeps it from
// starting is one sentence and exit code 1.
func serve() *cobra.Command {
	command := &cobra.Command{
		Use: "serve", Short: "Start the server", Args: cobra.NoArgs,
		Long: "Start the server. Every option can also be given in the environment (HOLM_DATA for --data) or in a file (--config).",
	}
	config.Register(command.Flags())
	command.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return fail(config.FlagError(err)) })
	command.RunE = func(command *cobra.Command, _ []string) error {
		c, err := config.From(command.Flags(), os.Getenv)
		if err == nil {
			log := slog.New(slog.NewTextHandler(os.Stderr, nil))
			err = app.Run(command.Context(), c, version, os.Stdout, log)
		}
		if err != nil {
			return fail(err)
		}
		return nil
	}
	return command
}

// fail ends the program. The cause is for the operator, who is the one at
// this terminal.
func fail(err error) error {
	e := holm.AsError(err)
	sentence := e.Detail
	if e.Cause != nil {
		sentence += " (" + e.Cause.Error() + ")"
	}
	fmt.Fprintln(os.Stderr, "holm: "+sentence)
	os.Exit(1)
	return nil
}
