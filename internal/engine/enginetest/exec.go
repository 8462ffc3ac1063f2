package enginetest

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

func execTests(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true}, engine.Node{Running: false})
	w.apply()
	t.Run("standard input and output", func(t *testing.T) { execStreams(t, w) })
	t.Run("exit code", func(t *testing.T) { execCode(t, w) })
	t.Run("terminal", func(t *testing.T) { execTerminal(t, w) })
	t.Run("ends with its context", func(t *testing.T) { execContext(t, w) })
	t.Run("signal", func(t *testing.T) { execSignal(t, w) })
	t.Run("no such program", func(t *testing.T) {
		p, err := w.exec(t, 0, engine.Command{Args: []string{"no-such-program"}})
		if err == nil {
			var exit int
			if exit, err = p.Wait(); err == nil && exit != 127 {
				t.Errorf("an unknown program ends with %d", exit)
			}
			return
		}
		if !strings.Contains(err.Error(), "no-such-program") {
			t.Errorf("the error does not name the program: %v", err)
		}
	})
	t.Run("stopped node", func(t *testing.T) {
		if _, err := w.exec(t, 1, engine.Command{Args: []string{"true"}}); code(err) != holm.CodeConflict {
			t.Errorf("exec in a stopped node: %v", err)
		}
	})
}

func (w *world) exec(t *testing.T, i int, c engine.Command) (engine.Process, error) {
	return w.e.Exec(t.Context(), w.w.ID, w.w.Nodes[i].ID, c)
}

// output runs a command and gives what it printed and its exit code.
func (w *world) output(t *testing.T, i int, args ...string) (string, int) {
	t.Helper()
	var both bytes.Buffer
	p, err := w.exec(t, i, engine.Command{Args: args, Stdout: &both})
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	exit, err := p.Wait()
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return both.String(), exit
}

func execStreams(t *testing.T, w *world) {
	text := strings.Repeat("what goes in comes out\n", 20_000)
	var out bytes.Buffer
	p, err := w.exec(t, 0, engine.Command{Args: []string{"cat"}, Stdin: strings.NewReader(text), Stdout: &out})
	if err != nil {
		t.Fatal(err)
	}
	if exit, err := p.Wait(); err != nil || exit != 0 {
		t.Errorf("cat ended with %d, %v", exit, err)
	}
	if out.String() != text {
		t.Errorf("%d bytes of %d came back", out.Len(), len(text))
	}
}

func execCode(t *testing.T, w *world) {
	if _, exit := w.output(t, 0, "sh", "-c", "exit 3"); exit != 3 {
		t.Errorf("exit code %d, not 3", exit)
	}
	if _, exit := w.output(t, 0, "true"); exit != 0 {
		t.Errorf("exit code %d, not 0", exit)
	}
}

func execTerminal(t *testing.T, w *world) {
	var out bytes.Buffer
	p, err := w.exec(t, 0, engine.Command{Args: []string{"echo", "hello"}, Stdout: &out, TTY: &engine.Size{Width: 80, Height: 24}})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Resize(engine.Size{Width: 100, Height: 30}); err != nil {
		t.Errorf("Resize: %v", err)
	}
	if exit, err := p.Wait(); err != nil || exit != 0 {
		t.Errorf("ended with %d, %v", exit, err)
	}
	if out.String() != "hello\r\n" {
		t.Errorf("the terminal showed %q", out.String())
	}
}

func execContext(t *testing.T, w *world) {
	ctx, cancel := context.WithCancel(t.Context())
	p, err := w.e.Exec(ctx, w.w.ID, w.w.Nodes[0].ID, engine.Command{Args: []string{"sleep", "600"}})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if exit, err := p.Wait(); err == nil && exit == 0 {
			t.Error("a killed process ended with 0")
		}
	}()
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatal("the process outlived its context")
	}
}

func execSignal(t *testing.T, w *world) {
	p, err := w.exec(t, 0, engine.Command{Args: []string{"sleep", "600"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Signal("TERM"); err != nil {
		t.Fatal(err)
	}
	if exit, err := p.Wait(); err != nil || exit == 0 {
		t.Errorf("after TERM: %d, %v", exit, err)
	}
}
