package local_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

// copyTrial is how a database is copied while rows are written: write puts
// pairs in, each in a transaction of its own, and prints the number of each
// when it is committed; count prints how many pairs there are, the largest
// number, and how many halves.
type copyTrial struct {
	memory             int64 // MiB
	make, write, count string
}

var copyTrials = map[string]copyTrial{
	"postgresql": {memory: 256,
		make: psql + `"CREATE TABLE a (n int PRIMARY KEY, fill text); CREATE TABLE b (n int PRIMARY KEY, fill text)"`,
		write: `i=0; while :; do i=$((i+1)); echo "BEGIN; INSERT INTO a VALUES ($i, repeat('a', 200)); INSERT INTO b VALUES ($i, repeat('b', 200)); COMMIT;"; echo "\\echo $i"; done |
			psql -X -q -t -A -v ON_ERROR_STOP=1 -h /run/postgresql -U postgres`,
		count: psql + `"SELECT count(*), coalesce(max(n), 0), (SELECT count(*) FROM a FULL JOIN b USING (n) WHERE a.fill IS NULL OR b.fill IS NULL) FROM a" -F ' '`},
	"mariadb": {memory: 512,
		make: mdb + `"CREATE DATABASE pairs; CREATE TABLE pairs.a (n int PRIMARY KEY, fill text); CREATE TABLE pairs.b (n int PRIMARY KEY, fill text)"`,
		write: `i=0; while :; do i=$((i+1)); echo "BEGIN; INSERT INTO pairs.a VALUES ($i, repeat('a', 200)); INSERT INTO pairs.b VALUES ($i, repeat('b', 200)); COMMIT; SELECT $i;"; done |
			mariadb --no-defaults --socket=/run/mysqld.sock --user=mysql -N --unbuffered`,
		count: mdb + `"SELECT (SELECT count(*) FROM pairs.a), (SELECT coalesce(max(n), 0) FROM pairs.a), (SELECT count(*) FROM pairs.a LEFT JOIN pairs.b USING (n) WHERE b.n IS NULL) + (SELECT count(*) FROM pairs.b LEFT JOIN pairs.a USING (n) WHERE a.n IS NULL)"`},
	"redis": {memory: 128,
		make: rcli + `RPUSH a 0 && ` + rcli + `RPUSH b 0 && ` + rcli + `LPOP a && ` + rcli + `LPOP b`,
		// EXEC answers with the length of both lists.
		write: `i=0; while :; do i=$((i+1)); echo MULTI; echo "RPUSH a $i"; echo "RPUSH b $i"; echo EXEC; done | ` + rcli + `| awk '/^[0-9]+$/ && $0 == last {print; fflush()} {last = $0}'`,
		count: `echo $(` + rcli + `LLEN a) $(x=$(` + rcli + `LINDEX a -1); echo ${x:-0}) $(($(` + rcli + `LLEN a) - $(` + rcli + `LLEN b)))`},
}

// TestCopyOfDatabases copies each shipped database while a writer commits as
// fast as it can. The copy's server starts; it has whole transactions only, in
// the order they were committed in, and all that were committed before the
// copy was asked for; the source stands still for less than a second and its
// writer goes on.
func TestCopyOfDatabases(t *testing.T) {
	m := newMachine(t, "hdbcp", "10.153.0.0/18")
	e := m.engine(t)
	subnet := 0
	for _, stack := range []string{"postgresql", "mariadb", "redis"} {
		t.Run(stack, func(t *testing.T) {
			copyDatabase(t, e, stack, copyTrials[stack], subnet)
		})
		subnet += 8
	}
	m.nothingLeft(t)
}

func databaseFor(id string, stack string, memory int64, subnet int, node holm.NodeID) engine.Environment {
	return engine.Environment{ID: holm.EnvironmentID(id), Name: strings.TrimPrefix(id, "env_"), Subnet: subnet, Nodes: []engine.Node{
		{ID: node, Slot: 1, Role: holm.LayerDatabase, Stack: stack, Hostname: fmt.Sprint("node", node), Running: true, Limits: engine.Limits{MemoryBytes: memory << 20, Cores: 1, Pids: 200}}}}
}

// committed reads the numbers that a writer prints, and has the last.
type committed struct {
	last atomic.Int64
	rest string
}

func (c *committed) Write(p []byte) (int, error) {
	lines := strings.Split(c.rest+string(p), "\n")
	c.rest = lines[len(lines)-1]
	for _, line := range lines[:len(lines)-1] {
		if n, err := strconv.ParseInt(strings.TrimSpace(line), 10, 64); err == nil {
			c.last.Store(n)
		}
	}
	return len(p), nil
}

// beyond waits until the writer has committed more than a number.
func (c *committed) beyond(t *testing.T, n int64, said fmt.Stringer) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); c.last.Load() <= n; <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("the writer stands at %d: %s", c.last.Load(), said)
		}
	}
}

func copyDatabase(t *testing.T, e engine.Engine, stack string, trial copyTrial, subnet int) {
	source := databaseFor("env_"+stack, stack, trial.memory, subnet, 1)
	t.Cleanup(func() { must(t, e.Remove(context.WithoutCancel(t.Context()), source.ID)) })
	must(t, e.Apply(t.Context(), source))
	before := ready(t, e, source.ID, 1)
	inside(t, e, source.ID, 1, trial.make, "")

	var numbers committed
	var complaints strings.Builder
	writing, err := e.Exec(t.Context(), source.ID, 1, engine.Command{Args: []string{"bash", "-c", trial.write}, Stdout: &numbers, Stderr: &complaints})
	must(t, err)
	numbers.beyond(t, 100, &complaints)
	for round := range 2 {
		node := holm.NodeID(11 + round)
		target := databaseFor(fmt.Sprintf("env_%s%d", stack, round), stack, trial.memory, subnet+1+round, node)
		t.Cleanup(func() { must(t, e.Remove(context.WithoutCancel(t.Context()), target.ID)) })
		var copied engine.Copied
		asked, began, err := int64(0), time.Time{}, error(nil)
		// On a machine that is busy the engine may refuse to let the source
		// stand for longer; the source goes on, and it is asked again, as the
		// reconciler does.
		for range 10 {
			asked, began = numbers.last.Load(), time.Now()
			copied, err = e.(engine.Copier).Copy(t.Context(), engine.Copying{Source: source.ID, Target: target, Nodes: map[holm.NodeID]holm.NodeID{node: 1}})
			if holm.CodeOf(err) != holm.CodeConflict {
				break
			}
			t.Logf("round %d: refused after %s: %v", round, time.Since(began), err)
			numbers.beyond(t, numbers.last.Load(), &complaints)
		}
		must(t, err)
		took := time.Since(began)
		if copied.Paused <= 0 || copied.Paused >= time.Second {
			t.Errorf("round %d: the source stood still for %s", round, copied.Paused)
		}
		done := numbers.last.Load()
		numbers.beyond(t, done+20, &complaints)
		must(t, e.Apply(t.Context(), target))
		ready(t, e, target.ID, node)
		var pairs, largest, halves int64
		out := inside(t, e, target.ID, node, trial.count, "")
		if _, err := fmt.Sscan(out, &pairs, &largest, &halves); err != nil {
			t.Fatalf("counting: %v in %q", err, out)
		}
		t.Logf("round %d: %d bytes in %s, paused %s; committed %d when asked and %d after, the copy has %d", round, copied.Bytes, took, copied.Paused, asked, done, pairs)
		if halves != 0 || pairs != largest || pairs < asked {
			t.Errorf("round %d: %d pairs up to number %d and %d halves, when %d were committed before", round, pairs, largest, halves, asked)
		}
		// A copy is a database of its own.
		keep := stackTrials[stack]
		inside(t, e, target.ID, node, keep.put, "")
		if out := strings.TrimSpace(inside(t, e, target.ID, node, keep.get, "")); out != "kept" {
			t.Errorf("what was put into the copy is %q", out)
		}
		must(t, e.Remove(t.Context(), target.ID))
	}
	if after := ready(t, e, source.ID, 1); !after.Since.Equal(before.Since) {
		t.Error("the source was restarted")
	}
	must(t, writing.Signal("KILL"))
}
