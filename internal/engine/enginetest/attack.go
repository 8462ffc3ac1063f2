package enginetest

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/holmhq/holm"
	"github.com/holmhq/holm/internal/engine"
)

// attackScript tries a hundred ways out, as the service user of a node.
//
//go:embed attack.py
var attackScript string

// attack runs it: nothing may work.
func attack(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true})
	w.apply()
	w.await(0, holm.StateRunning)
	if _, exit := w.output(t, 0, "python3", "--version"); exit != 0 {
		t.Skip("the attacks need python3 on this machine")
	}
	before := w.programs(t, s)
	out, exit := w.output(t, 0, "sh", "-c", "cat > /tmp/attack.py <<'END'\n"+attackScript+"\nEND\nexec python3 /tmp/attack.py 2>&1")
	if exit != 0 || !strings.HasPrefix(out, "tried ") {
		t.Errorf("a node could do what it must not (exit %d):\n%s", exit, out)
	}
	var tried int
	if _, err := fmt.Sscanf(out[strings.LastIndex(out, "tried "):], "tried %d", &tried); err != nil || tried < 90 {
		t.Errorf("only %d things were tried", tried)
	}
	if after := w.programs(t, s); after != before {
		t.Error("a program of the machine has changed")
	}
	w.await(0, holm.StateRunning)
}

// programs gives the sizes and times of the programs that nodes see of us.
func (w *world) programs(t *testing.T, s Subject) (out string) {
	for _, path := range s.Programs {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		out += fmt.Sprintln(info.Size(), info.ModTime(), info.Mode())
	}
	return out
}

// programsUnderExec opens every program that it can see for writing, as fast as
// it can, while processes are started in its node: one of them is runc's own
// for a moment.
func programsUnderExec(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true})
	w.apply()
	w.await(0, holm.StateRunning)
	const hunt = `
import os, time
end = time.time() + 3
while time.time() < end:
    for pid in os.listdir("/proc"):
        if pid.isdigit() and int(pid) != os.getpid():
            for name in ("exe", "root/etc/shadow", "cwd/../etc/shadow"):
                try:
                    fd = os.open(f"/proc/{pid}/{name}", os.O_WRONLY)
                    os.write(fd, b"#!")
                    print("opened", pid, name)
                except OSError:
                    pass
            try:
                for fd in os.listdir(f"/proc/{pid}/fd"):
                    target = os.readlink(f"/proc/{pid}/fd/{fd}")
                    if pid != "1" and target.startswith("/sys/fs/cgroup") or "holm-engine" in target or "/runc" in target:
                        print("saw", pid, target)
            except OSError:
                pass
`
	before := w.programs(t, s)
	hunted := make(chan string, 1)
	go func() {
		out, _ := w.output(t, 0, "python3", "-c", hunt)
		hunted <- out
	}()
	for {
		select {
		case out := <-hunted:
			if strings.Contains(out, "opened") || strings.Contains(out, "saw") {
				t.Errorf("while processes were started, a node\n%.2000s", out)
			}
			if after := w.programs(t, s); after != before {
				t.Error("a program of the machine has changed")
			}
			return
		default:
			w.output(t, 0, "true")
		}
	}
}

// lyingNode puts other things where its status belongs: the engine must not
// follow links, wait for pipes or read without end.
func lyingNode(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true})
	w.apply()
	w.await(0, holm.StateRunning)
	for _, lie := range []string{
		"ln -sf /etc/shadow status.json", "rm -f status.json; mkfifo status.json",
		"rm -f status.json; head -c 100000000 /dev/zero > status.json", "rm -f status.json; mkdir status.json",
		`rm -rf status.json; printf '{"phase":"running","reason":"<script>%05000d</script>","in_a_row":9}' 0 > status.json`,
	} {
		w.output(t, 0, "sh", "-c", "cd /run/holm-status && "+lie)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		all, err := w.e.Observe(ctx, w.w.ID)
		cancel()
		if err != nil || len(all) != 1 {
			t.Fatalf("%s: %v, %v", lie, all, err)
		}
		if o := all[0]; strings.Contains(o.Reason, "root:") || len(o.Reason) > 600 {
			t.Errorf("%s: the reason is %.100s… (%d bytes)", lie, o.Reason, len(o.Reason))
		}
	}
	w.w.Nodes[0].Restarts++
	w.apply()
	w.await(0, holm.StateRunning)
}

// bombs uses up what a node has, again and again; its neighbour, with the same
// limits, goes on answering, and the node comes back.
func bombs(t *testing.T, s Subject) {
	w := newWorld(t, s, engine.Node{Running: true})
	other := newWorld(t, s, engine.Node{Running: true})
	w.apply()
	other.apply()
	w.await(0, holm.StateRunning)
	neighbour := other.await(0, holm.StateRunning)
	for what, bomb := range map[string]string{
		"processes": "bomb() { bomb | bomb & }; bomb; sleep 2",
		"memory":    "exec python3 -c \"x = [bytearray(1 << 20) for _ in range(1000)]\"",
		"shm":       "exec head -c 1000000000 /dev/zero > /dev/shm/full",
		"run":       "exec head -c 1000000000 /dev/zero > /run/full",
		"files":     "exec python3 -c \"x = [open('/dev/null') for _ in range(200000)]\"",
		"inotify":   "exec python3 -c \"import ctypes; l = ctypes.CDLL(None); n = [l.inotify_init() for _ in range(100000)]; raise SystemExit(0 if min(n) >= 0 else 1)\"",
		"sockets":   "exec python3 -c \"import socket; x = [socket.socket() for _ in range(200000)]\"",
	} {
		t.Run(what, func(t *testing.T) {
			load := startLoad(t, fmt.Sprintf("http://%s:%d/", neighbour.Address, neighbour.Port))
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if p, err := w.e.Exec(ctx, w.w.ID, w.w.Nodes[0].ID, engine.Command{Args: []string{"bash", "-c", bomb}}); err == nil {
				if exit, err := p.Wait(); err == nil && exit == 0 && what != "processes" {
					t.Error("nothing bounded it")
				}
			}
			load.atLeast(t, 20)
			load.end(t)
			w.w.Nodes[0].Restarts++
			w.apply()
			o := w.await(0, holm.StateRunning)
			response, err := http.Get(fmt.Sprintf("http://%s:%d/", o.Address, o.Port))
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
		})
	}
}
