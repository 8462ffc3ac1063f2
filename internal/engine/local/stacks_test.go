package local_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
	"github.com/holmhq/holm/stacks"
)

// stackTrial is what the service of a stack is asked: that it works, and that
// it keeps what it was given.
type stackTrial struct {
	put, get string // commands inside the node; get prints "kept"
	// login connects from another node with a password; "" where there is none.
	login  string
	memory int64 // MiB
}

const (
	psql = `psql -X -q -t -A -h /run/postgresql -U postgres -c `
	mdb  = `mariadb --no-defaults --socket=/run/mysqld.sock --user=mysql -N -e `
	rcli = `REDISCLI_AUTH=$(sed -n 's/^requirepass //p' /var/lib/redis/auth.conf) redis-cli --no-auth-warning `
)

var stackTrials = map[string]stackTrial{
	"postgresql": {memory: 256, put: psql + `"CREATE TABLE t (v text); INSERT INTO t VALUES ('kept')"`, get: psql + `"SELECT v FROM t"`,
		login: `PGPASSWORD=$PASSWORD PGCONNECT_TIMEOUT=5 psql -X -q -t -A -h $HOST -U postgres -c "SELECT 'in'" postgres`},
	"mariadb": {memory: 512, put: mdb + `"CREATE DATABASE d; CREATE TABLE d.t (v text); INSERT INTO d.t VALUES ('kept')"`, get: mdb + `"SELECT v FROM d.t"`,
		login: `MYSQL_PWD=$PASSWORD mariadb --no-defaults --connect-timeout=5 --host=$HOST --user=root -N -e "SELECT 'in'"`},
	"redis": {memory: 128, put: rcli + `SET v kept`, get: rcli + `GET v`,
		login: `REDISCLI_AUTH=$PASSWORD redis-cli --no-auth-warning -h $HOST ECHO in`},
	"memcached": {memory: 128},
	"nodejs":    {memory: 256}, "python": {memory: 128}, "ruby": {memory: 128}, "php": {memory: 256}, "static": {memory: 64},
	"program": {memory: 64}, "custom": {memory: 64},
	"nginx": {memory: 64}, "balancer": {memory: 64},
}

// TestStacks runs every shipped stack that this machine has: its service
// starts, answers, and lives through a restart and a change of its limits,
// with what it keeps.
func TestStacks(t *testing.T) {
	m := newMachine(t, "hstck", "10.155.0.0/18")
	e := m.engine(t)
	number := 0
	for _, offer := range stacks.List(t.Context()) {
		number++
		subnet := number
		t.Run(offer.Name, func(t *testing.T) {
			switch {
			case !offer.Available():
				t.Fatalf("%s cannot run here: %s; make setup-test installs it", offer.Title, offer.Missing)
			case offer.Sources[0].Kind == stacks.OfImage:
				t.Skipf("%s comes as an image, and there is no registry to take it from; TestImages runs images", offer.Title)
			}
			trial, ok := stackTrials[offer.Name]
			if !ok {
				t.Fatalf("nothing says how to try the stack %s", offer.Name)
			}
			tryStack(t, e, offer, trial, subnet)
		})
	}
	m.nothingLeft(t)
}

// client is the second node of a trial: another node that speaks to the first.
const client = 2

func tryStack(t *testing.T, e engine.Engine, offer stacks.Offer, trial stackTrial, subnet int) {
	limits := engine.Limits{MemoryBytes: trial.memory << 20, Cores: 1, Pids: 200}
	w := engine.Environment{ID: holm.EnvironmentID("env_" + offer.Name), Name: "try-" + offer.Name, Subnet: subnet, Nodes: []engine.Node{
		{ID: 1, Slot: 1, Role: offer.Role, Stack: offer.Name, Hostname: "node1", Running: true, Limits: limits},
		{ID: client, Slot: 2, Role: holm.LayerApp, Stack: "static", Hostname: "node2", Running: true, Limits: engine.Limits{MemoryBytes: 64 << 20, Pids: 64}},
	}}
	if offer.Balances() {
		w.Nodes[0].Upstreams = []engine.Upstream{{Node: client}}
	}
	t.Cleanup(func() { must(t, e.Remove(context.WithoutCancel(t.Context()), w.ID)) })
	must(t, e.Apply(t.Context(), w))
	first := ready(t, e, w.ID, 1)
	ready(t, e, w.ID, client)
	answersFor(t, first, offer)
	if trial.put != "" {
		inside(t, e, w.ID, 1, trial.put, "")
	}
	w.Nodes[0].Limits = engine.Limits{MemoryBytes: trial.memory << 21, Cores: 1.5, Pids: 250}
	must(t, e.Apply(t.Context(), w))
	if after := ready(t, e, w.ID, 1); !after.Since.Equal(first.Since) {
		t.Error("a change of limits restarted the node")
	}
	keeps(t, e, w.ID, trial)
	w.Nodes[0].Restarts++
	must(t, e.Apply(t.Context(), w))
	answersFor(t, ready(t, e, w.ID, 1), offer)
	keeps(t, e, w.ID, trial)
	if trial.login != "" {
		tryPassword(t, e, w.ID, first.Address, trial, offer)
	}
}

func keeps(t *testing.T, e engine.Engine, id holm.EnvironmentID, trial stackTrial) {
	t.Helper()
	if trial.get == "" {
		return
	}
	if out := inside(t, e, id, 1, trial.get, ""); strings.TrimSpace(out) != "kept" {
		t.Errorf("what was put in is now %q", out)
	}
}

// tryPassword sets a password twice: from another node, only the newest works.
func tryPassword(t *testing.T, e engine.Engine, id holm.EnvironmentID, address string, trial stackTrial, offer stacks.Offer) {
	t.Helper()
	found, err := stacks.Find(t.Context(), offer.Name, "")
	must(t, err)
	login := func(password string) string {
		var out bytes.Buffer
		p, err := e.Exec(t.Context(), id, client, engine.Command{Args: []string{"bash", "-c", trial.login + " 2>&1"},
			Env: []string{"PASSWORD=" + password, "HOST=" + address}, Stdout: &out})
		must(t, err)
		_, err = p.Wait()
		must(t, err)
		return strings.TrimSpace(out.String())
	}
	set := func(password string) {
		var out bytes.Buffer
		p, err := e.Exec(t.Context(), id, 1, engine.Command{Args: found.FillAll(found.Password.Command),
			Stdin: strings.NewReader(password + "\n"), Stdout: &out})
		must(t, err)
		if code, err := p.Wait(); code != 0 || err != nil {
			t.Fatalf("setting the password: %d, %v: %s", code, err, out.String())
		}
		if strings.Contains(out.String(), password) {
			t.Error("the password is printed")
		}
	}
	if out := login("unset"); out == "in" {
		t.Error("another node comes in without a password")
	}
	set("firstpassword1")
	if out := login("firstpassword1"); out != "in" {
		t.Errorf("with the password: %s", out)
	}
	set("secondpassword2")
	if out := login("secondpassword2"); out != "in" {
		t.Errorf("with the new password: %s", out)
	}
	if out := login("firstpassword1"); out == "in" {
		t.Error("the old password still works")
	}
}

// ready waits until a node's service answers.
func ready(t *testing.T, e engine.Engine, id holm.EnvironmentID, node holm.NodeID) (o engine.Observed) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		all, err := e.Observe(t.Context(), id)
		must(t, err)
		for _, o = range all {
			if o.Node == node && o.State == holm.StateRunning {
				return o
			}
			if o.Node == node && (o.State == holm.StateBroken || time.Now().After(deadline)) {
				log := "its log cannot be read"
				if p, err := e.Exec(t.Context(), id, node, engine.Command{Args: []string{"tail", "-n", "30", "/var/log/service.log"}, Stdout: writer(&log)}); err == nil {
					_, _ = p.Wait()
				}
				t.Fatalf("node %d is %s: %s\n%s", node, o.State, o.Reason, log)
			}
		}
	}
	return o
}

type writer2 struct{ text *string }

func writer(text *string) io.Writer { *text = ""; return writer2{text} }

func (w writer2) Write(p []byte) (int, error) { *w.text += string(p); return len(p), nil }

// inside runs a command line in a node and gives what it printed.
func inside(t *testing.T, e engine.Engine, id holm.EnvironmentID, node holm.NodeID, line, stdin string) string {
	t.Helper()
	var out bytes.Buffer
	p, err := e.Exec(t.Context(), id, node, engine.Command{Args: []string{"bash", "-c", "exec 2>&1; " + line}, Stdin: strings.NewReader(stdin), Stdout: &out})
	must(t, err)
	if code, err := p.Wait(); code != 0 || err != nil {
		t.Fatalf("%s: %d, %v: %s", line, code, err, out.String())
	}
	return out.String()
}

// answersFor asks the service from this machine.
func answersFor(t *testing.T, o engine.Observed, offer stacks.Offer) {
	t.Helper()
	address := net.JoinHostPort(o.Address, strconv.Itoa(o.Port))
	switch {
	case len(offer.StartFiles) > 0 || offer.Balances():
		response, err := http.Get("http://" + address + "/")
		for deadline := time.Now().Add(10 * time.Second); err != nil && offer.Health.Kind == "none" && time.Now().Before(deadline); {
			response, err = http.Get("http://" + address + "/")
		}
		must(t, err)
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		must(t, err)
		if response.StatusCode != http.StatusOK || !strings.Contains(string(body), "try-"+offer.Name) {
			t.Errorf("it answers %d: %.200s", response.StatusCode, body)
		}
	case offer.Name == "memcached":
		c, err := net.Dial("tcp", address)
		must(t, err)
		defer c.Close()
		fmt.Fprint(c, "set a 0 0 4\r\nkept\r\nget a\r\n")
		must(t, c.SetReadDeadline(time.Now().Add(5*time.Second)))
		answer := make([]byte, len("STORED\r\nVALUE a 0 4\r\nkept\r\nEND\r\n"))
		_, err = io.ReadFull(c, answer)
		must(t, err)
		if !strings.Contains(string(answer), "kept") {
			t.Errorf("memcached answers %q", answer)
		}
	}
}
