package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/holmhq/holm"
)

// asker gets from the person what was not given: on a terminal by asking, from
// standard input where told to.
type asker struct {
	app    *app
	in     io.Reader
	lines  *bufio.Reader
	err    io.Writer // questions go here, results stay clean
	person bool
}

func (a *app) asker(cmd *cobra.Command) *asker {
	in := cmd.InOrStdin()
	return &asker{app: a, in: in, lines: bufio.NewReader(in), err: cmd.ErrOrStderr(), person: a.terminal(in)}
}

// line asks for a line. Where nobody can be asked, flag names what to give.
func (k *asker) line(question, flag string) (string, error) {
	if !k.person {
		return "", holm.Errorf(holm.CodeInvalid, "Give %s.", flag)
	}
	fmt.Fprint(k.err, question)
	return k.read()
}

// secret gets a value that is never shown: the next line of standard input, or
// typed without echo, twice where a slip would lock the person out.
func (k *asker) secret(question, flag string, stdin, twice bool) (holm.Secret, error) {
	if stdin {
		line, err := k.read()
		if err == nil && line == "" {
			err = holm.Errorf(holm.CodeInvalid, "There is no %s on standard input.", strings.ReplaceAll(flag, "-", " "))
		}
		return holm.NewSecret(line), err
	}
	if !k.person {
		return holm.Secret{}, holm.Errorf(holm.CodeInvalid, "Nobody can be asked for the %s here; --%s-stdin reads it from standard input.", strings.ReplaceAll(flag, "-", " "), flag)
	}
	first, err := k.hidden(question)
	if err != nil || !twice {
		return holm.NewSecret(first), err
	}
	again, err := k.hidden("Once more: ")
	if err == nil && again != first {
		err = holm.Errorf(holm.CodeInvalid, "The two are not the same.")
	}
	return holm.NewSecret(first), err
}

// read gives the next line of standard input without its end.
func (k *asker) read() (string, error) {
	line, err := k.lines.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

func (k *asker) hidden(question string) (string, error) {
	fmt.Fprint(k.err, question)
	s, err := k.app.password(k.in)
	fmt.Fprintln(k.err)
	return s, err
}
