package pgtest_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/holmhq/holm/internal/pgtest"
)

func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close(t.Context()) })
	return connection
}

func TestEachTestHasItsOwnDatabase(t *testing.T) {
	one, two := pgtest.New(t), pgtest.New(t)
	if _, err := connect(t, one).Exec(t.Context(), "CREATE TABLE thing (id int)"); err != nil {
		t.Fatal(err)
	}
	_, err := connect(t, two).Exec(t.Context(), "SELECT * FROM thing")
	if err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("a table of one database in another: %v", err)
	}
}

func TestDatabaseIsDroppedEvenWhenInUse(t *testing.T) {
	var address string
	t.Run("inner", func(t *testing.T) {
		address = pgtest.New(t)
		if _, err := pgx.Connect(t.Context(), address); err != nil { // never closed
			t.Fatal(err)
		}
	})
	if _, err := pgx.Connect(t.Context(), address); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("after the test its database is still there: %v", err)
	}
}

// TestServerEndsWithItsProcess kills a test process that uses a server, and
// waits until nothing of the server is left.
func TestServerEndsWithItsProcess(t *testing.T) {
	if os.Getenv("PGTEST_CHILD") != "" {
		fmt.Println(pgtest.New(t))
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	family, held, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	child := exec.Command(os.Args[0], "-test.run=^TestServerEndsWithItsProcess$")
	child.Env = append(os.Environ(), "PGTEST_CHILD=1")
	child.Stdout = &out
	// Descriptors 3 and 4. The child hands 4 down to the supervisor and the
	// server, so our end reads to its end only when all of them are gone.
	child.ExtraFiles = []*os.File{held, held}
	if err := child.Run(); err == nil {
		t.Fatal("the child was not killed")
	}
	_ = held.Close()
	if err := family.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(family); err != nil {
		t.Fatalf("the server outlives the process that started it: %v", err)
	}

	address, err := url.Parse(strings.TrimSpace(out.String()))
	if err != nil || address.Scheme != "postgres" {
		t.Fatalf("the child said %q", out.String())
	}
	if _, err := os.Stat(address.Query().Get("host")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the server's folder is still there: %v", err)
	}
}
