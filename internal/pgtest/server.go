package pgtest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	superuser = "holm"
	// startLimit is generous: the machine may be busy building.
	startLimit = time.Minute
)

// settings make a throw-away server: nothing has to survive a crash, so
// nothing waits for a disk. Only a Unix socket is opened; its folder is closed
// to other users, which is why nobody needs a password.
var settings = []string{
	"fsync=off", "full_page_writes=off", "synchronous_commit=off",
	"autovacuum=off", "shared_buffers=32MB", "max_connections=200",
	"listen_addresses=",
}

// supervise runs the server until standard input ends, which it does when the
// test process ends, however it ends; then it removes the folder. Arguments:
// the folder, the program postgres, its arguments.
const supervise = `
folder=$1; shift
exec 3<&0
"$@" &
server=$!
{ cat <&3 >/dev/null; kill -QUIT $server; } 2>/dev/null &
wait $server
cd /
rm -rf "$folder"
`

// server is a running PostgreSQL.
type server struct {
	folder string   // holds the data and the socket
	alive  *os.File // the server lives until this is closed
}

// url gives the address of one of its databases.
func (s *server) url(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + database}
	u.RawQuery = url.Values{"host": {s.folder}}.Encode()
	return u.String()
}

// start starts a server. It runs as another user when this process is root,
// because PostgreSQL refuses to run as root.
func start() (*server, error) {
	postgres, err := program("postgres")
	if err != nil {
		return nil, err
	}
	owner, err := unprivileged()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "holm-pg-")
	if err != nil {
		return nil, err
	}
	if err := owner.own(folder); err != nil {
		return nil, err
	}
	data := filepath.Join(folder, "data")
	if err := owner.cluster(data); err != nil {
		_ = os.RemoveAll(folder)
		return nil, err
	}

	stdin, alive, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	arguments := []string{"-c", supervise, "pgtest", folder, postgres, "-D", data, "-k", folder}
	for _, setting := range settings {
		arguments = append(arguments, "-c", setting)
	}
	command := exec.Command("sh", arguments...)
	command.Dir = folder
	command.Stdin = stdin
	command.Env = append(os.Environ(), "LC_ALL=C")
	command.SysProcAttr = owner.attributes()
	// In a group of its own, so that Ctrl-C does not kill the supervisor before
	// it has cleaned up.
	command.SysProcAttr.Setpgid = true
	log, err := command.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	_ = stdin.Close()
	s := &server{folder: folder, alive: alive}
	if err := awaitReady(log); err != nil {
		_ = alive.Close()
		_ = command.Wait()
		return nil, err
	}
	return s, nil
}

// awaitReady reads the server's log until it says that it takes connections,
// and goes on reading it afterwards, so that the server never blocks on it.
func awaitReady(log io.Reader) error {
	ready := make(chan error, 1)
	go func() {
		var seen []string
		lines := bufio.NewScanner(log)
		for lines.Scan() {
			seen = append(seen, lines.Text())
			if strings.Contains(lines.Text(), "database system is ready to accept connections") {
				ready <- nil
				_, _ = io.Copy(io.Discard, log)
				return
			}
		}
		ready <- fmt.Errorf("PostgreSQL did not start; it said:\n%s", strings.Join(seen, "\n"))
	}()
	select {
	case err := <-ready:
		return err
	case <-time.After(startLimit):
		return fmt.Errorf("PostgreSQL did not start within %v", startLimit)
	}
}

// program finds one of PostgreSQL's server programs, which Debian keeps off
// the PATH; of several versions the newest is taken.
func program(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return filepath.EvalSymlinks(path)
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", errors.New("PostgreSQL's server programs are not on this machine; scripts/setup test installs them")
	}
	return found[len(found)-1], nil
}
